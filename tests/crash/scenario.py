"""What happens to a small company on its first days, stage by stage: everything that writes comes about."""

from collections.abc import Sequence
from dataclasses import replace

from adapters.database.store import open_store
from adapters.vault import MasterKey, TenantVault
from domain.config import Configuration
from domain.guards import OFF, Guards
from domain.records import Connection
from domain.tenant import TenantState
from simulators.personio.told import Told
from simulators.scim.effects import refused
from tests.builders import configuration
from tests.crash.drive import Stage, World
from tests.flow.conftest import SCIM_LINES
from tests.flow.relay import ACME
from tests.flow.truth import is_wanted

PEOPLE = 7
LEAVERS = 3
"""One more than may be closed in a day without a human."""


def found(world: World) -> None:
    """Migrate the store and add the tenant; it is checked, and nothing was planned yet."""
    store = open_store(world.place.database_url, TenantVault(MasterKey.from_file(world.place.key_file)))
    personio, app = world.personio, world.app
    store.migrate()
    with store.write() as tx:
        assert tx.tenants.add(ACME, "Acme", "en", ["owner@acme.example"])
        tx.tenants.configure(ACME, config(), "test")
        credentials = (personio.client_id, personio.client_secret)
        tx.connections.put(ACME, Connection(personio.url, *credentials, "scim", app.url, app.token))
        assert tx.tenants.move(ACME, TenantState.READY, None)
    store.close()


def config() -> Configuration:
    """Map names, address, position and department; let any number of people join."""
    return replace(configuration(lines=SCIM_LINES), guards=Guards(creates=OFF))


def nothing(world: World) -> None:
    """Let a day pass like any other."""


def much(world: World) -> None:
    """Promote one, exchange the addresses of two, and give a leaver's address to somebody new."""
    company, staff = world.personio.company, employed(world)
    promoted, one, other, leaver, moved = staff[0], staff[1], staff[2], staff[3], staff[4]
    company.change(promoted.id, position="Chief of Everything")
    company.move(moved.id, supervisor=promoted.id)
    company.change(one.id, email="between@example.com")
    company.change(other.id, email=one.email)
    company.change(one.id, email=other.email)
    company.terminate(leaver.id)
    company.change(leaver.id, email=None)
    company.hire(first_name="Jo", last_name="Iner", email=leaver.email)


def too_many_leave(world: World) -> None:
    """Let more people leave than anybody would believe."""
    for person in employed(world)[:LEAVERS]:
        world.personio.company.terminate(person.id)


def two_are_refused(world: World) -> None:
    """Let two join whom the application refuses: more than a requeue sends in one go."""
    for name in ("Fused", "Jected"):
        new = world.personio.company.hire(first_name="Re", last_name=name, email=f"re{name}@example.com")
        world.app.quirks.add(refused(), methods=("POST",), external_ids=(str(new),), times=None)


def all_is_well_again(world: World) -> None:
    """Let the application change its mind."""
    world.app.quirks.clear()


def employed(world: World) -> Sequence[Told]:
    """Return those who should have an account, in the order of their ids."""
    everybody = world.personio.truth().people
    return sorted((person for person in everybody if is_wanted(person)), key=lambda each: each.id)


PLAN, FIRST, UNCHANGED = "plan", "first sync", "unchanged sync"
CHANGES, HELD, APPROVAL = "changes", "too many leave", "approval"
REFUSED, REQUEUE = "two are refused", "requeue"

STAGES = (
    Stage(PLAN, nothing, "sync"),
    Stage(FIRST, nothing, "activate"),
    Stage(UNCHANGED, nothing, "sync"),
    Stage(CHANGES, much, "sync"),
    Stage(HELD, too_many_leave, "sync"),
    Stage(APPROVAL, nothing, "approve"),
    Stage(REFUSED, two_are_refused, "sync"),
    Stage(REQUEUE, all_is_well_again, "requeue", in_batches=True),
)
EVERY_STAGE = frozenset(stage.name for stage in STAGES)
