"""Rows of plans are drawn with the person's name, why they are wanted, and why they wait."""

from dataclasses import replace
from datetime import timedelta

from rich.console import Console

from bootstrap.cli.changes_view import Names, draw_changes
from bootstrap.cli.hold_commands import more_closely
from bootstrap.cli.run_view import draw_run, run_data
from bootstrap.cli.voice import Data
from domain.ids import ChangeId, PersonId, RunId, TenantId
from domain.tenant import TenantState
from tests.contracts.store.builders import add_run, link, put_link
from tests.contracts.store.plans import V1, create, done
from tests.unit.cli.terminal import Terminal

ACME = TenantId("acme")
HELD: Data = {
    "name": "Ada King",
    "person": "1",
    "action": "deactivate",
    "differences": [{"path": "active", "old": True, "new": False}],
    "cause": {"code": "person.left"},
    "why": {"code": "guard.removals"},
    "waits_for": None,
    "evidence": {"status": "inactive", "last_working_day": "2026-11-20"},
    "due_at": None,
}


def test_who_says_yes_to_a_held_removal_sees_why_it_is_wanted_and_what_personio_said() -> None:
    with (console := Console(width=200)).capture() as shown:
        for part in draw_changes([HELD]):
            console.print(part)
    assert "person.left (status inactive, last_working_day 2026-11-20), guard.removals" in shown.get()


def test_an_approved_row_that_was_not_sent_says_what_moved() -> None:
    stale = {**HELD, "state": "stale", "why": {"code": "plan.stale"}, "detail": "Personio shows them again"}
    with (console := Console(width=200)).capture() as shown:
        for part in draw_changes([stale]):
            console.print(part)
    assert "plan.stale, Personio shows them again" in shown.get()


def test_a_row_that_was_done_says_what_the_application_kept() -> None:
    kept = "the application agreed, and kept what it had at: title"
    done = {**HELD, "state": "applied", "why": None, "detail": kept}
    with (console := Console(width=200)).capture() as shown:
        for part in draw_changes([done]):
            console.print(part)
    assert kept in shown.get()


def test_why_says_what_the_application_kept_at_its_last_call(acme: Terminal) -> None:
    kept = "the application agreed, and kept what it had at: title"
    with acme.store() as store:
        add_run(store, "r1", tenant_id=ACME)
        with store.write() as tx:
            assert tx.tenants.move(ACME, TenantState.READY, None)
            assert tx.tenants.move(ACME, TenantState.ACTIVE, None)
            tx.changes.plan(ACME, RunId("r1"), [(ChangeId("c1"), create("1"))], V1, {})
            tx.changes.release(ACME, RunId("r1"))
        with store.write() as tx:
            (job,) = tx.changes.claim(ACME, [ChangeId("c1")], "t1", timedelta(seconds=45))
            tx.changes.settle(ACME, "t1", [replace(done(job), note=kept)])
    assert f"last call: create, applied (run r1, try 1): {kept}" in acme.type("why", "acme", "1").out
    assert acme.json("why", "acme", "1")["last_call"]["note"] == kept


def test_a_run_that_found_everything_done_already_says_for_how_many(acme: Terminal) -> None:
    with acme.store() as store:
        add_run(store, "r1", tenant_id=ACME)
        with store.read() as tx:
            run, figures = tx.runs.get(ACME, RunId("r1")), tx.runs.figures(ACME, RunId("r1"))
    assert run is not None
    with (console := Console(width=200)).capture() as shown:
        for part in draw_run(run_data(run, replace(figures, states={"already-so": 14}))):
            console.print(part)
    assert ["already-so", "14"] in [line.split() for line in shown.get().splitlines()]


def test_somebody_out_of_the_filter_is_named_as_their_account_is(acme: Terminal) -> None:
    with acme.store() as store:
        with store.write() as tx:
            put_link(tx, link("1"), ACME)
        with store.read() as tx:
            assert Names(tx, ACME).of_person(PersonId("1")) == "Ada"
            assert Names(tx, ACME).awaited("link:1") == "the account of Ada"
            assert Names(tx, ACME).awaited("change:gone") == ""
            assert Names(tx, ACME).awaited(None) == ""


def test_what_a_guard_saw_of_many_is_said_once_and_what_differs_for_each_is_left_to_the_rows() -> None:
    north, south = ({"why": {"sentence": f"Nobody is visible: legal entity «{each}»."}} for each in "NS")
    assert more_closely("Nobody is visible.", [north, north]) == ["Nobody is visible: legal entity «N»."]
    both = ["Nobody is visible.", "legal entity «N».", "legal entity «S»."]
    assert more_closely("Nobody is visible.", [north, south, north]) == both
    own = [{"why": {"sentence": f"Held: person {each}."}} for each in range(4)]
    assert more_closely("Held.", own) == ["Held."]
    assert more_closely("Held.", [{"why": None}]) == ["Held."]
