"""Post notices to an incoming webhook of Slack, or of what takes the same (Mattermost, Rocket.Chat, …)."""

import json

from adapters.channels.once import Once
from adapters.channels.post import Post, plain
from domain.notices import Notice
from domain.plain import one_line
from domain.ports_channels import Delivered

LONGEST_SUBJECT, LONGEST_TEXT = 200, 3_500
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
"""What Slack asks for; nothing of a notice can become a link, or a shout to everybody, after this."""


class SlackChannel:
    """Post the words of each notice. A chat knows no ids: what was sent twice is there twice, and says so."""

    name = "slack"
    addressed = False
    doubles_harmless = False

    def __init__(self, post: Post) -> None:
        self._post = post
        self._once = Once()

    def deliver(self, notice: Notice, *, patient: bool = False) -> Delivered:
        """Post the notice."""
        del patient  # there are no addressees to leave out
        with self._once.first(notice.notice_id) as first:
            if first:
                self._post.send(json.dumps({"text": text_of(notice)}).encode("ascii"), {})
        return Delivered()


def text_of(notice: Notice) -> str:
    """Write the subject in bold, the body below it with commands as code, and the id that a double shares."""
    subject = one_line(notice.subject, LONGEST_SUBJECT).replace("*", "·").translate(_ESCAPED)
    lines = [_line(text) for text in plain(notice.body).translate(_ESCAPED).splitlines()]
    text = "\n".join([f"*{subject}*", "", *lines])
    shown = text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
    return f"{shown}\n\n{notice.notice_id}"


def _line(text: str) -> str:
    return f"`{text.strip().replace('`', '')}`" if text.startswith("  ") else text
