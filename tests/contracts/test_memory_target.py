"""The reference target passes the contract, and fails exactly when a test asks it to."""

from datetime import UTC, datetime

import pytest

from adapters.targets.memory import MemoryTarget
from adapters.targets.memory.script import LoseReply, LoseRequest, Refuse
from domain.account import AccountDraft
from domain.codes import Code
from domain.errors import AccountGoneError, PermanentError, TemporaryError
from domain.ports_world import Lookup, Target
from tests.contracts.target_contract import TargetContract

ADA = AccountDraft("1", {"userName": "ada"})


class TestMemoryTarget(TargetContract):
    @pytest.fixture
    def target(self) -> Target:
        return MemoryTarget(self.roles.paths, page_size=3)


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
