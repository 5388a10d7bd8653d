"""What goes wrong on the way does no harm: each fault of the catalogue, and how the relay comes out of it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random  # noqa: TID251  seeded, so that a failure can be repeated
from typing import cast

import pytest

from adapters.http import AddressPolicy
from bootstrap.accounts import TenantAccounts
from domain.changes import ChangeState
from domain.codes import Code
from domain.config import Configuration
from domain.ids import PersonId
from domain.ports_world import Target
from domain.run import Outcome, Phase
from domain.tenant import TenantState
from producers.activate import activate
from producers.check import accept, look
from producers.on_demand import ask_for_feed
from producers.sweep import sweep
from simulators.personio.actions import (
    Action,
    EmptyList,
    ExpireToken,
    Html,
    Refuse,
    RepeatPage,
    Status,
    TooMany,
    Truncate,
)
from simulators.personio.changes import Erase, Hire
from simulators.personio.counters import LIST
from simulators.personio.handle import PersonioSimulator
from simulators.personio.switches import Switches
from simulators.scim.effects import (
    conflict,
    cut_after_commit,
    cut_before_commit,
    html_page,
    refused,
    server_error,
    too_many_requests,
    unauthorised,
)
from simulators.scim.handle import ScimSimulator
from simulators.scim.quirks import Effect
from tests.flow.misfortunes import (
    BuggyTarget,
    Moment,
    MortalHands,
    MortalSource,
    SleepyHands,
    doubled_writes,
    drain_badly,
    harm,
    lose_redis,
    pocket_envelopes,
    survive,
    unexplained,
    until_calm,
    with_ends,
)
from tests.flow.relay import ACME, Relay, build_relay
from tests.flow.truth import accounts, differences, is_wanted, people

LIST_PATH = "/v1/company/employees"
WRITES = ("POST", "PATCH", "PUT", "DELETE")
LARGE = pytest.mark.parametrize("personio", [120], indirect=True, ids=["two pages"])


@pytest.fixture
def personio(request: pytest.FixtureRequest) -> Iterator[PersonioSimulator]:
    size: int = getattr(request, "param", 30)
    with PersonioSimulator.start(employees=size, seed=7, switches=Switches(rate_limits=False)) as running:
        yield running


@pytest.fixture
def hands() -> MortalHands:
    return MortalHands()


@pytest.fixture
def relay(
    tmp_path: Path,
    personio: PersonioSimulator,
    app: ScimSimulator,
    config: Configuration,
    hands: MortalHands,
) -> Iterator[Relay]:
    built = build_relay(tmp_path / "home", personio, app, config, hands=hands)
    built.later()
    yield built
    assert harm(built) == []
    built.store.close()


@pytest.fixture
def live(relay: Relay) -> Relay:
    """A tenant that was activated; what was counted before is forgotten."""
    relay.go_live()
    relay.app.counters.reset()
    relay.bells.history.clear()
    relay.personio.reset_counters()
    return relay


def somebody(relay: Relay, *, at: int = 10) -> PersonId:
    return PersonId(str([person for person in people(relay) if is_wanted(person)][at].id))


def hire_many(relay: Relay, number: int) -> list[str]:
    return [
        str(
            relay.personio.company.hire(
                first_name="New", last_name=f"Joiner {at}", email=f"n{at}@example.com"
            )
        )
        for at in range(number)
    ]


def begin(relay: Relay) -> None:
    """Ask for a run and carry nothing out yet."""
    ask_for_feed(
        ACME,
        by="test",
        key=relay.desk.ids.new(),
        plan_only=False,
        store=relay.store,
        publisher=relay.bells,
        ids=relay.desk.ids,
    )


def sweep_only(relay: Relay) -> None:
    """Sweep, and leave the bells hanging."""
    before, relay.bells.rung = relay.bells.rung, []
    sweep(
        store=relay.store,
        publisher=relay.bells,
        ids=relay.desk.ids,
        epoch=relay.epoch,
        ring_more=relay._ring_more,
        end_run=relay._end_run,
        after_deaths=relay._after_deaths,
    )
    relay.bells.rung = before + relay.bells.rung


def codes(relay: Relay) -> set[Code]:
    return {incident.code for incident in relay.incidents()}


def move(relay: Relay, to: TenantState) -> None:
    with relay.store.write() as tx:
        assert tx.tenants.move(ACME, to, None)


def pass_the_check(relay: Relay) -> None:
    """Check the tenant as `staffetta check` does, and let a green report have its effect."""
    report = look(ACME, store=relay.store, accounts=relay.desk.accounts, today=relay.clock.now().date())
    assert report.green, report.problems
    accept(
        ACME,
        report,
        store=relay.store,
        publisher=relay.bells,
        ids=relay.desk.ids,
        ring_more=relay._ring_more,
    )
    relay.drain()


# Workers and queue, group A


@pytest.mark.parametrize(
    "effect",
    [cut_after_commit(), server_error(502, committed=True), html_page(502)],
    ids=["cut", "502 after commit", "page of a proxy"],
)
def test_a2_a_create_whose_reply_is_lost_makes_one_account(live: Relay, effect: Effect) -> None:
    (joiner,) = hire_many(live, 1)
    live.app.quirks.add(effect, methods=("POST",))
    live.sync()
    assert [row.state for row in live.rows(ChangeState.WAITING)] == [ChangeState.WAITING]
    live.later(seconds=10)
    live.later(seconds=31)
    assert differences(live) == []
    assert live.app.counters.creates(joiner) == 1
    assert live.rows(ChangeState.WAITING) == []


def test_a2_a_create_that_was_committed_is_found_and_never_sent_again(live: Relay) -> None:
    (joiner,) = hire_many(live, 1)
    live.app.quirks.add(cut_after_commit(), methods=("POST",))
    live.sync()
    live.later(seconds=10)
    assert differences(live) == []
    assert live.app.counters.requests(method="POST") == 1
    assert accounts(live)[joiner]["active"] is True


def test_a2_a_create_that_was_lost_on_its_way_is_sent_again_when_it_would_be_visible(live: Relay) -> None:
    hire_many(live, 1)
    live.app.quirks.add(cut_before_commit(), methods=("POST",))
    live.sync()
    live.later(seconds=10)
    assert live.app.counters.requests(method="POST") == 1
    live.later(seconds=25)
    assert live.app.counters.requests(method="POST") == 2
    assert differences(live) == []


def test_a2_f12_a_target_that_finds_new_accounts_late_gets_no_second_create(live: Relay) -> None:
    (joiner,) = hire_many(live, 1)
    live.app.quirks.switch(visibility_lag_seconds=3600)
    live.app.quirks.add(cut_after_commit(), methods=("POST",))
    live.sync()
    live.later(seconds=6)
    assert len(live.rows(ChangeState.WAITING)) == 1
    live.app.quirks.switch(visibility_lag_seconds=0)
    live.later(seconds=31)
    assert differences(live) == []
    assert live.app.counters.requests(method="POST") == 1
    assert live.app.counters.creates(joiner) == 1


@pytest.mark.parametrize("moment", list(Moment), ids=lambda moment: str(moment.name).lower())
def test_a1_a2_a_worker_that_dies_is_replaced_when_its_lease_runs_out(
    live: Relay, hands: MortalHands, moment: Moment
) -> None:
    joiners = hire_many(live, 8)
    hands.fatal, hands.moment = {joiners[4]: 1}, moment
    assert not survive(live.sync)
    assert len(live.rows(ChangeState.WORKING)) == len(joiners)
    live.later(seconds=10)
    assert len(live.rows(ChangeState.WORKING)) == len(joiners)
    until_calm(live, rounds=2, step=timedelta(seconds=50))
    assert differences(live) == []
    done = live.rows(ChangeState.APPLIED, ChangeState.ALREADY_SO)
    assert {row.crashes for row in done if row.action == "create" and row.person_id in joiners} == {1}
    assert live.app.counters.requests(method="POST") == len(joiners)
    assert doubled_writes(live) == []


@pytest.mark.parametrize("moment", list(Moment), ids=lambda moment: str(moment.name).lower())
def test_a6_whoever_kills_its_worker_dies_alone_and_its_neighbours_live(
    live: Relay, hands: MortalHands, moment: Moment
) -> None:
    joiners = hire_many(live, 16)
    poison = joiners[7]
    hands.fatal, hands.moment = {poison: 1000}, moment
    survive(live.sync)
    until_calm(live)
    (dead,) = live.rows(ChangeState.DEAD)
    assert (dead.person_id, dead.why, dead.crashes) == (poison, Code.CRASHED_TWICE, 3)
    applied = {row.person_id for row in live.rows(ChangeState.APPLIED, ChangeState.ALREADY_SO)}
    assert set(joiners) - {poison} <= applied
    assert 1000 - hands.fatal[poison] == 3
    assert unexplained(live) == []
    assert doubled_writes(live) == []


def test_a_row_that_the_target_refuses_dies_and_its_fifteen_neighbours_are_applied(live: Relay) -> None:
    joiners = hire_many(live, 16)
    live.app.quirks.add(refused(), methods=("POST",), external_ids=(joiners[7],), times=None)
    run = live.sync()
    assert run.outcome is Outcome.PARTIAL
    assert live.figures(run).states == {"dead": 1, "applied": 15}
    assert [(row.person_id, row.why) for row in live.rows(ChangeState.DEAD)] == [
        (joiners[7], Code.TARGET_REFUSED)
    ]
    assert Code.TARGET_REFUSED in codes(live)


def test_f7_a_refused_row_is_not_sent_every_run_and_goes_on_when_a_human_says_so(live: Relay) -> None:
    (joiner,) = hire_many(live, 1)
    rule = live.app.quirks.add(refused(), methods=("POST",), times=None)
    live.sync()
    live.sync()
    assert live.app.quirks.taken(rule) == 1
    live.app.quirks.clear()
    count = live.requeue().changes
    live.drain()
    live.later(seconds=31)
    assert count == 1
    assert accounts(live)[joiner]["active"] is True
    live.sync()
    assert Code.TARGET_REFUSED not in codes(live)


def test_a_bug_met_by_one_row_spares_its_fifteen_neighbours(live: Relay) -> None:
    joiners = hire_many(live, 16)
    target = BuggyTarget(live.desk.accounts.target(ACME), joiners[7])
    with with_ends(live, target=cast("Target", target)):
        run = live.sync()
    assert live.figures(run).states == {"dead": 1, "applied": 15}
    assert [(row.person_id, row.why) for row in live.rows(ChangeState.DEAD)] == [(joiners[7], Code.INTERNAL)]


def test_a3_a12_everything_delivered_again_and_late_writes_nothing(live: Relay) -> None:
    company = live.personio.company
    hire_many(live, 3)
    company.change(int(somebody(live)), position="Countess")
    company.terminate(int(somebody(live, at=3)))
    live.sync()
    assert differences(live) == []
    writes = live.app.counters.writes
    again = list(live.bells.history)
    for event in (*again, *reversed(again)):
        live.take(event)
    live.drain()
    live.later(days=1)
    for event in again:
        live.take(event)
    assert live.app.counters.writes == writes
    assert doubled_writes(live) == []


def test_a13_the_older_news_delivered_after_the_newer_changes_nothing(live: Relay) -> None:
    person = somebody(live)
    live.personio.company.change(int(person), position="Old")
    begin(live)
    (older,) = pocket_envelopes(live)
    live.personio.company.change(int(person), position="New")
    live.sync()
    live.later(seconds=61)
    assert accounts(live)[person]["title"] == "New"
    writes = live.app.counters.writes
    live.take(older)
    live.drain()
    assert accounts(live)[person]["title"] == "New"
    assert live.app.counters.writes == writes == 1


def test_a10_who_slept_through_the_lease_sends_no_older_value_after_the_newer(live: Relay) -> None:
    person = somebody(live)
    live.personio.company.change(int(person), position="Old")
    begin(live)
    (older,) = pocket_envelopes(live)
    awake = live.desk

    def meanwhile() -> None:
        live.desk = awake
        live.personio.company.change(int(person), position="New")
        live.later(seconds=61)
        live.sync()
        assert accounts(live)[person]["title"] == "New"

    live.desk = replace(awake, hands=SleepyHands(meanwhile))
    live.take(older)
    live.drain()
    assert accounts(live)[person]["title"] == "New"
    title = [value for _, name, value in live.app.counters.state_changes if name == "title"]
    assert title.count("Old") == title.count("New") == 1


@LARGE
def test_a4_a_worker_that_dies_while_reading_page_two_loses_and_doubles_nobody(relay: Relay) -> None:
    move(relay, TenantState.READY)
    source = MortalSource(relay.desk.accounts.source(ACME), dies_at={2})
    with with_ends(relay, source=source):
        assert not survive(relay.sync)
        relay.later(seconds=10)
        assert source.asked == 2
        relay.later(seconds=70)
    with relay.store.read() as tx:
        (run,) = tx.runs.newest(ACME, 10)
    assert run.outcome is Outcome.PLANNED
    assert run.certificate.startswith("certified: 120 people")
    proposed = [row.person_id for row in relay.rows(ChangeState.PROPOSED) if row.action.value == "create"]
    assert len(proposed) == len(set(proposed)) == sum(1 for person in people(relay) if is_wanted(person))


# Redis, group B


@pytest.mark.parametrize("step", range(1, 10))
def test_b3_every_bell_lost_at_any_step_of_a_sync_is_rung_again(live: Relay, step: int) -> None:
    hire_many(live, 30)
    live.personio.company.terminate(int(somebody(live)))
    begin(live)
    for _ in range(step):
        if live.bells.rung:
            live.take(live.bells.rung.pop(0))
    lose_redis(live)
    live.later()
    assert differences(live) == []
    assert live.app.counters.requests(method="POST") == 30


def test_b3_all_bells_lost_again_and_again_end_in_the_same_place(relay: Relay) -> None:
    dice = Random(7)  # noqa: S311  seeded on purpose
    move(relay, TenantState.READY)
    relay.sync()
    activate(
        ACME,
        by="test",
        store=relay.store,
        publisher=relay.bells,
        ids=relay.desk.ids,
        ring_more=relay._ring_more,
    )
    for _ in range(6):
        for _ in range(dice.randrange(3)):
            if relay.bells.rung:
                relay.take(relay.bells.rung.pop(0))
        lose_redis(relay)
        relay.clock.ahead += timedelta(seconds=15)
        sweep_only(relay)
    relay.later()
    assert differences(relay) == []


# Personio, group D


@LARGE
def test_d2_a_token_that_expires_while_reading_is_renewed_once(live: Relay) -> None:
    live.personio.fault(ExpireToken(), path=LIST_PATH, offset=100)
    run = live.sync()
    assert run.outcome is Outcome.OK
    assert run.certificate.startswith("certified: 120 people")
    assert live.personio.counters().logins == 1


@pytest.mark.parametrize(
    ("fault", "not_before"),
    [(TooMany(), 0), (TooMany(retry_after=90), 80), (TooMany(retry_after="http-date", seconds=120), 100)],
    ids=["no Retry-After", "seconds", "date"],
)
def test_d3_a_busy_personio_is_given_the_pause_that_it_asks_for(
    live: Relay, fault: TooMany, not_before: int
) -> None:
    live.personio.fault(fault, path=LIST_PATH)
    (joiner,) = hire_many(live, 1)
    run = live.sync()
    assert run.phase is Phase.READING
    asked = live.personio.counters().of(LIST)
    live.later(seconds=not_before)
    if not_before:
        assert live.personio.counters().of(LIST) == asked
    live.later(seconds=40)
    assert live.run(run.run_id).outcome is Outcome.OK
    assert accounts(live)[joiner]["active"] is True


@LARGE
def test_d5_a_gateway_that_fails_now_and_then_costs_a_page_and_not_the_run(live: Relay) -> None:
    live.personio.fault(Status(status=502), path=LIST_PATH, offset=100, count=3)
    run = live.sync()
    for _ in range(3):
        live.later(seconds=60)
    assert live.run(run.run_id).outcome is Outcome.OK
    assert live.personio.counters().of(LIST, "502") == 3
    assert live.personio.counters().of(LIST, "200") == 3


ANSWERS_THAT_ARE_NO_PAGE = pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Html(), Code.SOURCE_NOT_PERSONIO),
        (Truncate(), Code.SOURCE_UNREACHABLE),
        (Refuse(), Code.FEED_BROKEN),
        (Status(status=502), Code.SOURCE_UNREACHABLE),
    ],
    ids=["d6 html", "d7 truncated", "d8 success false", "d5 502 for ever"],
)


@ANSWERS_THAT_ARE_NO_PAGE
def test_an_answer_that_is_no_page_is_asked_for_again(live: Relay, fault: Action, code: Code) -> None:
    del code
    live.personio.fault(fault, path=LIST_PATH)
    run = live.sync()
    assert run.outcome is None
    live.later(seconds=30)
    assert live.run(run.run_id).outcome is Outcome.OK
    assert Code.FEED_BROKEN not in codes(live)


@ANSWERS_THAT_ARE_NO_PAGE
def test_an_answer_that_stays_no_page_fails_the_run_and_harms_nobody(
    live: Relay, fault: Action, code: Code
) -> None:
    live.personio.company.terminate(int(somebody(live)))
    live.personio.fault(fault, path=LIST_PATH, count=None)
    run = live.sync()
    for _ in range(5):
        live.later(minutes=5)
    ended = live.run(run.run_id)
    assert (ended.outcome, ended.code) == (Outcome.FAILED, code)
    assert code in codes(live)
    assert live.app.counters.writes == 0
    live.personio.clear_faults()
    assert live.sync().outcome is Outcome.OK
    assert code not in codes(live)
    assert differences(live) == []


@LARGE
def test_d9_a_page_that_comes_again_and_again_fails_the_run(live: Relay) -> None:
    hire_many(live, 90)
    live.personio.fault(RepeatPage(), path=LIST_PATH, offset=100, count=None)
    run = live.sync()
    assert (run.outcome, run.code) == (Outcome.FAILED, Code.FEED_LOOPING)
    assert live.app.counters.writes == 0


@LARGE
def test_d11_somebody_hired_while_reading_costs_a_second_look_and_harms_nobody(live: Relay) -> None:
    live.personio.after_page(0, Hire(attributes={"first_name": "Mid", "last_name": "Way"}))
    run = live.sync()
    assert run.outcome is Outcome.OK
    assert run.certificate.endswith("pages were read again")
    live.sync()
    assert differences(live) == []
    assert len(live.rows(ChangeState.DEAD)) == 0


@LARGE
def test_d11_somebody_erased_while_reading_hides_another_and_harms_nobody(live: Relay) -> None:
    newest = max(person.id for person in people(live))
    live.personio.after_page(0, Erase(person_id=newest))
    run = live.sync()
    assert run.certificate.startswith("drifted")
    assert live.app.counters.writes == 0
    assert live.sync().certificate.startswith("certified")


def test_d12_an_empty_list_fails_the_run_and_removes_nobody(live: Relay) -> None:
    live.personio.fault(EmptyList(total=0), path=LIST_PATH, count=None)
    run = live.sync()
    assert (run.outcome, run.code) == (Outcome.FAILED, Code.FEED_EMPTY)
    assert live.app.counters.writes == 0
    assert Code.FEED_EMPTY in codes(live)


def test_d24_a_credential_that_sees_less_than_half_of_the_people_removes_nobody(live: Relay) -> None:
    everybody = people(live)
    for person in everybody[: len(everybody) * 6 // 10]:
        live.personio.company.erase(person.id, keep_references=True)
    before = {person: account["active"] for person, account in accounts(live).items()}
    run = live.sync()
    assert (run.outcome, run.code) == (Outcome.FAILED, Code.FEED_TOO_SHORT)
    assert live.app.counters.writes == 0
    assert {person: account["active"] for person, account in accounts(live).items()} == before


def test_d24_a_credential_narrowed_to_one_legal_entity_removes_nobody(live: Relay) -> None:
    before = {person: account["active"] for person, account in accounts(live).items()}
    entity = people(live)[0].subcompany
    assert entity is not None
    live.personio.set_rights(legal_entities=[entity])
    live.sync()
    assert {person: account["active"] for person, account in accounts(live).items()} == before
    assert live.app.counters.writes == 0


# The target, group F


def test_f1_a_change_whose_reply_is_lost_is_written_once(live: Relay) -> None:
    live.personio.company.change(int(somebody(live)), position="Countess", last_name="Lovelace")
    live.personio.company.terminate(int(somebody(live, at=4)))
    live.app.quirks.add(cut_after_commit(), methods=("PATCH",), times=2)
    live.sync()
    assert len(live.rows(ChangeState.WAITING)) == 2
    live.later(seconds=10)
    assert differences(live) == []
    assert live.rows(ChangeState.WAITING) == []
    assert doubled_writes(live) == []


def test_f1_a_re_hire_whose_reply_is_lost_ends_open(live: Relay) -> None:
    person = int(somebody(live))
    live.personio.company.terminate(person)
    live.sync()
    live.personio.company.rehire(person, position="Back")
    live.app.quirks.add(cut_after_commit(), methods=("PATCH",))
    live.sync()
    live.later(seconds=10)
    assert differences(live) == []


def test_f2_a_conflict_over_our_own_external_id_is_linked(relay: Relay) -> None:
    move(relay, TenantState.READY)
    relay.sync()
    person = next(person for person in people(relay) if is_wanted(person))
    relay.app.state.add_account(person.email or "", externalId=str(person.id))
    activate_now(relay)
    assert differences(relay) == []
    assert relay.app.counters.creates(str(person.id)) == 0


def test_f2_a_conflict_with_a_stranger_dies_and_takes_nothing_over(relay: Relay) -> None:
    move(relay, TenantState.READY)
    relay.sync()
    person = next(person for person in people(relay) if is_wanted(person))
    stranger = relay.app.state.add_account(person.email or "", externalId="another-system", title="Keep me")
    activate_now(relay)
    assert [(row.person_id, row.why) for row in relay.rows(ChangeState.DEAD)] == [
        (str(person.id), Code.KEY_FOREIGN)
    ]
    assert relay.app.state.account(id=stranger)["attributes"]["title"] == "Keep me"
    assert unexplained(relay) == []


def test_f2_a_conflict_with_nobody_in_sight_dies_with_its_reason(live: Relay) -> None:
    (joiner,) = hire_many(live, 1)
    live.app.quirks.add(conflict(), methods=("POST",), times=None)
    run = live.sync()
    assert run.outcome is Outcome.PARTIAL
    assert [(row.person_id, row.why) for row in live.rows(ChangeState.DEAD)] == [
        (joiner, Code.TARGET_KEY_TAKEN)
    ]


def activate_now(relay: Relay) -> None:
    activate(
        ACME,
        by="test",
        store=relay.store,
        publisher=relay.bells,
        ids=relay.desk.ids,
        ring_more=relay._ring_more,
    )
    relay.drain()


def test_f3_an_account_that_was_deleted_by_hand_is_a_case_and_no_loop(live: Relay) -> None:
    person, neighbour = somebody(live), somebody(live, at=11)
    live.app.state.delete_account(str(accounts(live)[person]["id"]))
    live.personio.company.change(int(person), position="Nowhere")
    live.personio.company.change(int(neighbour), position="Here")
    live.sync()
    assert [(row.person_id, row.why) for row in live.rows(ChangeState.DEAD)] == [
        (person, Code.TARGET_ACCOUNT_GONE)
    ]
    assert accounts(live)[neighbour]["title"] == "Here"
    writes = live.app.counters.writes
    live.sync()
    assert live.app.counters.writes == writes


def test_f3_a_leaver_whose_account_was_deleted_by_hand_is_done(live: Relay) -> None:
    person = somebody(live)
    live.app.state.delete_account(str(accounts(live)[person]["id"]))
    live.personio.company.terminate(int(person))
    run = live.sync()
    assert run.outcome is Outcome.OK
    assert live.figures(run).states == {"already-so": 1}


@pytest.mark.parametrize(
    "effect", [server_error(503), too_many_requests(), too_many_requests(30)], ids=["503", "429", "429 after"]
)
def test_f5_a_storm_of_refusals_passes_and_everything_arrives(live: Relay, effect: Effect) -> None:
    hire_many(live, 12)
    live.personio.company.terminate(int(somebody(live)))
    rule = live.app.quirks.add(effect, methods=WRITES, times=None)
    run = live.sync()
    assert run.outcome in {None, Outcome.PARTIAL}
    live.later(seconds=35)
    assert live.app.quirks.taken(rule) <= 13
    live.app.quirks.clear()
    for _ in range(4):
        live.later(minutes=2)
    assert differences(live) == []
    assert live.rows(ChangeState.WAITING, ChangeState.DEAD) == []
    assert doubled_writes(live) == []


def test_f6_a_target_that_refuses_the_token_blocks_the_tenant_until_a_check_is_green(live: Relay) -> None:
    joiners = hire_many(live, 40)
    begin(live)
    late = pocket_envelopes(live)
    rule = live.app.quirks.add(unauthorised(), times=None)
    for event in late:
        live.take(event)
    live.drain()
    assert live.state() is TenantState.BLOCKED
    assert live.run(late[0].run_id).outcome is Outcome.PAUSED
    assert {row.person_id for row in live.rows(ChangeState.PARKED)} >= set(joiners)
    assert [each.code for each in live.incidents()].count(Code.TARGET_CREDENTIALS_REFUSED) == 1
    sent = live.app.quirks.taken(rule)
    live.later(hours=2)
    assert live.app.quirks.taken(rule) == sent
    assert live.app.counters.requests(method="POST") <= 8, "no more than were in flight"
    live.app.quirks.clear()
    pass_the_check(live)
    live.later()
    assert live.state() is TenantState.ACTIVE
    assert differences(live) == []
    assert Code.TARGET_CREDENTIALS_REFUSED not in codes(live)


def test_f10_a_target_that_changes_what_it_stores_is_not_written_again(live: Relay) -> None:
    live.app.quirks.switch(lower_case_emails=True, lower_case_user_name=True, trim_values=True)
    person = live.personio.company.hire(first_name="Mixed", last_name="Case", email="Mixed.Case@Example.COM")
    live.sync()
    assert accounts(live)[str(person)]["userName"] == "mixed.case@example.com"
    live.app.counters.reset()
    assert live.sync().outcome is Outcome.OK
    assert live.app.counters.writes == 0


def test_f13_a_target_that_ignores_filters_links_nobody_to_a_stranger(relay: Relay) -> None:
    person = next(person for person in people(relay) if is_wanted(person))
    stranger = relay.app.state.add_account("stranger@example.com", title="Keep me", externalId="x")
    known = relay.app.state.add_account(person.email or "", title="Old")
    relay.go_live()
    relay.app.quirks.switch(filter="ignored")
    hire_many(relay, 3)
    run = relay.sync()
    assert run.outcome is Outcome.OK
    assert differences(relay) == []
    assert relay.app.state.account(id=stranger)["externalId"] == "x"
    assert relay.app.state.account(id=stranger)["attributes"]["title"] == "Keep me"
    assert accounts(relay)[str(person.id)]["id"] == known


# Humans and addresses, groups G and J


@pytest.mark.parametrize("step", range(4))
def test_g5_nothing_is_written_for_a_tenant_that_was_stopped_in_mid_run(live: Relay, step: int) -> None:
    hire_many(live, 60)
    begin(live)
    for _ in range(step):
        live.take(live.bells.rung.pop(0))
    move(live, TenantState.STOPPED)
    writes = live.app.counters.writes
    live.drain()
    live.later(minutes=5)
    assert live.app.counters.writes == writes
    move(live, TenantState.ACTIVE)
    with live.store.write() as tx:
        tx.changes.unpark(ACME)
    live.later(minutes=2)
    live.sync()
    assert differences(live) == []


def test_j1_a_private_address_is_never_asked_where_it_is_forbidden(live: Relay) -> None:
    live.personio.company.terminate(int(somebody(live)))
    forbidding = TenantAccounts(
        live.store, live.desk.clock, policy=AddressPolicy(allow_private=False), rate_limits=False
    )
    live.desk = replace(live.desk, accounts=forbidding)
    requests = live.personio.counters().total, live.app.counters.requests()
    run = live.sync()
    assert run.outcome is Outcome.FAILED
    assert live.state() is TenantState.BLOCKED
    assert (live.personio.counters().total, live.app.counters.requests()) == requests


@pytest.mark.parametrize("seed", range(3))
def test_bells_in_any_order_lost_and_doubled_end_in_the_same_place(relay: Relay, seed: int) -> None:
    dice = Random(seed)  # noqa: S311  seeded on purpose
    move(relay, TenantState.READY)
    begin(relay)
    drain_badly(relay, dice)
    until_calm(relay, rounds=3)
    activate(
        ACME,
        by="test",
        store=relay.store,
        publisher=relay.bells,
        ids=relay.desk.ids,
        ring_more=relay._ring_more,
    )
    drain_badly(relay, dice)
    until_calm(relay, rounds=4)
    assert differences(relay) == []
    assert set(relay.app.counters.creates_by_external_id.values()) == {1}
