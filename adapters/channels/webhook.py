"""Post notices as signed JSON, as https://www.standardwebhooks.com says, to a server of the operator's."""

import base64
import hashlib
import hmac
import json

from adapters.channels.once import Once
from adapters.channels.post import Post, plain
from domain.notices import Notice
from domain.ports_channels import Delivered
from domain.ports_world import Clock

VERSION = 1
"""Of the JSON; a field is only ever added under the same number."""


class WebhookChannel:
    """Post each notice with its id, by which the receiver drops a double.

    Signed is `id.timestamp.body` with HMAC-SHA256, in the header `webhook-signature`: ready-made libraries
    check it, and refuse what is older than five minutes.
    """

    name = "webhook"
    addressed = False
    doubles_harmless = True

    def __init__(self, post: Post, secret: bytes, clock: Clock) -> None:
        self._post = post
        self._secret = secret
        self._clock = clock
        self._once = Once()

    def deliver(self, notice: Notice, *, patient: bool = False) -> Delivered:
        """Post the notice; each try has a timestamp, and so a signature, of its own."""
        del patient  # there are no addressees to leave out
        return self._once.deliver(notice.notice_id, lambda: self._posted(notice))

    def _posted(self, notice: Notice) -> Delivered:
        body = json.dumps(payload(notice), ensure_ascii=True).encode("ascii")
        self._post.send(body, self._headers(notice.notice_id, body))
        return Delivered()

    def _headers(self, notice_id: str, body: bytes) -> dict[str, str]:
        timestamp = str(int(self._clock.now().timestamp()))
        return {
            "webhook-id": notice_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": f"v1,{signature(self._secret, notice_id, timestamp, body)}",
        }


def signature(secret: bytes, notice_id: str, timestamp: str, body: bytes) -> str:
    """Sign what is sent, byte for byte."""
    signed = f"{notice_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode("ascii")


def payload(notice: Notice) -> dict[str, object]:
    """Say what a program wants to know, and the words for a human; addressees are left out."""
    return {
        "version": VERSION,
        "id": notice.notice_id,
        "stage": notice.stage.value,
        "tenant": notice.tenant_id,
        "incident": notice.incident_id,
        "run": notice.run_id,
        "cause": None if notice.code is None else notice.code.value,
        "severity": notice.severity.value,
        "count": notice.count,
        "at": notice.written_at.isoformat(),
        "language": notice.language.value,
        "subject": plain(notice.subject),
        "text": plain(notice.body),
    }
