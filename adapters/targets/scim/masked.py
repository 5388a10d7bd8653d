"""A server's own words about a refusal, without anything we told it and without anybody's address."""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator

LONGEST = 200
"""Characters of a detail that are kept: enough for a sentence, too little for a page."""
LONG_WORD = 4
"""From here on a word is also hidden inside a longer one, and a piece of a longer one is hidden."""

_GRAMMAR = frozenset({"schemas", "op", "path"})
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")
_ADDRESS = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")
_NUMBER = re.compile(r"[A-Za-z]{0,2}\d(?:[ -]?\d){4,}\w*")
_WORD = re.compile(r"\w+")
_HIDDEN = re.compile(r"…(?:[^\w\s]*…|\s…)+")


def masked(detail: str, sent: Iterable[str]) -> str:
    """Hide every word of what we sent, e-mail addresses and long numbers; what is left explains enough."""
    words = {word for text in sent for word in _words(text)}
    text = _UNPRINTABLE.sub(" ", _composed(detail[: 10 * LONGEST]))
    text = _NUMBER.sub("…", _ADDRESS.sub("…", text))
    text = _WORD.sub(lambda found: "…" if _known(found[0], words) else found[0], text)
    return _HIDDEN.sub("…", " ".join(text.split()))[:LONGEST]


def leaves(document: object) -> Iterator[str]:
    """Walk every text and number of a body that says something about a person."""
    if isinstance(document, dict):
        for name, value in document.items():
            yield from () if name in _GRAMMAR else leaves(value)
    elif isinstance(document, list | tuple):
        for value in document:
            yield from leaves(value)
    elif document is not None and not isinstance(document, bool):
        yield str(document)


def _words(text: str) -> set[str]:
    """Split into words, also as a server spells them that echoes the JSON it received."""
    return {
        _plain(word) for spelling in (text, json.dumps(text)) for word in _WORD.findall(_composed(spelling))
    }


def _known(word: str, words: set[str]) -> bool:
    plain = _plain(word)
    if plain in words:
        return True
    return len(plain) >= LONG_WORD and any(
        (len(other) >= LONG_WORD and other in plain) or plain in other for other in words
    )


def _plain(word: str) -> str:
    return _composed(word).casefold()


def _composed(text: str) -> str:
    return unicodedata.normalize("NFKC", text)
