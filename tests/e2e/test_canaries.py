"""Secrets and people's data stay sealed: canaries sent through a whole sync at DEBUG are found nowhere."""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
import redis

from adapters.redis.connect import connect
from bootstrap.redis_server import redis_url_of
from bootstrap.settings import read_settings
from bootstrap.up import PROGRAMS
from domain.changes import ChangeState
from domain.config import Line
from tests.e2e.house import Town, Window, command_of, environment_of, eventually, town
from tests.fakes.mail_server import MailServerScript, mail_server
from tests.flow.conftest import SCIM_LINES
from tests.flow.truth import is_wanted
from tests.unit.http.raw_server import RawServer, reply, serving

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

TOKEN = "canary-token-5f1e9c7b"
EMAIL = "canary.zebra@example.com"
REFUSED_EMAIL = "refused.zebra@example.com"
IBAN = "DE89370400440532013000"
LAST_NAME = "Canaryzebra"
CHAT = "canary-chat-0123456789"
REFUSAL = {
    "effect": {
        "type": "respond",
        "status": 400,
        "detail": f"{REFUSED_EMAIL} with {IBAN} is not welcome here",
    },
    "match": {"methods": ["POST"], "user_names": [REFUSED_EMAIL]},
}
SEALED_AWAY = frozenset({"master.key"})


def test_k1_k3_k13_l6_canaries_are_found_at_the_target_and_nowhere_else(tmp_path: Path) -> None:
    script = MailServerScript()
    with (
        mail_server(script) as port,
        serving(reply()) as chat,
        town(
            tmp_path,
            40,
            token=TOKEN,
            log_level="DEBUG",
            smtp_url=f"smtp+plain://127.0.0.1:{port}",
            mail_from="staffetta@relay.test",
            operator_email="operator@relay.test",
            slack_url_file=str(secret_of(tmp_path, chat)),
        ) as here,
    ):
        custom = here.personio.truth().custom_attributes
        company = here.personio.company
        company.hire(first_name="Ada", last_name=LAST_NAME, email=EMAIL, iban=IBAN)
        company.hire(first_name="Eve", last_name=LAST_NAME, email=REFUSED_EMAIL, iban=IBAN)
        here.app.order(rules=[REFUSAL])
        here.up()
        with here.window() as window:
            carry_everything(here, window, custom["iban"])
            eventually(
                lambda: bool(script.taken and chat.requests), "no mail, or no chat, tells of the refusal", 30
            )
            secrets = canaries(here)
            found = list(leaks_of(processes_of(here), secrets)) + list(leaks_of(queue_of(here), secrets))
        found += leaks_of(files_of(here.home), secrets)
        assert here.interrupt() == 0
        found += leaks_of(files_of(here.home), secrets)
    assert found + list(leaks_of(messages_of(script, chat), secrets)) == []


def secret_of(folder: Path, chat: RawServer) -> Path:
    """Write the chat's address, which is a secret, into a file."""
    secret = folder / "chat.secret"
    secret.write_text(f"{chat.origin}/services/{CHAT}")
    return secret


def messages_of(script: MailServerScript, chat: RawServer) -> Iterator[tuple[str, bytes]]:
    """Walk over everything that humans were told."""
    for number, taken in enumerate(script.taken):
        parts = "".join(str(part.get_content()) for part in taken.mail.iter_parts())
        yield f"mail {number}", taken.content + parts.encode()
    for number, request in enumerate(chat.requests):
        yield f"chat {number}", request.partition(b"\r\n")[2]


def carry_everything(here: Town, window: Window, iban_key: str) -> None:
    """Let a sync succeed, fail for one person, and tell a human, with every canary on its way."""
    window.connect(here, lines=(*SCIM_LINES, Line(iban_key, "nickName")))
    window.sync()
    window.ended(window.activate())
    window.sync()
    arrived = [account for account in here.app.accounts().values() if account["userName"] == EMAIL]
    assert [account["nickName"] for account in arrived] == [IBAN]
    assert [row.detail for row in window.rows(ChangeState.DEAD)] != []


def canaries(here: Town) -> Mapping[str, bytes]:
    """Name everything that must not be found in the clear."""
    people = {f"e-mail of {person.id}": person.email for person in here.people() if is_wanted(person)}
    told = {
        "client secret": here.personio.client_secret,
        "Personio's token": personio_token(here),
        "target token": TOKEN,
        "iban": IBAN,
        "last name": LAST_NAME,
        "address of the chat": CHAT,
        "refused e-mail": REFUSED_EMAIL,
        **people,
    }
    return {name: value.encode() for name, value in told.items() if value}


def personio_token(here: Town) -> str:
    """Log in as the house does: Personio hands the same token to everybody for a day."""
    body = json.dumps({"client_id": here.personio.client_id, "client_secret": here.personio.client_secret})
    headers = {"Content-Type": "application/json"}
    request = Request(f"{here.personio.url}/v1/auth", body.encode(), headers, method="POST")  # noqa: S310  our own simulator
    with urlopen(request, timeout=10) as answer:  # noqa: S310  as above
        token = json.load(answer)["data"]["token"]
    assert isinstance(token, str)
    return token


def leaks_of(places: Iterator[tuple[str, bytes]], secrets: Mapping[str, bytes]) -> list[str]:
    """List where a canary stands, as it is or in base64."""
    return [
        f"{name} in {place}"
        for place, content in places
        for name, secret in secrets.items()
        if secret in content or base64.b64encode(secret).rstrip(b"=")[:-1] in content
    ]


def processes_of(here: Town) -> Iterator[tuple[str, bytes]]:
    """Walk over environments and command lines of all processes of the house."""
    assert here.supervisor is not None
    everybody = {"up": here.supervisor.pid, **here.children()}
    assert everybody.keys() == {"up", "valkey", *PROGRAMS}
    for role, pid in everybody.items():
        yield f"environment of {role}", environment_of(pid)
        yield f"command line of {role}", command_of(pid)


def queue_of(here: Town) -> Iterator[tuple[str, bytes]]:
    """Walk over all keys and values of Redis."""
    with closing(connect(redis_url_of(read_settings(here.environ)))) as client:
        keys = list(client.scan_iter())
        assert keys
        for key in keys:
            yield f"Redis key {key!r}", key + repr(value_of(client, key)).encode()


def value_of(client: redis.Redis, key: bytes) -> object:
    match client.type(key):
        case b"string":
            return client.get(key)
        case b"hash":
            return client.hgetall(key)
        case b"list":
            return client.lrange(key, 0, -1)
        case b"set":
            return client.smembers(key)
        case b"zset":
            return client.zrange(key, 0, -1)
        case other:
            raise AssertionError(f"a key of type {other!r} that nobody looks into")


def files_of(home: Path) -> Iterator[tuple[str, bytes]]:
    """Walk over every file of the folder: database, its log, append-only files, mails, logs."""
    for path in sorted(home.rglob("*")):
        if path.is_file() and path.name not in SEALED_AWAY:
            yield str(path.relative_to(home)), path.read_bytes()


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "clear.log").write_bytes(b"... " + EMAIL.encode() + b" ...")
    (tmp_path / "packed").write_bytes(b"... " + base64.b64encode(EMAIL.encode()) + b" ...")
    assert leaks_of(files_of(tmp_path), {"e-mail": EMAIL.encode()}) == [
        "e-mail in deep/clear.log",
        "e-mail in packed",
    ]
