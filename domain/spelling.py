"""Tell when two texts are one: the spelling rule for filters, names and addresses."""

import unicodedata


def folded(text: str) -> str:
    """Bring a text to the form in which two spellings of it are equal (case, Unicode, blanks around it)."""
    return unicodedata.normalize("NFKC", text).strip().casefold()
