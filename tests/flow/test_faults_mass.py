"""Part G of the fault catalogue, a filter that slips: held before the first is closed, whatever was meant."""

from dataclasses import replace

from domain.changes import Action, ChangeState
from domain.codes import Code
from domain.config import Configuration, Scope
from domain.run import Outcome
from producers.approve import reject
from tests.flow.misfortunes import harm
from tests.flow.relay import ACME, Relay
from tests.flow.test_main_job import live
from tests.flow.truth import accounts, is_wanted, people

__all__ = ["live"]


def test_g1_a_filter_that_drops_most_people_closes_nobody_before_a_human_says_yes(
    live: Relay, config: Configuration
) -> None:
    inside = {str(person.id) for person in people(live) if is_wanted(person)}
    live.configure(replace(config, scope=Scope(employment_types=frozenset({"freelance"}))))
    run = live.sync()
    assert run.outcome is Outcome.OK_WITH_HOLDS
    held = [row for row in live.rows(ChangeState.HELD) if row.action is Action.DEACTIVATE]
    assert {str(row.person_id) for row in held} == inside
    assert {(row.why, row.cause) for row in held} == {(Code.GUARD_REMOVALS, Code.PERSON_LEFT_FILTER)}
    assert all(row.evidence for row in held)
    assert Code.GUARD_REMOVALS in {incident.code for incident in live.incidents()}
    assert [person for person in inside if not accounts(live)[person]["active"]] == []
    reject(ACME, store=live.store)
    live.configure(config)
    live.app.counters.reset()
    assert live.sync().outcome is Outcome.OK
    assert live.app.counters.writes == 0
    assert harm(live) == []
