"""The real flow against applications as they are: nobody doubled, no door open, nothing written twice."""

import pytest

from simulators.scim.effects import cut_after_commit
from simulators.scim.quirks import Respond
from tests.flow.relay import Relay
from tests.flow.test_failures import hire_many, live
from tests.flow.truth import accounts, differences

__all__ = ["live"]

FIND_NOBODY = {"unfilterable_attributes": ("externalId", "userName", "emails.value")}
NO_PATCH = {"patch": "unrouted", "not_found": "html"}
GITHUB = {"patch_paths": "plain"}
AWS = {"cursors": True, "max_page_size": 5}
LOOSE = {"loose_answers": True, "spelling": "lower_case"}
HABITS = [FIND_NOBODY, NO_PATCH, GITHUB, AWS, LOOSE]
NAMES = ["filters find nobody", "no route for PATCH", "no brackets", "cursors only", "loose answers"]


@pytest.mark.parametrize("habits", HABITS, ids=NAMES)
def test_a2_joiners_and_leavers_arrive_whatever_the_habits(live: Relay, habits: dict[str, object]) -> None:
    live.app.quirks.switch(**habits)
    (joiner,) = hire_many(live, 1)
    leaver = next(int(key) for key, account in accounts(live).items() if account["active"])
    live.personio.company.terminate(leaver)
    live.app.quirks.add(cut_after_commit(), methods=("POST",))
    live.sync()
    live.later(seconds=10)
    live.later(seconds=31)
    assert differences(live) == []
    assert live.app.counters.creates(joiner) == 1
    assert not accounts(live)[str(leaver)]["active"]
    live.app.counters.reset()
    live.sync()
    assert live.app.counters.writes == 0


def test_a_leaver_whose_account_somebody_else_edits_is_closed_all_the_same(live: Relay) -> None:
    """A 409 without a word is a conflict of edits here, and no taken name: nothing was named."""
    leaver = next(int(key) for key, account in accounts(live).items() if account["active"])
    live.personio.company.terminate(leaver)
    rule = live.app.quirks.add(Respond(status=409, detail="try again"), methods=("PATCH",), times=2)
    live.sync()
    for _ in range(4):
        live.later(minutes=5)
    assert live.app.quirks.taken(rule) == 2
    assert not accounts(live)[str(leaver)]["active"]
    assert differences(live) == []
