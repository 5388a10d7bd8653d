"""The v1 API as a function from request to answer; it knows nothing of sockets."""

from dataclasses import replace
from urllib.parse import parse_qsl

import msgspec

from simulators.personio.actions import Paged
from simulators.personio.auth import Credential
from simulators.personio.book import BadQuestionError, bent, open_page, sees, understand
from simulators.personio.refusals import too_many
from simulators.personio.reply import Ask, Reply, error, not_found, success
from simulators.personio.world import World

_LIST = "/v1/company/employees"
_DESCRIBED = frozenset({f"{_LIST}/attributes", f"{_LIST}/custom-attributes"})
_NO_RIGHT = "personio.core.api.exceptions.api.forbidden.http.exception"


def answer(world: World, ask: Ask, fault: Paged | None = None) -> Reply:
    """Answer as Personio would; a fault here is one that makes the employee list wrong in itself."""
    wait = world.limits.address(ask.address, world.switches, _seconds(world))
    if wait > 0:
        return too_many(wait, world.switches, world.clock)
    if ask.path == "/v1/auth":
        return _login(world, ask)
    if not ask.authorization:
        return error(401, 401, "Authorization is not provided")
    credential = world.desk.bearer(ask.authorization.removeprefix("Bearer "), world.clock.now())
    if credential is None:
        return error(403, 403, "Provided authorization is not valid")
    reply = _employees(world, credential, ask, fault)
    if world.switches.echo_authorization and reply.status == 200:
        return replace(reply, headers={"Authorization": ask.authorization})
    return reply


def _seconds(world: World) -> float:
    return world.clock.now().timestamp()


def _login(world: World, ask: Ask) -> Reply:
    if ask.method != "POST":
        return not_found()
    wait = world.limits.login(ask.address, world.switches, _seconds(world))
    if wait > 0:
        return too_many(wait, world.switches, world.clock)
    in_query = dict(ask.query)
    if world.switches.query_string_login == "refuse" and in_query.keys() & {"client_id", "client_secret"}:
        return error(403, 403, "Forbidden")
    given = {**in_query, **_written(ask)}
    now = world.clock.now()
    client_id, secret = given.get("client_id", ""), given.get("client_secret", "")
    token = world.desk.login(client_id, secret, now, world.switches.token_seconds)
    if token is None:
        return error(403, 0, "Wrong credentials")
    world.counters.logged_in(token.text)
    left = token.seconds_left(now)
    told = {"token": token.text, "expires_in": left, "scope": "employees:read absences:read"}
    return success(msgspec.json.encode(told))


def _written(ask: Ask) -> dict[str, str]:
    """Read a body as JSON or as a form; what cannot be read holds no credentials."""
    if "json" not in ask.content_type:
        return dict(parse_qsl(ask.body.decode(errors="replace")))
    try:
        return msgspec.json.decode(ask.body, type=dict[str, str])
    except msgspec.DecodeError:
        return {}


def _employees(world: World, credential: Credential, ask: Ask, fault: Paged | None) -> Reply:
    if ask.method != "GET" or not ask.path.startswith(_LIST):
        return not_found()
    if not credential.employees_right:
        return error(403, 0, _NO_RIGHT)
    if ask.path == _LIST:
        return _list(world, credential, ask, fault)
    if ask.path in _DESCRIBED:
        return success(world.shelf.described(world.visible(credential)))
    return _one(world, credential, ask.path.removeprefix(f"{_LIST}/"))


def _list(world: World, credential: Credential, ask: Ask, fault: Paged | None) -> Reply:
    wait = world.limits.employees(credential.client_id, world.switches, _seconds(world))
    if wait > 0:
        return too_many(wait, world.switches, world.clock)
    try:
        question = understand(ask, world.switches)
    except BadQuestionError as refused:
        return error(422, 422, str(refused))
    page = bent(world, credential, question, fault) if fault else open_page(world, credential, question)
    visible = world.visible(credential)
    shown = visible & (question.wanted | {"id"}) if question.wanted else visible
    body = page.envelope([world.shelf.bytes_of(number, shown) for number in page.ids])
    world.counters.told(len(page.ids))
    for change in world.hooks.spring(page.offset // page.limit):
        world.happen(change)
    return Reply(200, body, wait=world.switches.latency_ms / 1000)


def _one(world: World, credential: Credential, written: str) -> Reply:
    number = int(written) if written.isascii() and written.isdigit() else 0
    person = world.company.people.get(number)
    if person is None or not sees(world, credential, person):
        return not_found()
    return success(world.shelf.bytes_of(number, world.visible(credential)))
