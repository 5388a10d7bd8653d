"""A closed account is removed only on its day, only if it is still closed, and only a few a day."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.account import Account
from domain.changes import Action
from domain.codes import Code
from domain.config import Policy
from domain.deletions import Deletion, Verdict, due_at, judge, removal, room, taken_over
from domain.guards import USUAL_GUARDS, Bound, Guards
from domain.ids import AccountId, PersonId, RunId
from domain.scope import Standing
from tests.builders import MONDAY, link

THIRTY = Policy(left_deleted_after=30)
CLOSED = replace(link(), active=False)
ADAS = Deletion(
    PersonId("1"), AccountId("account-1"), Code.PERSON_LEFT, MONDAY, MONDAY + timedelta(days=30), RunId("r")
)


@pytest.mark.parametrize(
    ("policy", "cause", "days"),
    [
        (THIRTY, Code.PERSON_LEFT, 30),
        (THIRTY, Code.PERSON_LEFT_FILTER, None),
        (Policy(left_filter_deleted_after=7), Code.PERSON_LEFT_FILTER, 7),
        (Policy(not_seen_deleted_after=90), Code.PERSON_NOT_SEEN, 90),
        (Policy(), Code.PERSON_LEFT, None),
        (Policy(left_deleted_after=30, not_seen_deleted_after=30), None, None),
    ],
)
def test_each_cause_has_its_own_day_or_none(policy: Policy, cause: Code | None, days: int | None) -> None:
    expected = None if days is None else MONDAY + timedelta(days=days)
    assert due_at(policy, cause, MONDAY) == expected


def test_on_the_day_only_an_account_that_is_still_closed_goes() -> None:
    assert judge(ADAS, CLOSED, Standing.LEFT, THIRTY) is Verdict.GO
    assert judge(ADAS, CLOSED, None, THIRTY) is Verdict.GO
    assert judge(ADAS, link(), Standing.LEFT, THIRTY) is Verdict.OVER
    assert judge(ADAS, None, Standing.LEFT, THIRTY) is Verdict.OVER
    another = replace(CLOSED, account_id=AccountId("another"))
    assert judge(ADAS, another, Standing.LEFT, THIRTY) is Verdict.OVER
    assert judge(ADAS, CLOSED, Standing.LEFT, Policy()) is Verdict.OVER


@pytest.mark.parametrize("standing", [Standing.WANTED, Standing.KEPT, Standing.UNKNOWN])
def test_whoever_is_back_or_cannot_be_judged_keeps_the_closed_account_for_now(standing: Standing) -> None:
    assert judge(ADAS, CLOSED, standing, THIRTY) is Verdict.WAIT


@pytest.mark.parametrize(
    ("accounts", "gone", "left"),
    [(1, 0, 2), (10, 1, 1), (10, 2, 0), (10, 9, 0), (400, 0, 40), (50_000, 0, 100)],
)
def test_a_few_a_day_are_removed_and_the_others_wait(accounts: int, gone: int, left: int) -> None:
    assert room(accounts, gone, USUAL_GUARDS) == left


@pytest.mark.parametrize(
    ("own", "gone", "left"),
    [
        pytest.param(Bound(10, 2, 1), 0, 1, id="fewer-than-usual"),
        pytest.param(Bound(10, 2, 1), 1, 0, id="fewer-than-usual-and-gone"),
        pytest.param(Bound(49, 100, 10_000), 0, 40, id="more-may-only-be-closed"),
        pytest.param(Bound(1, 0, 1), 0, 1, id="one-a-day-at-least"),
    ],
)
def test_a_tenant_may_have_fewer_removed_than_usual_but_not_more(own: Bound, gone: int, left: int) -> None:
    assert room(400, gone, Guards(removals=own)) == left


def test_where_every_closing_asks_a_human_one_closed_account_a_day_is_removed() -> None:
    assert room(30, 0, Guards(removals=Bound(1, 0, 1))) == 1


def test_the_row_shows_who_closed_the_account_and_when() -> None:
    wish = removal(ADAS, CLOSED)
    assert (wish.action, wish.cause, wish.before) == (Action.DELETE, Code.PERSON_LEFT, CLOSED.values)
    assert (wish.evidence or {})["closed by run"] == "r"


@pytest.mark.parametrize(
    ("found", "why"),
    [
        ({}, ""),
        ({"active": True}, "the account was opened by hand"),
        ({"external_id": "crm-7"}, "the account has the external id of somebody else"),
        ({"external_id": None}, ""),
        (
            {"external_id": None, "values": {"userName": "heir@example.com"}},
            "the account was renamed, and has no external id any more",
        ),
        ({"external_id": None, "values": {}}, "the account was renamed, and has no external id any more"),
    ],
    ids=["as it was left", "open", "another id", "keeps no ids", "handed on", "without a name"],
)
def test_an_account_that_is_somebodys_by_now_is_not_removed(found: Mapping[str, Any], why: str) -> None:
    known = replace(CLOSED, values={"userName": "Ada@example.com "})
    account = Account(AccountId("account-1"), "1", False, {"userName": "ada@example.com"})
    assert taken_over(replace(account, **found), known, "1", "userName") == why
