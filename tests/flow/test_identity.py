"""Whose account is it: first contact, people who come back, recycled addresses, and what humans answered."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from domain.account import Account
from domain.cases import Answer, Case, Ruled, short
from domain.changes import Action, Change, ChangeState
from domain.codes import Code
from domain.config import Configuration, Line, MatchRule
from domain.ids import AccountId, PersonId
from domain.ports_world import Target
from producers.on_demand import MisnamedError, NotPossibleError
from producers.rule_case import AnsweredError, CaseOverError, rule_case
from simulators.personio.handle import PersonioSimulator
from simulators.personio.told import Told
from simulators.scim.effects import server_error
from simulators.scim.handle import ScimSimulator
from simulators.scim.switches import Switches
from tests.builders import configuration
from tests.flow.conftest import SCIM_LINES
from tests.flow.misfortunes import harm
from tests.flow.relay import ACME, Inline, Relay, build_relay
from tests.flow.test_attributes import untick
from tests.flow.test_audited import last
from tests.flow.truth import accounts, differences, is_wanted, people


@pytest.fixture
def config() -> Configuration:
    """Recognise by user name, then by title; a nickname only suggests. The position proves a person."""
    lines = (*SCIM_LINES, Line("office", "nickName"))
    rules = (
        MatchRule(("userName",)),
        MatchRule(("title",)),
        MatchRule(("name.familyName", "nickName"), True),
    )
    return replace(configuration(lines=lines), match=rules)


@pytest.fixture
def live(
    tmp_path: Path, personio: PersonioSimulator, app: ScimSimulator, config: Configuration
) -> Iterator[Relay]:
    """A tenant that was activated under one rule, by user name; what was counted before is forgotten."""
    relay = build_relay(tmp_path / "home", personio, app, replace(config, match=()), hands=Inline())
    relay.go_live()
    relay.app.counters.reset()
    yield relay
    assert harm(relay) == []
    relay.store.close()


def somebody(relay: Relay, *, at: int = 10) -> Told:
    return [person for person in people(relay) if is_wanted(person)][at]


def hire(relay: Relay, **told: object) -> str:
    usual: dict[str, object] = {"first_name": "Nora", "last_name": "Neu", "email": "nora@example.com"}
    return str(relay.personio.company.hire(**(usual | told)))


def rows_of(relay: Relay, person: str | int, *states: ChangeState) -> list[Change]:
    return [row for row in relay.rows(*states) if row.person_id == str(person)]


def held(relay: Relay, person: str | int) -> list[tuple[Action, Code | None]]:
    return [(row.action, row.why) for row in rows_of(relay, person, ChangeState.HELD)]


def case_of(relay: Relay, person: str | int) -> Case | None:
    with relay.store.read() as tx:
        return tx.cases.of_person(ACME, PersonId(str(person)))


def open_cases(relay: Relay) -> list[str]:
    with relay.store.read() as tx:
        return [case.person_id for case in tx.cases.standing(ACME) if case.waits]


def answer(relay: Relay, person: str | int, what: Answer, account: str | None = None) -> None:
    ruled = Ruled(what, "operator:test", "we asked", AccountId(account) if account else None)
    target = relay.desk.accounts.target(ACME)
    case = case_of(relay, person)
    assert case is not None
    rule_case(ACME, short(case.case_id), ruled, store=relay.store, target=target)


def late(relay: Relay, name: str, what: Answer, person_id: PersonId | None = None) -> None:
    """Answer a case by the name that was read some time ago."""
    ruled, target = Ruled(what, "operator:test", "we asked"), relay.desk.accounts.target(ACME)
    rule_case(ACME, name, ruled, store=relay.store, target=target, person_id=person_id)


def evidence_of(relay: Relay, person: str | int, action: Action) -> dict[str, object]:
    (row,) = [row for row in rows_of(relay, person, ChangeState.APPLIED) if row.action is action]
    return dict(row.evidence or {})


def rehire_under_a_new_id(relay: Relay, **changes: object) -> tuple[Told, str]:
    """Let somebody leave, be seen, and come back under a new id with the same name and address."""
    left = somebody(relay)
    relay.personio.company.terminate(left.id)
    relay.sync()
    told = {"first_name": left.first_name, "last_name": left.last_name, "email": left.email}
    return left, hire(relay, **(told | changes))


# First contact


def test_e8_an_account_that_was_there_is_linked_by_a_rule_and_the_row_says_by_which(live: Relay) -> None:
    old = live.app.state.add_account("nora@example.com", title="Set by hand")
    nora = hire(live)
    live.sync()
    assert accounts(live)[nora]["id"] == old
    evidence = evidence_of(live, nora, Action.LINK)
    assert (evidence["match"], evidence["match_hits"]) == ("rule 1 (userName)", 1)
    assert open_cases(live) == []


def test_e8_without_a_rule_an_admins_account_is_neither_linked_nor_touched(
    live: Relay, config: Configuration
) -> None:
    live.configure(replace(config, match=(), match_path=None))
    live.sync()
    admin = live.app.state.add_account("nora@example.com", title="Administrator")
    nora = hire(live)
    live.app.counters.reset()
    live.sync()
    (kept,) = [each for each in live.app.state.accounts() if each["id"] == admin]
    assert (kept["active"], kept["externalId"]) == (True, None)
    assert nora not in accounts(live)
    assert [row.why for row in rows_of(live, nora, ChangeState.DEAD)] == [Code.TARGET_KEY_TAKEN]


def test_f2_e8_an_account_of_another_system_makes_a_case_with_what_speaks_for_and_against(
    live: Relay,
) -> None:
    crm = live.app.state.add_account("nora@example.com", externalId="crm-7")
    nora = hire(live)
    live.sync()
    assert held(live, nora) == [(Action.CREATE, Code.KEY_FOREIGN)]
    case = case_of(live, nora)
    assert case is not None
    (candidate,) = case.candidates
    assert candidate.account_id == crm
    assert candidate.speaks_for == ("rule 1 (userName)",)
    assert candidate.speaks_against == ("carries the external id of another system or person",)
    assert {incident.code for incident in live.incidents()} >= {Code.KEY_FOREIGN}


def test_two_rules_that_find_two_accounts_make_a_case_and_the_answer_is_acted_upon(
    live: Relay, config: Configuration
) -> None:
    live.configure(config)
    live.sync()
    by_name = live.app.state.add_account("nora@example.com")
    by_title = live.app.state.add_account("n.neu@example.com", title="Only One")
    nora = hire(live, position="Only One")
    live.sync()
    assert held(live, nora) == [(Action.CREATE, Code.MATCH_AMBIGUOUS)]
    case = case_of(live, nora)
    assert case is not None
    assert {each.account_id for each in case.candidates} == {by_name, by_title}
    answer(live, nora, Answer.LINK, str(by_name))
    live.sync()
    assert accounts(live)[nora]["id"] == by_name
    assert evidence_of(live, nora, Action.LINK)["decided_by"] == "operator:test"
    live.sync()
    assert (open_cases(live), live.rows(ChangeState.HELD)) == ([], [])


def test_a_suggestion_never_links_and_a_human_can_let_a_new_account_be_made(
    live: Relay, config: Configuration
) -> None:
    live.configure(config)
    live.sync()
    live.app.state.add_account("old.nora@example.com", name={"familyName": "Neu"}, nickName="Berlin")
    nora = hire(live, office="Berlin")
    live.sync()
    assert held(live, nora) == [(Action.CREATE, Code.MATCH_SUGGESTED)]
    answer(live, nora, Answer.CREATE)
    live.sync_person(PersonId(nora))
    assert accounts(live)[nora]["userName"] == "nora@example.com"


def test_an_answer_is_remembered_while_the_facts_stay_and_asked_again_when_they_change(live: Relay) -> None:
    crm = live.app.state.add_account("nora@example.com", externalId="crm-7")
    nora = hire(live)
    live.sync()
    answer(live, nora, Answer.IGNORE)
    for _ in "12":
        live.sync()
        assert (open_cases(live), live.rows(ChangeState.HELD)) == ([], [])
    assert Code.KEY_FOREIGN not in {incident.code for incident in live.incidents()}
    live.app.state.add_account("nora2@example.com", externalId="crm-8")
    live.personio.company.change(int(nora), email="nora2@example.com")
    live.sync()
    assert open_cases(live) == [nora]
    assert accounts(live)["crm-7"]["id"] == crm


def test_an_account_named_by_hand_is_read_first_and_must_be_nobodys(live: Relay) -> None:
    live.app.state.add_account("nora@example.com", externalId="crm-7")
    nora, other = hire(live), somebody(live)
    live.sync()
    with pytest.raises(NotPossibleError, match="no account with the id"):
        answer(live, nora, Answer.LINK, "there-is-none")
    with pytest.raises(NotPossibleError, match="is in use"):
        answer(live, nora, Answer.LINK, str(accounts(live)[str(other.id)]["id"]))
    with pytest.raises(NotPossibleError, match="No new account can be made"):
        answer(live, nora, Answer.CREATE)


def test_a_late_answer_counts_for_the_case_that_was_read_or_for_none(live: Relay) -> None:
    live.app.state.add_account("nora@example.com", externalId="crm-7")
    live.app.state.add_account("nora.neu@example.com", externalId="crm-8")
    nora = hire(live)
    live.sync()
    read = case_of(live, nora)
    assert read is not None
    live.personio.company.change(int(nora), email="nora.neu@example.com")
    live.sync()
    asked_now = case_of(live, nora)
    assert asked_now is not None
    for name in (read.case_id, short(read.case_id)):
        with pytest.raises(
            CaseOverError, match=f"is over.*case {short(asked_now.case_id)} .key.foreign, open"
        ):
            late(live, name, Answer.IGNORE)
    assert (open_cases(live), held(live, nora)) == ([nora], [(Action.CREATE, Code.KEY_FOREIGN)])
    live.personio.company.change(int(nora), email="n.neu@example.com")
    live.sync()
    with pytest.raises(CaseOverError, match=f"Nothing is doubtful about person {nora} now"):
        late(live, asked_now.case_id, Answer.IGNORE)
    with pytest.raises(MisnamedError, match="has no case «nonsense»; nothing was stored"):
        late(live, "nonsense", Answer.IGNORE)
    assert accounts(live)[nora]["userName"] == "n.neu@example.com"


class Meanwhile:
    """An application that takes a while: a colleague answers while the account is read."""

    def __init__(self, within: Target, colleague: Callable[[], None]) -> None:
        self._within, self._colleague = within, colleague

    def __getattr__(self, name: str) -> object:
        return getattr(self._within, name)

    def get(self, account_id: AccountId) -> Account | None:
        self._colleague()
        return self._within.get(account_id)


def test_an_answer_that_a_colleague_gives_while_the_account_is_read_is_not_replaced_unheard(
    live: Relay,
) -> None:
    crm = live.app.state.add_account("nora@example.com", externalId="crm-7")
    nora = hire(live)
    live.sync()
    case = case_of(live, nora)
    assert case is not None
    target = Meanwhile(live.desk.accounts.target(ACME), lambda: answer(live, nora, Answer.IGNORE))
    mine = Ruled(Answer.LINK, "operator:tom", "it is hers", AccountId(str(crm)))
    with pytest.raises(AnsweredError, match=r"«ignore» by operator:test at 20.*nothing was stored"):
        rule_case(ACME, case.case_id, mine, store=live.store, target=cast("Target", target))
    given = rule_case(
        ACME, case.case_id, mine, store=live.store, target=live.desk.accounts.target(ACME), replace=True
    )
    assert (given.before and given.before.ruled and given.before.ruled.answer) == Answer.IGNORE
    live.sync()
    assert accounts(live)[nora]["id"] == crm


def test_an_answer_that_names_another_person_than_its_case_counts_for_nobody(live: Relay) -> None:
    live.app.state.add_account("nora@example.com", externalId="crm-7")
    nora, other = hire(live), somebody(live)
    live.sync()
    case = case_of(live, nora)
    assert case is not None
    with pytest.raises(MisnamedError, match=f"is about person {nora}, and another one was named"):
        late(live, case.case_id, Answer.IGNORE, PersonId(str(other.id)))
    assert open_cases(live) == [nora]


def test_a_closed_account_that_a_human_named_is_ours_before_it_is_opened(live: Relay) -> None:
    """Opened first, and never given our id, it would be an open door that nobody closes."""
    theirs = live.app.state.add_account("nora@example.com", externalId="crm-7", active=False)
    nora = hire(live)
    live.sync()
    answer(live, nora, Answer.LINK, str(theirs))
    live.app.quirks.add(server_error(503), methods=("PATCH",), path=f"/Users/{theirs}", skip=1, times=None)
    live.sync()
    (found,) = [each for each in accounts(live).values() if each["id"] == theirs]
    assert (found["externalId"], found["active"]) == (nora, False)
    live.app.quirks.clear()
    live.later(minutes=2)
    assert accounts(live)[nora]["active"] is True


def test_a_case_ends_by_itself_when_its_cause_is_gone(live: Relay) -> None:
    live.app.state.add_account("nora@example.com", externalId="crm-7")
    nora = hire(live)
    live.sync()
    live.personio.company.change(int(nora), email="nora.neu@example.com")
    live.sync()
    assert open_cases(live) == []
    assert accounts(live)[nora]["userName"] == "nora.neu@example.com"


def test_f13_a_target_that_ignores_filters_gives_nobody_somebody_elses_account(
    tmp_path: Path, personio: PersonioSimulator, config: Configuration
) -> None:
    with ScimSimulator.start(switches=Switches(filter="ignored")) as app:
        relay = build_relay(tmp_path / "home", personio, app, replace(config, match=()), hands=Inline())
        relay.go_live()
        nora = hire(relay)
        relay.sync()
        assert accounts(relay)[nora]["userName"] == "nora@example.com"
        assert (open_cases(relay), differences(relay)) == ([], [])
        relay.store.close()


# People who come back, and addresses that do


def test_a_recycled_address_never_reopens_the_old_account(live: Relay) -> None:
    left, joiner = rehire_under_a_new_id(live, first_name="Neo", last_name="Anders")
    live.sync()
    assert accounts(live)[joiner]["userName"] == left.email
    assert accounts(live)[joiner]["id"] != accounts(live)[str(left.id)]["id"]
    assert accounts(live)[str(left.id)]["active"] is False
    assert open_cases(live) == []
    assert differences(live) == []


@pytest.mark.parametrize("what", [Answer.LINK, Answer.CREATE])
def test_e4_a_namesake_with_a_leavers_address_is_a_case_and_both_answers_work(
    live: Relay, what: Answer
) -> None:
    left, back = rehire_under_a_new_id(live)
    old = accounts(live)[str(left.id)]["id"]
    live.sync()
    assert held(live, back) == [(Action.CREATE, Code.PERSON_RETURNED)]
    assert accounts(live)[str(left.id)]["userName"] == left.email
    live.app.counters.reset()
    live.sync()
    assert live.app.counters.writes == 0
    doubt = case_of(live, back)
    assert doubt is not None
    assert doubt.detail.endswith("and is closed")
    answer(live, back, what, str(old) if what is Answer.LINK else None)
    assert last(live) == ("case-ruled", "operator:test", "case", 1)
    live.sync()
    assert (accounts(live)[back]["id"] == old) is (what is Answer.LINK)
    assert accounts(live)[back]["active"] is True
    live.sync()
    assert differences(live) == []
    assert open_cases(live) == []


def test_e4_on_proof_the_same_account_is_opened_again_under_the_new_id(
    live: Relay, config: Configuration
) -> None:
    live.configure(config)
    live.sync()
    left = somebody(live)
    live.personio.company.change(left.id, position="Proof 4711")
    live.sync()
    left, back = rehire_under_a_new_id(live, position="Proof 4711")
    old = accounts(live)[str(left.id)]["id"]
    live.sync()
    assert accounts(live)[back]["id"] == old
    evidence = evidence_of(live, back, Action.LINK)
    assert (evidence["match"], evidence["person_before"]) == ("the same person under a new id", str(left.id))
    live.personio.company.rehire(left.id)
    live.personio.company.change(left.id, email="second@example.com", position="Something else")
    live.sync()
    assert accounts(live)[back]["id"] == old
    assert differences(live) == []


def boss_of(relay: Relay, person: str | int) -> str | None:
    """Tell who the manager of somebody is in the application, by the id that Personio has for them."""
    found = accounts(relay)
    manager = found[str(person)]["manager"]
    return next(
        (name for name, each in found.items() if each["id"] == manager), str(manager) if manager else None
    )


def leave_and_return(relay: Relay, left: Told, boss: int | None) -> str:
    """Bring a report of somebody back under a new id, and have a human name the old account as theirs."""
    old = str(accounts(relay)[str(left.id)]["id"])
    relay.personio.company.terminate(left.id)
    relay.sync()
    told = {"first_name": left.first_name, "last_name": left.last_name, "email": left.email}
    back = hire(relay, **told, supervisor=boss)
    relay.sync()
    answer(relay, back, Answer.LINK, old)
    relay.app.counters.reset()
    relay.sync()
    assert accounts(relay)[back]["id"] == old
    return back


def with_a_boss(relay: Relay) -> tuple[Told, str]:
    wanted = [person for person in people(relay) if is_wanted(person)]
    bosses = {str(person.supervisor_id) for person in wanted}
    left = next(each for each in wanted if boss_of(relay, each.id) and str(each.id) not in bosses)
    return left, str(left.supervisor_id)


def test_an_account_that_comes_under_another_id_loses_the_manager_it_had(live: Relay) -> None:
    left, boss = with_a_boss(live)
    back = leave_and_return(live, left, None)
    assert boss_of(live, back) == boss
    live.sync()
    assert boss_of(live, back) is None
    (row,) = [row for row in rows_of(live, back) if row.action is Action.SET_MANAGER]
    assert (row.before_manager, row.after_manager) == (boss, None)
    live.app.counters.reset()
    live.sync()
    assert live.app.counters.writes == 0


def test_an_account_that_comes_under_another_id_gets_another_manager(live: Relay) -> None:
    left, boss = with_a_boss(live)
    other = next(each.id for each in people(live) if is_wanted(each) and str(each.id) not in {boss, left.id})
    back = leave_and_return(live, left, other)
    assert boss_of(live, back) == str(other)


def test_an_account_that_comes_under_another_id_keeps_the_same_manager_without_a_write(live: Relay) -> None:
    left, boss = with_a_boss(live)
    back = leave_and_return(live, left, int(boss))
    assert (boss_of(live, back), live.app.counters.writes) == (boss, 2)
    states = [row.state for row in rows_of(live, back) if row.action is Action.SET_MANAGER]
    assert states == [ChangeState.ALREADY_SO]
    live.sync()
    assert (boss_of(live, back), live.app.counters.writes) == (boss, 2)


def test_where_managers_are_not_synced_an_account_under_another_id_keeps_its_own(
    live: Relay, config: Configuration
) -> None:
    left, boss = with_a_boss(live)
    live.configure(replace(config, match=(), sync_managers=False))
    live.sync()
    back = leave_and_return(live, left, None)
    live.sync()
    assert boss_of(live, back) == boss


def test_reports_of_somebody_under_another_id_point_at_the_same_account_without_a_write(live: Relay) -> None:
    left = somebody(live)
    report = next(each for each in people(live) if is_wanted(each) and each.id != left.id)
    live.personio.company.move(report.id, supervisor=left.id)
    live.sync()
    old = accounts(live)[str(left.id)]["id"]
    back = leave_and_return(live, left, None)
    live.personio.company.move(report.id, supervisor=int(back))
    live.sync()
    live.app.counters.reset()
    live.sync()
    assert (accounts(live)[str(report.id)]["manager"], live.app.counters.writes) == (old, 0)
    assert [row for row in rows_of(live, report.id) if row.after_manager == back] == []


def test_a_report_of_the_former_id_waits_until_that_one_has_an_account_again(live: Relay) -> None:
    """The old id has none any more: should it get one, the reference to the account that moved is wrong."""
    left = somebody(live)
    report = next(each for each in people(live) if is_wanted(each) and each.id != left.id)
    live.personio.company.move(report.id, supervisor=left.id)
    live.sync()
    leave_and_return(live, left, None)
    live.sync()
    waits = rows_of(live, report.id, ChangeState.BLOCKED)
    assert [(row.action, row.why) for row in waits] == [(Action.SET_MANAGER, Code.MANAGER_NOT_SYNCED)]
    live.personio.company.rehire(left.id)
    live.personio.company.change(left.id, email="once.more@example.com")
    live.sync()
    live.later(seconds=20)
    assert boss_of(live, report.id) == str(left.id)
    assert differences(live) == []


def test_an_answer_given_before_the_closing_counts_after_it(live: Relay) -> None:
    leavers = [person for person in people(live) if is_wanted(person)][3:8]
    for person in leavers:
        live.personio.company.terminate(person.id)
    one = leavers[0]
    old = str(accounts(live)[str(one.id)]["id"])
    back = hire(live, first_name=one.first_name, last_name=one.last_name, email=one.email)
    live.sync()
    live.approve(*[row.change_id for row in live.rows(ChangeState.HELD) if row.action is Action.DEACTIVATE])
    assert accounts(live)[str(one.id)]["active"] is False
    assert open_cases(live) == [back]
    answer(live, back, Answer.LINK, old)
    live.sync()
    assert (accounts(live)[back]["id"], accounts(live)[back]["active"]) == (old, True)
    assert open_cases(live) == []


def test_an_answer_to_two_accounts_counts_after_one_of_them_was_closed_by_us(
    live: Relay, config: Configuration
) -> None:
    """It was asked about while the guard held the closing, and answered after it."""
    live.configure(config)
    live.sync()
    leavers = [person for person in people(live) if is_wanted(person)][3:8]
    live.personio.company.change(leavers[0].id, position="Proof 4712")
    live.sync()
    for person in leavers:
        live.personio.company.terminate(person.id)
    old = str(accounts(live)[str(leavers[0].id)]["id"])
    live.app.state.add_account("n.neu@example.com", title="Proof 4712")
    back = hire(live, position="Proof 4712")
    live.sync()
    assert held(live, back) == [(Action.CREATE, Code.MATCH_AMBIGUOUS)]
    live.approve(*[row.change_id for row in live.rows(ChangeState.HELD) if row.action is Action.DEACTIVATE])
    answer(live, back, Answer.LINK, old)
    live.sync()
    assert open_cases(live) == []
    assert accounts(live)[back]["id"] == old


def test_contractor_to_employee_with_a_new_id_in_one_run_waits_for_the_closing(
    live: Relay, config: Configuration
) -> None:
    live.configure(config)
    live.sync()
    person = somebody(live)
    live.personio.company.change(person.id, position="Proof 4712")
    live.sync()
    live.personio.company.terminate(person.id)
    new = hire(
        live,
        first_name=person.first_name,
        last_name=person.last_name,
        email=person.email,
        position="Proof 4712",
    )
    old = accounts(live)[str(person.id)]["id"]
    live.sync()
    live.later(seconds=20)
    assert accounts(live)[new]["id"] == old
    assert accounts(live)[new]["active"] is True
    assert differences(live) == []


def test_while_the_closing_is_held_by_the_guard_the_joiner_waits_and_steals_nothing(live: Relay) -> None:
    leavers = [person for person in people(live) if is_wanted(person)][3:8]
    for person in leavers:
        live.personio.company.terminate(person.id)
    namesake = leavers[0]
    stranger = hire(live, email=leavers[1].email)
    back = hire(live, first_name=namesake.first_name, last_name=namesake.last_name, email=namesake.email)
    live.sync()
    for person in leavers:
        assert accounts(live)[str(person.id)]["active"] is True
        assert accounts(live)[str(person.id)]["userName"] == person.email
    assert {stranger, back} & set(accounts(live)) == set()
    doubt = case_of(live, back)
    assert doubt is not None
    assert doubt.detail.endswith("and is to be closed")
    closings = [row.change_id for row in live.rows(ChangeState.HELD) if row.action is Action.DEACTIVATE]
    live.approve(*closings)
    live.later(seconds=20)
    live.sync()
    assert accounts(live)[stranger]["userName"] == leavers[1].email
    assert held(live, back) == [(Action.CREATE, Code.PERSON_RETURNED)]


def test_e6_an_id_that_reads_like_another_person_is_held_until_somebody_says_yes(live: Relay) -> None:
    person = somebody(live)
    live.personio.company.change(
        person.id, first_name="Quite", last_name="Different", email="quite.different@example.com"
    )
    live.sync()
    assert held(live, person.id) == [(Action.UPDATE, Code.PERSON_REPLACED)]
    assert accounts(live)[str(person.id)]["userName"] == person.email
    live.approve(*[row.change_id for row in live.rows(ChangeState.HELD)])
    assert accounts(live)[str(person.id)]["userName"] == "quite.different@example.com"
    assert differences(live) == []


def test_e6_whose_account_is_in_doubt_is_given_no_other_manager_either(live: Relay) -> None:
    person = somebody(live)
    boss = next(
        each.id
        for each in people(live)
        if is_wanted(each) and each.id not in {person.id, person.supervisor_id}
    )
    live.personio.company.change(
        person.id, first_name="Quite", last_name="Different", email="quite.different@example.com"
    )
    live.personio.company.move(person.id, supervisor=boss)
    live.sync()
    assert set(held(live, person.id)) == {
        (Action.UPDATE, Code.PERSON_REPLACED),
        (Action.SET_MANAGER, Code.PERSON_REPLACED),
    }
    assert live.app.counters.writes == 0
    live.approve(*[row.change_id for row in live.rows(ChangeState.HELD)])
    assert differences(live) == []


def test_e6_an_address_that_is_not_told_vouches_for_nobody(live: Relay) -> None:
    person = somebody(live)
    live.personio.company.change(
        person.id, first_name="Quite", last_name="Different", email="quite.different@example.com"
    )
    untick(live, "email")
    live.sync()
    assert held(live, person.id) == [(Action.UPDATE, Code.PERSON_REPLACED)]


def test_e3_a_new_address_is_a_change_of_the_same_account(live: Relay) -> None:
    person = somebody(live)
    old = accounts(live)[str(person.id)]["id"]
    live.personio.company.change(person.id, email="fresh@example.com")
    live.sync()
    assert accounts(live)[str(person.id)]["id"] == old
    assert accounts(live)[str(person.id)]["userName"] == "fresh@example.com"


def test_e1_of_two_with_one_address_neither_overwrites_the_other(live: Relay) -> None:
    first = somebody(live)
    second = hire(live, email=str(first.email).upper())
    live.app.counters.reset()
    live.sync()
    assert held(live, second) == [(Action.CREATE, Code.KEY_SHARED)]
    (row,) = rows_of(live, second, ChangeState.HELD)
    assert row.detail == f"held by the account of person {first.id}"
    assert (live.app.counters.writes, open_cases(live)) == (0, [])


@pytest.mark.parametrize("way", ["left", "contractor"])
def test_e5_under_the_same_id_the_same_account_opens_again(live: Relay, way: str) -> None:
    person = somebody(live)
    old = accounts(live)[str(person.id)]["id"]
    if way == "left":
        live.personio.company.terminate(person.id)
    else:
        live.personio.company.change(person.id, employment_type="external")
    live.sync()
    assert accounts(live)[str(person.id)]["active"] is False
    if way == "left":
        live.personio.company.rehire(person.id)
    else:
        live.personio.company.change(person.id, employment_type="internal")
    live.sync()
    assert (accounts(live)[str(person.id)]["id"], accounts(live)[str(person.id)]["active"]) == (old, True)


def test_e13_of_two_tenants_in_one_application_neither_touches_the_others_accounts(
    tmp_path: Path, personio: PersonioSimulator, app: ScimSimulator, config: Configuration
) -> None:
    one, other = (
        build_relay(
            tmp_path / name, personio, app, replace(config, external_prefix=f"{name}:"), hands=Inline()
        )
        for name in ("acme", "globex")
    )
    one.go_live()
    before = {name: dict(account) for name, account in accounts(one).items()}
    assert all(name.startswith("acme:") for name in before)
    app.counters.reset()
    other.go_live()
    assert {name: dict(account) for name, account in accounts(one).items()} == before
    assert {row.why for row in other.rows(ChangeState.HELD)} == {Code.GUARD_FIRST_RUN}
    other.approve()
    assert {row.why for row in other.rows(ChangeState.DEAD)} == {Code.TARGET_KEY_TAKEN}
    assert app.counters.requests("PATCH") == 0
    one.store.close()
    other.store.close()
