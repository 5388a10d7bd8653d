"""Read accounts: page by page, or the few that match; nothing a server answers is believed unseen.

What servers do with `?filter=` and `?startIndex=`, and what we make of it:

    filter honoured                    the answer, compared once more
    filter ignored, everybody comes    read on to the end, keep what truly matches
    filter refused (400, 501, tooMany) read the plain list, and do not ask that way again
    fewer per page than asked          the next page starts behind what came
    totalResults too small             read on until a page is empty
    startIndex ignored                 the same page again: an end if it holds all, else an error
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeAlias

from adapters.targets.scim.session import USERS, Answer, Session
from adapters.targets.scim.translate import id_of
from domain.codes import Code
from domain.errors import PermanentError, TemporaryError
from schemas.scim import ListResponse, Resource

LOOKUP_PAGES = 500
"""How far one look-up reads through a list that the server would not filter."""
MOST_ACCOUNTS = 2_000_000
"""A list longer than this never ends."""

Matches: TypeAlias = Callable[[Resource], bool]


@dataclass(frozen=True, slots=True)
class Slice:
    """Hold what one request brought, and where the next one starts (None: nowhere)."""

    resources: tuple[Resource, ...]
    total: int | None
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """Say where in the list we are, and how the page before looked, so that a repeated one is noticed."""

    start: int = 1
    before: str = ""

    @classmethod
    def of(cls, cursor: str | None) -> "Place":
        """Read a cursor of ours."""
        start, _, before = (cursor or "1.").partition(".")
        return cls(int(start), before)

    @property
    def cursor(self) -> str:
        """Write the place as text."""
        return f"{self.start}.{self.before}"


class Listing:
    """Ask /Users. One instance may be used by many threads: what it learns is only ever added."""

    def __init__(self, session: Session, page_size: int) -> None:
        self._session = session
        self._page_size = page_size
        self._unfiltered: set[str] = set()

    def page(self, cursor: str | None) -> Slice:
        """Read one page of everybody."""
        return self._read(Place.of(cursor), None)

    def matching(self, asked: str, question: str, matches: Matches) -> tuple[Resource, ...]:
        """Return the accounts that truly match; `asked` names the attribute, `question` is the filter."""
        if asked not in self._unfiltered:
            found = self._filtered(question, matches)
            if found is not None:
                return found
            self._unfiltered.add(asked)
        return tuple(one for page in self._pages(None) for one in page.resources if matches(one))

    def _filtered(self, question: str, matches: Matches) -> tuple[Resource, ...] | None:
        """Return what matches, or None where the server refuses such a filter."""
        found: list[Resource] = []
        received = 0
        for page in self._pages(question):
            if page is REFUSED:
                return None
            true = [one for one in page.resources if matches(one)]
            found += true
            received += len(page.resources)
            honoured = len(true) == len(page.resources)
            if honoured and page.total is not None and received >= page.total:
                break
        return tuple(found)

    def _pages(self, question: str | None) -> Iterator[Slice]:
        place = Place()
        for _ in range(LOOKUP_PAGES):
            page = self._read(place, question)
            yield page
            if page.cursor is None:
                return
            place = Place.of(page.cursor)
        raise PermanentError(
            Code.TARGET_FILTER_IGNORED,
            "the target filters nothing and has too many accounts to read them all",
        )

    def _read(self, place: Place, question: str | None) -> Slice:
        answer = self._ask(place, question)
        if not answer.good:
            return self._refused(answer, place, question)
        response = self._session.shape(answer, ListResponse)
        if response.resources is None and response.total_results is None:
            raise self._session.not_scim(answer, "the body is no list")
        return self._slice(answer, place, response)

    def _ask(self, place: Place, question: str | None) -> Answer:
        params = [("startIndex", str(place.start)), ("count", str(self._page_size))]
        if question is not None:
            params.insert(0, ("filter", question))
        return self._session.ask("GET", USERS, params=params)

    def _refused(self, answer: Answer, place: Place, question: str | None) -> Slice:
        if place.start > 1 and answer.status in {400, 404}:
            return Slice((), None, None)  # some servers refuse to look behind the end
        if question is not None and _refuses_filters(answer):
            return REFUSED
        if answer.status == 404:
            raise TemporaryError(Code.TARGET_NOT_SCIM, "HTTP 404: there is no /Users below this address")
        raise self._session.error_of(answer)

    def _slice(self, answer: Answer, place: Place, response: ListResponse) -> Slice:
        resources = tuple(response.resources or ())
        total = response.total_results
        if not resources:
            return Slice((), total, None)
        following = Place(place.start + len(resources), self._print(answer, resources))
        if following.before == place.before:
            return self._repeated(answer, place, total)
        if following.start > MOST_ACCOUNTS:
            raise self._session.not_scim(answer, "the list does not end")
        return Slice(resources, total, following.cursor)

    def _print(self, answer: Answer, resources: tuple[Resource, ...]) -> str:
        """Fingerprint a page by its ids, whatever their order."""
        ids = [id_of(one) for one in resources]
        if None in ids:
            raise self._session.not_scim(answer, "an account without an id")
        return blake2b("\n".join(sorted(map(str, ids))).encode(), digest_size=8).hexdigest()

    def _repeated(self, answer: Answer, place: Place, total: int | None) -> Slice:
        """End where everybody has come; otherwise what lies behind this page cannot be known.

        Temporary, because a proxy that caches looks the same and is repaired without us.
        """
        if place.start - 1 >= (total or 0):
            return Slice((), total, None)
        raise self._session.not_scim(answer, "the list repeats a page")


REFUSED = Slice((), None, None)
"""Stands for «we do not filter», compared by identity."""


def _refuses_filters(answer: Answer) -> bool:
    if answer.status == 403:
        return answer.scim_type.lower() == "toomany"
    return answer.status in {400, 405, 501}
