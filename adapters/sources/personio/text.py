"""Make texts safe for logs, tables, JSON and databases, without changing what people wrote."""

import re

LONGEST = 10_000
_BREAKS = re.compile(r"\r\n|[\t\n\r]")
_NOISE = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def clean(text: str) -> str:
    """Turn tabs and line breaks into a blank; drop control characters and lone surrogates.

    What turns the direction of all that follows is dropped as well: it lets a name read as another one.
    Everything else stays, also right-to-left marks and joiners: names need them.
    """
    if text.isprintable():
        return text
    return _NOISE.sub("", _BREAKS.sub(" ", text))
