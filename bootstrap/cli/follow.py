"""Ask for a run, and follow it to its end with a bar on a terminal and a line now and then elsewhere."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import assert_never

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from bootstrap.cli.exits import ExitCode
from bootstrap.cli.failures import CommandError
from bootstrap.cli.rest_view import rest_words
from bootstrap.cli.rooms import Office
from bootstrap.cli.voice import Voice, console_on
from domain.changes import SETTLED
from domain.ids import PersonId, TenantId
from domain.ports import Store, Transaction
from domain.run import Phase, Run
from producers.on_demand import Asked, ask_for_feed, ask_for_person

POLL_SECONDS = 0.25
LINE_EVERY_SECONDS = 5.0
SAME_AGAIN_SECONDS = 60.0
"""An application that rests, is looked at and rests again says of itself what was said already."""

MOST_TURNS = 5
"""So often a waiting request lets another reading go first before it says that it gives up."""


@dataclass(frozen=True, slots=True)
class Why:
    """Why a run waits: in words, and what stays the same while their moments move on."""

    about: str
    words: str


Show = Callable[[str, int, int | None, Why | None], None]
"""Show what is being done, how far it is, of how much, and why nothing moves, if we know that."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What an operator asks for."""

    tenant_id: TenantId
    by: str
    plan_only: bool = False
    person_id: PersonId | None = None


def ask(office: Office, wish: Wish) -> Asked:
    """Ask once."""
    key, store, publisher, ids = office.ids.new(), office.store, office.publisher, office.ids
    if wish.person_id is not None:
        return ask_for_person(
            wish.tenant_id,
            wish.person_id,
            by=wish.by,
            key=key,
            plan_only=wish.plan_only,
            store=store,
            publisher=publisher,
            ids=ids,
        )
    return ask_for_feed(
        wish.tenant_id,
        by=wish.by,
        key=key,
        plan_only=wish.plan_only,
        store=store,
        publisher=publisher,
        ids=ids,
    )


def ask_and_follow(office: Office, wish: Wish, voice: Voice, ends: float | None) -> Run:
    """Ask for a run that begins after now, and wait for its end.

    A run that began to read before is waited for and then asked anew: what the operator wants to see may
    have happened behind it.
    """
    for _ in range(MOST_TURNS):
        asked = ask(office, wish)
        if not asked.late and asked.run.plan_only == wish.plan_only:
            voice.say(
                "A run that had not begun yet is joined." if asked.joined else f"Run {asked.run.run_id}"
            )
            return follow(office.store, asked.run, voice, ends)
        voice.say(f"Run {asked.run.run_id} is reading already; it goes first.")
        until_read(office.store, asked.run, voice, ends)
    raise CommandError(
        "Another run was always there first.",
        "Try again in a moment; see: staffetta runs",
        ExitCode.TIMED_OUT,
    )


def follow(store: Store, run: Run, voice: Voice, ends: float | None) -> Run:
    """Wait for the end of a run, showing how far it is. Raises CommandError with exit code 8 in the end."""
    with _showing(voice) as show:
        return _until(store, run, show, ends, lambda now: now.phase is Phase.ENDED)


def deadline(seconds: float | None) -> float | None:
    """Turn patience into a moment of the monotonic clock; None is for ever."""
    return None if seconds is None else time.monotonic() + seconds


def until_read(store: Store, run: Run, voice: Voice, ends: float | None) -> None:
    """Wait until a run is through with reading, so that another one may begin."""
    with _showing(voice) as show:
        _until(store, run, show, ends, lambda now: now.phase in {Phase.APPLYING, Phase.ENDED})


def _until(store: Store, run: Run, show: Show, ends: float | None, enough: Callable[[Run], bool]) -> Run:
    while True:
        with store.read() as tx:
            now = tx.runs.get(run.tenant_id, run.run_id)
            if now is None or enough(now):
                return now or run
            show(*how_far(tx, now), why_it_waits(tx, now))
        if ends is not None and time.monotonic() >= ends:
            raise CommandError(
                f"Run {run.run_id} did not end in time; it goes on.",
                f"Look again with: staffetta run {run.run_id}",
                ExitCode.TIMED_OUT,
            )
        time.sleep(POLL_SECONDS)


def how_far(tx: Transaction, run: Run) -> tuple[str, int, int | None]:
    """Say what a run is doing, how much of it is done, and how much there is."""
    match run.phase:
        case Phase.READING:
            pages = tx.runs.reading(run.tenant_id, run.run_id).pages
            total = next((page.total for page in reversed(pages) if page.total), None)
            return "reading people", sum(page.received for page in pages), total
        case Phase.LISTING:
            return "listing accounts", tx.target_list.count(run.tenant_id), None
        case Phase.CONCLUDING:
            return "making the plan", 0, None
        case Phase.APPLYING | Phase.ENDED:
            figures = tx.runs.figures(run.tenant_id, run.run_id)
            return "applying changes", figures.count(*SETTLED), sum(figures.states.values())
        case _:
            assert_never(run.phase)


def why_it_waits(tx: Transaction, run: Run) -> Why | None:
    """Say that the application is given a rest, where a run is about to ask it or to write to it."""
    if run.phase is Phase.READING:
        return None
    condition = tx.conditions.get(run.tenant_id)
    told = rest_words(condition, tx.now())
    about = f"unwell since {condition.open_since}" if condition.open_since else "it asked for a pause"
    return Why(about, f"The application {told}.") if told else None


@contextlib.contextmanager
def _showing(voice: Voice) -> Iterator[Show]:
    if sys.stderr.isatty() and not voice.json:
        with bar() as show:
            yield show
    else:
        yield Lines(voice, time.monotonic).show


@contextlib.contextmanager
def bar() -> Iterator[Show]:
    """Draw a bar on standard error that leaves nothing behind."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console_on(sys.stderr), transient=True) as progress:
        task = progress.add_task("waiting for a worker", total=None)
        reasons = Reasons(time.monotonic)

        def show(what: str, done: int, total: int | None, why: Why | None = None) -> None:
            if why is not None and reasons.are_new(why):
                progress.console.print(Text(why.words), soft_wrap=True)
            progress.update(task, description=what, completed=done, total=total)

        yield show


class Reasons:
    """Know which reason for waiting was told: the same again after a minute, the next not right upon it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._told: Why | None = None
        self._told_at = clock()

    def are_new(self, why: Why) -> bool:
        """Tell whether a reason is to be told now."""
        if self._told is not None:
            same = why.about == self._told.about
            if why == self._told or self._age() < (SAME_AGAIN_SECONDS if same else LINE_EVERY_SECONDS):
                return False
        self._told, self._told_at = why, self._clock()
        return True

    def are_fresh(self) -> bool:
        """Tell whether whoever looks on was told a reason lately."""
        return self._told is not None and self._age() < SAME_AGAIN_SECONDS

    def _age(self) -> float:
        return self._clock() - self._told_at


class Lines:
    """Say how far a run is every few seconds; while it waits for a reason that was told, only what moved."""

    def __init__(self, voice: Voice, clock: Callable[[], float]) -> None:
        self._voice, self._clock = voice, clock
        self._reasons = Reasons(clock)
        self._said_at = clock()
        self._said: tuple[str, int, int | None] | None = None

    def show(self, what: str, done: int, total: int | None, why: Why | None) -> None:
        """Say a line if it is time for one."""
        if why is not None and self._reasons.are_new(why):
            self._voice.say(why.words)
        here = (what, done, total)
        stands_still = here == self._said and (why is not None or self._reasons.are_fresh())
        if stands_still or self._clock() - self._said_at < LINE_EVERY_SECONDS:
            return
        self._said_at, self._said = self._clock(), here
        of = f" of {total}" if total is not None else ""
        self._voice.say(f"{what}: {done}{of}")
