"""A promise stands for a day, a closing's for an hour; the older it is, the more seldom it is looked at."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.account import Account, Scalar
from domain.changes import Action, Change, ChangeState
from domain.ids import AccountId, ChangeId, ConfigVersion, PersonId, RunId
from domain.promises import is_kept, is_own, is_promised, stands, wait_to_look, was_promised

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NINE = AccountId("9")


def change(action: Action = Action.CREATE) -> Change:
    where = (ChangeId("c1"), RunId("r1"), PersonId("1"))
    return Change(*where, action, ChangeState.WORKING, ConfigVersion(1))


@pytest.mark.parametrize(("waited", "pause"), [(0, 5), (4, 5), (60, 60), (600, 600), (3000, 900)], ids=str)
@pytest.mark.parametrize("action", [Action.CREATE, Action.DEACTIVATE])
def test_the_next_look_is_as_far_as_the_promise_is_old(action: Action, waited: int, pause: int) -> None:
    promised = replace(change(action=action), intent_at=NOON, sent_at=NOON + stands(action))
    now = NOON + timedelta(seconds=waited)
    assert is_promised(promised, now)
    assert wait_to_look(promised, now) == timedelta(seconds=pause)


def test_a_promise_ends_and_is_remembered() -> None:
    promised = replace(change(), intent_at=NOON, sent_at=NOON + stands(Action.CREATE))
    assert not is_promised(promised, NOON + timedelta(days=1))
    assert was_promised(promised)
    assert not was_promised(replace(promised, sent_at=NOON + timedelta(hours=2)))


@pytest.mark.parametrize(("asked", "own"), [(-1, False), (0, True), (1, True)])
def test_a_promise_to_the_row_whose_place_this_one_took_is_not_its_own(asked: int, own: bool) -> None:
    taken_up = NOON + timedelta(minutes=asked)
    promised = replace(
        change(), planned_at=NOON, intent_at=taken_up, sent_at=taken_up + stands(Action.CREATE)
    )
    assert is_own(promised, NOON + timedelta(hours=1)) is own


def test_a_closing_is_never_put_off_by_what_an_update_was_promised() -> None:
    closing = replace(
        change(Action.DEACTIVATE), planned_at=NOON, intent_at=NOON, sent_at=NOON + stands(Action.UPDATE)
    )
    assert not is_own(closing, NOON + timedelta(hours=1))


@pytest.mark.parametrize(
    ("action", "active", "title", "kept"),
    [
        (Action.DEACTIVATE, True, "Dr.", False),
        (Action.DEACTIVATE, False, "Mr.", True),
        (Action.REACTIVATE, False, "Dr.", False),
        (Action.REACTIVATE, True, "Mr.", False),
        (Action.REACTIVATE, True, "dr.", True),
        (Action.UPDATE, True, None, False),
        (Action.UPDATE, False, "Dr. ", True),
        (Action.DELETE, False, "Dr.", False),
        (Action.SET_MANAGER, True, "Dr.", True),
    ],
)
def test_a_promise_is_kept_when_the_account_is_as_the_row_wants_it(
    action: Action, active: bool, title: Scalar, kept: bool
) -> None:
    told = Account(AccountId("7"), "4711", active=active, values={"title": title}, manager=NINE)
    assert is_kept(replace(change(action=action), after={"title": "Dr."}), told, NINE) is kept
