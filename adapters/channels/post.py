"""Post JSON to where a channel leads, and name what went wrong by what we do next."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from adapters.http import (
    ForbiddenAddress,
    NoReply,
    NotSent,
    Outbound,
    Reply,
    TooLarge,
    is_unwell,
    parse_retry_after,
)
from domain.codes import Code
from domain.errors import PermanentError, TemporaryError
from domain.plain import one_line
from domain.ports_world import Clock

DEADLINE = timedelta(seconds=15)
LONGEST_LINE = 2_000
TOO_EARLY = 425
NEVER = frozenset({400, 410, 413, 415, 422})
"""«Not this one»: what else a server refuses (401, 403, 404) an operator can mend, so it is tried again."""


def plain(text: str) -> str:
    """Keep line breaks, and nothing else that could steer whoever shows the text."""
    return "\n".join(_indented(line) for line in text.strip("\n").splitlines())


def _indented(line: str) -> str:
    shown = one_line(line, LONGEST_LINE)
    return f"  {shown}" if line.startswith("  ") else shown


class Post:
    """One URL to which messages are posted. It is a secret: no error and no log line shows it."""

    def __init__(
        self, outbound: Outbound, path: str, params: Sequence[tuple[str, str]], clock: Clock
    ) -> None:
        self._outbound = outbound
        self._path = path or "/"
        self._params = tuple(params)
        self._clock = clock

    def send(self, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Post once, and return the yes; raises TemporaryError or PermanentError."""
        try:
            reply = self._outbound.send(
                "POST",
                self._path,
                params=self._params,
                headers=headers,
                body=body,
                content_type="application/json",
                deadline=DEADLINE,
            )
        except ForbiddenAddress as error:
            raise TemporaryError(Code.NOTICE_REFUSED, "its address is not allowed") from error
        except NotSent as error:
            raise TemporaryError(Code.NOTICE_AWAY, "no connection") from error
        except (NoReply, TooLarge) as error:
            detail = f"no usable answer: {type(error).__name__}"
            raise TemporaryError(Code.NOTICE_AWAY, detail, maybe_done=True) from error
        self._judge(reply)
        return reply

    def wait_asked(self, reply: Reply) -> timedelta | None:
        """Tell how long an answer asks us to wait."""
        return parse_retry_after(reply.headers.get("retry-after"), self._clock.now())

    def _judge(self, reply: Reply) -> None:
        status, told = reply.status, f"answers {reply.status}"
        if 200 <= status < 300:
            return
        if status in NEVER:
            raise PermanentError(Code.NOTICE_REFUSED, told)
        busy = is_unwell(status) or status == TOO_EARLY
        code = Code.NOTICE_AWAY if busy else Code.NOTICE_REFUSED
        raise TemporaryError(code, told, retry_after=self.wait_asked(reply))
