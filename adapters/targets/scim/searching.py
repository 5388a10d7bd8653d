"""Find the accounts that match; an empty answer is believed only of a server that was seen to find.

What servers do with `?filter=`, and what we make of it:

    honoured                          the answer, compared once more
    ignored, everybody comes          read on to the end, keep what truly matches
    refused (400, 403, 404, 501)      read the plain list, and do not ask that way again
    refused for this value only       read the plain list for this once
    404 where nobody matches          believed as «nobody» where it finds somebody whom the list shows
    compared with capitals            asked once more in small letters before «nobody» is believed
    an attribute it does not know     answers with nobody: ask for somebody whom the list shows; if that one
                                      is not found either, read the plain list
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Lock
from typing import TypeAlias

from adapters.targets.scim.listing import NOT_FOUND, REFUSED, Listing, Slice
from adapters.targets.scim.path import Path, read
from adapters.targets.scim.translate import equal, question
from domain.codes import Code
from domain.errors import PermanentError
from schemas.scim import Resource

LOOKUP_PAGES = 500
"""How far one look-up reads through a list that the server would not filter."""

Matches: TypeAlias = Callable[[Resource], bool]

_PLAIN = re.compile(r"[\w@.+ -]+", re.ASCII)
"""Values that no server has a reason to refuse."""


_WITHOUT_CASE = frozenset({"username", "emails"})
"""Attributes of which no two accounts differ by capitals alone (RFC 7643, 4.1)."""


@dataclass(frozen=True, slots=True)
class Told:
    """Hold what a filter brought. `strangers`: others came too, so that everybody was looked at.

    `denied`: the answer was 404, which may mean that nobody matches, or that nobody filters here.
    """

    found: tuple[Resource, ...]
    strangers: bool
    denied: bool = False


class Search:
    """Look accounts up. One instance may be used by many threads: what it learns is only ever added."""

    def __init__(self, listing: Listing) -> None:
        self._listing = listing
        self._unfiltered: set[str] = set()
        self._proven: set[str] = set()
        self._one_proves = Lock()

    def matching(self, path: Path, value: str, matches: Matches) -> tuple[Resource, ...]:
        """Return the accounts that truly match."""
        if path.asked not in self._unfiltered:
            told = self._filtered(question(path.asked, value), matches)
            if told is not None and self._believes(path, told):
                seen = told.found or told.strangers
                return told.found if seen else self._in_small_letters(path, value, matches)
            if _is_refused(told) and path.asked not in self._proven and _PLAIN.fullmatch(value):
                self._unfiltered.add(path.asked)
        return tuple(one for page in self._pages(None) for one in page.resources if matches(one))

    def honours(self, path: Path, page: Slice) -> bool | None:
        """Ask for somebody whom this page of the list shows; None where it shows nobody to ask for."""
        known = _somebody(path, page)
        if known is None:
            return None
        told = self._filtered(question(path.asked, known), lambda one: equal(read(path, one), known))
        return told is not None and bool(told.found) and not told.strangers

    def _in_small_letters(self, path: Path, value: str, matches: Matches) -> tuple[Resource, ...]:
        """Ask once more where a server minds capitals: an account that it hides so would be made twice.

        An account whose own name has capitals stays hidden to it; only its list tells that one.
        """
        small = value.lower()
        if small == value or path.attribute.lower() not in _WITHOUT_CASE:
            return ()
        told = self._filtered(question(path.asked, small), matches)
        return told.found if told is not None else ()

    def _believes(self, path: Path, told: Told) -> bool:
        """Doubt only an empty answer, once per attribute, however many threads got one."""
        if told.found:
            self._proven.add(path.asked)
        if told.found or told.strangers or path.asked in self._proven:
            return True
        with self._one_proves:
            if path.asked in self._proven:
                return True
            honoured = self.honours(path, self._listing.page(None))
            if honoured:
                self._proven.add(path.asked)
            return bool(honoured) if told.denied else honoured is not False

    def _filtered(self, asked: str, matches: Matches) -> Told | None:
        """Return what matches, or None where the server refuses such a filter."""
        found: list[Resource] = []
        received = 0
        for page in self._pages(asked):
            if page is REFUSED:
                return None
            if page is NOT_FOUND:
                return Told((), strangers=False, denied=True)
            found += [one for one in page.resources if matches(one)]
            received += len(page.resources)
            if len(found) == received and page.total is not None and received >= page.total:
                break
        return Told(tuple(found), len(found) < received)

    def _pages(self, asked: str | None) -> Iterator[Slice]:
        cursor: str | None = None
        for _ in range(LOOKUP_PAGES):
            page = self._listing.everybody(cursor) if asked is None else self._listing.page(cursor, asked)
            yield page
            if page.cursor is None:
                return
            cursor = page.cursor
        raise PermanentError(
            Code.TARGET_FILTER_IGNORED,
            "the target filters nothing and has too many accounts to read them all",
        )


def _is_refused(told: Told | None) -> bool:
    return told is None or told.denied


def _somebody(path: Path, page: Slice) -> str | None:
    values = (read(path, one) for one in page.resources)
    return next((text for text in values if isinstance(text, str) and _PLAIN.fullmatch(text)), None)
