"""Runs, people, incidents and letters are shown with reasons and cures, for people and for programs."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TypeAlias

import pytest
from rich.console import Console

from adapters.database.transaction import SqlTransaction
from bootstrap.cli.exits import ExitCode
from bootstrap.cli.voice import pairs, table
from domain.account import Scalar
from domain.causes import say
from domain.changes import Action, Aspect, ChangeState
from domain.codes import Code
from domain.compare import Wish
from domain.dispatches import NewDispatch, Sent
from domain.feed import PageMark
from domain.ids import INSTALLATION, ChangeId, IncidentId, LetterId, PersonId, RunId, TenantId
from domain.notices import Audience, Stage
from domain.records import NewRun, PageRecord, Postponed, Refused, Seen
from domain.run import Outcome, Phase, Run, RunKind
from domain.scope import Standing
from domain.tenant import TenantState
from tests.builders import ADA
from tests.unit.cli.terminal import Terminal

ACME = TenantId("acme")
Values: TypeAlias = Mapping[str, Scalar]
GRACE: Values = {"userName": "grace@example.com", "name.givenName": "Grace", "name.familyName": "Hopper"}
DIGEST = b"digest-of-16-byt"
EVIL = "Hop\x1b[31m\nper"


def wish(person: str, values: Values) -> Wish:
    return Wish(PersonId(person), Aspect.ACCOUNT, Action.CREATE, after=values)


def begin(tx: SqlTransaction, slot: str, *, plan_only: bool = False) -> Run:
    config = tx.tenants.configuration(ACME)
    assert config is not None
    run = tx.runs.add(
        ACME, RunId(f"0192{slot}"), NewRun(RunKind.FEED, slot, "operator", plan_only), config.version
    )
    assert run is not None
    return run


def read(tx: SqlTransaction, run: Run, people: Mapping[str, Values]) -> None:
    seen = [
        Seen(PersonId(person), DIGEST, Standing.WANTED, None, values=values)
        for person, values in people.items()
    ]
    tx.people.put(ACME, run.run_id, seen, tx.now())
    mark = PageMark(0, len(people), len(people), len(people))
    page = PageRecord(mark, tuple(map(PersonId, people)), 0, {"person.left": 2}, {}, None)
    tx.runs.add_page(ACME, run.run_id, page, tx.now())
    wishes = [(ChangeId(f"change-{person}"), wish(person, values)) for person, values in people.items()]
    digests = dict.fromkeys(map(PersonId, people), DIGEST)
    tx.changes.plan(ACME, run.run_id, wishes, run.config_version, digests)
    tx.runs.enter(ACME, run.run_id, Phase.CONCLUDING)


@pytest.fixture
def partial(acme: Terminal) -> Terminal:
    """A run of two people, one of whom the application refused."""
    with acme.store() as store:
        with store.write() as tx:
            tx.tenants.move(ACME, TenantState.READY, None)
            tx.tenants.move(ACME, TenantState.ACTIVE, None)
            run = begin(tx, "one")
            read(tx, run, {"7": ADA, "8": {**GRACE, "name.familyName": EVIL}})
            tx.runs.enter(ACME, run.run_id, Phase.APPLYING)
            tx.changes.hold(ACME, [ChangeId("change-7")], Code.KEY_SHARED, "2 people")
            tx.changes.release(ACME, run.run_id)
        with store.write() as tx:
            tx.changes.claim(ACME, [ChangeId("change-8")], "token", timedelta(seconds=45))
            tx.changes.settle(
                ACME, "token", [Refused(ChangeId("change-8"), Code.TARGET_REFUSED, "HTTP 400 at userName")]
            )
            tx.runs.end(ACME, run.run_id, Outcome.PARTIAL)
            tx.incidents.open(ACME, IncidentId("i1"), Code.TARGET_REFUSED, "HTTP 400", 1, run.run_id)
            tx.letters.add(ACME, LetterId("l1"), Code.INTERNAL, "ValueError", b"{}")
    return acme


def test_runs_are_listed_newest_first(partial: Terminal) -> None:
    with partial.store() as store, store.write() as tx:
        begin(tx, "two")
    listed = partial.json("runs", "acme")["runs"]
    assert {row["run"] for row in listed} == {"0192one", "0192two"}
    assert "partial" in partial.type("runs", "acme").out
    assert partial.json("runs", "--all", "--limit", "1")["runs"][0]["run"] in {"0192one", "0192two"}


def test_runs_of_nobody_in_particular_must_be_asked_for(acme: Terminal) -> None:
    assert acme.type("runs").code == 2
    assert acme.type("runs", "acme", "--all").code == 2


def test_a_run_tells_who_failed_and_who_is_held_with_reason_and_cure(partial: Terminal) -> None:
    data = partial.json("run", "0192one")
    assert [row["person"] for row in data["dead"]] == ["8"]
    assert data["dead"][0]["why"]["code"] == "target.refused"
    assert [row["person"] for row in data["held"]] == ["7"]
    assert data["skipped"][0] | {"sentence": "", "cure": ""} == {
        "count": 2,
        "code": "person.left",
        "sentence": "",
        "cure": "",
    }
    told = partial.type("run", "0192one").out
    assert "Ada Byron (7)" in told
    assert "→" in told


@pytest.mark.parametrize(("why", "shown"), [(Code.TARGET_PROMISED, True), (Code.TARGET_BUSY, False)])
def test_a_run_names_who_waits_for_what_the_application_agreed_to(
    acme: Terminal, why: Code, *, shown: bool
) -> None:
    with acme.store() as store, store.write() as tx:
        tx.tenants.move(ACME, TenantState.READY, None)
        tx.tenants.move(ACME, TenantState.ACTIVE, None)
        run = begin(tx, "one")
        read(tx, run, {"7": ADA})
        tx.runs.enter(ACME, run.run_id, Phase.APPLYING)
        tx.changes.release(ACME, run.run_id)
        tx.changes.claim(ACME, [ChangeId("change-7")], "token", timedelta(seconds=45))
        later = Postponed(ChangeId("change-7"), why, "", timedelta(hours=1), intent_kept=True)
        tx.changes.settle(ACME, "token", [later])
    assert [row["person"] for row in acme.json("run", "0192one")["waiting"]] == (["7"] if shown else [])
    assert ("Agreed to, and not shown (1)" in acme.type("run", "0192one").out) is shown


def test_a_run_is_found_by_how_its_id_begins(partial: Terminal) -> None:
    assert partial.json("run", "0192o")["run"] == "0192one"


def test_an_ambiguous_beginning_is_refused(partial: Terminal) -> None:
    with partial.store() as store, store.write() as tx:
        begin(tx, "two")
    assert partial.type("run", "0192").code == 2


def test_a_name_cannot_steer_the_terminal(partial: Terminal) -> None:
    told = partial.type("run", "0192one").out
    assert "\x1b" not in told
    assert "Grace Hop\\u001b[31m per" in told


@pytest.mark.parametrize("who", ["7", "ada@example.com", " ADA@example.com "])
def test_a_person_is_found_by_id_or_user_name(who: str, partial: Terminal) -> None:
    (data,) = partial.json("person", "acme", who)["people"]
    assert (data["name"], data["standing"], data["account"]) == ("Ada Byron", "wanted", None)
    assert data["pending"][0]["why"]["code"] == "key.shared"
    assert data["next_look_at"] is not None


def test_what_happened_to_a_person_is_told_from_old_to_new(partial: Terminal) -> None:
    (data,) = partial.json("person", "acme", "8")["people"]
    (row,) = data["history"]
    assert row["state"] == ChangeState.DEAD.value
    assert {"path": "userName", "old": None, "new": "grace@example.com"} in row["differences"]
    assert "What happened" in partial.type("person", "acme", "8").out


def test_nobody_is_found_by_half_a_name(partial: Terminal) -> None:
    assert partial.type("person", "acme", "ada@").code == 7


def test_incidents_stand_with_their_cure(partial: Terminal) -> None:
    (row,) = partial.json("incidents", "acme")["incidents"]
    assert (row["cause"]["code"], row["count"], row["addressee"]) == ("target.refused", 1, "operator")
    assert row["command"] == "staffetta letters acme --cause target.refused"
    shown = partial.type("incidents").out
    assert row["command"] in shown
    assert "1 person, for the operator" in shown
    assert "since" in shown


def test_an_incident_of_which_no_mail_has_arrived_yet_says_so(partial: Terminal) -> None:
    with partial.store() as store, store.write() as tx:
        tx.incidents.told(ACME, IncidentId("i1"), resolved=False)
        new = [NewDispatch("n-1", "email", Stage.OPENED, "i1", Audience.OWNERS)]
        tx.dispatches.add(ACME, new)
    assert "told, but 1 message not there yet; see: staffetta notify list acme" in joined(partial)
    (row,) = partial.json("incidents", "acme")["incidents"]
    assert (row["on_their_way"], row["undelivered"]) == (1, 0)
    with partial.store() as store, store.write() as tx:
        taken = tx.dispatches.take(ACME, "token")
        assert taken is not None
        tx.dispatches.settle(taken, "token", Sent())
    assert "not there yet" not in joined(partial)


def joined(terminal: Terminal) -> str:
    return " ".join(terminal.type("incidents", "acme").out.split())


def test_an_incident_that_one_command_ends_names_that_command(partial: Terminal) -> None:
    with partial.store() as store, store.write() as tx:
        tx.incidents.open(ACME, IncidentId("i2"), Code.PAUSE_ERRORS, "9 of 9", 1, None)
    commands = [row["command"] for row in partial.json("incidents", "acme")["incidents"]]
    assert "staffetta letters requeue acme --all" in commands


def test_letters_are_listed_by_cause_with_addressee_cure_and_what_to_type(partial: Terminal) -> None:
    rows = {row["cause"]["code"]: row for row in partial.json("letters", "acme")["letters"]}
    assert rows.keys() == {"self.internal", "target.refused"}
    refused = rows["target.refused"]
    assert (refused["addressee"], refused["count"], refused["state"]) == ("operator", 1, "standing")
    assert refused["de"]["sentence"] != refused["cause"]["sentence"]
    assert refused["command"] == "staffetta letters requeue acme --cause target.refused"
    shown = partial.type("letters", "acme", "--cause", "target.refused").out
    assert refused["command"] in shown
    assert "self.internal" not in shown


def test_letters_of_one_cause_say_it_once_and_each_row_only_what_is_its_own(partial: Terminal) -> None:
    with partial.store() as store, store.write() as tx:
        for name, detail in (("m-1", "no JSON"), ("m-2", "no JSON"), ("m-3", "no envelope")):
            tx.letters.add(ACME, LetterId(name), Code.MESSAGE_UNKNOWN, detail, b"{not")
    words = ("letters", "acme", "--cause", "self.message-unknown")
    shown = partial.type(*words).out
    sentence = say(Code.MESSAGE_UNKNOWN, "en").sentence
    assert shown.count(sentence.rstrip(".")) == 1
    assert "self.message-unknown (3 letters)" in shown
    assert "for: operator; first seen 20" in shown
    assert (shown.count("no JSON"), shown.count("no envelope")) == (2, 1)
    partial.type("letters", "dismiss", "acme", "m-3")
    alike = partial.type(*words).out
    assert alike.count("no JSON") == 1, "what all of them say stands with the cause"
    assert "says" not in alike
    rows = partial.json(*words)["letters"]
    assert all(row["cause"]["sentence"].endswith("no JSON.") for row in rows), "programs get it row by row"


def test_a_letter_is_shown_in_full_by_the_beginning_of_its_id(partial: Terminal) -> None:
    shown = partial.json("letters", "show", "change-8")
    assert (shown["person"], shown["change"], shown["requeued_by"]) == ("8", "change-8", None)
    message = partial.json("letters", "show", "l1")["message"]
    assert message == {"bytes": 2, "understood_now": False}
    assert "letters requeue acme change-8" in partial.type("letters", "show", "change-8").out
    unread = partial.type("letters", "show", "l1").out
    assert "letters dismiss acme l1" in unread
    assert "letters requeue" not in unread, "it would come back as it went"
    assert partial.type("letters", "show", "nothing-like-it").code == 7


def test_the_tenant_may_stand_before_the_id_of_a_letter_or_run_as_it_does_everywhere_else(
    partial: Terminal,
) -> None:
    assert partial.add_tenant("globex").code == 0
    for words in (("letters", "show"), ("run",)):
        known = partial.json("runs", "acme")["runs"][0]["run"] if words == ("run",) else "change-8"
        alone = partial.json(*words, known)
        assert partial.json(*words, "acme", known) == alone
        assert partial.type(*words, "globex", known).code == ExitCode.NOT_FOUND
        assert partial.type(*words, "nobody", known).code == ExitCode.NOT_FOUND
        many = partial.type(*words, "acme", known, "more")
        assert many.code == ExitCode.USAGE
        assert "One word too many: «more»" in many.err


def test_letters_of_a_change_are_dismissed_or_sent_and_a_change_without_one_is_told(
    partial: Terminal,
) -> None:
    for verb in ("requeue", "dismiss"):
        told = partial.type("letters", verb, "acme", "--change", "nothing-like-it")
        assert told.code == ExitCode.NOT_FOUND
        assert "staffetta letters acme --every-state" in told.err
    assert partial.json("letters", "dismiss", "acme", "--change", "change-8")["dismissed"] == 1


def test_a_requeue_with_a_key_is_done_once_and_a_key_that_is_none_is_told(partial: Terminal) -> None:
    words = ("letters", "requeue", "acme", "--cause", "target.refused", "--idempotency-key")
    assert [partial.json(*words, "night-1")["requeued"] for _ in range(2)] == [1, 0]
    for odd in ("", "two words", "x" * 101):
        told = partial.type(*words, odd)
        assert told.code == 2
        assert f"--idempotency-key has {len(odd)} characters" in told.err


def test_letters_that_name_no_tenant_are_listed_among_all_and_by_a_dash(partial: Terminal) -> None:
    with partial.store() as store, store.write() as tx:
        tx.letters.add(INSTALLATION, LetterId("m-1"), Code.MESSAGE_UNKNOWN, "no JSON", b"{not")
    assert [row["tenant"] for row in partial.json("letters", "-")["letters"]] == [None]
    assert {row["tenant"] for row in partial.json("letters")["letters"]} == {None, "acme"}
    told = partial.type("letters", "requeue", "-", "--all")
    assert told.code == ExitCode.PARTIAL, "nothing of it was sent, and it stands as before"
    told_json = partial.type("letters", "requeue", "-", "--all", "--json").data
    assert (told_json["messages"], told_json["left"], told_json["not_understood"]) == (0, 1, 1)
    assert "not understood by this release either" in told.err
    assert "released" not in told.err
    words = "letters dismiss - --cause self.message-unknown"
    assert words in told.err
    assert partial.type(*words.split()).code == 0
    assert [row["tenant"] for row in partial.json("letters", "-")["letters"]] == []


def test_requeue_says_which_ones_are_meant_and_then_sends_them_once(partial: Terminal) -> None:
    meant = partial.json("letters", "requeue", "acme", "--cause", "target.refused", "--dry-run")
    assert [row["change"] for row in meant["letters"]] == ["change-8"]
    (letter,) = (row["letter"] for row in meant["letters"])
    assert partial.json("letters", "requeue", "acme", letter)["requeued"] == 1
    assert partial.json("letters", "requeue", "acme", letter)["requeued"] == 0
    assert "No such letter stands any more" in partial.type("letters", "requeue", "acme", letter).err
    after = partial.json("letters", "show", letter)
    assert after["state"] == "under-way"
    assert after["requeued_by"].startswith("operator")


def test_requeue_wants_to_know_which(acme: Terminal) -> None:
    assert acme.type("letters", "requeue", "acme").code == 2
    assert acme.type("letters", "requeue", "acme", "--all", "--cause", "target.refused").code == 2
    told = acme.type("letters", "requeue", "acme", "--cause", "target.refusd")
    assert told.code == 2
    assert "staffetta letters" in told.err
    assert acme.json("letters", "requeue", "acme", "--all")["requeued"] == 0
    assert "No such letter stands" in acme.type("letters", "requeue", "acme", "--all").err


def test_a_dismissed_letter_is_off_the_list(partial: Terminal) -> None:
    assert partial.json("letters", "dismiss", "acme", "--cause", "self.internal")["dismissed"] == 1
    left = [row["cause"]["code"] for row in partial.json("letters", "acme")["letters"]]
    assert left == ["target.refused"]
    every = partial.json("letters", "acme", "--every-state")["letters"]
    assert {row["state"] for row in every} == {"standing", "dismissed"}


def test_held_changes_are_listed_by_reason(partial: Terminal) -> None:
    told = partial.type("holds", "acme")
    assert told.code == 0  # nobody's yes would help here
    assert "key.shared" in told.out
    assert "Ada Byron" in told.out
    [row] = partial.json("holds", "acme")["holds"]
    assert told.out.count(row["why"]["sentence"].rstrip(".")) == 1
    assert row["de"]["sentence"].startswith("Mehrere Personen")
    assert row["de"]["cure"]


def test_a_long_value_is_told_to_its_end_where_it_has_a_line_of_its_own() -> None:
    console = Console(width=60)
    with console.capture() as drawn:
        console.print(pairs([("why", f"{'word ' * 60}the-end")]))
    assert "the-end" in drawn.get()


def test_an_empty_house_says_so(acme: Terminal) -> None:
    assert "no run" in acme.type("runs", "acme").err
    assert "Nothing needs anybody" in acme.type("incidents", "acme").err
    assert "no dead letter" in acme.type("letters").err
    assert "Nothing is held" in acme.type("holds", "acme").err


@pytest.mark.parametrize("width", [12, 40, 80])
def test_a_table_that_does_not_fit_is_a_paragraph_for_each_row_and_loses_nothing(width: int) -> None:
    console = Console(width=width)
    drawn = table("path", "Personio said", "account has", "by", numbers=("by",))
    drawn.add_row("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "Sales", "", "7")
    drawn.add_row("", "Ada", "Bob [bold]", "–")
    with console.capture() as seen:
        console.print(drawn)
    told = "".join(seen.get().split())
    for value in ("User:department", "Personio said Sales", "by 7", "Personio said Ada", "account has Bob"):
        assert value.replace(" ", "") in told
    assert max(len(each) for each in seen.get().splitlines()) <= width


def test_a_table_that_fits_is_one() -> None:
    console = Console(width=40)
    drawn = table("run", "people", numbers=("people",))
    drawn.add_row("r1", "12")
    with console.capture() as seen:
        console.print(drawn)
    assert [each.split() for each in seen.get().splitlines()] == [["run", "people"], ["r1", "12"]]
