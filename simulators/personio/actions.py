"""Everything that can go wrong with an answer: the closed list of what a fault may do."""

from typing import Literal

import msgspec

Ending = Literal["close", "half-close", "reset"]
"""The connection is closed, closed in one direction only, or torn down."""


class _Action(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", kw_only=True):
    pass


class Status(_Action, frozen=True, tag="status"):
    """Answer with a status and a body, text or JSON, instead of the truth."""

    status: int
    json: object = None
    text: str | None = None
    content_type: str | None = None
    headers: dict[str, str] = {}


class TooMany(_Action, frozen=True, tag="too-many"):
    """Answer 429; `retry_after` is seconds, «http-date» for the date in `seconds` seconds, or absent."""

    retry_after: int | float | Literal["http-date"] | None = None
    seconds: int = 2


class Html(_Action, frozen=True, tag="html"):
    """Answer with a web page where JSON was expected, with status 200 unless told otherwise."""

    status: int = 200
    text: str = (
        "<!doctype html><html><head><title>Personio</title></head><body>Wartungsarbeiten</body></html>"
    )


class Refuse(_Action, frozen=True, tag="refuse"):
    """Answer `success: false`, with status 200 unless told otherwise."""

    status: int = 200
    code: int = 0
    message: str = "Something went wrong"


class Redirect(_Action, frozen=True, tag="redirect"):
    """Send the client to another host."""

    location: str
    status: int = 302


class GzipBomb(_Action, frozen=True, tag="gzip-bomb"):
    """Answer with a small gzip body that inflates to so many megabytes."""

    megabytes: int = 64


class HangUpNow(_Action, frozen=True, tag="hang-up"):
    """End the connection without an answer."""

    by: Ending = "close"


class Delay(_Action, frozen=True, tag="delay"):
    """Answer the truth, late."""

    seconds: float


class Truncate(_Action, frozen=True, tag="truncate"):
    """Answer the truth, but stop after a share of the bytes that Content-Length announced."""

    share: float = 0.5
    by: Ending = "close"


class DripFeed(_Action, frozen=True, tag="drip"):
    """Answer the truth, so many bytes per second."""

    bytes_per_second: int = 1


class TypeDrift(_Action, frozen=True, tag="type-drift"):
    """Answer the truth with numbers as texts: `offset` and `limit`, or every id."""

    offset_as_text: bool = True
    ids_as_text: bool = True


class Omit(_Action, frozen=True, tag="omit"):
    """Answer the truth without these attributes, by key, or with them empty; the people `spared` keep theirs.

    Personio leaves out what a credential may not read; here it does so though it lists the attribute.
    """

    attributes: list[str]
    empty: bool = False
    spared: list[int] = []


class ExpireToken(_Action, frozen=True, tag="expire-token"):
    """Let the token die just before this request is answered; the next login gets a new one."""

    status: Literal[401, 403] = 403


class RepeatPage(_Action, frozen=True, tag="repeat-page"):
    """Answer with the rows of the page before, under the offset that was asked for."""


class ShiftPage(_Action, frozen=True, tag="shift-page"):
    """Answer with the rows that start `by` further on, or further back, than asked."""

    by: int


class WrongTotal(_Action, frozen=True, tag="wrong-total"):
    """Answer the right rows under a wrong `total_elements`: `total`, or the truth plus `add`."""

    total: int | None = None
    add: int = 0


class EmptyList(_Action, frozen=True, tag="empty-list"):
    """Answer no rows; the total stays true unless another is given."""

    total: int | None = None


class ShortPage(_Action, frozen=True, tag="short-page"):
    """Answer only the first `rows` rows of the page, the total staying true."""

    rows: int


class Distort(_Action, frozen=True, tag="distort"):
    """Answer from another list than the true one: every page of it, so that the lie is the same throughout.

    First `drop` takes places out, `cut` ends the list, `repeat` tells places twice, `shuffle` reorders by a
    seed; places count from 0, those beyond the end mean nothing. `page_rows` is the most rows of a page.
    `honest_total` claims as many people as there truly are; otherwise the total fits the lie.
    """

    drop: tuple[int, ...] = ()
    cut: int | None = None
    repeat: tuple[int, ...] = ()
    shuffle: int | None = None
    page_rows: int | None = None
    honest_total: bool = True


Instead = Status | TooMany | Html | Refuse | Redirect | GzipBomb | HangUpNow
"""The API is not even asked."""
Afterwards = Delay | Truncate | DripFeed | TypeDrift | Omit
"""The API's true answer is spoiled on its way."""
Paged = RepeatPage | ShiftPage | WrongTotal | EmptyList | ShortPage | Distort
"""The employee list is wrong in itself."""
Action = Instead | Afterwards | Paged | ExpireToken
