"""Webhook and chat pass the contract; what is posted is signed, escaped, and leads nowhere forbidden."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.channels.post import Post
from adapters.channels.slack import SlackChannel, text_of
from adapters.channels.webhook import WebhookChannel
from adapters.http import AddressPolicy, Outbound
from domain.codes import Code
from domain.errors import PermanentError, TemporaryError
from domain.ports_channels import Channel
from tests.contracts.channel_contract import ChannelContract
from tests.contracts.store.builders import HandClock
from tests.fakes.incidents import notice
from tests.unit.http.raw_server import RawServer, Script, reply, sending_then_closing, serving

SECRET = b"a secret of at least 24 bytes"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
Build = Callable[[Post], Channel]


def webhook(post: Post) -> Channel:
    return WebhookChannel(post, SECRET, HandClock(NOW))


@contextmanager
def posting(build: Build, *scripts: Script) -> Iterator[tuple[Channel, RawServer]]:
    with serving(*(scripts or (reply(),))) as server:
        outbound = Outbound(server.origin, policy=AddressPolicy(allow_private=True))
        yield build(Post(outbound, "/hooks/canary", [("key", "a b")], HandClock(NOW))), server
        outbound.close()


def body_of(request: bytes) -> bytes:
    return request.partition(b"\r\n\r\n")[2]


def headers_of(request: bytes) -> dict[str, str]:
    lines = request.partition(b"\r\n\r\n")[0].decode("ascii").split("\r\n")[1:]
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}


class PostingContract(ChannelContract):
    build: Build

    @pytest.fixture
    def channel(self) -> Iterator[Channel]:
        with posting(type(self).build) as (channel, self._server):
            yield channel

    def raw(self) -> str:
        bodies = [json.loads(body_of(request)) for request in self._server.requests]
        return "\n".join(json.dumps(body, ensure_ascii=False) for body in bodies)


class TestWebhookChannel(PostingContract):
    build = staticmethod(webhook)

    def delivered(self) -> Sequence[str]:
        return [headers_of(request)["webhook-id"] for request in self._server.requests]


class TestSlackChannel(PostingContract):
    build = staticmethod(SlackChannel)

    def delivered(self) -> Sequence[str]:
        texts = [json.loads(body_of(request))["text"] for request in self._server.requests]
        return [text.splitlines()[-1] for text in texts]


def test_what_is_posted_is_signed_with_its_id_and_time() -> None:
    with posting(webhook) as (channel, server):
        channel.deliver(notice())
    [request] = server.requests
    headers, body = headers_of(request), body_of(request)
    signed = f"inc-1-opened.{int(NOW.timestamp())}.".encode() + body
    expected = base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert headers["content-type"] == "application/json"
    assert request.startswith(b"POST /hooks/canary?key=a%20b HTTP/1.1\r\n")


def test_what_is_posted_says_what_a_program_wants_to_know_and_no_address() -> None:
    with posting(webhook) as (channel, server):
        channel.deliver(notice())
    told = json.loads(body_of(server.requests[0]))
    assert {name: told[name] for name in told if name not in {"subject", "text"}} == {
        "version": 1,
        "id": "inc-1-opened",
        "stage": "opened",
        "tenant": "acme",
        "incident": "inc-1",
        "run": "run-7",
        "cause": "person.without-required",
        "severity": "failure",
        "count": 3,
        "at": "2026-03-02T08:15:00+00:00",
        "language": "de",
    }
    assert "owner@acme.test" not in body_of(server.requests[0]).decode()


def test_in_a_chat_nothing_becomes_a_link_or_a_shout_to_everybody() -> None:
    shout = "<!channel> <https://evil.test|click> & `code`"
    text = text_of(replace(notice(), subject=f"*{shout}*", body=f"{shout}\n\n  {shout}\n"))
    assert "<" not in text
    assert text.splitlines()[0].startswith("*·&lt;!channel&gt;")
    assert text.splitlines()[-3] == "`&lt;!channel&gt; &lt;https://evil.test|click&gt; &amp; code`"


def test_a_chat_gets_no_more_than_it_takes() -> None:
    assert len(text_of(replace(notice(), body="line\n" * 5_000))) <= 3_600


@pytest.mark.parametrize("build", [webhook, SlackChannel])
@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("500 Oops", Code.NOTICE_AWAY),
        ("429 Slow down", Code.NOTICE_AWAY),
        ("421 Misdirected", Code.NOTICE_AWAY),
        ("401 Who are you", Code.NOTICE_REFUSED),
        ("404 no_service", Code.NOTICE_REFUSED),
        ("302 Found", Code.NOTICE_REFUSED),
    ],
)
def test_what_time_or_an_operator_can_mend_is_tried_again(build: Build, status: str, code: Code) -> None:
    refused = reply(status, b"{}", "Retry-After: 120", "Location: http://127.0.0.1:1/")
    with posting(build, refused, reply()) as (channel, server):
        with pytest.raises(TemporaryError) as caught:
            channel.deliver(notice())
        assert (caught.value.code, caught.value.maybe_done) == (code, False)
        assert caught.value.retry_after == timedelta(minutes=2)
        channel.deliver(notice())
    assert len(server.requests) == 2


@pytest.mark.parametrize("build", [webhook, SlackChannel])
@pytest.mark.parametrize("status", ["400 invalid_payload", "410 channel_is_archived"])
def test_what_is_refused_for_good_is_not_tried_again(build: Build, status: str) -> None:
    with posting(build, reply(status)) as (channel, _), pytest.raises(PermanentError):
        channel.deliver(notice())


@pytest.mark.parametrize(
    ("body", "code", "doubtful"),
    [
        (b'{"ok":false,"error":"invalid_auth"}', Code.NOTICE_REFUSED, False),
        (b' {"ok": false, "error": "ratelimited"} ', Code.NOTICE_AWAY, False),
        (b'{"success":false,"error":"<script>anna@acme.test</script>"}', Code.NOTICE_REFUSED, False),
        (b'{"result":"error","msg":"no such stream"}', Code.NOTICE_REFUSED, False),
        (b"<!doctype html><title>Log in</title>", Code.NOTICE_REFUSED, True),
    ],
)
def test_a_chat_that_says_no_with_200_was_not_told(body: bytes, code: Code, doubtful: bool) -> None:
    refused = reply("200 OK", body, "Retry-After: 120")
    with posting(SlackChannel, refused, reply("200 OK", b"ok")) as (channel, server):
        with pytest.raises(TemporaryError) as caught:
            channel.deliver(notice())
        assert (caught.value.code, caught.value.maybe_done) == (code, doubtful)
        assert caught.value.retry_after == timedelta(minutes=2)
        assert "anna" not in str(caught.value)
        channel.deliver(notice())
        channel.deliver(notice())
    assert len(server.requests) == 2


def test_a_chat_that_says_no_for_good_with_200_is_not_asked_again() -> None:
    refused = reply("200 OK", b'{"ok":false,"error":"invalid_blocks"}')
    with (
        posting(SlackChannel, refused) as (channel, _),
        pytest.raises(PermanentError, match="invalid_blocks"),
    ):
        channel.deliver(notice())


@pytest.mark.parametrize(
    "body", [b"ok", b"", b'{"ok":true}', b'{"success":true}', b"{", b"[1]", b'{"ok":null}', b"\xff"]
)
def test_whatever_else_a_chat_says_with_200_is_a_yes(body: bytes) -> None:
    with posting(SlackChannel, reply("200 OK", body)) as (channel, server):
        channel.deliver(notice())
        channel.deliver(notice())
    assert len(server.requests) == 1


def test_no_whole_answer_means_that_it_may_have_arrived() -> None:
    cut = sending_then_closing(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    with posting(webhook, cut) as (channel, _), pytest.raises(TemporaryError) as caught:
        channel.deliver(notice())
    assert caught.value.maybe_done


def test_an_address_inside_our_network_is_not_posted_to_and_the_url_is_in_no_error() -> None:
    outbound = Outbound(
        "https://hooks.example", policy=AddressPolicy(), resolver=lambda *_: ["169.254.169.254"]
    )
    channel = SlackChannel(Post(outbound, "/services/canary", (), HandClock(NOW)))
    with pytest.raises(TemporaryError) as caught:
        channel.deliver(notice())
    assert caught.value.code is Code.NOTICE_REFUSED
    assert "canary" not in str(caught.value)
