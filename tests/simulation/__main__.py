"""Tell many stories and report those that broke a promise, or replay one step by step.

make simulate SEEDS=10000            all of them, on every processor that this process may use
make simulate SEEDS=10000 FROM=5000  the next ones
make simulate SEED=1234              one of them, step by step
"""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from tests.simulation.bugs import BUGS
from tests.simulation.story import Story

CHUNK = 4
Told = tuple[int, str, list[str], list[str]]


def main(arguments: list[str] | None = None) -> int:
    """Return 0 if every promise was kept in every story."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.simulation",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seeds", type=int, default=500, help="how many stories")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first seed")
    parser.add_argument("--seed", type=int, help="tell this one, step by step")
    parser.add_argument("--bug", choices=sorted(BUGS), help="build a bug in on purpose, which must be found")
    parser.add_argument("--keep-going", action="store_true", help="tell all, even if some failed")
    given = parser.parse_args(arguments)
    if given.seed is not None:
        return replay(given.seed, given.bug)
    return many(given.first, given.seeds, given.bug, keep_going=given.keep_going)


def say(words: str) -> None:
    """Tell whoever started this."""
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def replay(seed: int, bug: str | None) -> int:
    """Tell one story step by step."""
    story = Story(seed, bug)
    world = story.tell()
    say("\n".join(world.history))
    say(f"\nseed {seed}, {story.climate}, {len(story.house.tenants)} tenants")
    for each in story.house.explained:
        say(f"explained: {each}")
    for failure in world.failures:
        say(f"BROKEN: {failure}")
    return 1 if world.failures else 0


def many(first: int, seeds: int, bug: str | None, *, keep_going: bool) -> int:
    """Tell many stories on every processor; the first that fails ends it, unless all are wanted."""
    began, failed, climates = time.monotonic(), 0, Counter[str]()
    for seed, climate, failures, history in _tell_all(first, seeds, bug):
        climates[climate] += 1
        if failures:
            failed += 1
            _report(seed, climate, failures, history)
            if not keep_going:
                break
        if climates.total() % 500 == 0:
            say(f"… {climates.total()} stories, {failed} failed")
    spent = time.monotonic() - began
    weather = ", ".join(f"{name} {count}" for name, count in sorted(climates.items()))
    say(f"{climates.total()} stories from seed {first} in {spent:.0f} s: {failed} failed ({weather})")
    return 1 if failed else 0


def _tell_all(first: int, seeds: int, bug: str | None) -> Iterator[Told]:
    workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(partial(tell, bug=bug), range(first, first + seeds), chunksize=CHUNK)


def tell(seed: int, bug: str | None = None) -> Told:
    """Tell one story; its history is kept only where a promise was broken."""
    story = Story(seed, bug)
    world = story.tell()
    return seed, story.climate, world.failures, world.history if world.failures else []


def _report(seed: int, climate: str, failures: list[str], history: list[str]) -> None:
    say(f"\n=== seed {seed} ({climate}) broke {len(failures)} promises:")
    for failure in failures:
        say(f"  {failure}")
    say("  its last steps:")
    for line in history[-25:]:
        say(f"    {line}")
    say(f"  all of it: make simulate SEED={seed}")


if __name__ == "__main__":
    sys.exit(main())
