"""A SCIM server in the test's hand: it answers what the test says, and remembers what it was asked."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import msgspec

from adapters.http import Reply
from adapters.targets.scim import ScimTarget
from domain.errors import StaffettaError

TOKEN = "canary-token"
WORK_EMAIL = 'emails[type eq "work"].value'
DEPARTMENT = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"
PATHS = frozenset({"userName", "title", "name.givenName", WORK_EMAIL, DEPARTMENT})
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


class Noon:
    def now(self) -> datetime:
        return datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    path: str
    params: dict[str, str]
    headers: Mapping[str, str]
    body: Any
    kind: str | None


Step: TypeAlias = Reply | Exception | Callable[[Asked], Reply]
"""What the server does next: answer, fail, or answer depending on the question."""


@dataclass
class FakeServer:
    """Answer the replies in turn, the last one for ever; an exception in their place is raised."""

    replies: list[Step]
    asked: list[Asked] = field(default_factory=list)

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        content_type: str | None = None,
        deadline: timedelta | None = None,
    ) -> Reply:
        document = None if body is None else msgspec.json.decode(body)
        asked = Asked(method, path, dict(params), headers or {}, document, content_type)
        self.asked.append(asked)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, Exception):
            raise reply
        return reply if isinstance(reply, Reply) else reply(asked)

    @property
    def lines(self) -> list[str]:
        """Show the requests as methods and paths."""
        return [f"{asked.method} {asked.path}" for asked in self.asked]


def target(*replies: Step, paths: frozenset[str] = PATHS) -> tuple[ScimTarget, FakeServer]:
    server = FakeServer(list(replies))
    return ScimTarget(server, TOKEN, paths, Noon(), page_size=2), server


def side_by_side(hands: int, act: Callable[[int], object]) -> list[type[Exception] | None]:
    """Let several hands act at once; tell how each of them failed, or None."""

    def one(number: int) -> type[Exception] | None:
        try:
            act(number)
        except StaffettaError as error:
            return type(error)
        return None

    with ThreadPoolExecutor(hands) as pool:
        return list(pool.map(one, range(hands)))


def json_reply(status: int, document: object = None, **headers: str) -> Reply:
    body = b"" if document is None else msgspec.json.encode(document)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, {"content-type": "application/scim+json"} | names, body)


def refusal(status: int, detail: str = "", scim_type: str | None = None, **headers: str) -> Reply:
    document = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": str(status),
        "detail": detail,
    }
    return json_reply(status, document | ({"scimType": scim_type} if scim_type else {}), **headers)


def web_page(status: int = 200) -> Reply:
    return Reply(status, {"content-type": "text/html; charset=utf-8"}, b"<html>Please sign in</html>")


def user(account_id: str, **attributes: object) -> dict[str, Any]:
    return {"schemas": [CORE], "id": account_id, "userName": f"user-{account_id}", **attributes}


def page(*users: dict[str, Any], total: int | None = None) -> Reply:
    document = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": len(users) if total is None else total,
        "Resources": list(users),
    }
    return json_reply(200, document)
