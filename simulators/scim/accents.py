"""The habits by which an application tells what it stores otherwise than the standard says."""

from typing import Any

from simulators.scim.paging import Page
from simulators.scim.switches import Switches
from simulators.scim.wire import ENTERPRISE_USER, Json, Reply, ScimError, reply

_HTML = b"<!doctype html><title>Not Found</title><h1>Not Found</h1>"


def spoken(document: Json, switches: Switches) -> Json:
    """Bend a resource into what this application shows."""
    if switches.manager == "text":
        document = _with_plain_manager(document)
    if switches.loose_answers:
        document = {name: _loose(value) for name, value in document.items() if name != "meta"}
    return _lowered(document) if switches.spelling == "lower_case" else document


def listed(told: Json, page: Page, more: bool, switches: Switches) -> Json:
    """Bend a page of a list."""
    if switches.start_index == "from_zero":
        told = {**told, "startIndex": page.start - 1}
    if switches.cursors:
        told = _by_cursor(told, page, more=more)
    if switches.loose_answers:
        told = {**told, "totalResults": str(told.get("totalResults", ""))}
        told = {name: value for name, value in told.items() if value != []}
    return {n.lower(): v for n, v in told.items()} if switches.spelling == "lower_case" else told


def loosened(answer: Reply, switches: Switches) -> Reply:
    """Leave out the ETag, and say 200 where 201 is meant."""
    if not switches.loose_answers:
        return answer
    headers = {name: value for name, value in answer.headers.items() if name not in {"ETag", "Location"}}
    return Reply(200 if answer.status == 201 else answer.status, answer.body, headers, "application/json")


def missing(error: ScimError) -> Reply:
    """Answer as a web framework does that knows nothing of SCIM."""
    return Reply(error.status, _HTML, media_type="text/html")


def bare(status: int) -> Reply:
    """Answer a conflict in words of one's own."""
    return reply(status, {"message": "A user like that exists already"})


def _by_cursor(told: Json, page: Page, *, more: bool) -> Json:
    if page.cursor is None:
        return {**told, "totalResults": len(told["Resources"])}
    kept = {name: value for name, value in told.items() if name not in {"totalResults", "startIndex"}}
    following = str(page.start - 1 + len(told["Resources"]))
    return {**kept, "nextCursor": following} if more else kept


def _with_plain_manager(document: Json) -> Json:
    extension = document.get(ENTERPRISE_USER)
    if not extension or "manager" not in extension:
        return document
    return {**document, ENTERPRISE_USER: {**extension, "manager": extension["manager"]["value"]}}


def _loose(value: Any) -> Any:  # noqa: ANN401  a JSON value of any type
    return str(value) if isinstance(value, bool) else value


def _lowered(value: Any) -> Any:  # noqa: ANN401  a JSON value of any type
    if isinstance(value, dict):
        return {name.lower(): _lowered(inner) for name, inner in value.items()}
    return [_lowered(inner) for inner in value] if isinstance(value, list) else value
