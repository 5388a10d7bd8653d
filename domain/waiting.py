"""How long an account stays open after its person left, left the filter, or is not visible any more."""

from collections.abc import Mapping
from datetime import timedelta

from domain.codes import Code
from domain.config import Policy


def waits_of(policy: Policy) -> Mapping[Code, timedelta]:
    """Tell the waiting time of each cause that has one."""
    waits = {
        Code.PERSON_LEFT: policy.wait_left,
        Code.PERSON_LEFT_FILTER: policy.wait_left_filter,
        Code.PERSON_NOT_SEEN: policy.wait_not_seen,
    }
    return {cause: wait for cause, wait in waits.items() if wait > timedelta(0)}
