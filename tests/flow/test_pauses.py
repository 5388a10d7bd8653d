"""When a tenant pauses, and how it comes back: the real handlers and a clock that walks up to 28 days."""

from dataclasses import replace
from datetime import time, timedelta

import pytest
from sqlalchemy import update

from adapters.database.tables import CONFIGURATIONS
from domain.causes import say
from domain.changes import ChangeState
from domain.codes import Code
from domain.config import Configuration
from domain.errors import TenantBlockedError
from domain.run import Outcome, Run
from domain.schedule import Hours
from domain.setbacks import Reason, Step
from domain.tenant import TenantState
from producers import resume as by_hand
from producers.alarms import raise_alarms
from producers.reconfigure import set_configuration
from producers.replay import ALL, Chosen, dismiss
from producers.schedule import tick
from producers.setbacks import look_after
from simulators.personio.actions import EmptyList, Refuse
from simulators.scim.effects import refused, server_error, unauthorised
from tests.flow.misfortunes import pocket_envelopes
from tests.flow.relay import ACME, Relay
from tests.flow.test_failures import begin, codes, hire_many, pass_the_check
from tests.flow.test_main_job import live, somebody
from tests.flow.truth import accounts, differences
from workers.block import block_tenant

__all__ = ["live"]

LIST_PATH = "/v1/company/employees"
AUTH_PATH = "/v1/auth"


def newest(relay: Relay) -> Run:
    with relay.store.read() as tx:
        return tx.runs.newest(ACME, 1)[0]


def fail_all_runs(relay: Relay) -> None:
    """Let every reading come back empty until the faults are cleared."""
    relay.personio.fault(EmptyList(total=0), path=LIST_PATH, count=None)


def news(relay: Relay) -> set[Code]:
    """Name the open incidents, but for people of this company who never had what they need."""
    return codes(relay) - {Code.PERSON_WITHOUT_REQUIRED}


def told(relay: Relay, code: Code) -> int:
    """Count the incidents of a cause that were ever opened."""
    with relay.store.read() as tx:
        return sum(each.code is code for each in tx.incidents.standing(ACME))


def fail_three_runs(relay: Relay) -> None:
    fail_all_runs(relay)
    relay.sync()
    relay.look_after(minutes=15, seconds=1)
    relay.look_after(hours=1, seconds=1)


def be_refused_once(relay: Relay) -> None:
    """Let Personio refuse the credentials in one run, and never again."""
    relay.personio.fault(Refuse(status=403), path=AUTH_PATH, count=None)
    expire(relay)
    relay.sync()
    assert relay.state() is TenantState.BLOCKED
    relay.personio.clear_faults()


def refuse_until_a_probe(relay: Relay) -> None:
    """Let Personio refuse the credentials for a day, until a probe finds them good again."""
    be_refused_once(relay)
    relay.look_after()
    assert steps(relay, hours=24, seconds=1) == [Step.PROBE]


def steps(relay: Relay, **ahead: float) -> list[Step]:
    return [done.step for done in relay.look_after(**ahead)]


# Readings that cannot be trusted


def test_a_failed_run_is_made_again_after_a_quarter_of_an_hour_and_after_an_hour(live: Relay) -> None:
    fail_all_runs(live)
    first = live.sync()
    assert (first.outcome, live.state()) == (Outcome.FAILED, TenantState.ACTIVE)
    assert steps(live, minutes=14) == []
    assert steps(live, minutes=1, seconds=1) == [Step.RETRY]
    again = newest(live)
    assert (again.by, again.outcome, live.state()) == ("retry", Outcome.FAILED, TenantState.ACTIVE)
    assert steps(live, minutes=59) == []
    assert steps(live, minutes=1, seconds=1) == [Step.RETRY]
    assert live.state() is TenantState.PAUSED
    setback = live.setback()
    assert setback is not None
    assert (setback.reason, setback.code, setback.failures) == (Reason.SOURCE, Code.PAUSE_RUNS, 3)
    assert Code.PAUSE_RUNS in codes(live)


def test_a_run_that_goes_well_in_between_begins_the_count_anew(live: Relay) -> None:
    fail_all_runs(live)
    live.sync()
    live.personio.clear_faults()
    assert steps(live, minutes=16) == [Step.RETRY]
    assert newest(live).outcome is Outcome.OK
    assert live.setback() is None
    fail_all_runs(live)
    live.sync()
    setback = live.setback()
    assert setback is not None
    assert (setback.reason, setback.failures) == (Reason.RETRY, 1)


def test_l8_probes_come_after_6_12_24_hours_then_daily_and_28_days_end_it(live: Relay) -> None:
    fail_three_runs(live)
    setback = live.setback()
    assert setback is not None
    taken: dict[Step, list[int]] = {step: [] for step in Step}
    while live.state() is TenantState.PAUSED:
        for step in steps(live, minutes=30):
            taken[step].append(int((live.clock.now() - setback.since) / timedelta(hours=1)))
    probed = taken[Step.PROBE]
    gaps = [later - earlier for earlier, later in zip([0, *probed], probed, strict=False)]
    assert [gap // 6 * 6 for gap in gaps] == [6, 12, *[24] * (len(gaps) - 2)]
    assert len(gaps) >= 26
    assert (taken[Step.WARN], taken[Step.STOP]) == ([21 * 24], [28 * 24])
    assert live.state() is TenantState.STOPPED
    assert {Code.PAUSE_ENDING, Code.PAUSE_ENDED} <= news(live)


def test_l8_after_28_days_only_a_human_lets_it_go_on(live: Relay) -> None:
    fail_three_runs(live)
    for _ in range(30):
        live.look_after(days=1)
    assert live.state() is TenantState.STOPPED
    live.personio.clear_faults()
    for _ in range(30):
        assert steps(live, days=1) == []
    resume(live)
    assert live.state() is TenantState.ACTIVE
    assert newest(live).outcome is Outcome.OK
    assert news(live) == set()


def test_l8_a_probe_that_succeeds_resumes_runs_everything_once_and_says_so(live: Relay) -> None:
    (joiner,) = hire_many(live, 1)
    fail_three_runs(live)
    live.personio.clear_faults()
    logins = live.personio.counters().logins
    assert steps(live, hours=6, seconds=1) == [Step.ANNOUNCE]
    assert steps(live) == [Step.PROBE]
    assert live.state() is TenantState.ACTIVE
    run = newest(live)
    assert (run.by, run.outcome) == ("resume", Outcome.OK)
    assert live.personio.counters().logins > logins
    assert accounts(live)[joiner]["active"] is True
    assert news(live) == set()
    assert steps(live) == [Step.FORGET]
    assert live.setback() is None


def test_a_probe_that_succeeds_too_early_goes_back_without_a_second_message_or_new_days(live: Relay) -> None:
    fail_three_runs(live)
    before = live.setback()
    assert before is not None
    live.look_after()
    live.personio.clear_faults()
    live.personio.fault(EmptyList(total=0), path=LIST_PATH, nth=2, count=None)
    live.bells.history.clear()
    assert steps(live, hours=6, seconds=1) == [Step.PROBE]
    after = live.setback()
    assert live.state() is TenantState.PAUSED
    assert after is not None
    assert (after.setback_id, after.since, after.probes) == (before.setback_id, before.since, 1)
    assert told(live, Code.PAUSE_RUNS) == 1


@pytest.mark.parametrize("reason", ["strict", "source"])
def test_a_clean_run_by_hand_is_the_proof_that_it_is_fixed(live: Relay, reason: str) -> None:
    if reason == "strict":
        live.configure(strict(live))
        fail_all_runs(live)
        live.sync()
    else:
        fail_three_runs(live)
    assert live.state() is TenantState.PAUSED
    live.sync()
    assert live.state() is TenantState.PAUSED
    live.personio.clear_faults()
    assert live.sync().outcome is Outcome.OK
    assert live.state() is TenantState.ACTIVE
    assert news(live) == set()
    assert steps(live) == [Step.FORGET]


def test_a_preview_that_fails_or_goes_well_decides_nothing(live: Relay) -> None:
    fail_all_runs(live)
    live.sync(plan_only=True)
    assert live.setback() is None
    live.sync()
    live.personio.clear_faults()
    live.sync(plan_only=True)
    assert live.setback() is not None


def test_two_schedulers_make_each_repeated_run_and_each_probe_once(live: Relay) -> None:
    fail_all_runs(live)
    live.sync()
    live.clock.ahead += timedelta(minutes=16)
    with live.store.read() as tx:
        due = tx.setbacks.due()
    assert len(due) == 1
    runs = [live.look_after() for _ in range(2)]
    assert [len(done) for done in runs] == [1, 0]
    with live.store.read() as tx:
        made = [run for run in tx.runs.newest(ACME, 50) if run.by == "retry"]
    assert len(made) == 1


def test_a_probe_whose_bell_is_lost_is_rung_again(live: Relay) -> None:
    fail_three_runs(live)
    live.look_after()
    live.personio.clear_faults()
    live.clock.ahead += timedelta(hours=6, seconds=1)
    assert len(look_after(store=live.store, publisher=live.bells, ids=live.desk.ids, failed={})) == 1
    live.bells.rung.clear()
    assert live.state() is TenantState.PAUSED
    assert steps(live, minutes=6) == [Step.PROBE]
    assert live.state() is TenantState.ACTIVE


# Credentials


def test_d1_refused_credentials_block_at_once_are_probed_daily_and_come_back_by_themselves(
    live: Relay,
) -> None:
    live.personio.fault(Refuse(status=403), path=AUTH_PATH, count=None)
    expire(live)
    run = live.sync()
    assert (run.outcome, live.state()) == (Outcome.FAILED, TenantState.BLOCKED)
    assert news(live) == {Code.SOURCE_CREDENTIALS_REFUSED}
    setback = live.setback()
    assert setback is not None
    assert setback.reason is Reason.CREDENTIALS
    asked = live.personio.counters().total
    live.look_after()
    for _ in range(23):
        live.later(hours=1)
        live.look_after()
        tick(store=live.store, publisher=live.bells, ids=live.desk.ids)
        live.drain()
    assert live.personio.counters().total == asked, "no storm: nothing is asked until the probe"
    assert steps(live, hours=1, seconds=1) == [Step.PROBE]
    assert live.personio.counters().total <= asked + 2
    assert live.state() is TenantState.BLOCKED
    live.personio.clear_faults()
    assert steps(live, hours=24, seconds=1) == [Step.PROBE]
    assert live.state() is TenantState.ACTIVE
    assert newest(live).outcome is Outcome.OK
    assert news(live) == set()


def test_f6_a_probe_finds_that_the_application_takes_its_token_again(live: Relay) -> None:
    joiners = hire_many(live, 3)
    begin(live)
    late = pocket_envelopes(live)
    live.app.quirks.add(unauthorised(), times=None)
    for event in late:
        live.take(event)
    live.drain()
    assert live.state() is TenantState.BLOCKED
    live.look_after()
    assert steps(live, hours=24, seconds=1) == [Step.PROBE]
    assert live.state() is TenantState.BLOCKED
    live.app.quirks.clear()
    assert steps(live, hours=24, seconds=1) == [Step.PROBE]
    assert live.state() is TenantState.ACTIVE
    live.later(minutes=1)
    assert differences(live) == []
    assert {live.app.counters.creates(joiner) for joiner in joiners} == {1}
    assert news(live) == set()


def test_d1_a_green_check_after_new_credentials_goes_on_with_one_full_run(live: Relay) -> None:
    be_refused_once(live)
    hire_many(live, 1)
    pass_the_check(live)
    assert live.state() is TenantState.ACTIVE
    assert (newest(live).by, newest(live).outcome) == ("resume", Outcome.OK)
    assert differences(live) == []
    assert live.setback() is None


def test_l7_another_reason_while_blocked_is_told_once_more(live: Relay) -> None:
    live.personio.fault(Refuse(status=403), path=AUTH_PATH, count=None)
    expire(live)
    live.sync()
    live.look_after()
    live.personio.clear_faults()
    live.personio.fault(
        Refuse(status=403, code=0, message="forbidden.http.exception"),
        path="/v1/",
        nth=2,
        count=None,
    )
    steps(live, hours=24, seconds=1)
    assert live.state() is TenantState.BLOCKED
    assert news(live) == {Code.SOURCE_RIGHT_MISSING}
    setback = live.setback()
    assert setback is not None
    assert setback.code is Code.SOURCE_RIGHT_MISSING


def test_a_pause_by_hand_outlasts_a_block_and_only_a_human_ends_it(live: Relay) -> None:
    pause(live)
    refuse_until_a_probe(live)
    assert live.state() is TenantState.PAUSED
    rests = live.setback()
    assert rests is not None
    assert (rests.reason, rests.detail) == (Reason.BY_HAND, ""), "what was refused is over, and told no more"
    live.sync()
    assert live.state() is TenantState.PAUSED, "the human who paused it did not say that it may go on"
    resume(live)
    assert live.state() is TenantState.ACTIVE


def test_pausing_a_blocked_tenant_by_hand_does_not_let_it_write(live: Relay) -> None:
    live.personio.fault(Refuse(status=403), path=AUTH_PATH, count=None)
    expire(live)
    live.sync()
    pause(live)
    assert live.state() is TenantState.BLOCKED


# Strict


def test_strict_pauses_after_one_failed_run_and_tells_the_owners_once(live: Relay) -> None:
    live.configure(strict(live))
    fail_all_runs(live)
    live.sync()
    assert live.state() is TenantState.PAUSED
    (incident,) = [each for each in live.incidents() if each.code in news(live)]
    assert incident.code is Code.PAUSE_STRICT
    assert "leere Mitarbeiterliste" in say(incident.code, "de", incident.detail).sentence
    assert steps(live, days=3) == [Step.ANNOUNCE]
    assert newest(live).by == "test", "nothing runs by itself"


def test_strict_a_probe_ends_the_block_but_only_a_clean_run_by_hand_the_pause(live: Relay) -> None:
    live.configure(strict(live))
    refuse_until_a_probe(live)
    assert live.state() is TenantState.PAUSED
    assert news(live) == {Code.PAUSE_STRICT}
    assert steps(live, days=3) == [Step.ANNOUNCE]
    tick(store=live.store, publisher=live.bells, ids=live.desk.ids)
    live.drain()
    assert newest(live).by == "test", "nothing runs by itself"
    assert live.sync().outcome is Outcome.OK
    assert live.state() is TenantState.ACTIVE
    assert news(live) == set()


def test_strict_a_green_check_is_heard_although_a_probe_came_first(live: Relay) -> None:
    live.configure(strict(live))
    refuse_until_a_probe(live)
    assert live.state() is TenantState.PAUSED
    pass_the_check(live)
    assert (newest(live).by, newest(live).outcome) == ("resume", Outcome.OK)
    assert live.state() is TenantState.ACTIVE
    assert news(live) == set()


def test_strict_new_credentials_and_a_green_check_ask_nobody_for_a_run_by_hand(live: Relay) -> None:
    live.configure(strict(live))
    be_refused_once(live)
    live.look_after()
    with live.store.write() as tx:
        by_hand.probe_soon(tx, ACME, by_hand.CHECK_GOES_FIRST)
    assert steps(live, seconds=90) == []
    pass_the_check(live)
    assert live.state() is TenantState.ACTIVE
    assert Step.PROBE not in steps(live, minutes=10)


def test_strict_a_green_check_ends_neither_a_failed_run_nor_a_pause_by_hand(live: Relay) -> None:
    live.configure(strict(live))
    fail_all_runs(live)
    live.sync()
    live.personio.clear_faults()
    pass_the_check(live)
    assert live.state() is TenantState.PAUSED, "what failed was the run, so that a run must show it"
    assert live.sync().outcome is Outcome.OK
    be_refused_once(live)
    by_hand.pause(ACME, store=live.store, ids=live.desk.ids)
    live.look_after()
    steps(live, hours=24, seconds=1)
    pass_the_check(live)
    assert live.state() is TenantState.PAUSED, "a human asked for it"


def test_f6_strict_what_a_refused_token_left_waiting_goes_on_after_the_probe(live: Relay) -> None:
    live.configure(strict(live))
    joiners = hire_many(live, 3)
    begin(live)
    late = pocket_envelopes(live)
    live.app.quirks.add(unauthorised(), times=None)
    for event in late:
        live.take(event)
    live.drain()
    assert live.state() is TenantState.BLOCKED
    live.app.quirks.clear()
    live.look_after()
    assert steps(live, hours=24, seconds=1) == [Step.PROBE]
    live.later(minutes=1)
    assert live.state() is TenantState.PAUSED
    assert {live.app.counters.creates(joiner) for joiner in joiners} == {1}


def test_strict_a_green_check_is_a_humans_word_and_its_run_must_be_clean(live: Relay) -> None:
    live.configure(strict(live))
    live.personio.fault(Refuse(status=403), path=AUTH_PATH, count=None)
    expire(live)
    live.sync()
    live.personio.clear_faults()
    pass_the_check(live)
    assert (newest(live).by, newest(live).outcome) == ("resume", Outcome.OK)
    assert live.state() is TenantState.ACTIVE


def test_strict_pauses_when_one_change_is_refused(live: Relay) -> None:
    live.configure(strict(live))
    (joiner,) = hire_many(live, 1)
    live.app.quirks.add(refused(), external_ids=(joiner,), times=None)
    assert live.sync().outcome is Outcome.PARTIAL
    assert live.state() is TenantState.PAUSED
    live.sync()
    assert live.state() is TenantState.PAUSED, "whoever was left out is no proof"
    live.app.quirks.clear()
    requeue_all(live)
    assert live.sync().outcome is Outcome.OK
    assert live.state() is TenantState.ACTIVE


# Too many errors


def test_two_fifths_of_the_changes_dead_pause_and_five_that_succeed_bring_it_back(live: Relay) -> None:
    joiners = hire_many(live, 24)
    live.app.quirks.add(refused(), external_ids=tuple(joiners[:12]), times=None)
    live.sync()
    assert live.state() is TenantState.PAUSED
    (incident,) = (each for each in live.incidents() if each.code is Code.PAUSE_ERRORS)
    assert incident.count == 12
    assert "target.refused × 12" in incident.detail
    live.look_after()
    before = live.app.counters.requests(method="POST")
    assert steps(live, hours=6, seconds=1) == [Step.PROBE]
    assert live.app.counters.requests(method="POST") == before + 5
    assert live.state() is TenantState.PAUSED
    assert steps(live, minutes=11) == [Step.PROBE]
    setback = live.setback()
    assert setback is not None
    assert (setback.probes, live.state()) == (1, TenantState.PAUSED)
    live.app.quirks.clear()
    assert steps(live, hours=12, seconds=1) == [Step.PROBE]
    assert steps(live, minutes=11) == [Step.PROBE]
    assert live.state() is TenantState.ACTIVE
    live.later(minutes=1)
    assert differences(live) == []
    assert Code.PAUSE_ERRORS not in codes(live)
    assert live.rows(ChangeState.DEAD) == []


def test_what_somebody_took_off_the_list_is_not_sent_again_by_a_probe(live: Relay) -> None:
    joiners = hire_many(live, 24)
    live.app.quirks.add(refused(), external_ids=tuple(joiners[:12]), times=None)
    live.sync()
    live.look_after()
    gone = joiners[:4]
    with live.store.read() as tx:
        letters = tx.letters.list(ACME, 100)
    chosen = Chosen(letter_ids=tuple(each.letter_id for each in letters if each.person_id in gone))
    assert dismiss(ACME, chosen, by="eve", store=live.store) == 4
    live.app.quirks.clear()
    assert steps(live, hours=6, seconds=1) == [Step.PROBE]
    assert steps(live, minutes=11) == [Step.PROBE]
    assert live.state() is TenantState.ACTIVE
    assert sorted(row.person_id for row in live.rows(ChangeState.DEAD)) == sorted(gone)
    assert [live.app.counters.creates(each) for each in joiners] == [0] * 4 + [1] * 20


def test_a_tenant_of_which_everything_that_died_was_taken_off_the_list_goes_on(live: Relay) -> None:
    joiners = hire_many(live, 24)
    live.app.quirks.add(refused(), external_ids=tuple(joiners[:12]), times=None)
    live.sync()
    live.look_after()
    assert dismiss(ACME, ALL, by="eve", store=live.store) == 12
    sent = live.app.counters.requests(method="POST")
    assert steps(live, hours=6, seconds=1) == [Step.PROBE]
    assert live.state() is TenantState.ACTIVE
    assert live.app.counters.requests(method="POST") == sent


def test_requeued_changes_that_succeed_end_a_pause_for_errors(live: Relay) -> None:
    joiners = hire_many(live, 24)
    live.app.quirks.add(refused(), external_ids=tuple(joiners[:12]), times=None)
    live.sync()
    live.look_after()
    live.app.quirks.clear()
    requeue_all(live)
    assert steps(live, minutes=3) == [Step.PROBE]
    assert live.state() is TenantState.ACTIVE
    assert differences(live) == []


def test_somebody_whose_manager_never_gets_an_account_does_not_keep_a_tenant_paused(live: Relay) -> None:
    outside = live.personio.company.hire(first_name="Ext", last_name="Ern", employment_type="external")
    joiners = hire_many(live, 24)
    live.personio.company.move(int(joiners[-1]), supervisor=outside)
    live.app.quirks.add(refused(), external_ids=tuple(joiners[:12]), times=None)
    live.sync()
    assert live.state() is TenantState.PAUSED
    assert joiners[-1] in [row.person_id for row in live.rows(ChangeState.BLOCKED)]
    live.look_after()
    live.app.quirks.clear()
    requeue_all(live)
    assert steps(live, minutes=3) == [Step.PROBE]
    assert live.state() is TenantState.ACTIVE


def test_a_few_changes_that_die_pause_nobody(live: Relay) -> None:
    joiners = hire_many(live, 24)
    live.app.quirks.add(refused(), external_ids=tuple(joiners[:9]), times=None)
    live.sync()
    assert live.state() is TenantState.ACTIVE


# Stop and resume, alarms


def test_g6_a_resume_reads_everything_before_it_sends_what_waited(live: Relay) -> None:
    person = somebody(live)
    live.personio.company.change(int(person), position="Countess")
    begin(live)
    late = pocket_envelopes(live)
    by_hand.stop(ACME, store=live.store)
    live.personio.company.change(int(person), position="Queen")
    live.app.counters.reset()
    by_hand.resume(ACME, store=live.store, publisher=live.bells, ids=live.desk.ids, ring_more=live._ring_more)
    for event in late:
        live.take(event)
    assert live.app.counters.writes == 0, "nothing old is sent before the reading"
    live.drain()
    live.later(minutes=1)
    assert accounts(live)[person]["title"] == "Queen"
    assert live.app.counters.writes == 1
    assert differences(live) == []


def test_leavers_who_wait_while_the_tenant_is_stopped_raise_one_alarm_that_ends_by_itself(
    live: Relay,
) -> None:
    live.personio.company.terminate(int(somebody(live)))
    begin(live)
    pocket_envelopes(live)
    alarms(live)
    assert news(live) == set()
    by_hand.stop(ACME, store=live.store)
    alarms(live)
    alarms(live)
    (incident,) = [each for each in live.incidents() if each.code in news(live)]
    assert (incident.code, incident.count) == (Code.LEAVERS_WAIT, 1)
    resume(live)
    live.later(minutes=1)
    alarms(live)
    assert news(live) == set()


def test_a_target_that_is_silent_for_two_hours_is_told_once_and_nobody_dies(live: Relay) -> None:
    joiners = hire_many(live, 3)
    begin(live)
    late = pocket_envelopes(live)
    live.app.quirks.add(server_error(), times=None)
    for event in late:
        live.take(event)
    live.drain()
    for _ in range(23):
        live.later(minutes=5)
        alarms(live)
    assert news(live) == set()
    for _ in range(20):
        live.later(minutes=16)
        alarms(live)
    assert news(live) == {Code.TARGET_DOWN}
    assert live.rows(ChangeState.DEAD) == []
    live.app.quirks.clear()
    live.later(minutes=16)
    alarms(live)
    assert news(live) == set()
    assert {live.app.counters.creates(joiner) for joiner in joiners} == {1}


def alarms(relay: Relay) -> None:
    raise_alarms(store=relay.store, publisher=relay.bells, ids=relay.desk.ids)
    relay.drain()


def strict(relay: Relay) -> Configuration:
    with relay.store.read() as tx:
        config = tx.tenants.configuration(ACME)
    assert config is not None
    return replace(config, policy=replace(config.policy, strict=True))


def pause(relay: Relay) -> None:
    by_hand.pause(ACME, store=relay.store, ids=relay.desk.ids)


def resume(relay: Relay) -> None:
    by_hand.resume(
        ACME, store=relay.store, publisher=relay.bells, ids=relay.desk.ids, ring_more=relay._ring_more
    )
    relay.drain()


def requeue_all(relay: Relay) -> None:
    relay.requeue()
    relay.drain()


def expire(relay: Relay) -> None:
    """Forget the shared token, so that the next request has to log in."""
    with relay.store.write() as tx:
        tx.connections.put_token(ACME, None)


def test_a_run_that_ends_by_the_first_refusal_of_the_application_tells_what_it_sent(live: Relay) -> None:
    hire_many(live, 40)
    rule = live.app.quirks.add(unauthorised(), times=None)
    run = live.sync()
    assert (run.outcome, run.code) == (Outcome.FAILED, Code.TARGET_CREDENTIALS_REFUSED)
    with live.store.read() as tx:
        sent = tx.runs.figures(ACME, run.run_id).target_requests
    assert sent == live.app.quirks.taken(rule) > 0


def test_a_run_that_ends_by_the_first_refusal_of_personio_tells_what_it_sent(live: Relay) -> None:
    be_refused_once(live)
    run = newest(live)
    assert (run.outcome, run.code) == (Outcome.FAILED, Code.SOURCE_CREDENTIALS_REFUSED)
    with live.store.read() as tx:
        assert tx.runs.figures(ACME, run.run_id).source_requests == 2, "a login, and one more to be sure"


# Configuration, quiet hours


def test_a_configuration_that_cannot_be_read_blocks_this_tenant_until_another_one_is_stored(
    live: Relay,
) -> None:
    good = replace(strict(live), sync_managers=False)
    good = replace(good, policy=replace(good.policy, strict=False))
    with live.store.write() as tx:
        spoil = update(CONFIGURATIONS).values(content='{"lines": 7}')
        tx.session.connection.execute(spoil)
    live.clock.ahead += timedelta(days=1)
    ticked = tick(store=live.store, publisher=live.bells, ids=live.desk.ids)
    error = ticked.failed[ACME]
    assert isinstance(error, TenantBlockedError)
    with live.store.write() as tx:
        block_tenant(tx, ACME, error, live.desk.ids)
    assert live.state() is TenantState.BLOCKED
    assert Code.CONFIG_INVALID in news(live)
    assert steps(live, days=2) == [Step.ANNOUNCE]
    assert steps(live, days=2) == []
    assert set_configuration(ACME, good, by="test", store=live.store).counts
    assert steps(live) == [Step.PROBE]
    assert live.state() is TenantState.ACTIVE
    assert newest(live).outcome is Outcome.OK
    assert news(live) == set()


def test_neither_a_repeated_run_nor_a_probe_begins_in_quiet_hours(live: Relay) -> None:
    always = (Hours(time(0), time(12)), Hours(time(12), time(0)))
    fail_all_runs(live)
    live.sync()
    with live.store.read() as tx:
        config = tx.tenants.configuration(ACME)
    assert config is not None
    live.configure(replace(config, schedule=replace(config.schedule, quiet=always)))
    assert steps(live, minutes=16) == []
    live.configure(config)
    assert steps(live, minutes=6) == [Step.RETRY]
