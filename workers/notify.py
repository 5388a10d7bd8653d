"""Carry messages to humans: what is due goes out over its channel, what fails waits in its row."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias, assert_never

from domain.codes import Code
from domain.dispatches import (
    Dispatch,
    Ending,
    Sent,
    Undelivered,
    Waits,
    Withdrawn,
    hopeless,
    is_patient,
)
from domain.errors import PermanentError, TemporaryError
from domain.events import IncidentChanged, NoticesDue
from domain.notices import Audience, Notice
from domain.outcomes import Did, Failed, HandlerOutcome, Later, Nothing
from domain.ports import Ids, Store, Transaction
from domain.ports_channels import Channel, Delivered, Ways
from domain.reminders import Reminders
from domain.retry import wait_before
from workers.telling import notice_for, remind, tell
from workers.unheard import give_up, hear_owners, hear_undelivered

MOST_AT_ONCE = 50
"""So many rows per message; what is left is rung again by the sweeper."""

MOST_WAITS = 3
"""After so many that had to wait the next bell is heard first: a channel that hangs takes a minute each."""

NotifyEvent: TypeAlias = IncidentChanged | NoticesDue
Alarm: TypeAlias = Callable[[Dispatch, Code, str], None]
"""Say loudly, and not through a channel, that a message will not arrive."""


@dataclass(slots=True)
class _Told:
    """What came of the rows of one message."""

    sent: int = 0
    withdrawn: int = 0
    waits: list[Waits] = field(default_factory=list)
    undelivered: list[Undelivered] = field(default_factory=list)

    def note(self, ending: Ending) -> None:
        match ending:
            case Sent():
                self.sent += 1
            case Withdrawn():
                self.withdrawn += 1
            case Waits():
                self.waits.append(ending)
            case Undelivered():
                self.undelivered.append(ending)
            case _:
                assert_never(ending)

    def outcome(self) -> HandlerOutcome:
        """Answer with the worst."""
        if self.undelivered:
            return Failed(self.undelivered[0].code, self.undelivered[0].detail)
        if self.waits:
            return Later(self.waits[0].code, self.waits[0].detail)
        if self.sent:
            return Did("told", (("messages", self.sent),))
        return Nothing("no longer worth telling" if self.withdrawn else "told before, or gone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notifier:
    """What a notification needs: the store, the channels, when to remind, and whom to alarm if all fails."""

    store: Store
    ways: Ways
    ids: Ids
    alarm: Alarm
    rules: Reminders


def notify(event: NotifyEvent, at: Notifier) -> HandlerOutcome:
    """Write down what is to be told, then carry what is due of that tenant, one row at a time.

    Each row is leased, delivered and settled on its own: a crash in between repeats one message at most, and
    one that crashes its process again and again holds up no other.
    """
    with at.store.write() as tx:
        _plan(tx, event, at)
    told = _Told()
    for _ in range(MOST_AT_ONCE):
        token = at.ids.new()
        with at.store.write() as tx:
            taken = tx.dispatches.take(event.tenant_id, token)
        if taken is None:
            break
        told.note(_carry(taken, token, at))
        if len(told.waits) >= MOST_WAITS:
            break
    return told.outcome()


def _plan(tx: Transaction, event: NotifyEvent, at: Notifier) -> None:
    match event:
        case IncidentChanged():
            incident = tx.incidents.get(event.tenant_id, event.incident_id)
            if incident is not None:
                tell(tx, incident, at.ways)
        case NoticesDue():
            remind(tx, event.tenant_id, at.rules, at.ways)
        case _:
            assert_never(event)


def _carry(taken: Dispatch, token: str, at: Notifier) -> Ending:
    """Deliver one row outside of any transaction, then write down how that went."""
    with at.store.read() as tx:
        notice, now = notice_for(tx, taken, at.rules, at.ways), tx.now()
    channel = at.ways.named(taken.channel)
    delivered = Delivered()
    if notice is None:
        ending: Ending = Withdrawn("no longer worth telling")
    elif channel is None:
        ending = Undelivered(Code.NOTICE_REFUSED, "this channel is not configured any more")
    elif why := hopeless(taken, now, doubles_harmless=channel.doubles_harmless):
        ending = Undelivered(taken.code or Code.NOTICE_AWAY, why)
    else:
        ending, delivered = _delivered(channel, notice, taken, at.ids.dice())
    with at.store.write() as tx:
        mine = tx.dispatches.settle(taken, token, ending)
        if mine:
            _follow(tx, taken, ending, notice, delivered, at)
    if mine and isinstance(ending, Undelivered):
        at.alarm(taken, ending.code, ending.detail)
    return ending


def _delivered(channel: Channel, notice: Notice, taken: Dispatch, dice: float) -> tuple[Ending, Delivered]:
    try:
        return Sent(), channel.deliver(notice, patient=is_patient(taken))
    except TemporaryError as error:
        wait = wait_before(taken.tries + 1, error.retry_after, dice)
        return Waits(error.code, error.detail, wait, error.maybe_done), Delivered()
    except PermanentError as error:
        return Undelivered(error.code, error.detail), Delivered()


def _follow(
    tx: Transaction, taken: Dispatch, ending: Ending, notice: Notice | None, done: Delivered, at: Notifier
) -> None:
    """Open or close the incidents over messages that will not arrive and owners who cannot be reached."""
    if isinstance(ending, Undelivered):
        give_up(tx, taken, at.ways, at.ids)
    elif not isinstance(ending, Waits):
        hear_undelivered(tx, taken.tenant_id, at.ways)
    if isinstance(ending, Sent) and notice is not None and taken.audience is Audience.OWNERS:
        hear_owners(tx, notice, done, at.ways, at.ids)
