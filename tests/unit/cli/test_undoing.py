"""Undo, decisions and overrides as an operator types them: what they answer, and what they say to a slip."""

from dataclasses import replace

import pytest

from bootstrap.cli.undo_commands import undo_again
from domain.changes import ChangeState
from domain.codes import Code
from domain.deletions import Deletion, removal
from domain.ids import ChangeId, PersonId, RunId, TenantId
from domain.records import Done, Planned
from domain.run import Phase
from domain.tenant import TenantState
from tests.contracts.store.builders import LEASE, NOON, add_run, link, put_link, seen, values
from tests.contracts.store.plans import DIGEST, V1, update
from tests.unit.cli.terminal import Answer, Terminal

ACME = TenantId("acme")
RUN = "0192f0c1a2b3"
ROW = ChangeId("change-1")
ADA = PersonId("1")
SOON = ("--reason", "ticket 12", "--until", "2099-01-31")


@pytest.fixture
def busy(acme: Terminal) -> Terminal:
    """An active tenant of whose two people a run renamed one; the other has no account."""
    with acme.store() as store:
        with store.write() as tx:
            assert tx.tenants.move(ACME, TenantState.READY, None)
            assert tx.tenants.move(ACME, TenantState.ACTIVE, None)
        add_run(store, RUN, tenant_id=ACME)
        with store.write() as tx:
            tx.people.put(ACME, RunId(RUN), [seen("1"), seen("2", "bob")], NOON)
            put_link(tx, link("1"), ACME)
            tx.runs.enter(ACME, RunId(RUN), Phase.CONCLUDING)
            tx.runs.enter(ACME, RunId(RUN), Phase.APPLYING)
            tx.changes.plan(ACME, RunId(RUN), [(ROW, update())], V1, {ADA: seen().digest})
            tx.changes.release(ACME, RunId(RUN))
        with store.write() as tx:
            [job] = tx.changes.claim(ACME, [ROW], "t1", LEASE)
        assert job.link is not None
        renamed = replace(job.link, values=values("eve"))
        with store.write() as tx:
            tx.changes.settle(
                ACME, "t1", [Done(ROW, ChangeState.APPLIED, renamed, DIGEST, "eve@acme.example")]
            )
    return acme


def held(terminal: Terminal) -> None:
    """Let a human say no to one change of Ada."""
    add = ChangeId("change-2")
    with terminal.store() as store:
        add_run(store, "run-2", tenant_id=ACME)
        with store.write() as tx:
            tx.runs.enter(ACME, RunId("run-2"), Phase.CONCLUDING)
            tx.runs.enter(ACME, RunId("run-2"), Phase.APPLYING)
            tx.changes.plan(
                ACME,
                RunId("run-2"),
                [(add, update(before="eve", after="ida", seen=2))],
                V1,
                {ADA: seen().digest},
            )
            tx.changes.hold(ACME, [add], Code.GUARD_REMOVALS, "too many")
            tx.changes.release(ACME, RunId("run-2"))
            assert tx.changes.reject(ACME, [add], "operator:ina") == 1


def says(told: Answer, code: int, *words: str) -> None:
    assert told.code == code, told.err
    assert told.out == ""
    for word in words:
        assert word in told.err


def test_an_undo_begins_a_run_and_says_what_it_undoes(busy: Terminal) -> None:
    told = busy.json("undo", "acme", RUN, "--confirm=acme")
    assert (told["undoes"], told["not_undone"]) == (RUN, [])
    runs = busy.json("runs", "acme")["runs"]
    assert {each["kind"] for each in runs} == {"feed", "undo"}


def test_a_run_may_be_named_by_how_it_begins(busy: Terminal) -> None:
    assert busy.json("undo", "acme", RUN[:6], "--confirm=acme")["undoes"] == RUN


def test_who_was_changed_since_is_named_with_the_reason_and_nothing_begins(busy: Terminal) -> None:
    with busy.store() as store, store.write() as tx:
        put_link(tx, link("1", "ida", version=7), ACME)
    told = busy.type("undo", "acme", RUN, "--confirm=acme", "--json")
    assert told.code == 3
    [left] = told.data["not_undone"]
    assert (left["person"], left["why"]["code"]) == ("1", Code.UNDO_CHANGED_SINCE)
    assert len(busy.json("runs", "acme")["runs"]) == 1


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((RUN, "--confirm=other"), 2, "--confirm=acme"),
        (("nowhere", "--confirm=acme"), 7, "staffetta runs --all"),
        ((RUN, "--confirm=acme", "--person", "nobody@example.com"), 7, "exact user name"),
        ((RUN, "--confirm=acme", "--person", "2"), 1, "changed nothing of what you named"),
        ((RUN, "--confirm=acme", "--change", "change-9"), 1, "changed nothing of what you named"),
        ((), 2, "RUN"),
    ],
    ids=["wrong name", "unknown run", "unknown person", "untouched person", "unknown change", "no run"],
)
def test_an_undo_of_what_is_not_there_says_what_to_do(
    words: tuple[str, ...], code: int, said: str, busy: Terminal
) -> None:
    says(busy.type("undo", "acme", *words), code, said)
    assert len(busy.json("runs", "acme")["runs"]) == 1


def test_a_run_of_another_tenant_is_not_undone(busy: Terminal) -> None:
    assert busy.add_tenant("other").code == 0
    says(busy.type("undo", "other", RUN, "--confirm=other"), 7, "staffetta runs other")


def test_a_stopped_tenant_undoes_nothing_and_says_how_to_go_on(busy: Terminal) -> None:
    busy.type("stop", "acme", "--confirm=acme")
    says(busy.type("undo", "acme", RUN, "--confirm=acme"), 6, "stopped", "staffetta resume acme")


def test_what_a_preview_of_an_undo_tells_to_type_means_nobody_but_those_who_were_shown() -> None:
    told = undo_again("acme", RUN, ["ada@acme.example", "4711"], ["change-1"])
    people = "--person ada@acme.example --person 4711"
    assert told == f"staffetta undo acme {RUN} {people} --change change-1 --confirm=acme"


def test_a_preview_of_an_undo_needs_somebody_to_make_it(busy: Terminal) -> None:
    says(busy.type("undo", "acme", RUN), 75, "--here")


def test_where_nothing_is_decided_the_list_is_empty_and_says_so(busy: Terminal) -> None:
    assert busy.json("decisions", "acme")["decisions"] == []
    assert "every run does what the records ask for" in busy.type("decisions", "acme").err


def test_a_decision_is_listed_with_who_why_and_until_when(busy: Terminal) -> None:
    held(busy)
    [row] = busy.json("decisions", "acme")["decisions"]
    assert (row["change"], row["person"], row["aspect"], row["kind"], row["by"]) == (
        "change-2",
        "1",
        "account",
        "rejected",
        "operator:ina",
    )
    assert row["counted_as"]["code"] == Code.DECIDED_REJECTED
    assert row["until"] > row["at"]
    drawn = busy.type("decisions", "acme").out
    assert "rejected" in drawn
    assert "change-2" in drawn


@pytest.mark.parametrize("who", ["change-2", "1", "eve@acme.example"])
def test_a_decision_is_ended_by_its_change_or_by_its_person(who: str, busy: Terminal) -> None:
    held(busy)
    assert busy.json("decisions", "acme", "--end", who)["ended"] == 1
    assert busy.json("audit", "acme")["entries"][0]["deed"] == "decision-ended"
    assert busy.json("decisions", "acme")["decisions"] == []
    says(busy.type("decisions", "acme", "--end", "1"), 7, "staffetta decisions acme")


@pytest.mark.parametrize("who", ["2", "nobody", "", " "])
def test_ending_what_is_not_decided_ends_nothing_and_says_so(who: str, busy: Terminal) -> None:
    held(busy)
    assert busy.type("decisions", "acme", "--end", who).code == 7
    assert len(busy.json("decisions", "acme")["decisions"]) == 1


def test_an_override_is_set_listed_and_ended(busy: Terminal) -> None:
    told = busy.json("override", "acme", "1", "--pin-active", *SOON)
    [row] = told["overrides"]
    assert told["run"]
    assert (row["person"], row["kind"], row["path"], row["reason"]) == ("1", "pin-active", None, "ticket 12")
    assert row["until"].startswith("2099-01-31T00:00")
    assert busy.json("override", "acme", "--list")["overrides"] == told["overrides"]
    assert "ticket 12" in busy.type("override", "acme", "--list").out
    assert busy.json("override", "acme", "1", "--end", "pin-active")["ended"] == "pin-active"
    assert busy.json("override", "acme", "--list")["overrides"] == []
    says(busy.type("override", "acme", "1", "--end", "pin-active"), 1, "staffetta override acme --list")


def test_a_user_name_names_a_person_and_an_attribute_every_path_it_is_carried_to(busy: Terminal) -> None:
    told = busy.json(
        "override", "acme", "eve@acme.example", "--freeze", "first_name", "--reason", "agreed with legal"
    )
    assert [(row["person"], row["kind"]) for row in told["overrides"]] == [("1", "freeze")]
    assert told["overrides"][0]["path"] == "name.givenName"


PAST = ("--until", "2020-01-31")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("1",), 2, "--pin-active"),
        (("1", "--pin-active", "--ignore", *SOON), 2, "one of"),
        (("--pin-active", *SOON), 2, "Name a person"),
        (("1", "--list"), 2, "only --list"),
        (("1", "--pin-active"), 2, "--reason"),
        (("1", "--pin-active", "--reason", "  "), 2, "--reason"),
        (("1", "--pin-active", "--reason", "x", *PAST), 1, "2020-01-31 is not in the future"),
        (("1", "--hold-until", "2020-01-31", "--reason", "x"), 1, "Name a later day"),
        (("1", "--hold-until", "tomorrow", "--reason", "x"), 2, "2027-01-31"),
        (("1", "--hold-until", "2027-02-30", "--reason", "x"), 2, "is no day"),
        (("99", "--pin-active", *SOON), 7, "after the next run"),
        (("nobody@example.com", "--pin-active", *SOON), 7, "exact user name"),
        (("1", "--freeze", "shoe size", "--reason", "x"), 1, "or one of: "),
        (("1", "--freeze", "", "--reason", "x"), 1, "Nothing is mapped"),
        (("1", "--end", "pinned"), 2, "pin-active"),
        (("1", "--end", "ignore"), 1, "No override"),
    ],
)
def test_a_slip_sets_nothing_and_says_what_to_write(
    words: tuple[str, ...], code: int, said: str, busy: Terminal
) -> None:
    says(busy.type("override", "acme", *words), code, said)
    assert busy.json("override", "acme", "--list")["overrides"] == []


def test_two_overrides_that_contradict_each_other_are_refused_with_the_way_out(busy: Terminal) -> None:
    busy.json("override", "acme", "1", "--pin-active", *SOON)
    told = busy.type("override", "acme", "1", "--pin-inactive", *SOON)
    says(told, 1, "staffetta override acme 1 --end pin-active")


def test_an_override_of_one_tenant_is_none_of_another(busy: Terminal) -> None:
    assert busy.add_tenant("other").code == 0
    busy.json("override", "acme", "1", "--ignore", *SOON)
    assert busy.json("override", "other", "--list")["overrides"] == []
    says(busy.type("override", "other", "1", "--end", "ignore"), 7, "Nobody at «other»")


def test_a_freeze_of_a_stopped_tenant_counts_when_it_is_read_again(busy: Terminal) -> None:
    busy.type("stop", "acme", "--confirm=acme")
    told = busy.type("override", "acme", "1", "--freeze", "manager", "--reason", "interim boss", "--json")
    assert told.code == 0
    assert told.data["run"] is None
    assert told.data["overrides"][0]["person"] == ADA


@pytest.fixture
def hurried(busy: Terminal) -> Terminal:
    """A tenant of which a worker has a change of Ada in hand."""
    again = ChangeId("change-3")
    with busy.store() as store:
        add_run(store, "run-3", tenant_id=ACME)
        with store.write() as tx:
            tx.runs.enter(ACME, RunId("run-3"), Phase.CONCLUDING)
            tx.runs.enter(ACME, RunId("run-3"), Phase.APPLYING)
            wish = update(before="eve", after="ida", seen=2)
            tx.changes.plan(ACME, RunId("run-3"), [(again, wish)], V1, {ADA: seen().digest})
            tx.changes.release(ACME, RunId("run-3"))
        with store.write() as tx:
            assert len(tx.changes.claim(ACME, [again], "t3", LEASE)) == 1
    return busy


def test_an_override_and_a_stop_name_what_they_come_too_late_for(hurried: Terminal) -> None:
    told = hurried.type("override", "acme", "1", "--ignore", *SOON)
    assert told.code == 0
    assert "which is being sent now: update" in told.err
    assert "looked at again after that change" in told.err
    assert hurried.json("override", "acme", "1", "--ignore", *SOON)["too_late"] == [
        {"change": "change-3", "action": "update"}
    ]
    assert "1 change is in hand" in hurried.type("stop", "acme", "--confirm=acme").err


def test_an_undo_of_what_is_still_in_hand_says_when_to_come_back(hurried: Terminal) -> None:
    says(
        hurried.type("undo", "acme", "run-3", "--confirm=acme"),
        1,
        "1 of its changes are on their way",
        "staffetta run run-3",
    )


def test_who_is_taken_off_the_list_of_removals_is_told_apart_from_whom_it_comes_too_late_for(
    busy: Terminal,
) -> None:
    row = ChangeId("change-4")
    with busy.store() as store:
        with store.write() as tx:
            (ada,) = tx.links.get(ACME, [ADA]).values()
        closed, bob = replace(ada, active=False), PersonId("2")
        gone = Deletion(ADA, ada.account_id, Code.PERSON_LEFT, NOON, NOON, RunId(RUN))
        add_run(store, "run-4", tenant_id=ACME)
        with store.write() as tx:
            put_link(tx, closed, ACME)
            tx.deletions.plan(ACME, gone)
            tx.deletions.plan(ACME, replace(gone, person_id=bob))
            tx.changes.insert(ACME, RunId("run-4"), row, Planned(removal(gone, closed), None), V1)
            tx.changes.release(ACME, RunId("run-4"))
        with store.write() as tx:
            assert len(tx.changes.claim(ACME, [row], "t4", LEASE)) == 1
    told = busy.type("deletions", "acme", "--cancel-all", "--json")
    assert told.code == 3
    assert (told.data["kept"], told.data["too_late"], told.data["deletions"]) == ([bob], [ADA], [])
    assert "1 account will be kept" in told.err
    assert "Too late, perhaps, for 1" in told.err
    assert "staffetta why acme 1" in told.err
    assert busy.json("deletions", "acme", "--cancel-all")["deletions"] == []


def test_whoever_keeps_an_account_that_nobody_removes_hears_that_it_was_not_on_the_list(
    busy: Terminal,
) -> None:
    with busy.store() as store, store.write() as tx:
        (ada,) = tx.links.get(ACME, [ADA]).values()
        put_link(tx, replace(ada, active=False), ACME)
        tx.deletions.plan(ACME, Deletion(ADA, ada.account_id, Code.PERSON_LEFT, NOON, NOON, RunId(RUN)))
    told = busy.type("deletions", "acme", "--cancel", "99", "--cancel", ADA)
    assert told.code == 7
    assert "1 account will be kept" in told.err
    assert "No account of 99 waits to be removed" in told.err
    again = busy.type("deletions", "acme", "--cancel", ADA, "--json")
    assert (again.code, again.data["kept"], again.data["not_listed"]) == (7, [], [ADA])
