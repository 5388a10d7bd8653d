"""The employee list as a book of pages: who is on it for this question, and what one page says."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from simulators.personio.actions import (
    Distort,
    EmptyList,
    Paged,
    RepeatPage,
    ShiftPage,
    ShortPage,
    WrongTotal,
)
from simulators.personio.auth import Credential
from simulators.personio.dice import Dice
from simulators.personio.person import Person
from simulators.personio.reply import Ask
from simulators.personio.switches import Switches
from simulators.personio.world import World

DEFAULT_LIMIT, MOST = 50, 100


class BadQuestionError(ValueError):
    """A parameter of the list request makes no sense."""


@dataclass(frozen=True, slots=True)
class Question:
    """A list request, understood."""

    offset: int
    limit: int
    email: str | None
    since: datetime | None
    wanted: frozenset[str] | None
    """The projection; None means everything that may be seen."""


@dataclass(frozen=True, slots=True)
class Page:
    """What one page says, before it is written."""

    offset: int
    limit: int
    total: int
    ids: Sequence[int]

    def envelope(self, rows: Sequence[bytes]) -> bytes:
        """Write the page around its rows."""
        pages = -(-self.total // self.limit)
        head = (
            f'{{"success":true,"metadata":{{"total_elements":{self.total},'
            f'"current_page":{self.offset // self.limit},"total_pages":{pages}}},'
            f'"offset":{self.offset},"limit":{self.limit},"data":['
        )
        return head.encode() + b",".join(rows) + b"]}"


def understand(ask: Ask, switches: Switches) -> Question:
    """Read the parameters of a list request, or say which one cannot be read."""
    limit = _number(ask, "limit", DEFAULT_LIMIT)
    if limit < 1 or (limit > MOST and switches.over_limit == "refuse"):
        raise BadQuestionError(f"The limit must be between 1 and {MOST}.")
    names = frozenset(
        value for key, value in ask.query if key == "attributes" or key.startswith("attributes[")
    )
    since = ask.first("updated_since")
    return Question(
        offset=_number(ask, "offset", 0),
        limit=min(limit, MOST),
        email=ask.first("email") if since is None else None,
        since=None if since is None else _moment(since, switches),
        wanted=names or None,
    )


def _number(ask: Ask, name: str, usual: int) -> int:
    given = ask.first(name)
    if given is None:
        return usual
    if not given.isascii() or not given.isdigit():
        raise BadQuestionError(f"The {name} must be an integer.")
    return int(given)


def _moment(given: str, switches: Switches) -> datetime:
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        raise BadQuestionError("The updated_since is not a valid date.") from None
    if at.tzinfo is None:
        at = at.replace(tzinfo=ZoneInfo(switches.updated_since_zone))
    return at.astimezone(UTC) - timedelta(minutes=switches.updated_since_echo_minutes)


def open_page(world: World, credential: Credential, question: Question) -> Page:
    """Turn to the page that was asked for; past the end it is empty."""
    ids = _listed(world, credential, question)
    rows = ids[question.offset : question.offset + question.limit]
    return Page(question.offset, question.limit, len(ids), rows)


def _listed(world: World, credential: Credential, question: Question) -> list[int]:
    """List the ids that answer the question; the common one, everybody, costs nothing."""
    company = world.company
    ids = company.ids(world.switches.order)
    if credential.legal_entities is not None:
        ids = [number for number in ids if sees(world, credential, company.people[number])]
    if question.email is not None:
        ids = [number for number in ids if company.people[number].text("email") == question.email]
    if question.since is not None:
        counting = world.visible(credential)
        counting = counting & question.wanted if question.wanted else counting
        ids = [n for n in ids if _touched(company.people[n], counting, question.since)]
    return ids


def sees(world: World, credential: Credential, person: Person) -> bool:
    """Say whether a credential, perhaps limited to legal entities, sees this person at all."""
    entities = credential.legal_entities
    return entities is None or world.company.unit_name(person, "subcompany") in entities


def _touched(person: Person, counting: frozenset[str], since: datetime) -> bool:
    if person.modified_at < since:
        return False
    return person.created_at >= since or any(
        at >= since for key, at in person.touched.items() if key in counting
    )


def bent(world: World, credential: Credential, question: Question, action: Paged) -> Page:
    """Turn to a page that is wrong in the scripted way."""
    page = open_page(world, credential, question)
    match action:
        case RepeatPage():
            before = replace(question, offset=max(0, question.offset - question.limit))
            return replace(page, ids=open_page(world, credential, before).ids)
        case ShiftPage(by=by):
            other = replace(question, offset=max(0, question.offset + by))
            return replace(page, ids=open_page(world, credential, other).ids)
        case WrongTotal(total=total, add=add):
            return replace(page, total=page.total + add if total is None else total)
        case EmptyList(total=total):
            return replace(page, ids=(), total=page.total if total is None else total)
        case ShortPage(rows=rows):
            return replace(page, ids=page.ids[:rows])
        case Distort():
            return _distorted(page, _listed(world, credential, question), action)
        case _ as never:
            assert_never(never)


def _distorted(page: Page, ids: Sequence[int], lie: Distort) -> Page:
    """Turn to the page of a list that was bent as a whole."""
    kept = [number for place, number in enumerate(ids) if place not in lie.drop][: lie.cut]
    told = [number for place, number in enumerate(kept) for _ in range(2 if place in lie.repeat else 1)]
    if lie.shuffle is not None:
        told = Dice(lie.shuffle, "order").draw(told, len(told))
    rows = page.limit if lie.page_rows is None else min(page.limit, lie.page_rows)
    total = page.total if lie.honest_total else len(told)
    return replace(page, total=total, ids=told[page.offset : page.offset + rows])
