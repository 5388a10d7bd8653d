"""What a dashboard sees of runs and rows: begin, end, counts, outcomes by cause, and nothing of people."""

import contextlib
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from bootstrap.news_lines import log_news
from domain.codes import Code
from domain.config import Configuration
from domain.ids import ConfigVersion, RunId
from domain.records import NewRun
from domain.run import RunKind
from schemas.log_line import Action, Line
from simulators.personio.actions import EmptyList
from simulators.personio.handle import PersonioSimulator
from simulators.scim.effects import refused
from simulators.scim.handle import ScimSimulator
from tests.fakes.log import lines_of, logged
from tests.flow.relay import ACME, Relay, build_relay
from tests.flow.truth import is_wanted, people

LIST_PATH = "/v1/company/employees"


@pytest.fixture
def relay(
    tmp_path: Path, personio: PersonioSimulator, app: ScimSimulator, config: Configuration
) -> Iterator[Relay]:
    built = build_relay(tmp_path / "home", personio, app, config, tell=log_news)
    yield built
    built.desk.hands.shutdown()
    built.store.close()


def told(stream: StringIO, action: Action) -> list[Line]:
    return [line for line in lines_of(stream) if line.action is action]


def wanted(relay: Relay) -> int:
    return sum(1 for person in people(relay) if is_wanted(person))


def test_a_run_tells_its_beginning_and_its_end_with_counts_by_lane_duration_and_version(relay: Relay) -> None:
    with logged("info") as stream:
        activation = relay.go_live()
    began = {line.run_id: line for line in told(stream, Action.RUN_STARTED)}
    ended = {line.run_id: line for line in told(stream, Action.RUN_ENDED)}
    assert began.keys() == ended.keys()
    line = ended[activation.run_id]
    assert (line.outcome, line.reason, line.run_kind, line.config_version) == ("success", "ok", "approval", 1)
    assert line.counts["create"] == wanted(relay)
    assert line.counts["applied"] == line.counts["create"] + line.counts["set-manager"]
    assert line.duration_ns
    assert began[activation.run_id].user_id == "test"


def test_at_the_usual_level_whoever_went_well_costs_no_line(relay: Relay) -> None:
    with logged("info") as stream:
        relay.go_live()
    assert told(stream, Action.ITEM_APPLIED) == []


def test_at_debug_each_change_has_a_line_with_its_person_and_what_it_did(relay: Relay) -> None:
    with logged("debug") as stream:
        relay.go_live()
    lines = told(stream, Action.ITEM_APPLIED)
    expected = sorted(str(person.id) for person in people(relay) if is_wanted(person))
    assert sorted(str(line.item_ref) for line in lines if line.item_action == "create") == expected


def test_who_is_skipped_is_counted_by_cause_at_the_end_of_each_run(relay: Relay) -> None:
    with logged("info") as stream:
        run = relay.sync(plan_only=True)
    lines = told(stream, Action.ITEM_SKIPPED)
    assert {line.reason: line.count for line in lines} == relay.figures(run).skipped
    assert lines


def test_who_is_refused_has_a_line_with_the_cause_and_nothing_of_the_person(
    relay: Relay, app: ScimSimulator
) -> None:
    victim = next(person for person in people(relay) if is_wanted(person))
    app.quirks.add(refused(), methods=("POST",), external_ids=(str(victim.id),), times=None)
    with logged("debug") as stream:
        relay.go_live()
    (line,) = told(stream, Action.ITEM_DEADLETTERED)
    assert (line.item_ref, line.error_code) == (str(victim.id), Code.TARGET_REFUSED.value)
    assert line.level == "error"
    assert str(victim.email) not in stream.getvalue()


def test_who_is_held_is_counted_by_cause(relay: Relay) -> None:
    relay.go_live()
    for person in [person for person in people(relay) if is_wanted(person)][:10]:
        relay.personio.company.terminate(person.id)
    with logged("info") as stream:
        relay.sync()
    (line,) = told(stream, Action.ITEM_HELD)
    assert (line.level, line.count, line.reason) == ("warning", 10, Code.GUARD_REMOVALS.value)


def test_a_run_that_failed_says_so_with_its_cause_once(relay: Relay, personio: PersonioSimulator) -> None:
    relay.go_live()
    personio.fault(EmptyList(total=0), path=LIST_PATH, count=None)
    with logged("info") as stream:
        run = relay.sync()
    (line,) = told(stream, Action.RUN_ENDED)
    assert (line.run_id, line.outcome, line.error_code) == (run.run_id, "failure", Code.FEED_EMPTY.value)


def test_what_was_rolled_back_is_not_told(relay: Relay) -> None:
    with logged("debug") as stream, contextlib.suppress(LookupError), relay.store.write() as tx:
        tx.runs.add(ACME, RunId("never"), NewRun(RunKind.FEED, "slot", "test"), ConfigVersion(1))
        raise LookupError
    assert stream.getvalue() == ""
