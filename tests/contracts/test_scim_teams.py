"""Teams over SCIM pass the contract against our simulator, and meet what groups meet in the wild."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from adapters.targets.scim import ScimTarget
from domain.ids import AccountId, TeamId
from domain.ports_teams import Doubtful, Joined, UnknownMember, Waits
from simulators.scim.handle import ScimSimulator
from simulators.scim.switches import Switches
from tests.contracts.team_contract import NOBODY, TeamContract, TeamWorld, made, outcomes
from tests.contracts.test_scim_target import connected

PATHS = frozenset({"userName"})


class ScimWorld:
    def __init__(self, simulator: ScimSimulator, target: ScimTarget) -> None:
        self.simulator = simulator
        self.target = target

    def account(self, key: str) -> AccountId:
        return AccountId(self.simulator.state.add_account(key))

    def team_by_hand(self, name: str) -> TeamId:
        return TeamId(self.simulator.state.add_group(name))

    def add_by_hand(self, team_id: TeamId, member: AccountId) -> None:
        self.simulator.state.add_members(team_id, [member])

    def members(self, team_id: TeamId) -> set[AccountId]:
        groups = {one["id"]: one["members"] for one in self.simulator.state.groups()}
        return set(map(AccountId, groups[team_id]))

    @property
    def writes(self) -> int:
        return self.simulator.counters.writes


@contextmanager
def world_of(switches: Switches) -> Iterator[ScimWorld]:
    with (
        ScimSimulator.start(switches=switches) as simulator,
        connected(simulator, PATHS) as target,
    ):
        yield ScimWorld(simulator, target)


class TestScimTeams(TeamContract):
    """Strict in everything."""

    switches = Switches()

    @pytest.fixture
    def world(self) -> Iterator[TeamWorld]:
        with world_of(self.switches) as world:
            yield world


# The whole contract, where servers do what they were seen to do (docs/guides/scim-servers.md)


class TestWhereAPatchNamesTwoMembersAtMost(TestScimTeams):
    switches = Switches(group_patch_limit=2)


class TestWhereTooManyMembersAreAnyBadRequest(TestScimTeams):
    """AWS IAM Identity Center answers 400 to more than a hundred."""

    switches = Switches(group_patch_limit=2, group_patch_refusal="400")


class TestWhereUnknownMembersAreDroppedInSilence(TestScimTeams):
    switches = Switches(unknown_references="drop", patch_answers="nothing")


class TestWhereMembersAreShownOnRequestOnly(TestScimTeams):
    switches = Switches(group_members="on_request", group_lists_members=False)


class TestWhereLeaversAreNamedInAValue(TestScimTeams):
    """As Entra ID names them; brackets are refused."""

    switches = Switches(remove_with_path="refused", remove_with_value="honoured")


class TestWhereBracketsAreSkipped(TestScimTeams):
    switches = Switches(
        remove_with_path="skipped", remove_with_value="honoured", remove_without_match="ignore"
    )


class TestWhereFiltersAreRefusedAndNamesAreInLowerCase(TestScimTeams):
    switches = Switches(filter="unsupported_400", spelling="lower_case", not_found="html")


class TestWhereFiltersAreIgnoredAndAnswersAreLoose(TestScimTeams):
    switches = Switches(filter="ignored", loose_answers=True, max_page_size=2)


class TestWhereATeamIsOnlyPointedAt(TestScimTeams):
    switches = Switches(created_answers="location_only", patch_answers="nothing", cursors=True)


class TestWhereNamesAreUniqueAndConflictsAreBare(TestScimTeams):
    switches = Switches(unique_display_name=True, conflict="bare")


class TestWhereEverythingIsPromisedAndDoneAMomentLater(TestScimTeams):
    switches = Switches(promises="kept")

    def test_a_member_that_nobody_knows_holds_up_nobody(self, world: TeamWorld) -> None:
        """What is refused later is refused unheard: whoever is unknown is named, and left out then."""
        team_id = made(world).team_id
        known = tuple(world.account(f"person-{n}") for n in range(7))
        told = dict(outcomes(world, team_id, (*known, NOBODY)))
        assert told.pop(NOBODY) == UnknownMember()
        assert {type(outcome) for outcome in told.values()} == {Doubtful}
        assert outcomes(world, team_id, known) == dict.fromkeys(known, Joined())


class TestWhereVersionsMustBeNamed(TestScimTeams):
    switches = Switches(insists_on_version=True)

    def test_many_threads_may_change_one_team(self, world: TeamWorld) -> None:
        """Whoever is overtaken too often waits, and is in the next time."""
        team_id = made(world).team_id
        people = [world.account(f"person-{n}") for n in range(12)]
        with ThreadPoolExecutor(4) as pool:
            told = list(pool.map(lambda one: outcomes(world, team_id, (one,)), people))
        assert {type(outcome) for each in told for outcome in each.values()} <= {Joined, Waits}
        outcomes(world, team_id, tuple(people))
        assert world.members(team_id) == set(people)
