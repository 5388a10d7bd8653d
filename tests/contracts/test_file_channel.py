"""The file channel passes the contract, and its files are mails that any mailer understands."""

import re
from collections.abc import Sequence
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from adapters.channels.file import FileChannel
from domain.errors import PermanentError, TemporaryError
from domain.ports_channels import Channel
from tests.contracts.channel_contract import ChannelContract, hostile
from tests.fakes.incidents import notice


class TestFileChannel(ChannelContract):
    @pytest.fixture
    def channel(self, tmp_path: Path) -> Channel:
        self._folder = tmp_path / "outbox"
        return _channel(self._folder)

    def delivered(self) -> Sequence[str]:
        return [path.stem for path in sorted(self._folder.iterdir())]

    def raw(self) -> str:
        mails = [_mail(path) for path in self._folder.iterdir()]
        heads = [f"{name}: {value}\n" for mail in mails for name, value in mail.items()]
        return "".join(
            (*heads, *(f"> {line}\n" for mail in mails for line in mail.get_content().split("\n")))
        )


def test_a_mail_has_everything_that_a_mailer_needs(tmp_path: Path) -> None:
    mail = _delivered(tmp_path)
    assert mail["To"] == "owner@acme.test"
    assert mail["From"] == "staffetta@relay.test"
    assert mail["Message-ID"] == "<inc-1-opened@relay.test>"
    assert mail["Date"] == "Mon, 02 Mar 2026 08:15:00 +0000"
    assert mail["Content-Language"] == "de"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "Pflichtattribut" in mail["Subject"]
    assert "Öffnen Sie in Personio" in mail.get_content()
    assert "Öffnen Sie in Personio" in (tmp_path / "inc-1-opened.eml").read_text(encoding="utf-8")
    assert "  staffetta run run-7" in mail.get_content().splitlines()


def test_lines_are_short_enough_for_every_mail_server(tmp_path: Path) -> None:
    _delivered(tmp_path)
    content = (tmp_path / "inc-1-opened.eml").read_bytes()
    assert all(len(line) <= 998 for line in content.split(b"\r\n"))
    assert b"\n" not in content.replace(b"\r\n", b"")


def test_without_an_owner_the_operator_reads_it(tmp_path: Path) -> None:
    _channel(tmp_path).deliver(replace(notice(), addressees=()))
    assert _mail(tmp_path / "inc-1-opened.eml")["To"] == "operator@relay.test"


def test_the_operator_reads_along_where_an_owners_address_is_none(tmp_path: Path) -> None:
    _channel(tmp_path).deliver(replace(notice(), addressees=("ada@acme.test", "nonsense")))
    assert _mail(tmp_path / "inc-1-opened.eml")["To"] == "ada@acme.test, operator@relay.test"


def test_a_subject_cannot_add_a_header(tmp_path: Path) -> None:
    _channel(tmp_path).deliver(hostile())
    mail = _mail(tmp_path / "inc-1-opened.eml")
    assert mail["Bcc"] is None
    assert mail["To"] == "operator@relay.test"


def test_files_and_folder_are_for_us_alone(tmp_path: Path) -> None:
    folder = tmp_path / "var" / "outbox"
    _channel(folder).deliver(notice())
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "inc-1-opened.eml").stat().st_mode & 0o777 == 0o600


def test_a_mail_that_is_there_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "inc-1-opened.eml"
    path.write_text("sent", encoding="utf-8")
    _channel(tmp_path).deliver(notice())
    assert path.read_text(encoding="utf-8") == "sent"


@pytest.mark.parametrize("notice_id", ["../escape", "a/b", "", ".hidden", "a\x00b", "x" * 200])
def test_an_id_cannot_leave_the_folder(tmp_path: Path, notice_id: str) -> None:
    with pytest.raises(PermanentError):
        _channel(tmp_path).deliver(replace(notice(), notice_id=notice_id))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_means_later(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file in the way", encoding="utf-8")
    with pytest.raises(TemporaryError) as caught:
        _channel(tmp_path / "outbox").deliver(notice())
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("address", ["", "operator", "a b@relay.test", "x@relay.test\r\nBcc: y@z.test"])
def test_a_wrong_operator_address_is_refused_at_the_start(tmp_path: Path, address: str) -> None:
    with pytest.raises(ValueError, match=re.escape("the operator's address")):
        FileChannel(tmp_path, "staffetta@relay.test", address)


def _channel(folder: Path) -> FileChannel:
    return FileChannel(folder, "staffetta@relay.test", "operator@relay.test")


def _delivered(folder: Path) -> EmailMessage:
    _channel(folder).deliver(notice())
    return _mail(folder / "inc-1-opened.eml")


def _mail(path: Path) -> EmailMessage:
    return message_from_bytes(path.read_bytes(), policy=SMTP)
