"""Overrides stick through runs, are counted, and on their day the person is looked at afresh."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from domain.changes import Action, ChangeState
from domain.codes import Code
from domain.ids import PersonId
from domain.overrides import OverrideKind
from domain.run import Run
from producers.on_demand import NotPossibleError
from producers.override import Fixed, Wanted, end_override, look_at_expired, set_override
from simulators.scim.effects import cut_after_commit, cut_before_commit, server_error
from simulators.scim.quirks import Cut
from tests.flow.misfortunes import in_hand
from tests.flow.relay import ACME, Relay
from tests.flow.test_failures import hire_many
from tests.flow.test_main_job import live, somebody
from tests.flow.truth import accounts
from tests.flow.undoing import undone

__all__ = ["live"]


def fix(
    relay: Relay, person: PersonId, kind: OverrideKind, path: str = "", *, days: int | None = None
) -> None:
    until = None if days is None else relay.clock.now() + timedelta(days=days)
    wanted = Wanted(person, kind, "because", "operator:ina", path, until)
    set_override(ACME, wanted, store=relay.store, publisher=relay.bells, ids=relay.desk.ids)
    relay.drain()


def end(relay: Relay, person: PersonId, kind: OverrideKind) -> None:
    end_override(
        ACME,
        person,
        kind,
        by="operator:ina",
        store=relay.store,
        publisher=relay.bells,
        ids=relay.desk.ids,
    )
    relay.drain()


def days_pass(relay: Relay, days: int) -> None:
    relay.later(days=days)
    look_at_expired(store=relay.store, publisher=relay.bells, ids=relay.desk.ids, failed={})
    relay.drain()


def skipped(relay: Relay, run: Run) -> set[str]:
    return {code for code in relay.figures(run).skipped if code.startswith("override.")}


def test_e6_a_pin_opens_no_account_for_whoever_has_that_id_since_without_a_yes(live: Relay) -> None:
    person = somebody(live)
    live.personio.company.change(int(person), first_name="Else", last_name="Who", email="who@example.com")
    live.personio.company.terminate(int(person))
    live.sync()
    assert accounts(live)[person]["active"] is False
    fix(live, person, OverrideKind.PIN_ACTIVE)
    (row,) = [each for each in live.rows(ChangeState.HELD) if each.person_id == person]
    assert (row.action, row.why) == (Action.REACTIVATE, Code.PERSON_REPLACED)
    assert accounts(live)[person]["active"] is False
    live.approve(row.change_id)
    assert accounts(live)[person]["active"] is True


def test_a_pinned_account_stays_open_through_two_runs_until_its_day(live: Relay) -> None:
    person = somebody(live)
    fix(live, person, OverrideKind.PIN_ACTIVE, days=3)
    live.personio.company.terminate(int(person))
    for _ in range(2):
        assert skipped(live, live.sync()) == {Code.OVERRIDE_PINNED_ACTIVE}
        assert accounts(live)[person]["active"]
    days_pass(live, 3)
    assert not accounts(live)[person]["active"]


def test_a_closed_account_is_reopened_by_a_pin_and_closed_again_when_it_ends(live: Relay) -> None:
    person = somebody(live)
    live.personio.company.terminate(int(person))
    live.sync()
    fix(live, person, OverrideKind.PIN_ACTIVE)
    assert accounts(live)[person]["active"]
    end(live, person, OverrideKind.PIN_ACTIVE)
    assert not accounts(live)[person]["active"]


def test_an_account_pinned_inactive_is_closed_with_its_cause_and_kept_closed(live: Relay) -> None:
    person = somebody(live)
    fix(live, person, OverrideKind.PIN_INACTIVE)
    [row] = [row for row in live.rows(ChangeState.APPLIED) if row.cause is Code.OVERRIDE_PINNED_INACTIVE]
    assert row.person_id == person
    for _ in range(2):
        assert skipped(live, live.sync()) == {Code.OVERRIDE_PINNED_INACTIVE}
        assert not accounts(live)[person]["active"]
    end(live, person, OverrideKind.PIN_INACTIVE)
    assert accounts(live)[person]["active"]


def test_who_is_ignored_is_left_alone_whatever_happens(live: Relay) -> None:
    person = somebody(live)
    fix(live, person, OverrideKind.IGNORE)
    live.personio.company.change(int(person), position="Pilot")
    live.sync()
    live.personio.company.terminate(int(person))
    assert skipped(live, live.sync()) == {Code.OVERRIDE_IGNORED}
    assert accounts(live)[person]["active"]
    assert accounts(live)[person]["title"] != "Pilot"
    end(live, person, OverrideKind.IGNORE)
    assert not accounts(live)[person]["active"]


def test_who_is_ignored_loses_what_was_held_of_them(live: Relay) -> None:
    person = somebody(live)
    fix(live, person, OverrideKind.HOLD_UNTIL, days=5)
    live.personio.company.terminate(int(person))
    live.sync()
    assert [row.person_id for row in live.rows(ChangeState.HELD)] == [person]
    end(live, person, OverrideKind.HOLD_UNTIL)
    assert not accounts(live)[person]["active"]


def test_a_frozen_attribute_is_not_sent_while_the_others_are(live: Relay) -> None:
    person = somebody(live)
    fix(live, person, OverrideKind.FREEZE, "position")
    live.personio.company.change(int(person), position="Pilot", last_name="Frost")
    live.sync()
    assert skipped(live, live.sync()) == {Code.OVERRIDE_FROZEN}
    assert accounts(live)[person]["name.familyName"] == "Frost"
    assert accounts(live)[person]["title"] != "Pilot"
    end(live, person, OverrideKind.FREEZE)
    assert accounts(live)[person]["title"] == "Pilot"


def test_changes_wait_for_the_day_through_two_runs_and_go_on_it(live: Relay) -> None:
    person = somebody(live)
    fix(live, person, OverrideKind.HOLD_UNTIL, days=5)
    live.personio.company.change(int(person), position="Pilot")
    for _ in range(2):
        live.sync()
        [held] = live.rows(ChangeState.HELD)
        assert (held.person_id, held.why) == (person, Code.OVERRIDE_ON_HOLD)
        assert accounts(live)[person]["title"] != "Pilot"
    days_pass(live, 5)
    assert accounts(live)[person]["title"] == "Pilot"
    assert live.rows(ChangeState.HELD) == []


def test_an_undo_leaves_alone_whom_an_override_fixes(live: Relay) -> None:
    person = somebody(live)
    live.personio.company.change(int(person), position="Pilot")
    run = live.sync()
    fix(live, person, OverrideKind.FREEZE, "title")
    done = undone(live, run)
    assert [(each.person_id, each.why) for each in done.left] == [(person, Code.UNDO_OVERRIDDEN)]
    assert accounts(live)[person]["title"] == "Pilot"


@pytest.mark.parametrize(
    ("kind", "path", "days", "says"),
    [
        (OverrideKind.FREEZE, "shoe_size", None, "Nothing is mapped from or to «shoe_size»"),
        (OverrideKind.HOLD_UNTIL, "", -1, "is not in the future"),
        (OverrideKind.PIN_INACTIVE, "", None, "«pin-active» is in force"),
    ],
)
def test_an_override_that_cannot_be_is_refused_with_the_cure(
    live: Relay, kind: OverrideKind, path: str, days: int | None, says: str
) -> None:
    person = somebody(live)
    if kind is OverrideKind.PIN_INACTIVE:
        fix(live, person, OverrideKind.PIN_ACTIVE)
    with pytest.raises(NotPossibleError, match=says):
        fix(live, person, kind, path, days=days)


def test_f3_what_the_cure_says_gives_somebody_whose_account_was_deleted_a_new_one(live: Relay) -> None:
    person = somebody(live)
    gone = accounts(live)[person]["id"]
    live.app.state.delete_account(str(gone))
    live.personio.company.change(int(person), position="Nowhere")
    live.sync()
    assert Code.TARGET_ACCOUNT_GONE in {each.code for each in live.incidents()}
    fix(live, person, OverrideKind.PIN_INACTIVE)
    end(live, person, OverrideKind.PIN_INACTIVE)
    made = accounts(live)[person]
    assert (made["active"], made["title"], made["id"] != gone) == (True, "Nowhere", True)
    live.sync()
    assert Code.TARGET_ACCOUNT_GONE not in {each.code for each in live.incidents()}


def test_who_is_pinned_active_while_the_closing_is_in_hand_is_reopened_at_once(
    live: Relay,
) -> None:
    person, told = somebody(live), list[Fixed]()
    live.personio.company.terminate(int(person))
    wanted = Wanted(person, OverrideKind.PIN_ACTIVE, "because", "operator:ina")

    def pin() -> None:
        """Pin them, and let the look that comes with it be over before the closing is."""
        told.append(set_override(ACME, wanted, store=live.store, publisher=live.bells, ids=live.desk.ids))
        live.drain()

    in_hand(live, pin)
    live.sync()
    assert [row.action for row in told[0].too_late] == [Action.DEACTIVATE]
    assert accounts(live)[person]["active"] is True


def test_what_is_not_in_hand_when_somebody_is_ignored_is_not_sent(live: Relay) -> None:
    person = somebody(live)
    live.personio.company.terminate(int(person))
    live.app.quirks.add(server_error(503), methods=("PATCH",), times=None)
    live.sync()
    live.app.quirks.clear()
    wanted = Wanted(person, OverrideKind.IGNORE, "because", "operator:ina")
    done = set_override(ACME, wanted, store=live.store, publisher=live.bells, ids=live.desk.ids)
    assert done.too_late == ()
    live.drain()
    live.later(hours=1)
    assert accounts(live)[person]["active"] is True


@pytest.mark.parametrize("lost", [cut_before_commit, cut_after_commit])
def test_a2_who_is_pinned_inactive_after_a_create_got_no_answer_has_no_open_account(
    live: Relay, lost: Callable[[], Cut]
) -> None:
    (person,) = hire_many(live, 1)
    live.app.quirks.add(lost(), methods=("POST",))
    live.sync()
    fix(live, PersonId(person), OverrideKind.PIN_INACTIVE)
    live.later(seconds=35)
    live.later(minutes=10)
    found = accounts(live).get(person)
    assert found is None or found["active"] is False
    assert live.app.counters.requests(method="POST") == 1
    end(live, PersonId(person), OverrideKind.PIN_INACTIVE)
    assert accounts(live)[person]["active"] is True
    assert live.app.counters.creates(person) == 1
