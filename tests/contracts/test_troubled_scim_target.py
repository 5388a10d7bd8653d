"""The SCIM target over a real socket when things go wrong, judged by the application's own counters."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from adapters.http import AddressPolicy, Outbound
from adapters.targets.scim import ScimTarget
from adapters.targets.scim.rights import MOST_FORBIDDEN
from domain.account import AccountDraft
from domain.codes import Code
from domain.errors import PermanentError, TemporaryError, TenantBlockedError
from domain.ids import AccountId
from domain.ports_world import Lookup
from simulators.scim.effects import commit_and_never_answer, cut_after_commit, cut_before_commit, forbidden
from simulators.scim.handle import ScimSimulator
from simulators.scim.quirks import Effect, Respond

EMAIL = 'emails[type eq "work"].value'
DEPARTMENT = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"
PATHS = frozenset({"userName", "title", "name.givenName", EMAIL, DEPARTMENT})
ADA = AccountDraft("4711", {"userName": "Ada@example.test", "title": "Countess", EMAIL: "Ada@example.test"})


class Noon:
    def now(self) -> datetime:
        return datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def application() -> Iterator[ScimSimulator]:
    with ScimSimulator.start() as simulator:
        yield simulator


def connect(
    application: ScimSimulator, token: str | None = None, paths: frozenset[str] = PATHS
) -> ScimTarget:
    policy = AddressPolicy(allow_private=True)
    outbound = Outbound(application.origin, policy=policy, deadline=timedelta(seconds=0.5))
    base = application.url.removeprefix(application.origin)
    return ScimTarget(outbound, token or application.token, paths, Noon(), base, page_size=3)


@pytest.fixture
def target(application: ScimSimulator) -> ScimTarget:
    return connect(application)


@pytest.mark.parametrize(
    ("effect", "made"), [(cut_after_commit(), 1), (commit_and_never_answer(), 1), (cut_before_commit(), 0)]
)
def test_a_create_without_an_answer_may_be_done_and_a_look_tells(
    application: ScimSimulator, target: ScimTarget, effect: Effect, made: int
) -> None:
    application.quirks.add(effect, methods=("POST",))
    with pytest.raises(TemporaryError) as caught:
        target.create(ADA)
    assert caught.value.maybe_done
    assert len(target.find(Lookup(external_id="4711"))) == made
    assert application.counters.creates("4711") == made


def test_a_server_that_nobody_listens_at_did_nothing(application: ScimSimulator, target: ScimTarget) -> None:
    application.stop()
    with pytest.raises(TemporaryError) as caught:
        target.create(ADA)
    assert (caught.value.code, caught.value.maybe_done) == (Code.TARGET_UNREACHABLE, False)


def test_repeated_writes_change_nothing_the_second_time(
    application: ScimSimulator, target: ScimTarget
) -> None:
    boss = target.create(AccountDraft("1", {"userName": "boss"})).account_id
    ada = target.create(AccountDraft("2", {"userName": "ada"})).account_id
    for _ in range(3):
        target.update(
            ada,
            {"title": "Countess", EMAIL: "ada@example.test", DEPARTMENT: "Engines", "name.givenName": None},
        )
        target.set_manager(ada, boss)
        target.deactivate(ada)
        target.set_manager(ada, None)
        target.set_manager(ada, boss)
    counts = application.counters.state_changes
    assert counts[ada, EMAIL, "ada@example.test"] == 1
    assert counts[ada, "title", "Countess"] == 1
    assert counts[ada, "active", False] == 1


def test_an_update_touches_nothing_else(application: ScimSimulator, target: ScimTarget) -> None:
    home = {"type": "home", "value": "home@example.test", "primary": True}
    ada = AccountId(application.state.add_account("ada", emails=[home], nickName="Addie", title="Miss"))
    target.update(ada, {"title": "Countess", EMAIL: "work@example.test"})
    changed = {attribute for account, attribute, _ in application.counters.state_changes if account == ada}
    assert changed == {"title", EMAIL}


@pytest.mark.parametrize("patch", ["supported", "unsupported"])
def test_a_normalising_application_is_told_by_reading_back(application: ScimSimulator, patch: str) -> None:
    application.quirks.switch(
        lower_case_emails=True, lower_case_user_name=True, trim_values=True, patch=patch
    )
    target = connect(application)
    ada = target.create(ADA)
    assert (ada.values["userName"], ada.values[EMAIL]) == ("ada@example.test", "ada@example.test")
    assert target.find(Lookup(path=EMAIL, value="ADA@example.test")) == (ada,)
    after = target.update(ada.account_id, {"title": " Countess ", EMAIL: "Lovelace@Example.test"})
    assert after is not None
    assert (after.values["title"], after.values[EMAIL]) == ("Countess", "lovelace@example.test")


def test_an_ignored_attribute_is_told_as_missing(application: ScimSimulator, target: ScimTarget) -> None:
    application.quirks.switch(ignored_attributes=("title",))
    ada = target.create(ADA)
    after = target.update(ada.account_id, {"title": "Baroness"})
    assert after is not None
    assert after.values["title"] is None


def test_an_account_that_does_not_show_yet_is_not_found_and_not_an_error(
    application: ScimSimulator, target: ScimTarget
) -> None:
    application.quirks.switch(visibility_lag_seconds=600)
    target.create(ADA)
    assert target.find(Lookup(external_id="4711")) == ()


def test_an_account_that_is_only_pointed_at_is_fetched_before_searches_show_it(
    application: ScimSimulator, target: ScimTarget
) -> None:
    application.quirks.switch(visibility_lag_seconds=600, created_answers="location_only")
    assert target.create(ADA).external_id == "4711"
    assert application.counters.creates("4711") == 1


def test_a_busy_application_says_when_to_come_back(application: ScimSimulator, target: ScimTarget) -> None:
    application.quirks.add(Respond(status=429, headers={"Retry-After": "7"}))
    with pytest.raises(TemporaryError) as caught:
        target.create(ADA)
    assert (caught.value.code, caught.value.retry_after) == (Code.TARGET_BUSY, timedelta(seconds=7))
    assert not caught.value.maybe_done
    assert application.counters.creates("4711") == 0


def test_one_forbidden_account_is_refused_alone(application: ScimSimulator, target: ScimTarget) -> None:
    owner, other = (target.create(AccountDraft(key, {"userName": key})).account_id for key in ("1", "2"))
    application.quirks.add(forbidden(), methods=("PATCH", "PUT", "POST"), external_ids=("1",), times=None)
    with pytest.raises(PermanentError) as caught:
        target.update(owner, {"title": "Countess"})
    assert caught.value.code is Code.TARGET_REFUSED
    assert caught.value.detail == "HTTP 403: the token lacks the right to do this"
    target.update(other, {"title": "Countess"})
    assert application.counters.state_changes[other, "title", "Countess"] == 1


def test_an_application_that_forbids_everything_blocks_the_tenant(
    application: ScimSimulator, target: ScimTarget
) -> None:
    application.quirks.add(forbidden(), times=None)
    with pytest.raises(TenantBlockedError) as caught:
        target.create(ADA)
    assert caught.value.code is Code.TARGET_CREDENTIALS_REFUSED


def test_a_token_that_may_read_only_blocks_the_tenant_before_many_rows_die(
    application: ScimSimulator, target: ScimTarget
) -> None:
    application.quirks.add(forbidden(), methods=("POST",), times=None)
    for number in range(MOST_FORBIDDEN):
        with pytest.raises(PermanentError):
            target.create(AccountDraft(f"{number}", {"userName": f"{number}"}))
    with pytest.raises(TenantBlockedError):
        target.create(ADA)


def test_a_check_sends_no_write(application: ScimSimulator, target: ScimTarget) -> None:
    assert target.check().problems == ()
    assert application.counters.writes == 0


def test_a_check_with_a_wrong_token_says_so(application: ScimSimulator) -> None:
    (problem,) = connect(application, "wrong-canary").check().problems
    assert problem.code is Code.TARGET_CREDENTIALS_REFUSED
    assert "canary" not in problem.detail


def test_a_check_names_what_the_application_lacks(application: ScimSimulator) -> None:
    application.quirks.switch(enterprise_extension=False)
    wished = PATHS | {"urn:acme:params:scim:schemas:1.5:User:badge", "shoeSize"}
    report = connect(application, paths=wished).check()
    assert {problem.subject for problem in report.problems} == wished - PATHS | {DEPARTMENT}
    assert not report.capabilities.manager


def test_a_check_sees_a_web_page(application: ScimSimulator, target: ScimTarget) -> None:
    application.quirks.add(Respond(status=200, media_type="text/html", body="<html>"), times=None)
    (problem,) = target.check().problems
    assert problem.code is Code.TARGET_NOT_SCIM
