"""Write notices as mails into a folder, from which any mailer may send them."""

import os
import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from tempfile import mkstemp
from textwrap import wrap

from domain.codes import Code
from domain.errors import PermanentError, TemporaryError
from domain.notices import Notice
from domain.plain import one_line

PRIVATE_FOLDER = 0o700
LONGEST_SUBJECT, LONGEST_LINE, WIDTH = 200, 2_000, 90

_SAFE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}\Z")
_MAILBOX = re.compile(r"(?P<name>[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64})@(?P<host>[A-Za-z0-9.-]{1,253})\Z")


class FileChannel:
    """Keep one RFC 5322 file per notice, named by its id: what is there was told."""

    def __init__(self, folder: Path, sender: str, operator: str) -> None:
        self._folder = folder
        self._sender = _required(sender, "the sender of notices")
        self._operator = _required(operator, "the operator's address")

    def deliver(self, notice: Notice) -> None:
        """Write the mail beside its place and rename it, so that nobody ever reads half of it."""
        path = self._folder / _file_name(notice)
        message = self._message(notice)
        try:
            self._folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
            if not path.exists():
                _write(path, message.as_bytes(policy=SMTP))
        except OSError as error:
            raise TemporaryError(Code.INTERNAL, f"the outbox: {type(error).__name__}") from error

    def _message(self, notice: Notice) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["Subject"] = one_line(notice.subject, LONGEST_SUBJECT)
        message["From"] = self._sender
        message["To"] = self._readers(notice)
        message["Date"] = format_datetime(notice.written_at)
        message["Message-ID"] = f"<{notice.notice_id}@{self._sender.domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(_wrapped(notice.body), cte="8bit")
        message["Content-Language"] = notice.language.value
        return message

    def _readers(self, notice: Notice) -> list[Address]:
        """Choose the owners; the operator reads along where an owner's address is none."""
        found = [_mailbox(text) for text in notice.addressees]
        owners = [mailbox for mailbox in found if mailbox]
        return owners if owners and len(owners) == len(found) else [*owners, self._operator]


def _file_name(notice: Notice) -> str:
    if not _SAFE_ID.match(notice.notice_id):
        raise PermanentError(Code.INTERNAL, "the id of this notice fits into no file name")
    return f"{notice.notice_id}.eml"


def _wrapped(body: str) -> str:
    """Fold to a width that people read and every mail server takes; what is indented stays so."""
    return "".join(f"{line}\n" for text in body.splitlines() for line in _folded(text) or [""])


def _folded(text: str) -> list[str]:
    indent = " " * min(len(text) - len(text.lstrip(" ")), 8)
    return wrap(one_line(text, LONGEST_LINE), WIDTH, initial_indent=indent, subsequent_indent=indent)


def _mailbox(text: str) -> Address | None:
    parts = _MAILBOX.match(text.strip())
    return Address(username=parts["name"], domain=parts["host"]) if parts else None


def _required(text: str, what: str) -> Address:
    mailbox = _mailbox(text)
    if mailbox is None:
        raise ValueError(f"{what} is no e-mail address of the form name@host")
    return mailbox


def _write(path: Path, content: bytes) -> None:
    descriptor, draft = mkstemp(prefix=".", suffix=".draft", dir=path.parent)  # made with 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
    except OSError:
        Path(draft).unlink(missing_ok=True)
        raise
