"""Post notices to an incoming webhook of Slack, or of what takes the same (Mattermost, Rocket.Chat, …)."""

import json
import re
from typing import NoReturn

from adapters.channels.once import Once
from adapters.channels.post import Post, plain
from adapters.http import Reply
from domain.codes import Code
from domain.errors import PermanentError, TemporaryError
from domain.notices import Notice
from domain.plain import one_line
from domain.ports_channels import Delivered

LONGEST_SUBJECT, LONGEST_TEXT = 200, 3_500
BUSY = frozenset(
    {"ratelimited", "rate_limited", "service_unavailable", "internal_error", "fatal_error", "request_timeout"}
)
NEVER = frozenset({"invalid_blocks", "invalid_payload", "msg_too_long", "no_text"})
_WORD = re.compile(r"[a-z_]{1,40}\Z")
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
"""What Slack asks for; nothing of a notice can become a link, or a shout to everybody, after this."""


class SlackChannel:
    """Post the words of each notice. A chat knows no ids: what was sent twice is there twice, and says so.

    Slack answers «ok»; what else takes its messages says anything with 200, also that it took nothing.
    """

    name = "slack"
    addressed = False
    doubles_harmless = False

    def __init__(self, post: Post) -> None:
        self._post = post
        self._once = Once()

    def deliver(self, notice: Notice, *, patient: bool = False) -> Delivered:
        """Post the notice."""
        del patient  # there are no addressees to leave out
        return self._once.deliver(notice.notice_id, lambda: self._posted(notice))

    def _posted(self, notice: Notice) -> Delivered:
        reply = self._post.send(json.dumps({"text": text_of(notice)}).encode("ascii"), {})
        if reply.body.lstrip().startswith(b"<"):
            detail = "answers with a page: does its address lead to a login?"
            asked = self._post.wait_asked(reply)
            raise TemporaryError(Code.NOTICE_REFUSED, detail, retry_after=asked, maybe_done=True)
        if _says_no(reply.body):
            self._refused(reply)
        return Delivered()

    def _refused(self, reply: Reply) -> NoReturn:
        """React to a «no» that came with 200: what is wrong with this message is not tried again."""
        reason = _reason_in(reply.body)
        detail = f"says no with {reply.status}" + (f" ({reason})" if reason else "")
        if reason in NEVER:
            raise PermanentError(Code.NOTICE_REFUSED, detail)
        code = Code.NOTICE_AWAY if reason in BUSY else Code.NOTICE_REFUSED
        raise TemporaryError(code, detail, retry_after=self._post.wait_asked(reply))


def _says_no(body: bytes) -> bool:
    """Hear a «no» that came with a yes of HTTP, as Slack's methods, Rocket.Chat and Zulip say it."""
    told = _told(body)
    return told.get("ok") is False or told.get("success") is False or told.get("result") == "error"


def _reason_in(body: bytes) -> str:
    """Find the word for it; whatever is none of Slack's kind of words may repeat what we sent."""
    reason = _told(body).get("error")
    return reason if isinstance(reason, str) and _WORD.match(reason) else ""


def _told(body: bytes) -> dict[str, object]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def text_of(notice: Notice) -> str:
    """Write the subject in bold, the body below it with commands as code, and the id that a double shares."""
    subject = one_line(notice.subject, LONGEST_SUBJECT).replace("*", "·").translate(_ESCAPED)
    lines = [_line(text) for text in plain(notice.body).translate(_ESCAPED).splitlines()]
    text = "\n".join([f"*{subject}*", "", *lines])
    shown = text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
    return f"{shown}\n\n{notice.notice_id}"


def _line(text: str) -> str:
    return f"`{text.strip().replace('`', '')}`" if text.startswith("  ") else text
