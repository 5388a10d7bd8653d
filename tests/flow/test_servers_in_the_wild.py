"""The real flow against applications as they are: nobody doubled, no door open, nothing written twice."""

from dataclasses import replace

import pytest

from domain.changes import Action, ChangeState
from domain.codes import Code
from simulators.scim.effects import cut_after_commit
from simulators.scim.quirks import Respond
from tests.flow.relay import Relay
from tests.flow.test_failures import hire_many, live, somebody
from tests.flow.truth import accounts, differences
from workers.desk import Limits

__all__ = ["live"]

FIND_NOBODY = {"unfilterable_attributes": ("externalId", "userName", "emails.value")}
NO_PATCH = {"patch": "unrouted", "not_found": "html"}
GITHUB = {"patch_paths": "plain"}
AWS = {"cursors": True, "max_page_size": 5}
OKTA = {"active_in_path": "skipped", "patch_answers": "nothing"}
LOOSE = {"loose_answers": True, "spelling": "lower_case"}
HABITS = [FIND_NOBODY, NO_PATCH, GITHUB, AWS, OKTA, LOOSE]
NAMES = [
    "filters find nobody",
    "no route for PATCH",
    "no brackets",
    "cursors only",
    "active in values",
    "loose answers",
]


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


def test_a2_a_list_of_which_nobody_sees_the_end_keeps_nobody_waiting(
    live: Relay,
) -> None:
    """Seen at SCIMMY 1.3: it takes no number out of an address, and tells the first twenty of all."""
    live.desk = replace(live.desk, limits=Limits(list_from=1))
    live.app.quirks.switch(start_index="ignored", max_page_size=2)
    joiners = hire_many(live, 3)
    leaver = next(int(key) for key, account in accounts(live).items() if account["active"])
    live.personio.company.terminate(leaver)
    live.sync()
    for _ in range(4):
        live.later(minutes=2)
    assert not accounts(live)[str(leaver)]["active"]
    assert [live.app.counters.creates(joiner) for joiner in joiners] == [1, 1, 1]
    assert differences(live) == []


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


def test_a_leaver_whom_an_application_turns_away_by_403_is_closed_as_soon_as_it_lets_us(live: Relay) -> None:
    """GitHub says so, beside 429, to who asks too often: a refusal would have kept the door open a day."""
    leaver = next(int(key) for key, account in accounts(live).items() if account["active"])
    live.personio.company.terminate(leaver)
    limited = Respond(status=403, detail="secondary rate limit", headers={"Retry-After": "120"})
    live.app.quirks.add(limited, times=2)
    live.sync()
    sent = live.app.counters.requests()
    live.later(seconds=60)
    assert live.app.counters.requests() == sent
    for _ in range(3):
        live.later(seconds=125)
    assert not accounts(live)[str(leaver)]["active"]
    assert live.rows(ChangeState.DEAD) == []
    assert differences(live) == []


@pytest.mark.parametrize("answers", ["resource", "nothing"])
def test_f9_a_leaver_whose_closing_is_agreed_to_and_skipped_is_never_told_as_closed(
    live: Relay, answers: str
) -> None:
    """The door stays open: a human hears of it, and whoever closes it then is believed."""
    leaver = next(int(key) for key, account in accounts(live).items() if account["active"])
    live.personio.company.terminate(leaver)
    live.app.quirks.switch(ignored_attributes=("active",), patch_answers=answers)
    live.sync()
    assert [row.why for row in live.rows(ChangeState.WAITING)] == [Code.TARGET_STILL_OPEN]
    for _ in range(12):
        live.later(minutes=16)
    assert (Code.TARGET_STILL_OPEN, 1) in {(each.code, each.count) for each in live.incidents()}
    live.app.quirks.switch(ignored_attributes=())
    live.requeue()
    live.drain()
    assert not accounts(live)[str(leaver)]["active"]
    live.sync()
    assert Code.TARGET_STILL_OPEN not in {each.code for each in live.incidents()}


def test_f9_a_value_that_is_agreed_to_and_not_stored_is_named_and_not_sent_again(live: Relay) -> None:
    promoted = somebody(live)
    live.app.quirks.switch(ignored_attributes=("title",))
    live.personio.company.change(int(promoted), position="Head of Things")
    (joiner,) = hire_many(live, 1)
    live.personio.company.change(int(joiner), position="Helper")
    live.sync()
    noted = {row.person_id: row.detail for row in live.rows(ChangeState.APPLIED) if row.detail}
    assert set(noted) == {promoted, joiner}
    assert all(detail.endswith("kept what it had at: title") for detail in noted.values())
    live.app.counters.reset()
    live.sync()
    assert live.app.counters.writes == 0


def test_f9_who_comes_back_and_stays_closed_is_told_on_the_row(live: Relay) -> None:
    """Some applications open an account when its owner accepts an invitation; nobody is asked for ever."""
    person = somebody(live)
    live.personio.company.terminate(int(person))
    live.sync()
    live.app.quirks.switch(ignored_attributes=("active",))
    live.personio.company.rehire(int(person))
    live.sync()
    (row,) = [row for row in live.rows(ChangeState.APPLIED) if row.action is Action.REACTIVATE]
    assert row.detail == "the application agreed, and still shows the account closed"
