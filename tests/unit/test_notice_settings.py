"""Where channels are set up: what is understood, what is refused, and that no mistake shows a secret."""

from base64 import b64encode
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.channels.smtp import MailServer, Security
from bootstrap.channels import build_ways
from bootstrap.notice_settings import NoticeSettings
from bootstrap.settings import SettingsError, read_settings
from domain.cause import Language

SENDER = {"STAFFETTA_MAIL_FROM": "staffetta@relay.test", "STAFFETTA_OPERATOR_EMAIL": "operator@relay.test"}
SECRET = "whsec_" + b64encode(b"c" * 24).decode()
CHAT = "https://hooks.chat.example/services/canary"


def read(**settings: str) -> NoticeSettings:
    return read_settings(SENDER | {f"STAFFETTA_{name}": value for name, value in settings.items()}).notices


def mistakes(**settings: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read(**settings)
    assert "canary" not in str(caught.value)
    return str(caught.value)


def test_without_settings_mails_become_files_and_nobody_else_is_told(tmp_path: Path) -> None:
    settings = read_settings({"STAFFETTA_HOME": str(tmp_path)})
    ways = build_ways(settings)
    assert [channel.name for channel in ways.told] == ["log", "file"]
    assert ways.last_resort is ways.told[1]
    assert settings.notices.reminders.escalate_after == timedelta(hours=24)
    assert settings.notices.reminders.digest_hour == 6


def test_with_a_mail_server_files_are_the_last_resort(tmp_path: Path) -> None:
    named = {
        "STAFFETTA_HOME": str(tmp_path),
        "STAFFETTA_SMTP_URL": "smtp://relay:canary@mail.example",
        "STAFFETTA_WEBHOOK_URL": "https://hooks.example/in?tenant=all",
        "STAFFETTA_WEBHOOK_SECRET": SECRET,
        "STAFFETTA_SLACK_URL": CHAT,
        "STAFFETTA_OPERATOR_LANGUAGE": "de",
    }
    ways = build_ways(read_settings(SENDER | named))
    assert [channel.name for channel in ways.told] == ["log", "email", "webhook", "slack"]
    assert ways.last_resort.name == "file"
    assert ways.operator is Language.DE


@pytest.mark.parametrize(
    ("url", "server"),
    [
        (
            "smtp://relay:p%40ss@mail.example",
            MailServer("mail.example", 587, Security.STARTTLS, "relay", "p@ss"),
        ),
        ("smtps://relay:x@mail.example:4465", MailServer("mail.example", 4465, Security.TLS, "relay", "x")),
        ("smtp://mail.example", MailServer("mail.example", 587, Security.STARTTLS)),
        ("smtp+plain://localhost", MailServer("localhost", 25, Security.PLAIN)),
        ("smtp+plain://[::1]:1025", MailServer("::1", 1025, Security.PLAIN)),
    ],
)
def test_a_mail_server_is_named_by_one_url(url: str, server: MailServer) -> None:
    assert read(SMTP_URL=url).mail_server == server


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("smtp://", "must read like"),
        ("smtp://relay:canary@mail.example/canary", "with nothing behind it"),
        ("smtp://relay@mail.example", "needs user and password, or neither"),
        ("smtp://:canary@mail.example", "needs user and password, or neither"),
        ("smtp+plain://relay:canary@mail.example", "would send the password unprotected"),
        ("smtp://relay:canary%0d%0aRSET@mail.example", "control characters"),
        ("smtp://relay:canary@mail.example:canary", "names a port"),
        ("smtp://relay:canary@mail.example:0", "names a port"),
    ],
)
def test_a_mail_server_that_cannot_be_meant_is_refused(url: str, why: str) -> None:
    assert f"STAFFETTA_SMTP_URL {why}" in mistakes(SMTP_URL=url) or why in mistakes(SMTP_URL=url)


def test_in_production_a_plain_line_leads_to_this_machine_only() -> None:
    assert "only on this machine" in mistakes(SMTP_URL="smtp+plain://mail.example", PROFILE="production")
    assert read(SMTP_URL="smtp+plain://127.0.0.1", PROFILE="production").mail_server is not None


def test_who_sends_mails_says_from_whom_and_who_the_operator_is() -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({"STAFFETTA_SMTP_URL": "smtp://mail.example"})
    assert "STAFFETTA_MAIL_FROM must be set with STAFFETTA_SMTP_URL" in str(caught.value)
    assert "STAFFETTA_OPERATOR_EMAIL must be set with STAFFETTA_SMTP_URL" in str(caught.value)


@pytest.mark.parametrize("name", ["MAIL_FROM", "OPERATOR_EMAIL"])
@pytest.mark.parametrize("address", ["canary", "Canary <a@b.test>", "a@b.test\r\nBcc: canary@b.test", ""])
def test_j7_an_address_is_plain_or_refused(name: str, address: str) -> None:
    assert f"STAFFETTA_{name} must be one e-mail address" in mistakes(**{name: address})


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://hooks.chat.example/canary", "may go: hooks.chat.example: plain HTTP is not allowed"),
        ("https://hooks.chat.example:8065/canary", "port 8065 is not allowed; use 443 or 8443"),
        ("https://canary:x@hooks.chat.example/", "without a user name in it"),
        ("https://hooks.chat.example/../canary", "no «.» or «..» segments"),
        ("https://hooks.chat.example/can ary", "percent-encoded"),
        ("https://", "must read like"),
    ],
)
def test_where_messages_are_posted_obeys_the_rules_of_every_request(url: str, why: str) -> None:
    assert why in mistakes(SLACK_URL=url)


def test_in_development_a_chat_may_be_inside_ones_own_network() -> None:
    assert read(SLACK_URL="http://127.0.0.1:8065/hooks/x", ALLOW_PRIVATE_TARGETS="1").slack_url is not None


@pytest.mark.parametrize("secret", ["whsec_", "whsec_canary", "whsec_" + b64encode(b"canary").decode()])
def test_a_secret_that_is_too_short_or_no_base64_is_refused(secret: str) -> None:
    told = mistakes(WEBHOOK_URL="https://hooks.example/in", WEBHOOK_SECRET=secret)
    assert "at least 24 random bytes" in told


def test_a_webhook_without_its_secret_and_the_reverse_are_refused() -> None:
    assert "go together" in mistakes(WEBHOOK_URL="https://hooks.example/in")
    assert "go together" in mistakes(WEBHOOK_SECRET=SECRET)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ESCALATE_HOURS", "0"),
        ("ESCALATE_HOURS", "1.5"),
        ("ESCALATE_HOURS", "721"),
        ("DIGEST_HOUR", "24"),
        ("DIGEST_HOUR", "-1"),
        ("DIGEST_HOUR", "six"),
        ("OPERATOR_LANGUAGE", "fr"),
    ],
)
def test_numbers_and_languages_out_of_range_are_named(name: str, text: str) -> None:
    assert f"STAFFETTA_{name} must be" in mistakes(**{name: text})


def test_secrets_are_in_no_repr() -> None:
    settings = read(
        SMTP_URL="smtp://relay:canary@mail.example",
        WEBHOOK_URL="https://hooks.example/canary",
        WEBHOOK_SECRET=SECRET,
        SLACK_URL=CHAT,
    )
    assert "canary" not in repr(settings)
    assert "ccc" not in repr(settings)


@pytest.mark.parametrize("login", ["relay:gr%C3%BC%C3%9Fe-canary", "j%C3%BCrgen:canary"])
def test_a_login_that_the_mail_protocol_cannot_carry_is_refused_at_start(login: str) -> None:
    told = mistakes(SMTP_URL=f"smtp://{login}@mail.example")
    assert told.startswith("STAFFETTA_SMTP_URL holds letters outside ASCII in user or password")
