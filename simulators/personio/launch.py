"""Put a world together from what somebody wants it to be."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from simulators.personio.auth import Desk
from simulators.personio.clock import Clock
from simulators.personio.company import Company
from simulators.personio.datafile import load
from simulators.personio.generator import TODAY, generate
from simulators.personio.switches import Switches
from simulators.personio.world import World


@dataclass(frozen=True, slots=True)
class Wish:
    """How large, which seed, what the first credential may see, and how Personio behaves."""

    employees: int = 20
    seed: int = 7
    today: date = TODAY
    readable: Sequence[str] | None = None
    """Attribute keys or nicknames; None means all."""
    switches: Switches = field(default_factory=Switches)
    data_file: Path | None = None


def launch(wish: Wish, clock: Clock | None = None) -> World:
    """Make the world with its one first credential."""
    company = _company(wish)
    desk = Desk(wish.seed)
    desk.issue(keys(company, wish.readable), None)
    return World(company, desk, wish.switches, clock or Clock())


def _company(wish: Wish) -> Company:
    if wish.data_file is not None:
        return load(wish.data_file, wish.seed, wish.today)
    return generate(wish.employees, wish.seed, wish.today)


def keys(company: Company, names: Sequence[str] | None) -> list[str] | None:
    """Turn nicknames of custom attributes into keys; None stays None, which means everything."""
    return None if names is None else [company.catalogue.key_of(name) for name in names]
