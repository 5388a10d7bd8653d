"""A dispatch: one notice on its way over one channel, when it is due, and when we stop hoping."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from domain.codes import Code
from domain.ids import TenantId
from domain.notices import Audience, Stage

LEASE = timedelta(minutes=2)
"""Longer than any channel may take over one notice."""

KEPT_FOR = timedelta(days=3)
"""A channel may be away over a weekend; what is older than that is told elsewhere, and loudly."""

MOST_DOUBTFUL, MOST_DOUBTFUL_IF_HARMLESS = 2, 5
"""Tries that may have arrived without our knowing: a mail may double once, never twice.

Where the other side recognises a double by its id, only a notice that kills its process each time is stopped.
"""


PATIENT_TRIES = 8
"""They take ten minutes at least: grey lists let pass after five, as a rule."""


class DispatchState(StrEnum):
    """Name how a dispatch stands: on its way, there, given up, or no longer worth telling."""

    DUE = "due"
    SENT = "sent"
    UNDELIVERED = "undelivered"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class NewDispatch:
    """Ask for one notice over one channel. `about` is the incident, or the day of a digest."""

    notice_id: str
    channel: str
    stage: Stage
    about: str
    audience: Audience


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One row: what goes where, how often it was tried, and how often nobody knows whether it arrived."""

    tenant_id: TenantId
    notice_id: str
    channel: str
    stage: Stage
    about: str
    audience: Audience
    state: DispatchState
    tries: int
    doubtful: int
    made_at: datetime
    due_at: datetime
    settled_at: datetime | None
    code: Code | None
    detail: str


@dataclass(frozen=True, slots=True)
class Sent:
    """It is there."""


@dataclass(frozen=True, slots=True)
class Waits:
    """Not now: it is due again after a while. `doubtful` means that it may have arrived all the same."""

    code: Code
    detail: str
    wait: timedelta
    doubtful: bool


@dataclass(frozen=True, slots=True)
class Undelivered:
    """Never over this channel."""

    code: Code
    detail: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Not worth telling any more: over before anybody heard, or the channel is no longer there."""

    detail: str


Ending: TypeAlias = Sent | Waits | Undelivered | Withdrawn


def is_patient(taken: Dispatch) -> bool:
    """Say whether nobody is left out yet for a refusal that may pass, so that whoever has it gets no double.

    Tries of a server that was away put nobody off: once it is back, who is put off is waited for once more.
    """
    return taken.tries <= PATIENT_TRIES or taken.code is not Code.NOTICE_PUT_OFF


def hopeless(taken: Dispatch, now: datetime, *, doubles_harmless: bool) -> str:
    """Say why a dispatch that was just taken is not tried again; empty if it is. Its own try is counted."""
    most = MOST_DOUBTFUL_IF_HARMLESS if doubles_harmless else MOST_DOUBTFUL
    if taken.doubtful > most:
        return f"nobody knows whether {taken.doubtful - 1} tries arrived; another might double it"
    if now - taken.made_at > KEPT_FOR:
        return f"tried {taken.tries - 1} times in {KEPT_FOR.days} days" + (
            f"; last: {taken.detail}" if taken.detail else ""
        )
    return ""
