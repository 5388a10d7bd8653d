"""Strike at every point of every stage, on both databases: `make crash`.

    make crash                                  everything; some thousand blows, half an hour
    make crash ARGS="--database sqlite"         one of the databases
    make crash ARGS="--stage changes"           one stage
    make crash ARGS="--only employee-changed"   points whose name contains this

At each point the process dies; before a commit it gives way to another; after one, nobody hears of it. Prints
how many blows there were and the seven counters; exit 1 if anything was lost, doubled or unexpected.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.redis.embedded import start_embedded
from adapters.vault import MasterKey
from simulators.personio.handle import PersonioSimulator
from simulators.personio.switches import Switches
from simulators.scim.handle import ScimSimulator
from tests.contracts.store.conftest import start_postgres
from tests.crash.drive import Stage, Tally, Walk, World, world
from tests.crash.points import Blow, Fate, Point
from tests.crash.scenario import EVERY_STAGE, PEOPLE, STAGES, found
from tests.crash.worker import Place

DATABASES = ("sqlite", "postgresql")
TURNS = {"page by page": timedelta(0), "in long turns": timedelta(seconds=5)}
"""How long one message goes on: each page and envelope by itself, or as many as come."""


def main(arguments: Sequence[str]) -> int:
    """Walk through everything that was asked for and print what came of it."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.crash",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--database", choices=DATABASES, action="append", help="default: both")
    parser.add_argument("--stage", choices=sorted(EVERY_STAGE), action="append", help="default: all")
    parser.add_argument("--turn", choices=TURNS, action="append", help="default: all")
    parser.add_argument("--only", default="", metavar="TEXT", help="points whose name contains this text")
    given = parser.parse_args(arguments)
    stages, only = frozenset(given.stage or EVERY_STAGE), given.only

    def choice(stage: Stage, points: Sequence[Point]) -> Sequence[Blow]:
        meant = [point for point in points if stage.name in stages and only in point.name]
        return [Blow(fate, point) for point in meant for fate in Fate if fate.may_meet(point)]

    total, blows = Tally(), 0
    began = time.monotonic()
    for database in given.database or DATABASES:
        for turn in given.turn or TURNS:
            say(f"{database}, {turn}")
            with TemporaryDirectory() as folder, somewhere(Path(folder), database, TURNS[turn]) as there:
                walk = Walk(there, choice, say)
                walk.through(STAGES)
            total, blows = total + walk.tally, blows + walk.blows
    say(f"\n{blows} blows in {time.monotonic() - began:.0f} s")
    for name, figure in asdict(total).items():
        say(f"{name:>14}  {figure}")
    return 0 if total.clean and blows else 1


@contextmanager
def somewhere(folder: Path, database: str, turn: timedelta) -> Iterator[World]:
    """Start a company, an application, a Redis and a database, with a tenant that was just checked."""
    key = folder / "master.key"
    MasterKey.generate(key)
    with ExitStack() as until_the_end:
        personio = until_the_end.enter_context(company())
        app = until_the_end.enter_context(ScimSimulator.start())
        server = until_the_end.enter_context(start_embedded(folder / "redis"))
        url = f"sqlite:///{folder / 'store.sqlite'}"
        if database == "postgresql":
            url = start_postgres(until_the_end)
        there = until_the_end.enter_context(world(personio, app, Place(url, server.url, key, turn)))
        found(there)
        yield there


def company() -> PersonioSimulator:
    """Start the small company of the scenario."""
    return PersonioSimulator.start(employees=PEOPLE, seed=7, switches=Switches(rate_limits=False))


def say(words: str) -> None:
    """Print a line at once."""
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
