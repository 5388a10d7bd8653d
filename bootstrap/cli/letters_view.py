"""Draw dead letters: by cause, with sentence and cure, and what to type next."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import RenderableType

from adapters.queue.envelope import event_in
from bootstrap.cli.changes_view import cause_data, german
from bootstrap.cli.voice import Data, cell, counted, heading, line, pairs, table
from domain.cause import Language
from domain.causes import ADDRESSEES, cause_of, say
from domain.codes import Code
from domain.ids import TenantId
from domain.letters import Letter
from domain.remedies import remedy, sends_again
from producers.replay import Requeued


def letter_data(letter: Letter) -> Data:
    """Write a letter down with everything that a human needs, in both languages."""
    return {
        "letter": letter.letter_id,
        "tenant": letter.tenant_id or None,
        "cause": cause_data(letter.code, letter.detail),
        "de": german(letter.code, letter.detail),
        "addressee": cause_of(letter.code).addressee.value,
        "state": letter.state.value,
        "first_at": letter.first_at,
        "last_at": letter.last_at,
        "count": letter.count,
        "person": letter.person_id,
        "change": letter.change_id,
        "requeued_at": letter.requeued_at,
        "requeued_by": letter.requeued_by or None,
        "dismissed_at": letter.dismissed_at,
        "dismissed_by": letter.dismissed_by or None,
        "command": sends_again(letter.code, letter.tenant_id),
    }


def message_data(body: bytes | None) -> Data:
    """Tell of a message what may be told: its size, and whether this release reads it. Never its content."""
    told = None if body is None else {"bytes": len(body), "understood_now": event_in(body) is not None}
    return {"message": told}


def draw_letters(data: Data) -> Iterable[RenderableType]:
    """Draw letters by tenant and cause."""
    groups: dict[tuple[str | None, str], list[Data]] = {}
    for row in data["letters"]:
        groups.setdefault((row["tenant"], row["cause"]["code"]), []).append(row)
    for (tenant, code), rows in groups.items():
        yield heading(f"{tenant or 'no tenant'}: {code} ({counted(len(rows), 'letter')})")
        told = say(Code(code), "en")
        says = list(dict.fromkeys(row["cause"]["sentence"] for row in rows))
        yield line(says[0] if len(says) == 1 else told.sentence)
        yield line(_whom_and_when(Code(code), rows))
        yield line(f"→ {told.cure}")
        yield line(f"→ send them again: {sends_again(Code(code), TenantId(tenant or ''))}")
        yield _table(rows, told.sentence if len(says) > 1 else None)


def _whom_and_when(code: Code, rows: Sequence[Data]) -> str:
    whom = ADDRESSEES[Language.EN][cause_of(code).addressee]
    first, last = min(row["first_at"] for row in rows), max(row["last_at"] for row in rows)
    return f"for: {whom}; first seen {cell(first)}, last seen {cell(last)} UTC"


def _table(rows: Iterable[Data], sentence: str | None) -> RenderableType:
    """Draw the letters of one cause; where they say more than its sentence, only that, row by row."""
    says = ("says",) if sentence else ()
    drawn = table("letter", "person", "first", "last", "times", "state", *says, numbers=("times",))
    for row in rows:
        values = (row["letter"], row["person"], row["first_at"], row["last_at"], row["count"], row["state"])
        drawn.add_row(*(cell(value) for value in values), *_said(row, sentence))
    return drawn


def _said(row: Data, sentence: str | None) -> list[str]:
    if sentence is None:
        return []
    own = str(row["cause"]["sentence"])
    return [cell("" if own == sentence else own.removeprefix(f"{sentence.rstrip('.')}: "))]


def sent_words(done: Requeued, when: str, whose: str) -> Iterator[str]:
    """Say what became of letters that were to be sent again, a line for each kind."""
    if not done.meant:
        yield "No such letter stands any more. See all with: staffetta letters --every-state"
        return
    if done.changes or not (done.messages or done.unknown):
        yield f"{counted(done.changes, 'change')} released again.{when}"
    if done.messages:
        yield f"{counted(done.messages, 'message')} sent again."
    if done.unknown:
        yield f"{counted(done.unknown, 'letter')} not understood by this release either: kept as they were."
        yield f"If nobody needs them: staffetta letters dismiss {whose} --cause {Code.MESSAGE_UNKNOWN}"
    if overtaken := done.left - done.unknown:
        yield f"{counted(overtaken, 'letter')} left alone: sent meanwhile, or overtaken by newer changes."


def draw_letter(row: Data) -> Iterable[RenderableType]:
    """Draw one letter in full."""
    yield heading(f"{row['tenant'] or 'no tenant'}: {row['cause']['code']}, {row['state']}")
    yield line(row["cause"]["sentence"])
    yield line(f"→ {row['cause']['cure']}")
    yield line(row["de"]["sentence"])
    yield line(f"→ {row['de']['cure']}")
    names = ("letter", "person", "change", "addressee", "count", "first_at", "last_at")
    history = ("requeued_at", "requeued_by", "dismissed_at", "dismissed_by")
    shown = [(name.replace("_", " "), row[name]) for name in (*names, *history)]
    if row["message"]:
        shown.append(("message", f"{row['message']['bytes']} bytes"))
        shown.append(("understood by this release", row["message"]["understood_now"]))
    yield pairs(shown)
    look = remedy(Code(row["cause"]["code"]), TenantId(row["tenant"] or ""))
    yield line(f"→ look further: {look}")
    which = f"{row['tenant'] or '-'} {row['letter']}"
    if row["message"] and not row["message"]["understood_now"]:
        yield line(f"→ if nobody needs it: staffetta letters dismiss {which}")
    else:
        yield line(f"→ send it again: staffetta letters requeue {which}")
