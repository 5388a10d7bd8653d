"""Build the ways in which this installation reaches humans."""

import ssl
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from adapters.channels.file import FileChannel
from adapters.channels.log import LogChannel
from adapters.channels.post import Post
from adapters.channels.slack import SlackChannel
from adapters.channels.smtp import EmailChannel
from adapters.channels.webhook import WebhookChannel
from adapters.clock import SystemClock
from adapters.http import Outbound
from bootstrap.logging import log_event
from bootstrap.reach import policy_of
from bootstrap.settings import Settings
from domain.codes import Code
from domain.dispatches import Dispatch
from domain.ports_channels import Channel, Ways
from domain.ports_world import Clock
from schemas.log_line import Action


def build_ways(settings: Settings) -> Ways:
    """Return every channel that the settings name; mails become files in `outbox/` where no server is named.

    That folder is the last resort of all others as well.
    """
    notices = settings.notices
    files = FileChannel(settings.outbox, notices.sender, notices.operator_email)
    return Ways((*_channels(settings, files),), files, notices.operator_language)


def _channels(settings: Settings, files: FileChannel) -> Iterator[Channel]:
    notices, clock = settings.notices, SystemClock()
    yield LogChannel(log_event)
    if notices.mail_server is not None:
        yield EmailChannel(notices.mail_server, notices.sender, notices.operator_email, _trust(settings))
    else:
        yield files
    if notices.webhook_url is not None and notices.webhook_secret is not None:
        yield WebhookChannel(_post(settings, notices.webhook_url, clock), notices.webhook_secret, clock)
    if notices.slack_url is not None:
        yield SlackChannel(_post(settings, notices.slack_url, clock))


def _trust(settings: Settings) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if settings.ca_file is not None:
        context.load_verify_locations(settings.ca_file)
    return context


def _post(settings: Settings, url: str, clock: Clock) -> Post:
    parts = urlsplit(url)
    outbound = Outbound(f"{parts.scheme}://{parts.netloc}", policy=policy_of(settings))
    return Post(outbound, parts.path, parse_qsl(parts.query, keep_blank_values=True), clock)


def alarm(taken: Dispatch, code: Code, detail: str) -> None:
    """Say in the log, where alerts look, that a message to humans will not arrive."""
    log_event(
        Action.NOTICE_UNDELIVERED,
        tenant_id=taken.tenant_id,
        notice_id=taken.notice_id,
        channel=taken.channel,
        attempt=taken.tries,
        outcome="failure",
        error_code=code.value,
        error_message=detail,
    )
