"""Take values out of what errors and libraries say, so that a log line holds none of them.

Our own errors keep their detail, which never holds a value by contract. Of anybody else's text only short
plain words and small numbers stay.
"""

import re
import traceback
from types import TracebackType

from adapters.http import OutboundError
from domain.errors import StaffettaError
from domain.plain import one_line, without_addresses

LONGEST_MESSAGE = 1_000
MOST_PLACES = 25
MOST_CAUSES = 5
MASK = "‹…›"

_QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|`[^`\n]*`|«[^»\n]*»|\([^)\n]*\)|\[[^\]\n]*\]|\{[^}\n]*\}")
_WORD = re.compile(
    r"[a-z]{1,14}(?:'[a-z]{1,2})?|\d{1,4}|-{1,2}|HTTP|SQL|JSON|TLS|SSL|DNS|UNIQUE|NULL|FOREIGN|KEY"
)
_EDGES = ".,:;!?()"
_OPENERS = frozenset(
    (
        "A", "An", "Broken", "Cannot", "Connection", "Consumer", "Could", "Database", "Error", "Errno",
        "Exception", "Expected", "Failed", "Invalid", "It", "Message", "Missing", "Must", "Name", "No",
        "Not", "Object", "Permission", "Redis", "Remote", "Server", "Shutdown", "Stopping", "The",
        "This", "Timed", "Timeout", "Too", "Unable", "Unexpected", "Unknown", "Value", "Worker"
    )
)  # fmt: skip
"""Capitalised words that begin what libraries say; a name could look the same, so the list is closed."""


def masked(text: str) -> str:
    """Keep short lower-case words and small numbers of a foreign text; the rest might be a value."""
    bare = _QUOTED.sub(f" {MASK} ", text[: LONGEST_MESSAGE * 4])
    kept = " ".join(_kept(token) for token in bare.split())
    return one_line(re.sub(rf"{MASK}(?: {MASK})+", MASK, kept), LONGEST_MESSAGE)


def _kept(token: str) -> str:
    core = token.strip(_EDGES)
    safe = core == MASK or not core or core in _OPENERS or _WORD.fullmatch(core)
    return token if safe else MASK


def message_of(error: BaseException) -> str:
    """Say what an error says, without values."""
    if isinstance(error, StaffettaError | OutboundError):
        return one_line(without_addresses(str(error)), LONGEST_MESSAGE)
    if isinstance(error, OSError) and error.strerror:
        return masked(error.strerror)
    return masked(_text(error))


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001  an error that cannot even say itself must not stop the line
        return ""


def places_of(error: BaseException) -> str:
    """List where an error and its causes came from: file, line and function, no source and no variables."""
    parts = [_places(error.__traceback__)]
    cause = _cause(error)
    while cause is not None and len(parts) <= MOST_CAUSES:
        parts.append(
            f"because of {type(cause).__qualname__}: {message_of(cause)}; {_places(cause.__traceback__)}"
        )
        cause = _cause(cause)
    return " | ".join(part for part in parts if part)


def _cause(error: BaseException) -> BaseException | None:
    return error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _places(trace: TracebackType | None) -> str:
    frames = list(traceback.walk_tb(trace))[-MOST_PLACES:]
    return " > ".join(f"{_short(f.f_code.co_filename)}:{line} {f.f_code.co_name}" for f, line in frames)


def _short(file_name: str) -> str:
    return "/".join(file_name.replace("\\", "/").split("/")[-3:])
