"""Taking a run back: each action, with the account as the run left it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from domain.account import Scalar
from domain.changes import Action, Change, ChangeState
from domain.codes import Code
from domain.compare import Wish
from domain.ids import ChangeId, ConfigVersion, PersonId, RunId
from domain.link import Link, Origin
from domain.undo import Left, edited_by_hand, take_back
from tests.builders import ADA, link

PERSON = PersonId("1")
NEW: Mapping[str, Scalar] = {**ADA, "userName": "eve@example.com", "title": "Pilot"}
FREED: Mapping[str, Scalar] = {**ADA, "userName": "released.1@example.com"}
FOUND: Mapping[str, Scalar] = {**NEW, "externalId": None, "active": True}
CLOSED: Mapping[str, Scalar] = {**FOUND, "active": False}
BOSS, OTHER_BOSS = PersonId("9"), PersonId("8")


def row(action: Action, version: int = 3, **told: Any) -> Change:  # noqa: ANN401  any field, by name
    """A row that was applied and left this version."""
    made = Change(ChangeId(f"c{version}"), RunId("r1"), PERSON, action, ChangeState.APPLIED, ConfigVersion(1))
    return replace(made, done_version=version, **told)


def update(before: Mapping[str, Scalar] = ADA, after: Mapping[str, Scalar] = NEW, version: int = 3) -> Change:
    return row(Action.UPDATE, version, before=before, after=after)


def moved(version: int = 3) -> Change:
    return row(Action.SET_MANAGER, version, before_manager=OTHER_BOSS, after_manager=BOSS)


def taken(*rows: Change, account: Link | None) -> tuple[Wish, ...]:
    found = take_back(rows, account, max(each.done_version or 0 for each in rows), "userName")
    assert not isinstance(found, Left), found
    return found


@dataclass(frozen=True)
class Case:
    """What one run did, how it left the account, and what puts that back."""

    rows: tuple[Change, ...]
    account: Link
    actions: tuple[Action, ...]
    after: Mapping[str, Scalar] | None = None
    manager: PersonId | None = None


NOW_NEW = link(values=NEW)
LINKED = replace(NOW_NEW, values=ADA, origin=Origin.LINKED)
CASES = {
    "a new account is closed": Case((row(Action.CREATE, after=ADA),), link(), (Action.DEACTIVATE,)),
    "a new account with a manager is closed and keeps whom it has": Case(
        (row(Action.CREATE, 2, after=ADA), moved()), link(), (Action.DEACTIVATE,)
    ),
    "a found account gets its values back and is forgotten": Case(
        (row(Action.LINK, before=FOUND, after=ADA),), LINKED, (Action.UNLINK,), NEW
    ),
    "a found account that needed nothing is forgotten": Case(
        (row(Action.LINK, before={**ADA, "active": True}, after=ADA),), LINKED, (Action.UNLINK,), ADA
    ),
    "a found account that was closed is closed again": Case(
        (row(Action.LINK, before=CLOSED, after=ADA),), LINKED, (Action.DEACTIVATE,), NEW
    ),
    "a closed account is opened": Case(
        (row(Action.DEACTIVATE, before=ADA),), link(active=False), (Action.REACTIVATE,), ADA
    ),
    "an account that a farewell changed is opened as it was": Case(
        (row(Action.DEACTIVATE, before=ADA, after=NEW),),
        replace(NOW_NEW, active=False),
        (Action.REACTIVATE,),
        ADA,
    ),
    "a reopened account is closed": Case(
        (row(Action.REACTIVATE, before=ADA, after=ADA),), link(), (Action.DEACTIVATE,)
    ),
    "an account that was reopened with other values is closed with those of before": Case(
        (row(Action.REACTIVATE, before=ADA, after=NEW),), NOW_NEW, (Action.DEACTIVATE,), ADA
    ),
    "an updated account gets its values back": Case((update(),), NOW_NEW, (Action.UPDATE,), ADA),
    "two updates go back to before the first": Case(
        (update(ADA, {**ADA, "title": "Pilot"}, 2), update({**ADA, "title": "Pilot"}, NEW)),
        NOW_NEW,
        (Action.UPDATE,),
        ADA,
    ),
    "a freed name comes back to a closed account": Case(
        (row(Action.RELEASE_NAME, before=ADA, after=FREED),),
        link(values=FREED, active=False),
        (Action.UPDATE,),
        ADA,
    ),
    "a leaver whose name was freed is opened with the name": Case(
        (row(Action.DEACTIVATE, 2, before=ADA), row(Action.RELEASE_NAME, before=ADA, after=FREED)),
        link(values=FREED, active=False),
        (Action.REACTIVATE,),
        ADA,
    ),
    "an earlier manager comes back": Case((moved(),), link(), (Action.SET_MANAGER,), manager=OTHER_BOSS),
    "values and manager come back": Case(
        (update(version=2), moved()), NOW_NEW, (Action.UPDATE, Action.SET_MANAGER), ADA, OTHER_BOSS
    ),
    "an update that changed nothing in the end needs nothing": Case(
        (update(ADA, NEW, 2), update(NEW, ADA)), link(), ()
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_what_a_run_did_is_taken_back(case: Case) -> None:
    wishes = taken(*case.rows, account=case.account)
    assert tuple(wish.action for wish in wishes) == case.actions
    for wish in wishes:
        assert wish.cause is Code.UNDO_ASKED
        assert wish.link_version == case.account.version
        assert wish.undoes in {each.change_id for each in case.rows}
        if wish.action is Action.SET_MANAGER:
            assert (wish.before_manager, wish.after_manager) == (BOSS, case.manager)
        else:
            assert wish.before == case.account.values
            assert _told(wish.after) == _told(case.after)


def _told(values: Mapping[str, Scalar] | None) -> Mapping[str, Scalar] | None:
    """Leave out what a link never holds of a found account."""
    return values and {path: each for path, each in values.items() if path not in {"active", "externalId"}}


def test_a_name_that_comes_back_is_taken_and_the_present_one_freed() -> None:
    [wish] = taken(update(), account=NOW_NEW)
    assert (wish.takes_key, wish.frees_key) == ("ada@example.com", "eve@example.com")


def test_the_same_name_is_neither_taken_nor_freed() -> None:
    [wish] = taken(row(Action.DEACTIVATE, before=ADA), account=link(active=False))
    assert (wish.takes_key, wish.frees_key) == (None, None)


CHANGED: Mapping[str, tuple[tuple[Change, ...], Link | None, Code]] = {
    "no account any more": ((update(),), None, Code.UNDO_CHANGED_SINCE),
    "a later version": ((update(),), replace(NOW_NEW, version=4), Code.UNDO_CHANGED_SINCE),
    "another manager than the run gave": ((moved(),), link(manager="7"), Code.UNDO_CHANGED_SINCE),
    "created for somebody whose account was there": (
        (row(Action.CREATE, after=ADA),),
        LINKED,
        Code.UNDO_FOUND_ACCOUNT,
    ),
    "forgotten": ((row(Action.UNLINK, before=ADA, after=NEW),), link(), Code.UNDO_FOUND_ACCOUNT),
    "removed for good": ((row(Action.DELETE, before=ADA),), link(), Code.UNDO_FOUND_ACCOUNT),
}


@pytest.mark.parametrize(("rows", "account", "why"), CHANGED.values(), ids=CHANGED.keys())
def test_who_cannot_be_put_back_is_left_with_the_reason(
    rows: tuple[Change, ...], account: Link | None, why: Code
) -> None:
    found = take_back(rows, account, 3, "userName")
    assert isinstance(found, Left)
    assert (found.person_id, found.why) == (PERSON, why)


@pytest.mark.parametrize(
    ("title", "edited"),
    [("Pilot", ()), ("Engineer", ()), (" engineer ", ()), ("Boss", ("title",)), (None, ("title",))],
)
def test_only_a_value_that_is_neither_the_present_nor_the_earlier_one_was_edited(
    title: str | None, edited: tuple[str, ...]
) -> None:
    undoing = row(Action.UPDATE, before=NEW, after=ADA, undoes=ChangeId("c1"))
    assert edited_by_hand(undoing, NOW_NEW, {**NEW, "title": title}) == edited
