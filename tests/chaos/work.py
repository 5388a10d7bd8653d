"""Keep the house busy: a first sync, then a company in which people are promoted, marry, leave and join."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random  # noqa: TID251  seeded, so that a failure can be repeated
from typing import TypeVar

from adapters.database.errors import StoreAwayError
from domain.changes import ChangeState
from domain.ids import RunId
from domain.run import Outcome
from producers.on_demand import ask_for_feed
from simulators.personio.told import Told
from tests.chaos.stage import Stage
from tests.e2e.house import ACME, Window, await_
from tests.flow.truth import is_wanted

GOING = (ChangeState.PLANNED, ChangeState.RELEASED, ChangeState.WORKING, ChangeState.WAITING)
PROMOTED, MARRIED, LEFT, JOINED = 0.02, 0.004, 0.001, 0.002
"""Shares of the company in one round: well below what the guards hold."""

MOST_LEAVERS = 0.01
Answer = TypeVar("Answer")


@dataclass
class Work:
    """One run after the other; each person changes once, so what is written twice was doubled."""

    stage: Stage
    window: Window
    dice: Random
    run_id: RunId
    rounds: int = 0
    failed: int = 0
    _untouched: list[Told] = field(default_factory=list)
    _size: int = 0
    _left: int = 0

    def go_on(self) -> None:
        """Let a round of life happen when the last run has ended."""
        try:
            if self._ended():
                self._live()
                self._ask()
        except StoreAwayError:
            return  # a database that restarts is no reason to stop; the next look asks again

    def finish(self, patience: float) -> None:
        """Wait until nothing is on its way; a failed run is followed by another, as by schedule."""
        while not self._is_done(patience):
            self._ask()

    def _is_done(self, patience: float) -> bool:
        def look() -> bool | None:
            try:
                return True if self._ended() and self.window.count(*GOING) == 0 else None
            except StoreAwayError:
                return None

        await_(look, "rows are still on their way", patience)
        return self.window.run(self.run_id).outcome is not Outcome.FAILED

    def _ended(self) -> bool:
        return self.window.run(self.run_id).outcome is not None

    def _ask(self) -> None:
        here = self.window.here
        if self.window.run(self.run_id).outcome is Outcome.FAILED:
            self.failed += 1
        asked = ask_for_feed(
            ACME,
            by="chaos",
            key=here.ids.new(),
            plan_only=False,
            store=here.store,
            publisher=here.desk.publisher,
            ids=here.ids,
        )
        self.run_id = asked.run.run_id
        self.rounds += 1

    def _live(self) -> None:
        if not self._size:
            people = [person for person in self.stage.town.people() if is_wanted(person)]
            self._size, self._untouched = len(people), self.dice.sample(people, len(people))
        company = self.stage.town.personio.company
        for person in self._some(PROMOTED):
            company.change(person.id, position=f"Promoted {person.id}")
        for person in self._some(MARRIED):
            company.marry(person.id, f"Married{person.id}")
        for person in self._some(LEFT) if self._left < MOST_LEAVERS * self._size else ():
            company.terminate(person.id)
            self._left += 1
        for number in range(max(1, int(self._size * JOINED))):
            company.hire(first_name="Joined", last_name=f"Round{self.rounds}Number{number}")

    def _some(self, share: float) -> Sequence[Told]:
        wanted = max(1, int(self._size * share))
        some, self._untouched = self._untouched[:wanted], self._untouched[wanted:]
        return some


def settle(window: Window, run_id: RunId, patience: float) -> None:
    """Wait until a run ended and no row is on its way any more."""
    window.ended(run_id, patience)
    await_(lambda: window.count(*GOING) == 0 or None, "rows are still on their way", patience)


def first_sync(stage: Stage, window: Window, dice: Random) -> Work:
    """Connect, plan and activate; the accounts are made while misfortunes begin."""
    stage.connect(window)
    window.sync()
    return Work(stage, window, dice, window.activate())
