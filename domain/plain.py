"""Make text from outside harmless to terminals, mail headers and log lines."""

import re
import unicodedata

_ADDRESS = re.compile(r"[^\s@<>\"'(),;:]{1,64}@[^\s@<>\"'(),;:]{1,255}")
_ACCOUNT = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")


def one_line(text: str, longest: int) -> str:
    """Show control, bidi and invisible characters as escapes, and cut what is too long.

    Line breaks and tabs become blanks; nothing of the result can start a new line, colour a terminal or turn
    the reading direction.
    """
    if text.isprintable() and len(text) <= longest:
        return text.strip()
    shown = "".join(_harmless(char) for char in text[: longest * 2]).strip()
    return shown if len(shown) <= longest and len(text) <= longest * 2 else shown[: longest - 1] + "…"


def _harmless(char: str) -> str:
    if char in "\t\n\r\v\f\x85\u2028\u2029":
        return " "
    return f"\\u{ord(char):04x}" if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn"} else char


def without_addresses(text: str) -> str:
    """Hide e-mail addresses and bank accounts: details hold none, and where one slipped in, it ends here."""
    return _ACCOUNT.sub("…", _ADDRESS.sub("…@…", text))
