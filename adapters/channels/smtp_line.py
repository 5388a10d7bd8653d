"""A line to a mail server that may not talk for ever: smtplib keeps all that an answer has."""

import smtplib
from typing import IO

LONGEST_TALK = 1024 * 1024
"""Of one line, from its beginning to its end."""


class _Capped:
    """Read answers line by line, and no more of them than any mail server has to say."""

    def __init__(self, lines: IO[bytes]) -> None:
        self._lines = lines
        self._left = LONGEST_TALK

    def readline(self, size: int = -1) -> bytes:
        """Return the next line; an endless answer is a broken one, and a line that broke off is none."""
        line = self._lines.readline(size)
        if len(line) != size and not line.endswith(b"\n"):
            return b""
        self._left -= len(line)
        if self._left < 0:
            raise OSError("the mail server does not stop talking")
        return line

    def close(self) -> None:
        """Close what is read from."""
        self._lines.close()


class Line(smtplib.SMTP):
    """Speak SMTP with a server that may talk for ever."""

    def getreply(self) -> tuple[int, bytes]:
        """Read one answer."""
        if self.file is None and self.sock is not None:
            self.file = _Capped(self.sock.makefile("rb"))
        return super().getreply()


class TlsLine(Line, smtplib.SMTP_SSL):
    """Speak it over TLS from the first byte on."""
