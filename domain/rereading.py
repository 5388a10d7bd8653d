"""Choose which pages of a feed that moved are read a second time: its head, and both sides of each border."""

from collections.abc import Collection
from itertools import pairwise

from domain.feed import Reading

MOST_AGAIN = 20
"""So many pages are read twice at most; a list that moves at more borders is read anew by the next run."""


def pages_to_read_again(reading: Reading, repeated: Collection[int]) -> tuple[int, ...]:
    """Name the pages, counted from 0; none where a second look could not settle anything.

    head               always: who joined while we read stands there
    border before k    pages k - 1 and k, where the total of page k is another than that of page k - 1, or
                       page k holds somebody of an earlier page (`repeated`)
    behind the last    where fewer people came than were claimed: the list may have ended too early

    `len(reading.pages)` names what stands behind the last page.
    """
    pages = reading.pages
    if not pages or any(page.total is None for page in pages):
        return ()
    borders = {later.number for earlier, later in pairwise(pages) if earlier.total != later.total}
    chosen = {0} | {number for border in borders | set(repeated) for number in (border - 1, border)}
    if reading.distinct < max(page.total or 0 for page in pages):
        chosen.add(len(pages))
    return tuple(sorted(chosen)) if len(chosen) <= MOST_AGAIN else ()
