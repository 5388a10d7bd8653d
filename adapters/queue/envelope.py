"""The envelope around our payload on the queue: opened with care, and believed in nothing but the payload."""

import json
from dataclasses import dataclass

from adapters.queue.codec import PLAIN_NAME, UnknownMessageError, decode
from domain.codes import Code
from domain.events import Event

ACTOR = "staffetta"
"""The one actor that all messages name; what to do is in the payload, which is versioned."""

LONGEST = 64 * 1024
"""Our longest message names 25 rows and takes 2 kB."""

LONGEST_NAME = 100


class NotOursError(Exception):
    """Say that a body on the queue is no message of ours, without repeating any of it."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What an envelope says: whom it is for, and the payload, which may be of a version unknown here."""

    message_id: str
    queue: str
    actor: str
    payload: object


def open_envelope(body: bytes) -> Envelope:
    """Read dramatiq's JSON envelope; raises NotOursError whatever is wrong with it."""
    if len(body) > LONGEST:
        raise NotOursError(f"{len(body)} bytes, where no message of ours has more than {LONGEST}")
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise NotOursError("no JSON") from None
    match told:
        case {
            "message_id": str(message_id),
            "queue_name": str(queue),
            "actor_name": str(actor),
            "args": [payload],
        }:
            return Envelope(message_id, queue, actor, payload)
        case dict():
            raise NotOursError("JSON, but not the envelope of a message with one argument")
        case _:
            raise NotOursError(f"JSON of type {type(told).__name__}")


def event_in(body: bytes) -> Event | None:
    """Read the event of a parked body; None where this release understands it as little as the last one."""
    try:
        return decode(open_envelope(body).payload)
    except (NotOursError, UnknownMessageError):
        return None


def sealed(payload: object) -> bytes:
    """Put a payload that was taken out of its envelope back into one, for keeping."""
    told = {"message_id": "", "queue_name": "", "actor_name": ACTOR, "args": [payload]}
    return json.dumps(told).encode()


def tenant_in(body: bytes) -> str | None:
    """Return the tenant that a message of any version names, unless there is none to be read."""
    payload = _payload(body)
    named = payload.get("tenant") if isinstance(payload, dict) else None
    return named if isinstance(named, str) and 0 < len(named) <= LONGEST_NAME else None


def same_as(body: bytes, code: Code, detail: str) -> bytes:
    """Return what makes two deaths the same: for a failure its kind, else all that would be sent again."""
    payload = _payload(body)
    if code is Code.INTERNAL and isinstance(payload, dict):
        return f"{payload.get('type')}\n{detail}".encode(errors="replace")
    return body if payload is None else json.dumps(payload, sort_keys=True).encode()


def plainly(name: object) -> str:
    """Repeat a name from the queue where it is a plain word; whatever else it is, nobody wants to read it."""
    return f"«{name}»" if isinstance(name, str) and PLAIN_NAME.fullmatch(name) else "with an unreadable name"


def _payload(body: bytes) -> object:
    try:
        return open_envelope(body).payload
    except NotOursError:
        return None
