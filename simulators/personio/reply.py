"""What was asked, what is answered, and how the answer travels: values between the API and the wire."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from msgspec.json import encode


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, without any of the web server's own types."""

    method: str
    path: str
    query: Sequence[tuple[str, str]] = ()
    authorization: str | None = None
    content_type: str = ""
    body: bytes = b""
    address: str = "127.0.0.1"

    def first(self, name: str) -> str | None:
        """Read a query parameter, the first one where it was sent twice."""
        return next((value for key, value in self.query if key == name), None)


@dataclass(frozen=True, slots=True)
class Whole:
    """The answer arrives as it should."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The answer stops after a share of what Content-Length announced."""

    share: float
    by: Literal["close", "half-close", "reset"]


@dataclass(frozen=True, slots=True)
class Drip:
    """The answer arrives so many bytes at a time, one second apart."""

    bytes_per_second: int


@dataclass(frozen=True, slots=True)
class HangUp:
    """No answer at all: the connection just ends."""

    by: Literal["close", "half-close", "reset"]


Delivery = Whole | Cut | Drip | HangUp


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer and the way it travels."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    delivery: Delivery = field(default_factory=Whole)
    wait: float = 0.0


def success(data: bytes) -> Reply:
    """Wrap encoded JSON into the envelope of a good answer."""
    return Reply(200, b'{"success":true,"data":' + data + b"}")


def error(status: int, code: int, message: str) -> Reply:
    """Say no in the envelope of v1; its code is not always the status."""
    return Reply(status, encode({"success": False, "error": {"code": code, "message": message}}))


MISSING = "Es ist ein Problem aufgetreten "
"""Word for word, trailing space included, and German for everybody."""


def not_found() -> Reply:
    """Say that there is no such employee or path."""
    return error(404, 404, MISSING)
