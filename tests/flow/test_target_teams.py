"""Teams go through the same gate, and under the same lease, as accounts do."""

from collections.abc import Mapping

from adapters.targets.scim import ScimTarget
from domain.errors import HeldBackError
from domain.ids import AccountId, TeamId
from domain.ports_teams import Joined, Made, MemberOutcome, MembersChanged, TeamDraft, Waits
from simulators.scim.effects import server_error
from tests.flow.relay import ACME, Relay
from tests.flow.test_failures import hire_many, live
from tests.flow.test_target_rests import condition, let_it_recover

__all__ = ["live"]


def a_team(relay: Relay) -> tuple[ScimTarget, TeamId, list[AccountId]]:
    """Have the tenant's own target, a team, and accounts that may join it."""
    hire_many(relay, 10)
    relay.sync()
    target = relay.desk.accounts.target(ACME)
    assert isinstance(target, ScimTarget)
    made = target.ensure_team(TeamDraft("t-1", "Engines"))
    assert isinstance(made, Made)
    return target, made.team.team_id, [AccountId(one["id"]) for one in relay.app.state.accounts()]


def joined(target: ScimTarget, team_id: TeamId, people: list[AccountId]) -> Mapping[AccountId, MemberOutcome]:
    changed = target.change_members(team_id, people, [])
    assert isinstance(changed, MembersChanged)
    return changed.outcomes


def members(relay: Relay) -> list[AccountId]:
    return [AccountId(one) for one in relay.app.state.groups()[0]["members"]]


def test_f8_an_application_that_rests_is_sent_no_member(live: Relay) -> None:
    target, team_id, people = a_team(live)
    rule = live.app.quirks.add(server_error(503), times=None)
    while condition(live).open_since is None:
        joined(target, team_id, people)
    taken = live.app.quirks.taken(rule)
    told = joined(target, team_id, people)
    assert live.app.quirks.taken(rule) == taken
    errors = [one.error for one in told.values() if isinstance(one, Waits)]
    assert len(errors) == len(people)
    assert all(isinstance(error, HeldBackError) and error.retry_after is not None for error in errors)
    let_it_recover(live)
    assert joined(target, team_id, people) == dict.fromkeys(people, Joined())


def test_f8_no_member_is_sent_under_a_lease_that_is_too_old(live: Relay) -> None:
    target, team_id, people = a_team(live)
    with live.desk.accounts.writing_while(lambda: False):
        told = joined(target, team_id, people)
    assert {type(one) for one in told.values()} == {Waits}
    assert members(live) == []
    assert joined(target, team_id, people) == dict.fromkeys(people, Joined())
