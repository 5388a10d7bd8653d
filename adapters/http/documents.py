"""Read JSON as servers write it: one damaged value costs itself, and not the page on which it stands."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

Shape = TypeVar("Shape")


class UnreadableError(Exception):
    """Say that this is no JSON of the wanted shape. `place` is where it stopped being it, as `$.data[3]`."""

    def __init__(self, place: str = "") -> None:
        super().__init__(place)
        self.place = place


def as_told(document: Any) -> Any:  # noqa: ANN401  JSON
    """Leave a document as it is."""
    return document


def decoded(body: bytes, decoder: msgspec.json.Decoder[Shape], mend: Callable[[Any], Any] = as_told) -> Shape:
    """Read a body, once more with the patient parser of the standard library if need be; or UnreadableError.

    msgspec refuses a page of hundreds for one lone surrogate (a name cut in the middle of an emoji), for one
    number beyond all bounds, and for the byte order mark that .NET puts before it. `mend` sees what the
    patient parser made of such a page before it takes its shape.
    """
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _patiently(body, decoder, mend)


def _patiently(body: bytes, decoder: msgspec.json.Decoder[Shape], mend: Callable[[Any], Any]) -> Shape:
    place = ""
    try:
        loose = json.loads(body.decode("utf-8-sig", "replace"), strict=False, parse_constant=_no_number)
        return msgspec.convert(mend(loose), decoder.type, strict=decoder.strict)
    except msgspec.ValidationError as error:
        place = str(error).rpartition("`")[0].rpartition("`")[2]
    except (ValueError, RecursionError):
        pass  # no JSON at all, or nested beyond all reason
    raise UnreadableError(place)


def _no_number(name: str) -> Any:  # noqa: ANN401  the parser's signature
    raise ValueError(name)
