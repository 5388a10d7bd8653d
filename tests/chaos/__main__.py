"""Let misfortunes befall a house of real processes, and count from outside what was lost or doubled.

    python -m tests.chaos --people 5000 --kills 200 --seed 7
    python -m tests.chaos --people 500 --kills 20 --rounds 1 --database postgres --keep-alive-by engine

Exit 1 if anybody was lost, anything was doubled, or work went on later than promised. The seed repeats the
choice of misfortunes; what they hit depends on the moment.
"""

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from random import Random  # noqa: TID251  seeded, so that a failure can be repeated

from domain.changes import ChangeState
from tests.chaos.household import Contained, Household, Supervised
from tests.chaos.misfortunes import Misfortune, kill, others
from tests.chaos.recovery import Watch, watch
from tests.chaos.stage import Stage, stage
from tests.chaos.tally import Tally, count
from tests.chaos.work import Work, first_sync
from tests.e2e.house import Town, Window

KEEPERS: Mapping[str, Callable[[Town], Household]] = {"up": Supervised, "engine": Contained}
HEALING_SECONDS = 150.0
WORK_SECONDS = 5.0
"""So long a kill of a worker waits for a moment in which there are rows in hand."""

Say = Callable[[str], None]


def choose(given: argparse.Namespace, roles: Sequence[str], dice: Random) -> list[Misfortune]:
    """Draw so many kills, each role about as often as any other, and every other misfortune so many times."""
    bag: list[str] = []
    while len(bag) < given.kills:
        bag += dice.sample(list(roles), len(roles))
    drawn = [kill(role) for role in bag[: given.kills]] + others(given.database) * given.rounds
    return dice.sample(drawn, len(drawn))


def befall(work: Work, seen: Watch, drawn: Sequence[Misfortune], pause: float, most: int, say: Say) -> None:
    """Let one misfortune after the other strike, while the house works."""
    began = time.monotonic()
    for number, misfortune in enumerate(drawn, 1):
        time.sleep(work.dice.uniform(0.2, pause))
        _wait_for_health(seen, most)
        work.go_on()
        _wait_for_rows(work.window)
        with seen.struck_by(misfortune):
            misfortune.strike(work.stage, work.dice)
        spent, bleeding = time.monotonic() - began, len(seen.open_wounds())
        say(f"{spent:6.0f} s  {number:>3}/{len(drawn)}  {misfortune.name}  ({bleeding} not healed)")


def _wait_for_health(seen: Watch, most: int) -> None:
    """Let no more than so many wounds be open at once; one that never heals stops nothing."""
    for _ in range(int(HEALING_SECONDS)):
        if len(seen.open_wounds()) < most:
            return
        time.sleep(1)


def _wait_for_rows(window: Window) -> None:
    deadline = time.monotonic() + WORK_SECONDS
    while time.monotonic() < deadline:
        try:
            if window.count(ChangeState.WORKING):
                return
        except Exception:  # noqa: BLE001  a database that is away has no rows to wait for
            return
        time.sleep(0.2)


def heal(seen: Watch, patience: float) -> None:
    """Give everything that was interrupted the time to go on."""
    deadline = time.monotonic() + patience
    while seen.open_wounds() and time.monotonic() < deadline:
        time.sleep(1)


def run(here: Stage, given: argparse.Namespace, say: Say) -> tuple[Tally, Watch, Work]:
    """Start the house, strike, wait, count."""
    dice = Random(given.seed)  # noqa: S311  seeded on purpose
    drawn = choose(given, here.house.roles(), dice)
    here.house.start()
    with here.window() as window, watch(here.database_url).watching() as seen:
        work = first_sync(here, window, dice)
        befall(work, seen, drawn, given.longest_pause, given.most_open, say)
        struck = time.monotonic()
        here.calm()
        heal(seen, given.patience)
        work.finish(given.patience)
        say(f"everything was done {time.monotonic() - struck:.0f} s after the last misfortune")
        return count(here.town, window), seen, work


def main(arguments: Sequence[str]) -> int:
    """Run once and print the counters."""
    given = parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # through all that must be stopped
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="chaos") as folder,
        stage(
            Path(folder),
            given.people,
            given.database,
            KEEPERS[given.keep_alive_by],
            write_latency_ms=given.write_latency_ms,
            sweep_seconds=str(given.sweep_seconds),
        ) as here,
    ):
        tally, seen, work = run(here, given, _say)
        wrong = here.town.differences(), here.town.app.doubled(), dict(here.town.app.overlapping())
    _say(
        f"\n{given.people} people, {given.database}, kept alive by {given.keep_alive_by}, seed {given.seed}: "
        f"{given.kills} kills, {len(seen.wounds) - given.kills} other misfortunes, "
        f"{work.rounds} further runs ({work.failed} failed), {time.monotonic() - began:.0f} s"
    )
    for name, figure in asdict(tally).items():
        _say(f"{name:>14}  {figure}")
    _say("\n".join(["", *seen.table()]))
    slow = seen.too_slow()
    for wound in slow:
        _say(f"too slow: {wound.misfortune.name}: {wound.healed_after} s, {wound.rows}, {wound.runs}")
    for problem in wrong if not tally.clean or tally.explained else ():
        _say(str(problem)[:2000])
    return 0 if tally.clean and not tally.explained and not slow else 1


def parser() -> argparse.ArgumentParser:
    """Read what was asked."""
    words = argparse.ArgumentParser(
        prog="python -m tests.chaos",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    words.add_argument("--people", type=int, default=1000)
    words.add_argument("--kills", type=int, default=20, help="kill -9 of processes of the house")
    words.add_argument("--rounds", type=int, default=1, help="so often each other misfortune")
    words.add_argument("--seed", type=int, default=7)
    words.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    words.add_argument("--keep-alive-by", choices=tuple(KEEPERS), default="up")
    words.add_argument("--write-latency-ms", type=float, default=40)
    words.add_argument("--sweep-seconds", type=float, default=5)
    words.add_argument("--longest-pause", type=float, default=3, help="seconds between two misfortunes")
    words.add_argument("--most-open", type=int, default=5, help="misfortunes that are not healed, at most")
    words.add_argument("--patience", type=float, default=900, help="seconds until everything must be done")
    return words


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
