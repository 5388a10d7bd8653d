"""Waiting for a run: the exit code tells how it ended, and a reading that began before goes first."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.clock import SystemIds
from adapters.database.store import SqlStore
from bootstrap.cli.exits import ExitCode, exit_of_run
from bootstrap.cli.failures import CommandError, trouble_of
from bootstrap.cli.follow import Lines, Reasons, Why, Wish, ask_and_follow, deadline, why_it_waits
from bootstrap.cli.rooms import Office
from bootstrap.cli.voice import Voice
from bootstrap.settings import read_settings
from domain.codes import Code
from domain.condition import Condition
from domain.errors import TemporaryError, TenantBlockedError
from domain.events import Event, RunDue
from domain.feed import PageMark
from domain.ids import ConfigVersion, PersonId, RunId, TenantId
from domain.records import PageRecord
from domain.run import Outcome, Phase, Run, RunKind
from producers.on_demand import NotPossibleError, ask_for_feed
from tests.unit.cli.terminal import Terminal

ACME = TenantId("acme")
AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
RUN = Run(RunId("r1"), ACME, RunKind.FEED, "manual:1", "operator", Phase.ENDED, False, ConfigVersion(1), AT)


class InstantWorker:
    """Carry out every run the moment it is rung for."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.done: list[RunId] = []

    def ring(self, events: Sequence[Event]) -> None:
        """End the runs that are due."""
        for event in events:
            if isinstance(event, RunDue):
                finish(self.store, event.run_id)
                self.done.append(event.run_id)


class Nobody:
    """Hear no bell."""

    def ring(self, events: Sequence[Event]) -> None:
        """Do nothing."""


def finish(store: SqlStore, run_id: RunId) -> None:
    with store.write() as tx:
        tx.runs.end(ACME, run_id, Outcome.OK)


@pytest.fixture
def store(acme: Terminal) -> Iterator[SqlStore]:
    with acme.store() as opened:
        yield opened


def office(terminal: Terminal, store: SqlStore, publisher: Any) -> Office:  # noqa: ANN401  either of the two
    settings = read_settings({"STAFFETTA_HOME": str(terminal.home)})
    return Office(
        settings=settings,
        store=store,
        publisher=publisher,
        ids=SystemIds(),
        ring_more=lambda _tx, _tenant: [],
        up=True,
    )


def begun(store: SqlStore) -> RunId:
    """Begin a run that has read its first page."""
    asked = ask_for_feed(
        ACME, by="schedule", key="1", plan_only=False, store=store, publisher=Nobody(), ids=SystemIds()
    )
    with store.write() as tx:
        page = PageRecord(PageMark(0, 1, 2, 1), (PersonId("7"),), 1, {}, {}, "1")
        tx.runs.add_page(ACME, asked.run.run_id, page, tx.now())
    return asked.run.run_id


def test_a_run_is_waited_for(acme: Terminal, store: SqlStore) -> None:
    worker = InstantWorker(store)
    run = ask_and_follow(office(acme, store, worker), Wish(ACME, "operator"), Voice(), deadline(20))
    assert (run.run_id, run.outcome) == (worker.done[0], Outcome.OK)


def test_a_reading_that_began_before_is_let_go_first(acme: Terminal, store: SqlStore) -> None:
    first = begun(store)
    ending = threading.Timer(0.3, finish, (store, first))
    ending.start()
    run = ask_and_follow(office(acme, store, InstantWorker(store)), Wish(ACME, "me"), Voice(), deadline(20))
    ending.join()
    assert run.run_id != first
    assert run.outcome is Outcome.OK


def test_patience_ends_and_the_run_goes_on(acme: Terminal, store: SqlStore) -> None:
    with pytest.raises(CommandError) as caught:
        ask_and_follow(office(acme, store, Nobody()), Wish(ACME, "operator"), Voice(), deadline(0.1))
    assert caught.value.trouble.code is ExitCode.TIMED_OUT
    assert "goes on" in caught.value.trouble.what
    with store.read() as tx:
        assert tx.runs.reading_now(ACME) is not None


@pytest.mark.parametrize(
    ("outcome", "why", "code"),
    [
        (Outcome.OK, None, 0),
        (Outcome.PLANNED, None, 0),
        (Outcome.PARTIAL, None, 3),
        (Outcome.OK_WITH_HOLDS, None, 5),
        (Outcome.PAUSED, None, 6),
        (Outcome.FAILED, Code.SOURCE_CREDENTIALS_REFUSED, 4),
        (Outcome.FAILED, Code.SOURCE_RIGHT_MISSING, 4),
        (Outcome.FAILED, Code.PERSON_NOT_SEEN, 7),
        (Outcome.FAILED, Code.FEED_BROKEN, 1),
        (None, None, 8),
    ],
)
def test_each_outcome_has_its_exit_code(outcome: Outcome | None, why: Code | None, code: int) -> None:
    assert exit_of_run(replace(RUN, outcome=outcome, code=why)) == code


def test_a_failure_that_nobody_foresaw_stays_one() -> None:
    assert trouble_of(RuntimeError("canary")) is None


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (TenantBlockedError(Code.TARGET_CREDENTIALS_REFUSED, "HTTP 401"), 4),
        (TemporaryError(Code.SOURCE_BUSY, "HTTP 429"), 1),
        (NotPossibleError("It is so. Do that"), 1),
        (PermissionError(13, "Permission denied"), 4),
    ],
)
def test_an_expected_failure_has_a_cure(error: Exception, code: int) -> None:
    trouble = trouble_of(error)
    assert trouble is not None
    assert trouble.cure
    assert trouble.code == code


class Hands:
    """A clock that stands until somebody moves it."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def unwell(moment: str) -> Why:
    """Word a rest as it is told at one of its moments."""
    return Why("unwell since nine", f"The application fails again and again; {moment}.")


def test_a_run_that_waits_for_an_application_says_so_once_a_minute_while_it_rests_and_is_looked_at(
    capsys: pytest.CaptureFixture[str],
) -> None:
    hands = Hands()
    lines = Lines(Voice(), hands)
    for turn in range(12):
        for _ in range(20):
            lines.show("applying changes", 0, 3, unwell(f"it rests until 10:12:{turn:02}"))
            hands.at += 0.25
        for why in (unwell("the next call looks"), None):
            lines.show("applying changes", 0, 3, why)
            hands.at += 0.25
    assert capsys.readouterr().err.splitlines() == [
        "The application fails again and again; it rests until 10:12:00.",
        "applying changes: 0 of 3",
        "The application fails again and again; the next call looks.",
    ], "a minute has gone by"


def test_a_run_that_goes_on_and_one_that_nobody_says_why_it_waits_tell_how_far_they_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    hands = Hands()
    lines = Lines(Voice(), hands)
    for why, done in ((unwell("it rests"), 0), (unwell("it rests"), 1), (None, 1), (None, 3)):
        for _ in range(25):
            lines.show("applying changes", done, 3, why)
            hands.at += 0.25
    hands.at += 60
    lines.show("applying changes", 3, 3, None)
    assert capsys.readouterr().err.splitlines() == [
        "The application fails again and again; it rests.",
        *(f"applying changes: {done} of 3" for done in (0, 1, 3, 3)),
    ]


def test_reasons_that_follow_one_another_at_once_are_not_all_told() -> None:
    hands = Hands()
    reasons = Reasons(hands)
    one, other = Why("a", "a"), Why("b", "b")
    assert [reasons.are_new(why) for why in (one, one, other)] == [True, False, False]
    hands.at += 5
    assert [reasons.are_new(why) for why in (other, one)] == [True, False]


LATER = AT + timedelta(days=36_500)
LOOKS = (
    "The application fails again and again (target.busy), since 2026-11-23 09:00:00 UTC;"
    " the next call looks whether it is well."
)


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        (Condition(), None),
        (Condition(rests_until=LATER), "The application asked for a pause until 09:00:00 UTC."),
        (Condition(open_since=AT, rests_until=AT, why=Code.TARGET_BUSY), LOOKS),
    ],
    ids=["well", "asked for a pause", "looked at next"],
)  # fmt: skip
def test_a_run_that_is_about_to_write_knows_why_it_waits_and_one_that_reads_does_not(
    acme: Terminal, store: SqlStore, condition: Condition, told: str | None
) -> None:
    with store.write() as tx:
        tx.conditions.put(ACME, condition)
    with store.read() as tx:
        why = why_it_waits(tx, replace(RUN, phase=Phase.APPLYING))
        assert (why and why.words) == told
        assert why_it_waits(tx, replace(RUN, phase=Phase.READING)) is None
