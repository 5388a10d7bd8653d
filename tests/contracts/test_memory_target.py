"""The reference target passes the contract, and fails exactly when a test asks it to."""

from datetime import UTC, datetime

import pytest

from adapters.targets.memory import MemoryTarget
from adapters.targets.memory.script import Fault, LoseReply, LoseRequest, Refuse
from domain.account import AccountDraft
from domain.codes import Code
from domain.errors import AccountGoneError, PermanentError, TemporaryError
from domain.ids import AccountId, TeamId
from domain.ports_teams import Doubtful, Found, MemberOutcome, Refused, Waits
from domain.ports_world import Lookup, Target
from tests.contracts.target_contract import TargetContract
from tests.contracts.team_contract import ENGINES, TeamContract, TeamWorld, outcomes

ADA = AccountDraft("1", {"userName": "ada"})


class TestMemoryTarget(TargetContract):
    @pytest.fixture
    def target(self) -> Target:
        return MemoryTarget(self.roles.paths, page_size=3)


class MemoryWorld:
    def __init__(self) -> None:
        self.target = MemoryTarget(frozenset({"userName"}))

    def account(self, key: str) -> AccountId:
        return self.target.create(AccountDraft(key, {"userName": key})).account_id

    def team_by_hand(self, name: str) -> TeamId:
        return self.target.teams.add(name).team_id

    def add_by_hand(self, team_id: TeamId, member: AccountId) -> None:
        self.target.teams.members[team_id].add(member)

    def members(self, team_id: TeamId) -> set[AccountId]:
        return self.target.teams.members[team_id]

    @property
    def writes(self) -> int:
        return self.target.teams.effective.total()


class TestMemoryTeams(TeamContract):
    @pytest.fixture
    def world(self) -> TeamWorld:
        return MemoryWorld()


@pytest.mark.parametrize(
    ("fault", "outcome", "there"),
    [
        (LoseReply(), Doubtful, True),
        (LoseRequest(), Doubtful, False),
        (Refuse(PermanentError(Code.TARGET_REFUSED)), Refused, False),
        (Refuse(TemporaryError(Code.TARGET_BUSY)), Waits, False),
    ],
    ids=["a lost reply", "a lost request", "a refusal", "a busy target"],
)
def test_a_failure_by_appointment_befalls_each_member(
    fault: Fault, outcome: type[MemberOutcome], there: bool
) -> None:
    world = MemoryWorld()
    team_id, ada = world.target.teams.add("Engines").team_id, world.account("ada")
    world.target.script.plan("change_members", fault)
    assert isinstance(outcomes(world, team_id, (ada,))[ada], outcome)
    assert world.members(team_id) == ({ada} if there else set())


def test_a_team_whose_making_was_not_heard_of_is_found(memory: MemoryTarget) -> None:
    memory.script.plan("ensure_team", LoseReply())
    with pytest.raises(TemporaryError):
        memory.ensure_team(ENGINES)
    assert isinstance(memory.ensure_team(ENGINES), Found)


@pytest.fixture
def memory() -> MemoryTarget:
    return MemoryTarget(frozenset({"userName", "title"}))


def test_a_lost_reply_leaves_the_account_behind(memory: MemoryTarget) -> None:
    memory.script.plan("create", LoseReply())
    with pytest.raises(TemporaryError) as caught:
        memory.create(ADA)
    assert caught.value.maybe_done
    assert [account.external_id for account in memory.accounts] == ["1"]


def test_a_lost_request_leaves_nothing_behind(memory: MemoryTarget) -> None:
    memory.script.plan("create", LoseRequest())
    with pytest.raises(TemporaryError) as caught:
        memory.create(ADA)
    assert caught.value.maybe_done
    assert memory.accounts == ()


def test_a_refusal_hits_the_planned_calls_and_no_other(memory: MemoryTarget) -> None:
    account = memory.create(ADA)
    memory.script.plan("update", Refuse(PermanentError(Code.TARGET_REFUSED)), nth=2, times=2)
    outcomes = []
    for title in ("a", "b", "c", "d"):
        try:
            memory.update(account.account_id, {"title": title})
            outcomes.append(title)
        except PermanentError:
            outcomes.append("refused")
    assert outcomes == ["a", "refused", "refused", "d"]


def test_only_writes_that_change_something_are_effective(memory: MemoryTarget) -> None:
    account = memory.create(ADA)
    for _ in range(3):
        memory.update(account.account_id, {"title": "Countess"})
    memory.set_manager(account.account_id, account.account_id)
    assert memory.counts.calls["update"] == 3
    assert memory.counts.creates == {"1": 1}
    assert memory.counts.effective == {account.account_id: 3}
    assert memory.counts.states == {
        (account.account_id, "title", "Countess"): 1,
        (account.account_id, "manager", account.account_id): 1,
    }


def test_a_forgotten_account_is_gone_and_frees_its_key(memory: MemoryTarget) -> None:
    account = memory.create(ADA)
    memory.forget(account.account_id)
    with pytest.raises(AccountGoneError):
        memory.deactivate(account.account_id)
    assert memory.create(ADA).account_id != account.account_id


def test_a_path_that_is_not_mapped_is_refused_by_name(memory: MemoryTarget) -> None:
    with pytest.raises(PermanentError, match="nickName") as caught:
        memory.create(AccountDraft("1", {"userName": "ada", "nickName": "Addie"}))
    assert caught.value.code is Code.TARGET_ATTRIBUTE_UNKNOWN


def test_the_check_names_a_unique_path_that_is_not_mapped() -> None:
    (problem,) = MemoryTarget(frozenset({"title"})).check().problems
    assert (problem.code, problem.subject) == (Code.TARGET_ATTRIBUTE_UNKNOWN, "userName")


def test_the_moment_of_making_is_kept_when_there_is_a_clock() -> None:
    class Noon:
        def now(self) -> datetime:
            return datetime(2026, 3, 1, 12, tzinfo=UTC)

    memory = MemoryTarget(frozenset({"userName"}), clock=Noon())
    assert memory.create(ADA).created_at == Noon().now()


def test_an_empty_question_finds_nobody(memory: MemoryTarget) -> None:
    memory.create(ADA)
    assert memory.find(Lookup()) == ()
