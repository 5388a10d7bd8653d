"""What every target with teams must do: inherit `TeamContract`, provide a fresh world, and you have them."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import pytest

from domain.ids import AccountId, TeamId
from domain.ports_teams import (
    AlreadyIn,
    AlreadyOut,
    Found,
    Joined,
    Left,
    Made,
    MemberOutcome,
    MembersChanged,
    NameTaken,
    Renamed,
    Team,
    TeamDraft,
    TeamGone,
    TeamTarget,
    UnknownMember,
)

NOBODY = AccountId("there-is-no-such-account")
NO_TEAM = TeamId("there-is-no-such-team")
ENGINES = TeamDraft("t-1", "Engines")


class TeamWorld(Protocol):
    """The target, and what the application itself knows."""

    @property
    def target(self) -> TeamTarget:
        """Return the target under test."""
        ...

    def account(self, key: str) -> AccountId:
        """Add an account."""
        ...

    def team_by_hand(self, name: str) -> TeamId:
        """Make a team as an administrator does, without an id of ours."""
        ...

    def add_by_hand(self, team_id: TeamId, member: AccountId) -> None:
        """Bring somebody in as an administrator does."""
        ...

    def members(self, team_id: TeamId) -> set[AccountId]:
        """Tell who is in, by the application's own books."""
        ...

    @property
    def writes(self) -> int:
        """Count the writes of the target that reached the application, or that changed something there."""
        ...


def outcomes(
    world: TeamWorld, team_id: TeamId, join: tuple[AccountId, ...] = (), leave: tuple[AccountId, ...] = ()
) -> Mapping[AccountId, MemberOutcome]:
    """Change members of a team that is there, and lose nobody."""
    changed = world.target.change_members(team_id, join, leave)
    assert isinstance(changed, MembersChanged)
    assert changed.lost == frozenset()
    assert changed.outcomes.keys() == {*join, *leave}
    return changed.outcomes


def made(world: TeamWorld, draft: TeamDraft = ENGINES) -> Team:
    ensured = world.target.ensure_team(draft)
    assert isinstance(ensured, Made)
    return ensured.team


class TeamContract(ABC):
    """Fifteen sentences about teams."""

    @pytest.fixture
    @abstractmethod
    def world(self) -> TeamWorld:
        """Provide an application without teams."""

    # Teams

    def test_a_team_is_made_once_and_found_by_our_id(self, world: TeamWorld) -> None:
        team = made(world)
        assert (team.external_id, team.name) == ("t-1", "Engines")
        written = world.writes
        assert world.target.ensure_team(ENGINES) == Found(team)
        assert world.writes == written
        assert world.members(team.team_id) == set()

    def test_a_team_is_found_whatever_its_name_is_now(self, world: TeamWorld) -> None:
        team = made(world)
        ensured = world.target.ensure_team(TeamDraft("t-1", "Motors"))
        assert ensured == Found(team)

    def test_a_team_of_somebody_else_with_the_same_name_is_never_taken_over(self, world: TeamWorld) -> None:
        theirs = world.team_by_hand("engines")
        written = world.writes
        ensured = world.target.ensure_team(ENGINES)
        assert isinstance(ensured, NameTaken)
        assert [one.team_id for one in ensured.holders] == [theirs]
        assert world.writes == written

    def test_a_team_is_renamed_in_place(self, world: TeamWorld) -> None:
        team, ada = made(world), world.account("ada")
        outcomes(world, team.team_id, (ada,))
        assert world.target.rename_team(team.team_id, "Motors") == Renamed("Motors")
        written = world.writes
        assert world.target.rename_team(team.team_id, "Motors") == Renamed("Motors")
        assert world.writes == written
        assert world.target.ensure_team(ENGINES) == Found(Team(team.team_id, "t-1", "Motors"))
        assert world.members(team.team_id) == {ada}

    def test_the_case_of_a_name_can_be_changed(self, world: TeamWorld) -> None:
        team = made(world)
        assert world.target.rename_team(team.team_id, "ENGINES") == Renamed("ENGINES")

    def test_no_team_gets_the_name_of_another_one(self, world: TeamWorld) -> None:
        team, theirs = made(world), world.team_by_hand("Motors")
        named = world.target.rename_team(team.team_id, "MOTORS")
        assert isinstance(named, NameTaken)
        assert [one.team_id for one in named.holders] == [theirs]
        assert world.target.ensure_team(ENGINES) == Found(team)

    def test_a_team_that_is_gone_is_told_apart(self, world: TeamWorld) -> None:
        assert world.target.rename_team(NO_TEAM, "Motors") == TeamGone()
        assert world.target.change_members(NO_TEAM, [world.account("ada")], []) == TeamGone()

    # Members

    def test_members_come_and_go_and_a_repeat_writes_nothing(self, world: TeamWorld) -> None:
        team_id = made(world).team_id
        ada, bob, cyd = (world.account(key) for key in ("ada", "bob", "cyd"))
        assert outcomes(world, team_id, (ada, bob)) == {ada: Joined(), bob: Joined()}
        assert outcomes(world, team_id, (cyd,), (ada,)) == {cyd: Joined(), ada: Left()}
        assert world.members(team_id) == {bob, cyd}
        written = world.writes
        assert outcomes(world, team_id, (bob, cyd), (ada,)) == {
            bob: AlreadyIn(),
            cyd: AlreadyIn(),
            ada: AlreadyOut(),
        }
        assert world.writes == written

    def test_a_member_that_nobody_knows_holds_up_nobody(self, world: TeamWorld) -> None:
        team_id = made(world).team_id
        known = tuple(world.account(f"person-{n}") for n in range(7))
        told = outcomes(world, team_id, (*known[:3], NOBODY, *known[3:]))
        assert told == dict.fromkeys(known, Joined()) | {NOBODY: UnknownMember()}
        assert world.members(team_id) == set(known)

    def test_whoever_was_brought_in_by_others_is_not_ours_and_stays(self, world: TeamWorld) -> None:
        team_id, ada, bob = made(world).team_id, world.account("ada"), world.account("bob")
        world.add_by_hand(team_id, bob)
        assert outcomes(world, team_id, (ada, bob)) == {ada: Joined(), bob: AlreadyIn()}
        assert outcomes(world, team_id, (), (ada,)) == {ada: Left()}
        assert world.members(team_id) == {bob}

    def test_the_last_member_can_be_exchanged(self, world: TeamWorld) -> None:
        team_id, ada, bob = made(world).team_id, world.account("ada"), world.account("bob")
        outcomes(world, team_id, (ada,))
        assert outcomes(world, team_id, (bob,), (ada,)) == {bob: Joined(), ada: Left()}
        assert world.members(team_id) == {bob}

    def test_whoever_has_no_account_is_out(self, world: TeamWorld) -> None:
        team_id, ada = made(world).team_id, world.account("ada")
        outcomes(world, team_id, (ada,))
        assert outcomes(world, team_id, (), (NOBODY,)) == {NOBODY: AlreadyOut()}
        assert world.members(team_id) == {ada}

    def test_somebody_named_twice_is_one_member(self, world: TeamWorld) -> None:
        team_id, ada = made(world).team_id, world.account("ada")
        assert world.target.change_members(team_id, [ada, ada], []) == MembersChanged({ada: Joined()})

    def test_nobody_can_join_and_leave(self, world: TeamWorld) -> None:
        team_id, ada = made(world).team_id, world.account("ada")
        with pytest.raises(ValueError, match="join and leave"):
            world.target.change_members(team_id, [ada], [ada])

    def test_many_threads_may_change_one_team(self, world: TeamWorld) -> None:
        team_id = made(world).team_id
        people = [world.account(f"person-{n}") for n in range(12)]
        with ThreadPoolExecutor(4) as pool:
            told = list(pool.map(lambda one: outcomes(world, team_id, (one,)), people))
        assert told == [{one: Joined()} for one in people]
        assert world.members(team_id) == set(people)
