"""Draw dead letters: by cause, with sentence and cure, and what to type next."""

from collections.abc import Iterable

from rich.console import RenderableType

from adapters.queue.envelope import event_in
from bootstrap.cli.changes_view import cause_data
from bootstrap.cli.voice import Data, cell, heading, line, pairs, table
from domain.causes import cause_of, say
from domain.codes import Code
from domain.ids import TenantId
from domain.letters import Letter
from domain.remedies import remedy, sends_again


def letter_data(letter: Letter) -> Data:
    """Write a letter down with everything that a human needs, in both languages."""
    german = say(letter.code, "de", letter.detail)
    return {
        "letter": letter.letter_id,
        "tenant": letter.tenant_id or None,
        "cause": cause_data(letter.code, letter.detail),
        "de": {"sentence": german.sentence, "cure": german.cure},
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
        cause = cause_of(Code(code))
        yield heading(f"{tenant or 'no tenant'}: {code} ({len(rows)}), for the {cause.addressee}")
        told = say(Code(code), "en")
        yield line(told.sentence)
        yield line(f"→ {told.cure}")
        yield line(f"→ send them again: {sends_again(Code(code), TenantId(tenant or ''))}")
        yield _table(rows)


def _table(rows: Iterable[Data]) -> RenderableType:
    drawn = table("letter", "person", "first", "last", "times", "state", "says", numbers=("times",))
    for row in rows:
        said = row["cause"]["sentence"]
        values = (row["letter"], row["person"], row["first_at"], row["last_at"], row["count"], row["state"])
        drawn.add_row(*(cell(value) for value in values), cell(said))
    return drawn


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
    yield line(f"→ send it again: staffetta letters requeue {row['tenant'] or '-'} {row['letter']}")
