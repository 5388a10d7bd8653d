"""Send dead letters on their way again, some at a time; twice asked is once done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from domain.audit import About, Deed, Note
from domain.codes import Code
from domain.events import Event
from domain.ids import ChangeId, LetterId, TenantId
from domain.letters import Letter, LetterState
from domain.ports import Publisher, Store, Transaction
from producers.resume import judge_soon

RingMore = Callable[[Transaction, TenantId], list[Event]]
Decode = Callable[[bytes], Event | None]
"""Reads a message as it was on the queue; None where this release does not understand it."""

Progress = Callable[[int, int], None]
"""Told after each batch: how many letters were looked at, of how many."""

AT_ONCE = 200
MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which standing letters are meant: these, or those of these changes, of a cause, or all."""

    letter_ids: tuple[LetterId, ...] = ()
    change_ids: tuple[ChangeId, ...] = ()
    code: Code | None = None

    def holds(self, letter: Letter) -> bool:
        """Tell whether a letter is meant."""
        if self.letter_ids or self.change_ids:
            return letter.letter_id in self.letter_ids or letter.change_id in self.change_ids
        return self.code is None or letter.code is self.code

    def __str__(self) -> str:
        """Name the choice as the audit keeps it."""
        if self.letter_ids or self.change_ids:
            return f"chosen:{len(self.letter_ids) + len(self.change_ids)}"
        return f"cause:{self.code}" if self.code else "all"


ALL = Chosen()


@dataclass(frozen=True, slots=True)
class Requeued:
    """What came of it: letters meant, changes released, messages sent, messages that nobody reads yet."""

    meant: int = 0
    changes: int = 0
    messages: int = 0
    unknown: int = 0

    @property
    def left(self) -> int:
        """Count letters that were left alone: a newer change took their place, or nobody reads them."""
        return self.meant - self.changes - self.messages


@dataclass(frozen=True, slots=True, kw_only=True)
class Postman:
    """The ports of whoever sends letters again, and who asked for it.

    `key` names the request of a script: asked a second time it only goes on where the first time ended.
    """

    by: str
    store: Store
    publisher: Publisher
    ring_more: RingMore
    decode: Decode
    key: str = ""
    at_once: int = AT_ONCE


def requeue(
    tenant_id: TenantId, chosen: Chosen = ALL, *, postman: Postman, progress: Progress | None = None
) -> Requeued:
    """Release dead rows and ring for parked messages, batch by batch: what dies half-way goes on later.

    A row is released where it is; nothing is deleted before something else exists. The bell is a hint.
    """
    letters = _of_request(tenant_id, meant(tenant_id, chosen, postman.store), postman)
    done = Requeued(len(letters))
    for start in range(0, len(letters), postman.at_once):
        batch = letters[start : start + postman.at_once]
        done = _add(done, _send(tenant_id, batch, postman))
        if progress is not None:
            progress(start + len(batch), len(letters))
    return done


def _of_request(tenant_id: TenantId, letters: Sequence[Letter], postman: Postman) -> Sequence[Letter]:
    """Leave out what died, or died again, after this request was made for the first time."""
    if not postman.key:
        return letters
    with postman.store.read() as tx:
        first = tx.letters.first_requeued(tenant_id, postman.key)
    return [letter for letter in letters if first is None or letter.last_at <= first]


def meant(tenant_id: TenantId, chosen: Chosen, store: Store) -> Sequence[Letter]:
    """List the standing letters that a choice means, oldest first."""
    with store.read() as tx:
        standing = tx.letters.list(tenant_id, MOST, states=(LetterState.STANDING,), code=chosen.code)
    return [letter for letter in reversed(standing) if chosen.holds(letter)]


def dismiss(tenant_id: TenantId, chosen: Chosen, *, by: str, store: Store) -> int:
    """Take standing letters off the list, unsent; the same letter comes back if the same dies again."""
    letters = [letter.letter_id for letter in meant(tenant_id, chosen, store)]
    with store.write() as tx:
        count = tx.letters.dismiss(tenant_id, letters, by)
        if count:
            tx.audit.write(tenant_id, _note(Deed.LETTERS_DISMISSED, by, letters, count))
        return count


def _send(tenant_id: TenantId, batch: Sequence[Letter], postman: Postman) -> Requeued:
    """Send one batch: rows in one transaction that also notes who asked; messages are only rung for."""
    with postman.store.write() as tx:
        bells = {each: event for each in batch if (event := _event(tx, tenant_id, each, postman.decode))}
        rows = [each.change_id for each in batch if each.change_id]
        released = frozenset(tx.changes.requeue(tenant_id, rows))
        sent = [each.letter_id for each in batch if each in bells or each.change_id in released]
        tx.letters.requeued(tenant_id, sent, postman.by, postman.key)
        judge_soon(tx, tenant_id)
        events = [*bells.values(), *(postman.ring_more(tx, tenant_id) if released else ())]
        if sent:
            tx.audit.write(tenant_id, _note(Deed.LETTERS_REQUEUED, postman.by, sent, len(sent)))
    postman.publisher.ring(events)
    unknown = len(batch) - len(rows) - len(bells)
    return Requeued(changes=len(released), messages=len(bells), unknown=unknown)


def _note(deed: Deed, by: str, letters: Sequence[LetterId], count: int) -> Note:
    """Name the oldest letter; which others were meant is in the fingerprint."""
    return Note(deed, by, About.LETTERS, letters[0], count, " ".join(letters))


def _event(tx: Transaction, tenant_id: TenantId, letter: Letter, decode: Decode) -> Event | None:
    """Read a parked message; one that speaks of another tenant than its letter is not sent."""
    body = None if letter.change_id else tx.letters.message(tenant_id, letter.letter_id)
    event = decode(body) if body is not None else None
    return event if event is not None and event.tenant_id == tenant_id else None


def _add(one: Requeued, more: Requeued) -> Requeued:
    return replace(
        one,
        changes=one.changes + more.changes,
        messages=one.messages + more.messages,
        unknown=one.unknown + more.unknown,
    )
