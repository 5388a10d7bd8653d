"""Write a notice as a mail that cannot be led astray: checked addresses, folded lines, escaped HTML."""

import re
from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from textwrap import wrap

from domain.notices import Notice, Stage
from domain.plain import one_line

LONGEST_SUBJECT, LONGEST_LINE, WIDTH = 200, 2_000, 90
UNFOLDED = 900
"""A command stays on one line, so that it can be copied as it stands; servers take lines of up to 998."""

HEADERS = SMTP.clone(max_line_length=300)
"""At 78 Python begins a long subject on a line of its own, below an empty one; servers take up to 998."""

_MAILBOX = re.compile(r"(?P<name>[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64})@(?P<host>[A-Za-z0-9.-]{1,253})\Z")


def mail_of(notice: Notice, sender: Address, readers: Sequence[Address], *, html: bool) -> EmailMessage:
    """Write the mail; its Message-ID is the notice's for ever, so that a mailbox can drop a double."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = one_line(notice.subject, LONGEST_SUBJECT)
    message["From"] = sender
    message["To"] = list(readers)
    message["Date"] = format_datetime(notice.written_at)
    message["Message-ID"] = f"<{notice.notice_id}@{sender.domain}>"
    if notice.incident_id is not None and notice.stage in {Stage.ESCALATED, Stage.RESOLVED}:
        message["References"] = f"<{notice.incident_id}-{Stage.OPENED}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_wrapped(notice.body), cte="quoted-printable" if html else "8bit")
    if html:
        message.add_alternative(_html(notice), subtype="html", cte="quoted-printable")
    message["Content-Language"] = notice.language.value
    return message


def bytes_of(message: EmailMessage) -> bytes:
    """Write the mail as it travels."""
    return message.as_bytes(policy=HEADERS)


def mailbox(text: str) -> Address | None:
    """Read an address of the plain form name@host, which is all that we write to; None if it is another."""
    parts = _MAILBOX.match(text.strip())
    return Address(username=parts["name"], domain=parts["host"]) if parts else None


def required_mailbox(text: str, what: str) -> Address:
    """Read an address that must be one."""
    found = mailbox(text)
    if found is None:
        raise ValueError(f"{what} is no e-mail address of the form name@host")
    return found


def owners_in(notice: Notice) -> tuple[list[Address], int]:
    """Split addressees into those that we can write to, and how many we cannot."""
    found = [mailbox(text) for text in notice.addressees]
    owners = [each for each in found if each]
    return owners, len(found) - len(owners)


def _wrapped(body: str) -> str:
    """Fold to a width that people read and every mail server takes, but no command, which is indented."""
    return "".join(f"{line}\n" for text in body.splitlines() for line in _folded(text) or [""])


def _folded(text: str) -> list[str]:
    indent = " " * min(len(text) - len(text.lstrip(" ")), 8)
    width = UNFOLDED if indent else WIDTH
    return wrap(one_line(text, LONGEST_LINE), width, initial_indent=indent, subsequent_indent=indent)


def _html(notice: Notice) -> str:
    """Show paragraphs as such and commands in a fixed width; nothing is loaded from anywhere."""
    parts = "".join(_paragraph(part) for part in notice.body.strip().split("\n\n"))
    style = "font-family:sans-serif;line-height:1.4;max-width:44em"
    return f'<!doctype html><html lang="{notice.language}"><body style="{style}">{parts}</body></html>\n'


def _paragraph(part: str) -> str:
    lines = "<br>\n".join(_shown(text) for text in part.splitlines())
    return f"<p>{lines}</p>\n"


def _shown(text: str) -> str:
    plain = escape(one_line(text, LONGEST_LINE))
    return f"<code>{plain}</code>" if text.startswith("  ") else plain
