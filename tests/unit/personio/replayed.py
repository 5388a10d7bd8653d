"""A loopback Personio that only replays one recorded page, and its people by id."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.unit.personio.scripted import GERMAN_404, Answer, Asked, Handler, Script, Server, login, told

RECORDED = Path(__file__).parents[2] / "fixtures" / "personio" / "recorded"
PAGES = sorted(page.name for page in RECORDED.glob("*.json"))
EMPLOYEES = "/v1/company/employees"


@dataclass(frozen=True, slots=True)
class Replay:
    """Where it listens, and who is on the page."""

    url: str
    people: list[dict[str, Any]]
    client_id: str = "papi-recorded"
    client_secret: str = "canary-secret"


@dataclass(slots=True)
class Recording(Script):
    """Answer as the recording does. `pages`: an empty page follows, as it does at Personio."""

    page: bytes = b""
    pages: bool = True
    attributes: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, asked: Asked) -> Answer:
        match asked.path:
            case "/v1/auth":
                return login()
            case "/v1/company/employees/attributes" | "/v1/company/employees/custom-attributes":
                return told(self.attributes)
            case "/v1/company/employees":
                behind = self.pages and dict(asked.query).get("offset", "0") != "0"
                return Answer(_emptied(self.page)) if behind else Answer(self.page)
            case path:
                return self._one(path.removeprefix(f"{EMPLOYEES}/"))

    def _one(self, person_id: str) -> Answer:
        people = json.loads(self.page)["data"]
        found = [one for one in people if str(one["attributes"]["id"]["value"]) == person_id]
        return told(found[0]) if found else GERMAN_404


@contextmanager
def replayed(name: str, *, pages: bool = True) -> Iterator[Replay]:
    """Serve one recorded page."""
    page = (RECORDED / name).read_bytes()
    people = [one["attributes"] for one in json.loads(page)["data"]]
    known = {key: attribute for one in people for key, attribute in one.items()}
    attributes = [{"key": key, **_described(attribute)} for key, attribute in known.items()]
    server = Server(("127.0.0.1", 0), Handler)
    server.script = Recording([], page=page, pages=pages, attributes=attributes)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield Replay(f"http://127.0.0.1:{server.server_port}", people)
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def _described(attribute: dict[str, Any]) -> dict[str, Any]:
    return {name: attribute.get(name) for name in ("label", "type", "universal_id")}


def _emptied(page: bytes) -> bytes:
    return json.dumps(json.loads(page) | {"data": []}).encode()
