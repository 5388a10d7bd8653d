"""What is in doubt about an account is asked for again, and only then is it known."""

from dataclasses import replace
from datetime import date

import pytest

from domain.changes import Action, Change, ChangeState
from domain.compare import looks_settled, observe, wishes
from domain.doubts import left_open, second, seconds, settled, settled_by, to_send, told_by
from domain.employee import Employee
from domain.ids import AccountId, ChangeId, ConfigVersion, PersonId, RunId
from domain.link import MANAGER, OPEN, LinkMark
from domain.overrides import Override, OverrideKind, overridden
from tests.builders import ADA, MONDAY, configuration, employee, link

OTHER = AccountId("another one")
TODAY = date(2026, 11, 23)
CONFIG = configuration()
LEFT = employee(status="inactive")


def change(action: Action) -> Change:
    now = ChangeState.WORKING
    return Change(ChangeId("c"), RunId("r"), PersonId("1"), action, now, ConfigVersion(1), after=ADA)


def asked(person: Employee, *doubts: str, active: bool = True) -> list[Action]:
    known = replace(link(active=active), doubts=frozenset(doubts))
    return [wish.action for wish in wishes(observe(person, CONFIG, {}, TODAY), known, CONFIG)]


@pytest.mark.parametrize("doubts", [frozenset[str](), frozenset({"title"})])
def test_what_the_record_does_not_tell_stays_as_it_is_by_now_and_in_doubt(doubts: frozenset[str]) -> None:
    planned = replace(change(Action.UPDATE), untold={"title": ADA["title"]})
    values = {**ADA, "title": "Head of Engines", "userName": "older@acme.example"}
    meanwhile = replace(link(values=values), doubts=doubts)
    assert to_send(meanwhile, told_by(planned)) == {"userName": ADA["userName"]}
    assert settled(planned, meanwhile.doubts | {"userName"}) == {"userName"}


@pytest.mark.parametrize(
    ("person", "active", "doubts", "actions"),
    [
        (employee(), True, ["title"], [Action.UPDATE]),
        (employee(), True, [OPEN], [Action.UPDATE]),
        (employee(), True, [MANAGER], [Action.SET_MANAGER]),
        (employee(), True, ["a path of other days"], []),
        (employee(without=("position",)), True, ["title"], []),
        (employee(without=("supervisor",)), True, [MANAGER], []),
        (employee(), False, [OPEN], [Action.REACTIVATE]),
        (LEFT, True, [OPEN], [Action.DEACTIVATE]),
        (LEFT, False, [OPEN], [Action.DEACTIVATE]),
        (LEFT, False, ["title", MANAGER], []),
    ],
)
def test_a_record_that_says_what_was_applied_last_asks_for_what_is_in_doubt(
    person: Employee, *, active: bool, doubts: list[str], actions: list[Action]
) -> None:
    assert asked(person, *doubts, active=active) == actions


@pytest.mark.parametrize(
    ("action", "known"),
    [
        (Action.UPDATE, {OPEN, "title", *second(OTHER)}),
        (Action.DEACTIVATE, {OPEN, "title", *second(OTHER)}),
        (Action.RELEASE_NAME, {"title"}),
        (Action.SET_MANAGER, {MANAGER}),
        (Action.DELETE, set[str]()),
    ],
)
def test_a_second_account_is_in_doubt_until_a_row_closes_it(action: Action, known: set[str]) -> None:
    row = replace(change(action), after={"title": "Pilot"})
    doubts = frozenset({"title", MANAGER, *second(OTHER)})
    assert settled(row, doubts) == known
    assert seconds(row, doubts) == ([OTHER] if OPEN in known else [])


def test_fingerprints_alone_never_tell_that_a_doubt_is_over() -> None:
    known = link()
    mark = LinkMark(known.account_id, True, b"digest", known.manager, 3, frozenset({"title"}))
    assert not looks_settled(observe(employee(), CONFIG, {}, TODAY), mark, b"digest")


@pytest.mark.parametrize(
    ("action", "left"),
    [
        (Action.CREATE, set()),
        (Action.UPDATE, {"title"}),
        (Action.REACTIVATE, {"title", OPEN}),
        (Action.DEACTIVATE, {"title", OPEN}),
        (Action.SET_MANAGER, {MANAGER}),
        (Action.RELEASE_NAME, {"title"}),
        (Action.UNLINK, {"title"}),
        (Action.LINK, set()),
        (Action.DELETE, set()),
    ],
)
def test_a_lost_answer_leaves_in_doubt_what_the_row_would_have_changed(
    action: Action, left: set[str]
) -> None:
    assert left_open(action, ADA, {**ADA, "title": "Countess"}) == left


@pytest.mark.parametrize(
    ("action", "known"),
    [
        (Action.UPDATE, {OPEN, *ADA}),
        (Action.REACTIVATE, {OPEN, *ADA}),
        (Action.SET_MANAGER, {MANAGER}),
        (Action.RELEASE_NAME, set(ADA)),
    ],
)
def test_a_row_that_was_done_settles_what_it_said(action: Action, known: set[str]) -> None:
    assert settled_by(change(action)) == known


def test_a_value_in_doubt_is_sent_although_it_was_applied_last() -> None:
    unsure = replace(link(), doubts=frozenset({"title", OPEN, "elsewhere"}))
    assert to_send(unsure, ADA) == {"title": ADA["title"]}
    assert to_send(link(), ADA) == {}


def test_a_frozen_field_is_not_written_because_it_is_in_doubt() -> None:
    known = replace(link(), doubts=frozenset({"title"}))
    made = wishes(observe(employee(), CONFIG, {}, TODAY), known, CONFIG)
    frozen = Override("o", PersonId("1"), OverrideKind.FREEZE, "because", "ina", MONDAY, "title", None)
    assert overridden(PersonId("1"), made, known, [frozen], CONFIG).wishes == ()


@pytest.mark.parametrize(
    ("kind", "active", "action"),
    [
        (OverrideKind.PIN_ACTIVE, True, Action.REACTIVATE),
        (OverrideKind.PIN_INACTIVE, False, Action.DEACTIVATE),
    ],
)
def test_a_pin_counts_for_an_account_of_which_nobody_knows_whether_it_is_open(
    kind: OverrideKind, *, active: bool, action: Action
) -> None:
    known = replace(link(active=active), doubts=frozenset({OPEN}))
    made = wishes(observe(LEFT, CONFIG, {}, TODAY), known, CONFIG)
    pinned = Override("o", PersonId("1"), kind, "because", "ina", MONDAY, "", None)
    (wish,) = overridden(PersonId("1"), made, known, [pinned], CONFIG).wishes
    assert wish.action is action
