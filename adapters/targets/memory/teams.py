"""The teams of the reference target: names are compared without case, members are accounts that are there."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field, replace

from domain.ids import AccountId, TeamId
from domain.ports_teams import (
    AlreadyIn,
    AlreadyOut,
    Ensured,
    Found,
    Joined,
    Left,
    Made,
    MemberOutcome,
    MembersChanged,
    NameTaken,
    Naming,
    Renamed,
    Team,
    TeamDraft,
    TeamGone,
    UnknownMember,
)


@dataclass(slots=True)
class MemoryTeams:
    """Keep teams and who is in them; `effective` counts the writes that changed something, by team."""

    accounts: Collection[AccountId]
    effective: Counter[TeamId] = field(default_factory=Counter)
    teams: dict[TeamId, Team] = field(default_factory=dict)
    members: dict[TeamId, set[AccountId]] = field(default_factory=dict)

    def ensure(self, draft: TeamDraft) -> Ensured:
        """Find by id, or make the team."""
        known = [team for team in self.teams.values() if team.external_id == draft.external_id]
        if known:
            return Found(known[0], tuple(known[1:]))
        holders = self._holders(draft.name)
        if holders:
            return NameTaken(holders)
        return Made(self.add(draft.name, draft.external_id))

    def add(self, name: str, external_id: str | None = None) -> Team:
        """Make a team, as an administrator of the application might."""
        team = Team(TeamId(f"team-{len(self.teams) + 1}"), external_id, name)
        self.teams[team.team_id] = team
        self.members[team.team_id] = set()
        self.effective[team.team_id] += 1
        return team

    def rename(self, team_id: TeamId, name: str) -> Naming:
        """Change the name only."""
        team = self.teams.get(team_id)
        if team is None:
            return TeamGone()
        others = tuple(one for one in self._holders(name) if one.team_id != team_id)
        if others:
            return NameTaken(others)
        self.effective[team_id] += team.name != name
        self.teams[team_id] = replace(team, name=name)
        return Renamed(name)

    def change(
        self, team_id: TeamId, join: Collection[AccountId], leave: Collection[AccountId]
    ) -> MembersChanged | TeamGone:
        """Bring in who has an account, take out who is in."""
        if team_id not in self.teams:
            return TeamGone()
        before = frozenset(self.members[team_id])
        outcomes = {one: self._join(one, before) for one in join}
        outcomes |= {one: Left() if one in before else AlreadyOut() for one in leave}
        joined = {one for one, outcome in outcomes.items() if outcome == Joined()}
        self.members[team_id] = {*before, *joined}.difference(leave)
        self.effective[team_id] += self.members[team_id] != before
        return MembersChanged(outcomes)

    def _join(self, member: AccountId, before: frozenset[AccountId]) -> MemberOutcome:
        if member in before:
            return AlreadyIn()
        return Joined() if member in self.accounts else UnknownMember()

    def _holders(self, name: str) -> tuple[Team, ...]:
        return tuple(team for team in self.teams.values() if team.name.casefold() == name.casefold())
