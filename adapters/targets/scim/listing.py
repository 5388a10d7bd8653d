"""Read the list of accounts, or of teams, page by page; nothing a server answers is believed unseen.

What servers do with `?startIndex=` and `?count=`, and what we make of it:

    fewer per page than asked          the next page starts behind what came
    totalResults too small             read on until a page is empty
    indexes that begin with 0          the answer says so: the next page starts one earlier
    startIndex ignored                 the same page again: cursors (RFC 9865), else an end if it holds all,
                                       else an error
    no look behind the end             an end if everybody came, else cursors, else an error

    nobody without startIndex          asked once more with it
    404 to a filter                    `NOT_FOUND`: nobody matches, or nobody filters here

The first page is asked for without an index: a server that counts from 0 would skip somebody.
"""

from dataclasses import dataclass, replace
from hashlib import blake2b

from adapters.http import limits
from adapters.targets.scim.session import USERS, Answer, Session
from adapters.targets.scim.translate import id_of
from domain.codes import Code
from domain.errors import TemporaryError
from schemas.scim import ListResponse, Resource

MOST_ACCOUNTS = 2_000_000
"""A list longer than this never ends."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Hold what one request brought, and where the next one starts (None: nowhere)."""

    resources: tuple[Resource, ...]
    total: int | None
    cursor: str | None


REFUSED = Slice((), None, None)
"""Stands for «we do not filter so», compared by identity."""

NOT_FOUND = Slice((), 0, None)
"""Stands for a 404 of SCIM to a filter, compared by identity."""


@dataclass(frozen=True, slots=True)
class Place:
    """Say where in the list we are, and how the page before looked, so that a repeated one is noticed.

    `first` is the index of the first account, `told` the server's own cursor where it has one.
    """

    received: int = 0
    total: int = 0
    first: int = 1
    before: str = ""
    told: str | None = None

    @classmethod
    def of(cls, cursor: str | None) -> "Place":
        """Read a cursor of ours."""
        if cursor is None:
            return cls()
        received, total, first, before, told = cursor.split(".", 4)
        return cls(int(received), int(total), int(first), before, told[1:] if told else None)

    @property
    def cursor(self) -> str:
        """Write the place as text."""
        told = "" if self.told is None else f"c{self.told}"
        return f"{self.received}.{self.total}.{self.first}.{self.before}.{told}"


class Listing:
    """Ask one collection. One instance may be used by many threads."""

    def __init__(self, session: Session, page_size: int, collection: str = USERS) -> None:
        self._session = session
        self._page_size = page_size
        self._collection = collection

    def everybody(self, cursor: str | None) -> Slice:
        """Read one page of the whole list; where nobody comes at first, once more by an index.

        Bitwarden told nobody unless `startIndex` was named: an application full of people looked empty.
        """
        page = self.page(cursor)
        nobody = cursor is None and not page.resources and page.cursor is None
        return self.page(None, begin=1) if nobody else page

    def page(self, cursor: str | None, question: str | None = None, begin: int | None = None) -> Slice:
        """Read one page of everybody, or of those whom the question names; `REFUSED` where it must not."""
        place = Place.of(cursor)
        answer = self._ask(place, question, begin)
        if not answer.good:
            return self._refused(answer, place, question)
        response = self._response(answer)
        if response is None:
            raise self._session.not_scim(answer, "the body is no list")
        return self._slice(answer, place, response, question)

    def _ask(self, place: Place, question: str | None, begin: int | None = None) -> Answer:
        params = [] if question is None else [("filter", question)]
        if place.told is not None:
            params.append(("cursor", place.told))
        elif place.received:
            params.append(("startIndex", str(place.received + place.first)))
        elif begin is not None:
            params.append(("startIndex", str(begin)))
        return self._session.ask("GET", self._collection, params=[*params, ("count", str(self._page_size))])

    def _response(self, answer: Answer) -> ListResponse | None:
        return ListResponse.of(self._session.shape(answer, Resource))

    def _refused(self, answer: Answer, place: Place, question: str | None) -> Slice:
        if place.received and answer.status in {400, 404}:
            return self._ended(answer, place, question, "the list ends before its total")
        if limits(answer.reply):
            raise self._session.error_of(answer)
        if question is not None and answer.status == 404 and answer.says_gone:
            return NOT_FOUND
        if question is not None and _refuses_filters(answer):
            return REFUSED
        if answer.status == 404:
            raise nothing_here(self._collection)
        raise self._session.error_of(answer)

    def _slice(self, answer: Answer, place: Place, response: ListResponse, question: str | None) -> Slice:
        resources, total = response.resources, response.total
        by_cursor = place.told is not None
        if by_cursor and response.next_cursor == place.told:
            raise self._session.not_scim(answer, "the list repeats a page")
        if not resources and response.next_cursor is None:
            return Slice((), total, None)
        seen = self._print(answer, resources)
        if resources and seen == place.before:
            whole = replace(place, total=total or 0)
            return self._ended(answer, whole, question, "the list repeats a page")
        first = 0 if not place.received and response.start == 0 else place.first
        following = Place(place.received + len(resources), total or 0, first, seen, response.next_cursor)
        if following.received > MOST_ACCOUNTS:
            raise self._session.not_scim(answer, "the list does not end")
        ends = by_cursor and response.next_cursor is None
        return Slice(resources, total, None if ends else following.cursor)

    def _ended(self, answer: Answer, place: Place, question: str | None, trouble: str) -> Slice:
        """End where everybody has come, or go on by cursor; else what lies behind cannot be known.

        Temporary, because a proxy that caches looks the same and is repaired without us.
        """
        anew = None if place.told is not None else self._by_cursor(place, question)
        if anew is not None:
            return anew
        if place.received >= place.total:
            return Slice((), place.total, None)
        raise self._session.not_scim(answer, trouble)

    def _by_cursor(self, place: Place, question: str | None) -> Slice | None:
        """Ask for the first page once more, as servers want it that page by cursor only."""
        if place.received > self._page_size and place.received >= place.total:
            return None
        answer = self._ask(Place(told=""), question)
        response = self._response(answer) if answer.good else None
        if response is None or response.next_cursor is None:
            return None
        seen = self._print(answer, response.resources)
        following = Place(len(response.resources), place.total, 1, seen, response.next_cursor)
        known = seen == place.before and place.received == len(response.resources)
        return Slice(() if known else response.resources, response.total, following.cursor)

    def _print(self, answer: Answer, resources: tuple[Resource, ...]) -> str:
        """Fingerprint a page by its ids, whatever their order."""
        ids = [id_of(one) for one in resources]
        if None in ids:
            raise self._session.not_scim(answer, "an account without an id")
        return blake2b("\n".join(sorted(map(str, ids))).encode(), digest_size=8).hexdigest()


def nothing_here(collection: str) -> TemporaryError:
    """Name a 404 of a whole collection: a wrong address, or a proxy's answer for a while."""
    return TemporaryError(Code.TARGET_NOT_SCIM, f"HTTP 404: there is no {collection} below this address")


def _refuses_filters(answer: Answer) -> bool:
    """Take any plain «no» to a filter as one to the filter; the list without one tells if it was more."""
    return answer.status in {400, 403, 404, 405, 501}
