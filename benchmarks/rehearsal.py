"""Write down, without a network, the very requests that our target sends for some rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import assert_never

import msgspec

from adapters.clock import SystemClock
from adapters.http import Reply
from adapters.targets.scim import ScimTarget
from domain.account import AccountDraft, Scalar
from domain.changes import Action, Change
from domain.compare import difference
from domain.config import Configuration
from domain.ids import AccountId, PersonId
from domain.mapping import external_id
from domain.ports_world import Lookup

NO_HEADERS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Request:
    """One request, complete; accounts stand in it under the names of `account_name`."""

    method: str
    path: str
    params: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes | None
    content_type: str | None

    def naming(self, ids: Mapping[str, str]) -> "Request":
        """Put the real id of the account in, and that of its manager."""
        head, _, name = self.path.rpartition("/")
        path = f"{head}/{ids[name]}" if name in ids else self.path
        body = self.body
        if body is not None and b'"account-' in body:
            name = body.partition(b'"account-')[2].partition(b'"')[0].decode()
            body = body.replace(f'"account-{name}"'.encode(), f'"{ids[f"account-{name}"]}"'.encode())
        return replace(self, path=path, body=body)


@dataclass(frozen=True, slots=True)
class Script:
    """The requests of one row, in order, and the account that they make, if any."""

    requests: tuple[Request, ...]
    makes: str | None
    needs_others: bool


class Stage:
    """Stand in for the network: note every request, and answer as an application that agrees."""

    def __init__(self) -> None:
        self.noted: list[Request] = []
        self.account: Mapping[str, object] = {}

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] = NO_HEADERS,
        body: bytes | None = None,
        content_type: str | None = None,
        deadline: timedelta | None = None,
    ) -> Reply:
        """Note the request; a look-up finds nobody, a read or a write shows the account as it should be."""
        del deadline
        self.noted.append(Request(method, path, tuple(params), dict(headers), body, content_type))
        if method == "GET":
            found = self.account if not params else {"totalResults": 0, "Resources": []}
            return _json(200, found)
        told = msgspec.json.decode(body or b"{}") if method == "POST" else {}
        return _json(201 if method == "POST" else 200, {**told, **self.account})


def account_name(person_id: PersonId) -> str:
    """Name the account of a person until its real id is known."""
    return f"account-{person_id}"


def rehearse(
    changes: Iterable[Change], config: Configuration, token: str, base_path: str, *, listed: bool
) -> list[Script]:
    """Play rows on the stage. `listed`: creates need no look-ups, as after a list of the target."""
    stage = Stage()
    target = ScimTarget(stage, token, config.paths, SystemClock(), base_path)
    scripts: list[Script] = []
    for change in changes:
        stage.noted = []
        stage.account = {"id": account_name(change.person_id), **_shown(change)}
        _play(change, config, target, listed=listed)
        made = account_name(change.person_id) if change.action is Action.CREATE else None
        scripts.append(Script(tuple(stage.noted), made, change.action is Action.SET_MANAGER))
    return scripts


def _play(change: Change, config: Configuration, target: ScimTarget, *, listed: bool) -> None:
    account, after = AccountId(account_name(change.person_id)), dict(change.after or {})
    match change.action:
        case Action.CREATE:
            _create(AccountDraft(external_id(change.person_id, config), after), config, target, listed=listed)
        case Action.UPDATE | Action.RELEASE_NAME | Action.LINK | Action.UNLINK:
            target.update(account, difference(change.before or {}, after))
        case Action.REACTIVATE:
            target.reactivate(account, difference(change.before or {}, after))
        case Action.DEACTIVATE:
            target.told(account)  # concluding asks whether a leaver runs the application
            target.deactivate(account)
        case Action.SET_MANAGER:
            manager = change.after_manager
            target.set_manager(account, None if manager is None else AccountId(account_name(manager)))
        case Action.KEEP | Action.DELETE:  # no benchmark removes accounts
            pass
        case _:
            assert_never(change.action)


def _create(draft: AccountDraft, config: Configuration, target: ScimTarget, *, listed: bool) -> None:
    if not listed:
        target.find(Lookup(external_id=draft.external_id))
        value = draft.values.get(config.match_path or "")
        if isinstance(value, str):
            target.find(Lookup(path=config.match_path, value=value))
    target.create(draft)


def _shown(change: Change) -> dict[str, object]:
    """Show as much of the account as our target looks for after a write: the work e-mail."""
    values: Mapping[str, Scalar] = {**(change.before or {}), **(change.after or {})}
    mails = [{"type": "work", "value": values.get('emails[type eq "work"].value')}]
    return {"userName": values.get("userName"), "emails": mails}


def _json(status: int, body: object) -> Reply:
    return Reply(status, {"content-type": "application/scim+json"}, msgspec.json.encode(body))
