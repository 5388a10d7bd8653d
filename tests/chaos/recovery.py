"""Watch how soon the work goes on that was in hand when something struck; for times only, never for counts.

In hand are rows that somebody works on or was rung for, and runs that read or conclude. A row goes on when it
is claimed again or settled, a run when somebody takes its turn or it comes further.
"""

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any, TypeAlias

from sqlalchemy import Engine, and_, or_, select
from sqlalchemy.exc import DBAPIError

from adapters.database.engine import connect
from adapters.database.tables_changes import CHANGES
from adapters.database.tables_runs import RUNS
from domain.changes import ChangeState
from domain.run import Phase
from tests.chaos.misfortunes import Misfortune

GLANCE_SECONDS = 0.5
AT_ONCE = 400
STUCK = frozenset({ChangeState.WORKING.value, ChangeState.RELEASED.value, ChangeState.WAITING.value})
READS = (Phase.READING, Phase.LISTING, Phase.CONCLUDING)
Mark: TypeAlias = tuple[Any, ...]
Marks: TypeAlias = Mapping[str, Mark]


@dataclass
class Wound:
    """What one misfortune interrupted."""

    misfortune: Misfortune
    since: float
    rows: Marks
    runs: Marks
    healed_after: float | None = None


@dataclass
class Watch:
    """Keep time; the time in which the world was taken away is nobody's."""

    engine: Engine
    wounds: list[Wound] = field(default_factory=list)
    _away: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _over: threading.Event = field(default_factory=threading.Event)

    @contextlib.contextmanager
    def struck_by(self, misfortune: Misfortune) -> Iterator[None]:
        """Note what is in hand, let it happen, and begin to count."""
        rows, runs = self._in_hand()
        began = time.monotonic()
        yield
        with self._lock:
            if misfortune.takes_the_world:
                self._away += time.monotonic() - began
            since = self._now() if misfortune.takes_the_world else began - self._away
            self.wounds.append(Wound(misfortune, since, rows, runs))

    def open_wounds(self) -> list[Wound]:
        """List what did not go on yet."""
        with self._lock:
            return [wound for wound in self.wounds if wound.healed_after is None]

    def look(self) -> None:
        """Compare what was in hand with what became of it."""
        for wound in self.open_wounds():
            try:
                wound.rows = {key: wound.rows[key] for key in self._stuck_rows(wound.rows)}
                wound.runs = {key: wound.runs[key] for key in self._stuck_runs(wound.runs)}
                if not wound.rows and not wound.runs:
                    with self._lock:
                        wound.healed_after = max(0.0, self._now() - wound.since)
            except DBAPIError:
                return  # a database that restarts shows nothing

    @contextlib.contextmanager
    def watching(self) -> Iterator["Watch"]:
        """Look again and again while the block runs."""
        thread = threading.Thread(target=self._watch, name="watch")
        thread.start()
        try:
            yield self
        finally:
            self._over.set()
            thread.join()
            self.engine.dispose()

    def too_slow(self) -> list[Wound]:
        """List what went on later than promised, or never."""
        return [
            wound
            for wound in self.wounds
            if wound.healed_after is None or wound.healed_after > wound.misfortune.within
        ]

    def table(self) -> list[str]:
        """Tell for each kind of misfortune how often it struck, and how soon work went on."""
        kinds: dict[str, list[Wound]] = {}
        for wound in self.wounds:
            kinds.setdefault(wound.misfortune.name, []).append(wound)
        return [_line(name, wounds) for name, wounds in sorted(kinds.items())]

    def _watch(self) -> None:
        while not self._over.wait(GLANCE_SECONDS):
            self.look()

    def _now(self) -> float:
        return time.monotonic() - self._away

    def _in_hand(self) -> tuple[Marks, Marks]:
        rung = and_(CHANGES.c.state == ChangeState.RELEASED.value, CHANGES.c.rung_at.is_not(None))
        held = or_(CHANGES.c.state == ChangeState.WORKING.value, rung)
        busy = RUNS.c.phase.in_([phase.value for phase in READS])
        try:
            with self.engine.connect() as connection:
                rows = connection.execute(select(CHANGES.c.change_id, CHANGES.c.tries).where(held)).all()
                runs = connection.execute(
                    select(
                        RUNS.c.run_id, RUNS.c.phase, RUNS.c.pages, RUNS.c.cursor, RUNS.c.lease_token
                    ).where(busy)
                ).all()
        except DBAPIError:
            return {}, {}
        return {key: tuple(rest) for key, *rest in rows}, {key: tuple(rest) for key, *rest in runs}

    def _stuck_rows(self, marks: Marks) -> list[str]:
        keys, stuck = list(marks), []
        for at in range(0, len(keys), AT_ONCE):
            some = keys[at : at + AT_ONCE]
            asked = select(CHANGES.c.change_id, CHANGES.c.tries).where(
                CHANGES.c.change_id.in_(some), CHANGES.c.state.in_(STUCK)
            )
            with self.engine.connect() as connection:
                found = connection.execute(asked).all()
            stuck += [key for key, tries in found if marks[key] == (tries,)]
        return stuck

    def _stuck_runs(self, marks: Marks) -> list[str]:
        asked = select(RUNS.c.run_id, RUNS.c.phase, RUNS.c.pages, RUNS.c.cursor, RUNS.c.lease_token).where(
            RUNS.c.run_id.in_(list(marks))
        )
        with self.engine.connect() as connection:
            found = {key: tuple(rest) for key, *rest in connection.execute(asked)}
        return [key for key, mark in marks.items() if key in found and _is_stuck(mark, found[key])]


def _is_stuck(before: Mark, now: Mark) -> bool:
    *place, token = before
    *place_now, token_now = now
    return place == place_now and (token_now is None or token_now == token)


def _line(name: str, wounds: list[Wound]) -> str:
    times = [wound.healed_after for wound in wounds if wound.healed_after is not None]
    never = len(wounds) - len(times)
    told = f"median {median(times):5.1f} s  worst {max(times):5.1f} s" if times else "never"
    limit = f"promised {wounds[0].misfortune.within:.0f} s"
    return f"{name:<28} {len(wounds):>4} ×  {told}  {limit}" + (f"  {never} NEVER" if never else "")


def watch(database_url: str) -> Watch:
    """Open a watch over a database."""
    return Watch(connect(database_url).reading)
