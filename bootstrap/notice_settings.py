"""How this installation tells humans: mail server, webhook, chat, the operator, and when to remind."""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar
from urllib.parse import SplitResult, unquote, urlsplit

from adapters.channels.mail import mailbox
from adapters.channels.smtp import MailServer, Security
from adapters.http import AddressPolicy, ForbiddenAddress
from adapters.http.request import parse_origin, target_of
from domain.cause import Language
from domain.reminders import Reminders

NOTICES = ("MAIL_FROM", "OPERATOR_EMAIL", "OPERATOR_LANGUAGE", "ESCALATE_HOURS", "DIGEST_HOUR")
NOTICE_URLS = {
    "SMTP_URL": ("smtp://", "smtps://", "smtp+plain://"),
    "WEBHOOK_URL": ("https://", "http://"),
    "WEBHOOK_SECRET": ("whsec_",),
    "SLACK_URL": ("https://", "http://"),
}
"""Settings that are secret or hold one, and what they begin with; each may stand in a file instead."""

SCHEMES = {
    "smtp": (Security.STARTTLS, 587),
    "smtps": (Security.TLS, 465),
    "smtp+plain": (Security.PLAIN, 25),
}
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
SHORTEST_SECRET = 24
Read = TypeVar("Read")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSettings:
    """What the settings say of channels; None means that there is no such channel."""

    sender: str
    operator_email: str
    operator_language: Language
    reminders: Reminders
    mail_server: MailServer | None = None
    webhook_url: str | None = field(default=None, repr=False)
    webhook_secret: bytes | None = field(default=None, repr=False)
    slack_url: str | None = field(default=None, repr=False)


def read_notice_settings(
    found: Mapping[str, str], urls: Mapping[str, str | None], *, production: bool, private: bool
) -> tuple[NoticeSettings, list[str]]:
    """Read what concerns channels, and every mistake; no mistake shows what a setting holds."""
    wrong: list[str] = []

    def valid(name: str, read: Callable[[], Read], instead: Read) -> Read:
        try:
            return read()
        except ValueError as error:
            wrong.append(f"STAFFETTA_{name} {error}")
            return instead

    webhook, secret = urls["WEBHOOK_URL"], urls["WEBHOOK_SECRET"]
    if (webhook is None) is not (secret is None):
        wrong.append("STAFFETTA_WEBHOOK_URL and STAFFETTA_WEBHOOK_SECRET go together; set both or none")
    smtp = urls["SMTP_URL"]
    settings = NoticeSettings(
        sender=valid("MAIL_FROM", lambda: _address(found, "MAIL_FROM", "staffetta@localhost"), ""),
        operator_email=valid(
            "OPERATOR_EMAIL", lambda: _address(found, "OPERATOR_EMAIL", "operator@localhost"), ""
        ),
        operator_language=valid("OPERATOR_LANGUAGE", lambda: _language(found), Language.EN),
        reminders=Reminders(
            escalate_after=timedelta(
                hours=valid("ESCALATE_HOURS", lambda: _number(found, "ESCALATE_HOURS", 24, 1, 720), 24)
            ),
            digest_hour=valid("DIGEST_HOUR", lambda: _number(found, "DIGEST_HOUR", 6, 0, 23), 6),
        ),
        mail_server=valid("SMTP_URL", lambda: _mail_server(smtp, production=production), None),
        webhook_url=valid("WEBHOOK_URL", lambda: _url(webhook, private=private), None),
        webhook_secret=valid("WEBHOOK_SECRET", lambda: _secret(secret), None),
        slack_url=valid("SLACK_URL", lambda: _url(urls["SLACK_URL"], private=private), None),
    )
    missing = {"MAIL_FROM", "OPERATOR_EMAIL"} - set(found) if settings.mail_server is not None else set()
    wrong += [
        f"STAFFETTA_{name} must be set with STAFFETTA_SMTP_URL, to an address that exists"
        for name in sorted(missing)
    ]
    return settings, wrong


def _address(found: Mapping[str, str], name: str, otherwise: str) -> str:
    text = found.get(name, otherwise).strip()
    if mailbox(text) is None:
        raise ValueError("must be one e-mail address of the form name@host")
    return text


def _language(found: Mapping[str, str]) -> Language:
    text = found.get("OPERATOR_LANGUAGE", Language.EN)
    if text not in set(Language):
        raise ValueError("must be de or en")
    return Language(text)


def _number(found: Mapping[str, str], name: str, otherwise: int, least: int, most: int) -> int:
    text = found.get(name, str(otherwise))
    if not text.isascii() or not text.isdecimal() or not least <= int(text) <= most:
        raise ValueError(f"must be a whole number from {least} to {most}")
    return int(text)


def _mail_server(url: str | None, *, production: bool) -> MailServer | None:
    """Read scheme://user:password@host:port; user and password are percent-encoded."""
    if url is None:
        return None
    parts = urlsplit(url)
    security, usual_port = SCHEMES[parts.scheme]
    host, port = parts.hostname, _port(parts, usual_port)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not host or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("must read like smtp://user:password@mail.example:587, with nothing behind it")
    if bool(user) is not bool(password):
        raise ValueError("needs user and password, or neither")
    if security is Security.PLAIN and user:
        raise ValueError("would send the password unprotected; use smtp:// (STARTTLS) or smtps://")
    if security is Security.PLAIN and production and host not in LOOPBACK:
        raise ValueError("may be smtp+plain:// only on this machine with PROFILE=production; use smtp://")
    if not (user + password).isprintable():
        raise ValueError("holds control characters in user or password")
    if not (user + password).isascii():
        raise ValueError(
            "holds letters outside ASCII in user or password, which mail servers do not agree upon"
        )
    return MailServer(host, port, security, user, password)


def _port(parts: SplitResult, usual: int) -> int:
    """Read the port; what Python says of a wrong one would repeat it."""
    try:
        named = parts.port
    except ValueError:
        named = 0
    if named == 0:
        raise ValueError("names a port that is no number from 1 to 65535")
    return usual if named is None else named


def _url(url: str | None, *, private: bool) -> str | None:
    """Check where messages are posted to by the rules that every request obeys later."""
    if url is None:
        return None
    parts = urlsplit(url)
    port = _port(parts, 443)
    if not parts.hostname or parts.username is not None or parts.fragment:
        raise ValueError("must read like https://host/path, without a user name in it")
    parse_origin(f"{parts.scheme}://{parts.netloc}")
    target_of(parts.path or "/", ())
    try:
        AddressPolicy(allow_private=private).check_origin(parts.scheme, parts.hostname, port)
    except ForbiddenAddress as error:
        raise ValueError(f"leads where no request may go: {error}") from None
    return url


def _secret(text: str | None) -> bytes | None:
    if text is None:
        return None
    try:
        secret = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        secret = b""
    if len(secret) < SHORTEST_SECRET:
        raise ValueError(f"must be whsec_ and at least {SHORTEST_SECRET} random bytes in base64")
    return secret
