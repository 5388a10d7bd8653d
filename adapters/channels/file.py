"""Write notices as mails into a folder, from which any mailer may send them."""

import os
import re
from email.headerregistry import Address
from pathlib import Path
from tempfile import mkstemp

from adapters.channels.mail import bytes_of, mail_of, owners_in, required_mailbox
from domain.codes import Code
from domain.errors import PermanentError, TemporaryError
from domain.notices import Notice
from domain.ports_channels import Delivered

PRIVATE_FOLDER = 0o700

_SAFE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}\Z")


class FileChannel:
    """Keep one RFC 5322 file per notice, named by its id: what is there was told."""

    name = "file"
    addressed = True
    doubles_harmless = True

    def __init__(self, folder: Path, sender: str, operator: str) -> None:
        self._folder = folder
        self._sender = required_mailbox(sender, "the sender of notices")
        self._operator = required_mailbox(operator, "the operator's address")

    def deliver(self, notice: Notice, *, patient: bool = False) -> Delivered:
        """Write the mail beside its place and rename it, so that nobody ever reads half of it."""
        del patient  # a folder takes what it is given
        path = self._folder / _file_name(notice)
        readers, wrong = self._readers(notice)
        message = mail_of(notice, self._sender, readers, html=False)
        try:
            self._folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
            if not path.exists():
                _write(path, bytes_of(message))
        except OSError as error:
            raise TemporaryError(Code.NOTICE_AWAY, f"the outbox: {type(error).__name__}") from error
        return Delivered(wrong, "no e-mail address" if wrong else "")

    def _readers(self, notice: Notice) -> tuple[list[Address], int]:
        """Choose the owners; the operator reads along where an owner's address is none."""
        owners, wrong = owners_in(notice)
        return (owners if owners and not wrong else [*owners, self._operator]), wrong


def _file_name(notice: Notice) -> str:
    if not _SAFE_ID.match(notice.notice_id):
        raise PermanentError(Code.INTERNAL, "the id of this notice fits into no file name")
    return f"{notice.notice_id}.eml"


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
