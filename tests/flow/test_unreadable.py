"""A configuration that no release here can read costs its own tenant time, and nobody else anything."""

from sqlalchemy import update

from adapters.database.tables import CONFIGURATIONS
from domain.changes import ChangeState
from domain.codes import Code
from domain.config import Configuration
from domain.events import IncidentChanged
from domain.ids import IncidentId, TenantId
from domain.run import Outcome
from domain.setbacks import Step
from domain.tenant import TenantState
from producers.on_demand import ask_for_feed
from producers.reconfigure import set_configuration
from simulators.scim.effects import server_error
from tests.flow.relay import ACME, Relay
from tests.flow.test_main_job import live, somebody
from tests.flow.test_pauses import newest, steps
from tests.flow.truth import accounts

__all__ = ["live"]

OTHER = TenantId("other")


def usual(relay: Relay) -> Configuration:
    """Return the configuration that counts, to be stored again once it cannot be read any more."""
    with relay.store.read() as tx:
        config = tx.tenants.configuration(ACME)
    assert config is not None
    return config


def spoil(relay: Relay) -> None:
    """Leave versions behind that this release cannot read, as a newer one did before it was rolled back."""
    with relay.store.write() as tx:
        tx.session.connection.execute(update(CONFIGURATIONS).values(content='{"lines": 7}'))


def neighbour(relay: Relay) -> IncidentId:
    """Let another company be here, of which somebody must hear."""
    with relay.store.write() as tx:
        tx.tenants.add(OTHER, "Other", "en", [])
        return tx.incidents.open(OTHER, IncidentId("inc"), Code.TARGET_DOWN, "", 1, None).incident_id


def test_a9_a_run_whose_configuration_no_release_can_read_ends_and_keeps_no_neighbour_waiting(
    live: Relay,
) -> None:
    good = usual(live)
    person = somebody(live)
    live.app.quirks.add(server_error(), methods=("PATCH",), times=None)
    live.personio.company.terminate(int(person))
    run = live.sync()
    assert [row.person_id for row in live.rows(ChangeState.WAITING)] == [person]
    incident = neighbour(live)
    spoil(live)
    rung = IncidentChanged(OTHER, incident)
    live.bells.history.clear()
    assert set(live.later(minutes=20).failed) == {ACME}
    assert rung in live.bells.history
    assert (live.state(), accounts(live)[person]["active"]) == (TenantState.BLOCKED, True)
    live.app.quirks.clear()
    assert set_configuration(ACME, good, by="test", store=live.store).counts
    steps(live)
    steps(live, hours=7)
    live.later(minutes=20)
    assert live.state() is TenantState.ACTIVE
    assert live.run(run.run_id).outcome is not None
    assert accounts(live)[person]["active"] is False


def test_a9_a_reading_whose_configuration_cannot_be_read_fails_and_gives_its_place_to_the_next(
    live: Relay,
) -> None:
    good = usual(live)
    key, ids = live.desk.ids.new(), live.desk.ids
    asked = ask_for_feed(
        ACME, by="test", key=key, plan_only=False, store=live.store, publisher=live.bells, ids=ids
    )
    spoil(live)
    live.drain()
    assert live.run(asked.run.run_id).outcome is Outcome.FAILED
    assert live.state() is TenantState.BLOCKED
    assert steps(live) == [Step.ANNOUNCE]
    assert set_configuration(ACME, good, by="test", store=live.store).counts
    assert steps(live) == [Step.PROBE]
    assert (live.state(), newest(live).outcome) == (TenantState.ACTIVE, Outcome.OK)
