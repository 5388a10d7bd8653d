"""The pages beside SCIM, for tests and operators of the simulator: counters, truth and quirks."""

from typing import Any

import msgspec

from simulators.scim.counters import Counters
from simulators.scim.quirks import Quirks, Rule
from simulators.scim.state import State
from simulators.scim.wire import Call, Malformed, Reply, reply

COUNTERS = "/__counters"
TRUTH = "/__truth"
QUIRKS = "/__admin/quirks"
JSON = "application/json"


class Orders(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hold what one request to the quirks page asks for."""

    switches: dict[str, Any] = {}
    rules: tuple[Rule, ...] = ()


class Admin:
    """Answer the pages that need no token."""

    def __init__(self, counters: Counters, state: State, quirks: Quirks) -> None:
        self._counters = counters
        self._state = state
        self._quirks = quirks

    def answer(self, call: Call) -> Reply:
        """Answer one page; a bad order changes nothing."""
        match call.method, call.path:
            case "GET", "/__counters":
                return _json(200, self._counters.report())
            case "DELETE", "/__counters":
                self._counters.reset()
                return Reply(204)
            case "GET", "/__truth":
                return _json(200, self._state.truth())
            case _, "/__admin/quirks":
                return self._obey(call)
            case _:
                return _json(404, {"error": f"there are {COUNTERS}, {TRUTH} and {QUIRKS}"})

    def _obey(self, call: Call) -> Reply:
        match call.method:
            case "GET":
                return _json(200, self._quirks.report())
            case "DELETE":
                self._quirks.clear()
                return Reply(204)
            case "POST" | "PUT":
                return self._order(call)
            case _:
                return _json(405, {"error": "use GET, POST (add), PUT (replace all) or DELETE"})

    def _order(self, call: Call) -> Reply:
        if isinstance(call.body, Malformed):
            return _json(400, {"error": "the body is not JSON"})
        try:
            orders = msgspec.convert(call.body, Orders)
            self._quirks.obey(orders.switches, orders.rules, afresh=call.method == "PUT")
        except msgspec.ValidationError as error:
            return _json(400, {"error": str(error)})
        return _json(200, self._quirks.report())


def _json(status: int, document: object) -> Reply:
    answer = reply(status, document)
    return Reply(answer.status, answer.body, answer.headers, JSON)
