"""Everything one running simulator holds: the company, the desk, the limits, the faults, the clock."""

from dataclasses import dataclass, field

from simulators.personio.auth import Credential, Desk
from simulators.personio.changes import Change, apply
from simulators.personio.clock import Clock
from simulators.personio.company import Company
from simulators.personio.counters import Counters
from simulators.personio.faults import Faults
from simulators.personio.hooks import Hooks
from simulators.personio.limits import Limits
from simulators.personio.shelf import Shelf
from simulators.personio.switches import Switches


@dataclass(slots=True)
class World:
    """The state behind the API; touched by one thread only, the one that serves."""

    company: Company
    desk: Desk
    switches: Switches
    clock: Clock
    shelf: Shelf = field(init=False)
    limits: Limits = field(default_factory=Limits)
    faults: Faults = field(default_factory=Faults)
    hooks: Hooks = field(default_factory=Hooks)
    counters: Counters = field(default_factory=Counters)

    def __post_init__(self) -> None:
        self.shelf = Shelf(self.company, self.switches)

    def turn(self, switches: Switches) -> None:
        """Behave differently from now on."""
        self.switches = switches
        self.shelf = Shelf(self.company, switches)

    def happen(self, change: Change) -> int:
        """Let something happen in the company, now."""
        changed = apply(self.company, change, self.clock.now())
        self.counters.changes += 1
        return changed

    def visible(self, credential: Credential) -> frozenset[str]:
        """Tell which attributes a credential may see; the id always."""
        keys = self.company.catalogue.keys
        granted = keys if credential.readable is None else keys & credential.readable
        return granted | {"id"}

    def warm(self) -> None:
        """Write everybody once as the first credential sees them: then the first reading is no slower."""
        visible = self.visible(self.desk.credential(None))
        for number in self.company.ids(self.switches.order):
            self.shelf.bytes_of(number, visible)
