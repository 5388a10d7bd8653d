"""Every line follows the schema, whoever said it, and carries no value that could harm or tell."""

import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator

import pytest
import structlog

from bootstrap.logging import log_event, log_uncaught
from domain.codes import Code
from domain.errors import PermanentError, TemporaryError
from schemas.log_line import LONGEST_LINE, MESSAGES, NAMES, Action, Fields, Line, LogEvent, read_line
from tests.fakes.log import lines_of, logged

CANARY = "hunter2-Kan4rie"
NOT_GIVEN = {
    "messaging_system",
    "conversation_id",
    "error_places",
    "dropped",
    "truncated",
    "counts",
}  # the formatter fills these


def test_a_line_says_when_who_and_what() -> None:
    with logged() as stream:
        log_event(Action.RUN_STARTED, tenant_id="acme", run_id="run-7")
    (line,) = lines_of(stream)
    assert (line.action, line.level, line.message) == (Action.RUN_STARTED, "info", "run started")
    assert (line.tenant_id, line.run_id, line.service_name) == ("acme", "run-7", "staffetta-test")
    assert line.timestamp.endswith("Z")


def test_names_on_the_line_are_flat_and_those_of_ecs_and_opentelemetry() -> None:
    with logged() as stream:
        log_event(Action.EVENT_HANDLED, queue="fetch", run_id="run-7", outcome="success", duration_ns=5)
    said = json.loads(stream.getvalue())
    assert said["messaging.system"] == "redis"
    assert said["messaging.destination.name"] == "fetch"
    assert said["messaging.message.conversation_id"] == "run-7"
    assert (said["event.outcome"], said["event.duration"]) == ("success", 5)
    assert not any(isinstance(value, dict | list) for value in said.values())


@pytest.mark.parametrize("action", list(Action))
def test_every_action_has_a_level_and_a_constant_text(action: Action) -> None:
    with logged() as stream:
        log_event(action)
    (line,) = lines_of(stream)
    assert (line.action, (line.level, line.message)) == (action, MESSAGES[action])


def test_what_may_be_said_and_what_may_stand_on_a_line_are_the_same() -> None:
    optional = {name for name in NAMES if name in Fields.__annotations__ or name in NOT_GIVEN}
    base = set(Line.__struct_fields__) - optional
    assert set(Fields.__annotations__) | NOT_GIVEN == optional
    assert base == {
        "timestamp",
        "level",
        "message",
        "action",
        "logger",
        "ecs_version",
        "service_name",
        "service_version",
        "service_instance",
    }


def test_an_error_is_told_by_type_code_detail_and_places() -> None:
    def fail() -> None:
        raise TemporaryError(Code.TARGET_BUSY, "HTTP 429")

    with logged() as stream:
        try:
            fail()
        except TemporaryError as error:
            log_event(Action.EVENT_FAILED, failure=error)
    (line,) = lines_of(stream)
    assert (line.error_type, line.error_code) == ("TemporaryError", "target.busy")
    assert line.error_message == "target.busy: HTTP 429"
    places = (line.error_places or "").split(" > ")
    assert [place.split(" ")[-1] for place in places] == [
        "test_an_error_is_told_by_type_code_detail_and_places",
        "fail",
    ]
    assert all(place.startswith("unit/logging/test_lines.py:") for place in places)


def test_k1_a_foreign_error_tells_no_value_no_local_variable_and_no_source_line() -> None:
    def fail(secret: str) -> None:
        try:
            dict[str, str]()[secret]
        except KeyError as cause:
            raise RuntimeError(f"cannot reach Ada Byron <ada@acme.test> with {secret}") from cause

    with logged() as stream:
        try:
            fail(CANARY)
        except RuntimeError as error:
            log_event(Action.EVENT_FAILED, failure=error)
    (line,) = lines_of(stream)
    assert line.error_message == "cannot reach ‹…› with ‹…›"
    assert "because of KeyError" in (line.error_places or "")
    for told in (CANARY, "Ada", "Byron", "acme.test", "raise "):
        assert told not in stream.getvalue()


def test_k7_control_characters_colours_and_reading_direction_are_shown_not_obeyed() -> None:
    with logged() as stream:
        log_event(
            Action.ITEM_DEADLETTERED, error_message='x\n{"event.action":"run.ended"}\x1b[31m\u202e\u2028\x00y'
        )
    (text,) = stream.getvalue().splitlines()
    told = read_line(text).error_message or ""
    assert told.isprintable()
    assert "\\u001b[31m\\u202e" in told
    assert text.isascii()


@pytest.mark.parametrize("filler", ["x", "ü", "\u202e", "😀", '"'])
def test_no_line_is_longer_than_the_limit(filler: str) -> None:
    long = filler * 20_000
    with logged() as stream:
        log_event(
            Action.ITEM_DEADLETTERED,
            reason=long,
            error_message=long,
            url_template=long,
            error_type=long,
            tenant_id="acme",
        )
    (line,) = lines_of(stream)
    assert len(stream.getvalue().encode()) <= LONGEST_LINE
    assert line.action is Action.ITEM_DEADLETTERED


def test_a_deep_error_fits_too() -> None:
    def dig(depth: int) -> None:
        if depth == 0:
            raise PermanentError(Code.TARGET_REFUSED, "x" * 9_000)
        dig(depth - 1)

    with logged() as stream:
        try:
            dig(200)
        except PermanentError as error:
            log_event(Action.EVENT_FAILED, failure=error)
    (line,) = lines_of(stream)
    assert line.error_code == "target.refused"
    assert len(stream.getvalue().encode()) <= LONGEST_LINE


def test_a_direct_structlog_line_follows_the_same_schema() -> None:
    with logged() as stream:
        structlog.get_logger("staffetta.queue").warning(
            "the queue is away", **{"event.action": "bell.lost", "tenant.id": "acme"}
        )
    (line,) = lines_of(stream)
    assert (line.action, line.tenant_id, line.logger) == (Action.BELL_LOST, "acme", "staffetta.queue")


def test_counts_stand_on_the_line_by_their_names() -> None:
    with logged() as stream:
        structlog.get_logger("staffetta").info(
            "done", **{"event.action": "envelope.processed", "count.applied": 3, "count.Not a name": 4}
        )
    (line,) = lines_of(stream)
    assert line.counts == {"applied": 3}
    assert line.dropped == "count.Not a name"


def test_a_field_that_nobody_listed_is_dropped_by_name_without_its_value() -> None:
    with logged() as stream:
        structlog.get_logger("staffetta").info("hello", email="ada@acme.test", rows=[CANARY])
    (line,) = lines_of(stream)
    assert line.dropped == "email, rows"
    assert "ada@" not in stream.getvalue()
    assert CANARY not in stream.getvalue()


def test_an_address_in_an_allowed_field_is_hidden() -> None:
    with logged() as stream:
        log_event(
            Action.ITEM_DEADLETTERED, error_message="refused for ada@acme.test, DE89 3704 0044 0532 0130 00"
        )
    assert "ada@" not in stream.getvalue()
    assert "3704" not in stream.getvalue()


def test_a_library_keeps_its_constant_text_and_loses_its_values() -> None:
    with logged() as stream:
        logging.getLogger("dramatiq.worker").warning("Skipping message %s after %d tries", CANARY, 3)
    (line,) = lines_of(stream)
    assert line.message == "Skipping message ‹…› after 3 tries"
    assert line.action is Action.LIBRARY_SAID
    assert (line.level, line.logger) == ("warning", "dramatiq.worker")


def test_k4_a_library_that_formats_by_itself_is_masked_whole() -> None:
    with logged() as stream:
        logging.getLogger("other").error(f"no user Ada Byron, token {CANARY}")  # noqa: G004  the case at hand
    assert lines_of(stream)[0].message == "no user ‹…› token ‹…›"


def test_a_library_that_formats_wrongly_is_still_heard() -> None:
    with logged() as stream:
        logging.getLogger("other").error("%d people", CANARY)
    assert lines_of(stream)[0].message
    assert CANARY not in stream.getvalue()


@pytest.mark.parametrize(
    "name", ["httpx", "httpcore.connection", "dramatiq.worker.WorkerThread", "sqlalchemy.engine"]
)
def test_k4_libraries_are_silent_below_warning_even_at_debug(name: str) -> None:
    with logged("debug") as stream:
        logging.getLogger(name).info("Received message %s", CANARY)
        logging.getLogger(name).debug("GET %s", CANARY)
    assert stream.getvalue() == ""


@pytest.mark.parametrize(("level", "heard"), [("debug", 3), ("info", 2), ("warning", 1), ("error", 0)])
def test_our_own_lines_follow_the_level(level: str, heard: int) -> None:
    with logged(level) as stream:
        log_event(Action.ITEM_APPLIED)
        log_event(Action.RUN_STARTED)
        log_event(Action.ITEM_HELD)
    assert len(lines_of(stream)) == heard


def test_a_level_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(ValueError, match="debug, info, warning, error, critical"), logged("loud"):
        pass


def test_setting_up_twice_writes_each_line_once() -> None:
    with logged(), logged() as stream:
        log_event(Action.RUN_STARTED)
    assert len(lines_of(stream)) == 1


def test_k7_people_at_a_terminal_read_words_that_obey_nothing() -> None:
    with logged(json=False) as stream:
        log_event(Action.RUN_STARTED, tenant_id="acme", reason="x\x1b[31m\ny")
    (text,) = stream.getvalue().splitlines()
    assert text.isprintable()
    assert "INFO     run started  [run.started]  " in text
    assert "tenant.id=acme" in text


def test_a_stream_that_is_gone_stops_nobody_and_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with logged() as stream:
        stream.close()
        log_event(Action.RUN_STARTED, tenant_id=CANARY)
    assert CANARY not in "".join(capsys.readouterr())


def test_log_event_is_what_the_port_asks_for() -> None:
    ports: tuple[LogEvent, ...] = (log_event,)
    assert ports


@pytest.fixture
def hooks() -> Iterator[None]:
    before = sys.excepthook, threading.excepthook
    log_uncaught()
    yield
    sys.excepthook, threading.excepthook = before
    logging.captureWarnings(capture=False)


@pytest.mark.usefixtures("hooks")
def test_what_nobody_caught_becomes_a_line() -> None:
    error = RuntimeError(CANARY)
    with logged() as stream:
        sys.excepthook(RuntimeError, error, None)
    (line,) = lines_of(stream)
    assert (line.action, line.error_type) == (Action.ERROR_UNCAUGHT, "RuntimeError")
    assert CANARY not in stream.getvalue()


@pytest.mark.usefixtures("hooks")
def test_what_a_thread_did_not_catch_becomes_a_line() -> None:
    def fail() -> None:
        raise RuntimeError(CANARY)

    with logged() as stream:
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
    assert [line.action for line in lines_of(stream)] == [Action.ERROR_UNCAUGHT]
    assert CANARY not in stream.getvalue()


@pytest.mark.usefixtures("hooks")
def test_warnings_become_lines() -> None:
    with logged() as stream:
        warnings.showwarning(f"old {CANARY}", DeprecationWarning, "x.py", 1)
    (line,) = lines_of(stream)
    assert line.logger == "py.warnings"
    assert CANARY not in stream.getvalue()
