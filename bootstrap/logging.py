"""Turn everything that is said in a process into one safe line each: ours, a library's, or an error's."""

import logging
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from json import dumps
from types import TracebackType
from typing import TextIO, TypeAlias, Unpack

import structlog

from bootstrap.log_masking import masked, message_of, places_of
from domain.errors import StaffettaError
from domain.plain import one_line, without_addresses
from schemas.log_line import COUNT, ECS_VERSION, LONGEST_LINE, MESSAGES, NAMES, REQUIRED, Action, Fields

Scalar: TypeAlias = str | int
LineFields: TypeAlias = dict[str, Scalar]

OURS = ("staffetta", "workers", "producers", "adapters", "bootstrap")
"""Loggers that follow the chosen level. All others stay at WARNING: libraries print values at DEBUG."""

PINNED = ("httpx", "httpcore", "dramatiq", "sqlalchemy", "redis", "aiohttp", "asyncio", "alembic")

LONGEST = {"message": 1_000, NAMES["error_places"]: 3_000}
LONGEST_OTHER = 1_000
SHORT = 100

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}


def configure_logging(level: str, json: bool, service: str, stream: TextIO | None = None) -> None:
    """Write one line per happening to this stream (stdout), from now on and from every logger here.

    `level` is for our own lines. Calling it again replaces what was set up before.
    """
    chosen = _LEVELS.get(level.lower(), 0)
    if not chosen:
        raise ValueError(f"the log level is one of {', '.join(_LEVELS)}")
    handler = _LineHandler(stream or sys.stdout)
    handler.setFormatter(_LineFormatter(service, _as_json if json else _as_words))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(chosen, logging.WARNING))
    for name in OURS:
        logging.getLogger(name).setLevel(chosen)
    for name in PINNED:
        logging.getLogger(name).setLevel(max(chosen, logging.WARNING))
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def log_uncaught() -> None:
    """Send what nobody caught, and Python's warnings, through the same lines instead of to stderr."""
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)
    logging.captureWarnings(capture=True)


def log_event(action: Action, *, failure: BaseException | None = None, **fields: Unpack[Fields]) -> None:
    """Write the line of one action; see `schemas.log_line` for both closed lists."""
    level, message = MESSAGES[action]
    if not logging.getLogger(OURS[0]).isEnabledFor(_LEVELS[level]):
        return  # a first sync has a line for each person that nobody reads at the usual level
    said: dict[str, object] = {f"count.{name}": count for name, count in fields.pop("counts", {}).items()}
    said |= {NAMES[name]: value for name, value in fields.items() if value is not None}
    if "queue" in fields:
        said[NAMES["messaging_system"]] = "redis"
        said |= {NAMES["conversation_id"]: fields["run_id"]} if "run_id" in fields else {}
    said[NAMES["action"]] = action
    structlog.get_logger(OURS[0]).log(_LEVELS[level], message, exc_info=failure, **said)


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if error is None or not isinstance(error, Exception):
        sys.__excepthook__(kind, error or kind(), trace)
        return
    log_event(Action.ERROR_UNCAUGHT, failure=error)


class _LineHandler(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  the standard library's name
        """Say without its content that a line got lost; the standard way prints the arguments."""
        try:
            self.stream.write(f'{{"message":"a log line got lost","log.logger":{dumps(record.name)}}}\n')
        except (OSError, ValueError):
            return


class _LineFormatter(logging.Formatter):
    def __init__(self, service: str, render: Callable[[LineFields], str]) -> None:
        super().__init__()
        self._service = service if service.startswith("staffetta") else f"staffetta-{service}"
        self._render = render
        self._version = own_version()
        self._host = one_line(socket.gethostname(), SHORT) or "host"

    def format(self, record: logging.LogRecord) -> str:
        said = record.msg if isinstance(record.msg, dict) else {}
        content = _ours(said) if said else _foreign(record)
        return _fitting(self._base(record) | content | _error_fields(_failure(record, said)), self._render)

    def _base(self, record: logging.LogRecord) -> LineFields:
        moment = datetime.fromtimestamp(record.created, UTC)
        return {
            NAMES["timestamp"]: f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z",
            NAMES["level"]: record.levelname.lower(),
            NAMES["message"]: "",
            NAMES["action"]: Action.LIBRARY_SAID.value,
            NAMES["logger"]: one_line(record.name, SHORT).replace(" ", "_"),
            NAMES["ecs_version"]: ECS_VERSION,
            NAMES["service_name"]: self._service,
            NAMES["service_version"]: self._version,
            NAMES["service_instance"]: f"{self._host}-{record.process}",
        }


def own_version() -> str:
    """Name the release that runs here; «unpacked» where nothing was installed."""
    try:
        return version("staffetta")
    except PackageNotFoundError:
        return "unpacked"


def _ours(said: Mapping[str, object]) -> LineFields:
    known = frozenset(NAMES.values())
    line: LineFields = {NAMES["message"]: _clean(NAMES["message"], str(said.get("event", "")))}
    rest = {key: value for key, value in said.items() if key not in {"event", "exc_info", "stack_info"}}
    line |= {
        key: _clean(key, value)
        for key, value in rest.items()
        if (key in known or COUNT.fullmatch(key)) and isinstance(value, str | int)
    }
    dropped = sorted(one_line(str(key), SHORT) for key in rest if key not in line)
    return line | ({NAMES["dropped"]: ", ".join(dropped)} if dropped else {})


def _clean(key: str, value: Scalar) -> Scalar:
    if isinstance(value, str):
        return one_line(without_addresses(value), LONGEST.get(key, LONGEST_OTHER))
    return value


def _foreign(record: logging.LogRecord) -> LineFields:
    """Keep a library's constant text and mask what it puts in; a text without arguments is masked whole."""
    text = str(record.msg)
    if not record.args:
        return {NAMES["message"]: masked(text)}
    try:
        return {NAMES["message"]: one_line(text % _masked_arguments(record.args), LONGEST["message"])}
    except (TypeError, ValueError, KeyError):
        return {NAMES["message"]: masked(text)}


def _masked_arguments(
    args: tuple[object, ...] | Mapping[str, object],
) -> tuple[object, ...] | dict[str, object]:
    if isinstance(args, Mapping):
        return {key: _masked_argument(value) for key, value in args.items()}
    return tuple(_masked_argument(value) for value in args)


def _masked_argument(value: object) -> object:
    return value if isinstance(value, int | float) else masked(str(value))


def _failure(record: logging.LogRecord, said: Mapping[str, object]) -> BaseException | None:
    for info in (said.get("exc_info"), record.exc_info):
        if isinstance(info, BaseException):
            return info
        if isinstance(info, tuple) and isinstance(info[1], BaseException):
            return info[1]
    return sys.exc_info()[1] if said.get("exc_info") is True else None


def _error_fields(error: BaseException | None) -> LineFields:
    if error is None:
        return {}
    code = {NAMES["error_code"]: error.code.value} if isinstance(error, StaffettaError) else {}
    return {
        NAMES["error_type"]: type(error).__qualname__,
        NAMES["error_message"]: message_of(error),
        NAMES["error_places"]: one_line(places_of(error), LONGEST[NAMES["error_places"]]),
        **code,
    }


def _fitting(line: LineFields, render: Callable[[LineFields], str]) -> str:
    """Render a line within its limit: whole, or with cut values, or with its base alone."""
    cut = {key: one_line(value, SHORT) if isinstance(value, str) else value for key, value in line.items()}
    mark: LineFields = {NAMES["truncated"]: True}
    for shorter in (line, cut | mark):
        text = render(shorter)
        if len(text.encode()) < LONGEST_LINE:
            return text
    return render({key: value for key, value in cut.items() if key in REQUIRED} | mark)


def _as_json(line: LineFields) -> str:
    return dumps(line, ensure_ascii=True, separators=(",", ":"))


def _as_words(line: LineFields) -> str:
    head = f"{line[NAMES['timestamp']]} {str(line[NAMES['level']]).upper():<8} {line[NAMES['message']]}"
    rest = (f"{key}={value}" for key, value in line.items() if key not in REQUIRED)
    return "  ".join((head, f"[{line[NAMES['action']]}]", *rest))
