"""The SCIM target: what the relay asks of an application, said in requests."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from adapters.targets.scim.discovery import look_around
from adapters.targets.scim.kind import InTheirKind
from adapters.targets.scim.listing import Listing, nothing_here
from adapters.targets.scim.path import Path, PathError, parse, read
from adapters.targets.scim.promises import promised
from adapters.targets.scim.searching import Search
from adapters.targets.scim.session import USERS, Answer, BrokeError, Sender, Session
from adapters.targets.scim.teams import Teams
from adapters.targets.scim.translate import (
    ACTIVE,
    EXTERNAL_ID,
    MANAGER,
    USER_NAME,
    Changes,
    account_of,
    arrived,
    equal,
    id_of,
    leaves,
    new_resource,
)
from adapters.targets.scim.writing import Writer
from domain.account import Account, AccountDraft, AccountPage, Finding, Scalar, TargetReport
from domain.codes import Code
from domain.errors import AccountGoneError, KeyTakenError, PermanentError, StaffettaError, TemporaryError
from domain.ids import AccountId, TeamId
from domain.ports_teams import Ensured, MembersChanged, Naming, TeamDraft, TeamGone
from domain.ports_world import Clock, Lookup
from schemas.scim import Resource

PAGE_SIZE = 100
_NOT_CREATED = 200
"""Some answer so to every create; others to one that made nothing, with the account that has the name."""


class ScimTarget:
    """Carry accounts into one SCIM application. One instance may be used by many threads.

    `paths` are the mapped paths; `base_path` is what stands before /Users in the application's address.
    """

    def __init__(
        self,
        outbound: Sender,
        token: str,
        paths: frozenset[str],
        clock: Clock,
        base_path: str = "",
        *,
        page_size: int = PAGE_SIZE,
    ) -> None:
        self._session = Session(InTheirKind(outbound), token, clock, base_path)
        self._listing = Listing(self._session, page_size)
        self._search = Search(self._listing)
        self._writer = Writer(self._session)
        self._teams = Teams(self._session, page_size)
        self._page_size = page_size
        self._paths, self._unreadable = _parsed(paths)

    def check(self) -> TargetReport:
        """Send GET requests only; everything that stands in the way becomes a finding."""
        report = look_around(self._session, self._search, self._paths, self._page_size)
        if not report.capabilities.patch:
            self._writer.puts = True
        return TargetReport(report.capabilities, (*self._unreadable, *report.problems))

    def find(self, lookup: Lookup) -> tuple[Account, ...]:
        """Ask with a filter and compare every answer once more with what was asked."""
        if lookup.external_id is not None:
            found = self._by_external_id(lookup.external_id)
        elif lookup.path is not None and lookup.value is not None:
            found = self._by_value(self._path(lookup.path), lookup.value)
        else:
            found = ()
        return tuple(self._account(resource) for resource in found)

    def get(self, account_id: AccountId) -> Account | None:
        """Send one GET and compare the answer's id with the asked one; another one proves nothing of this."""
        try:
            resource, _ = self._writer.fetch(account_id)
        except AccountGoneError:
            return None
        if (id_of(resource) or "").casefold() != account_id.casefold():
            raise TemporaryError(Code.TARGET_NOT_SCIM, "asked for one account, told another")
        return replace(self._account(resource), account_id=account_id)

    def list_page(self, cursor: str | None) -> AccountPage:
        """Read one page; the list ends with an empty one, because totals are often wrong."""
        page = self._listing.everybody(cursor)
        return AccountPage(tuple(self._account(one) for one in page.resources), page.cursor)

    def told(self, account_id: AccountId) -> frozenset[tuple[str, str]]:
        """Read one account whole."""
        return frozenset(leaves(self._writer.fetch(account_id)[0]))

    def create(self, draft: AccountDraft) -> Account:
        """Send a POST; where the answer does not show the account, look it up."""
        body = new_resource(draft, self._changes(draft.values))
        answer = self._session.ask("POST", USERS, body=body, names_key=True)
        if answer.status in {404, 410}:
            raise nothing_here(USERS)
        with self._blaming_names(
            self._changes(draft.values), lambda holder: holder.external_id == draft.external_id
        ):
            self._session.agreed(answer)
        made = self._account(self._promised(draft) if answer.promises else self._created(answer, draft))
        if answer.status == _NOT_CREATED and not _may_be_of(made, draft):
            raise KeyTakenError(Code.TARGET_KEY_TAKEN, "HTTP 200, and the account bears another id")
        return made

    def update(
        self, account_id: AccountId, values: Mapping[str, Scalar], *, external_id: str | None = None
    ) -> Account | None:
        """Send what is named, in one PATCH; nothing named, nothing sent."""
        changes = self._changes(values) | ({} if external_id is None else {EXTERNAL_ID: external_id})
        return self._changed(account_id, changes) if changes else None

    def deactivate(self, account_id: AccountId) -> None:
        """Set `active` to false, and believe that it is unless the account says otherwise."""
        closed: Changes = {ACTIVE: False}
        account = self._writer.change(account_id, closed)
        if account is not None and not arrived(closed, account):
            raise TemporaryError(Code.TARGET_STILL_OPEN, maybe_done=True)

    def reactivate(self, account_id: AccountId, values: Mapping[str, Scalar]) -> Account | None:
        """Set `active` to true and the values, in one PATCH."""
        return self._changed(account_id, {ACTIVE: True} | self._changes(values))

    def delete(self, account_id: AccountId) -> None:
        """Remove the account (RFC 7644 §3.6); one that is gone already is told by AccountGoneError."""
        self._writer.remove(account_id)

    def set_manager(self, account_id: AccountId, manager: AccountId | None) -> None:
        """Set the manager of the enterprise extension, or remove it."""
        self._changed(account_id, {MANAGER: None if manager is None else {"value": manager}})

    def ensure_team(self, draft: TeamDraft) -> Ensured:
        """Look for our id, then for the name, then send a POST; a name that is taken is never taken over."""
        return self._teams.ensure(draft)

    def rename_team(self, team_id: TeamId, name: str) -> Naming:
        """Set `displayName`, and nothing else."""
        return self._teams.rename(team_id, name)

    def change_members(
        self, team_id: TeamId, join: Collection[AccountId], leave: Collection[AccountId]
    ) -> MembersChanged | TeamGone:
        """Send PATCHes that name single members, as many as the server takes at a time."""
        return self._teams.change(team_id, join, leave)

    def _changed(self, account_id: AccountId, changes: Changes) -> Account | None:
        with self._blaming_names(changes, lambda holder: holder.account_id == account_id):
            resource = self._writer.change(account_id, changes)
        return None if resource is None else self._account(resource)

    @contextmanager
    def _blaming_names(self, changes: Changes, is_ours: Callable[[Account], bool]) -> Iterator[None]:
        """Say that a name is taken where a server breaks over it: such a 500 never ends by itself.

        A look-up that fails says nothing: the write stands as it was answered.
        """
        try:
            yield
        except BrokeError:
            self._blame_name(changes.get(USER_NAME), is_ours)
            raise

    def _blame_name(self, wanted: object, is_ours: Callable[[Account], bool]) -> None:
        if not isinstance(wanted, str):
            return
        try:
            holders = [self._account(one) for one in self._by_value(USER_NAME, wanted)]
        except StaffettaError:
            return
        if holders and not any(map(is_ours, holders)):
            raise KeyTakenError(Code.TARGET_KEY_TAKEN, "HTTP 500, and another account has this name")

    def _by_external_id(self, external_id: str) -> tuple[Resource, ...]:
        return self._search.matching(
            EXTERNAL_ID, external_id, lambda resource: str(read(EXTERNAL_ID, resource)) == external_id
        )

    def _by_value(self, path: Path, value: str) -> tuple[Resource, ...]:
        return self._search.matching(path, value, lambda resource: equal(read(path, resource), value))

    def _promised(self, draft: AccountDraft) -> Resource:
        """Look for an account that was agreed to for later; its answer shows a wish at most."""
        try:
            found = self._by_external_id(draft.external_id)
        except StaffettaError as error:
            raise promised({}) from error
        if not found:
            raise promised({})
        return found[0]

    def _created(self, answer: Answer, draft: AccountDraft) -> Resource:
        """Find the account behind a 201: in the body, at its Location, or by its external id.

        Whatever goes wrong from here on, the account is probably there.
        """
        try:
            resource = self._session.resource(answer) or {}
            if id_of(resource) is not None and _whole(resource, draft):
                return resource
            told = id_of(resource) or _last_segment(answer.reply.headers.get("location", ""))
            return self._looked_up(told, draft.external_id)
        except StaffettaError as error:
            raise TemporaryError(error.code, error.detail, maybe_done=True) from error

    def _looked_up(self, told: str, external_id: str) -> Resource:
        try:
            if told:
                return self._writer.fetch(AccountId(told))[0]
        except AccountGoneError:
            pass  # many servers show a new account a moment later
        found = self._by_external_id(external_id)
        if not found:
            raise TemporaryError(Code.TARGET_NOT_SCIM, "made, but the target does not show it")
        return found[0]

    def _account(self, resource: Resource) -> Account:
        return account_of(resource, self._paths)

    def _changes(self, values: Mapping[str, Scalar]) -> dict[Path, object]:
        return {self._path(text): value for text, value in values.items()}

    def _path(self, text: str) -> Path:
        path = self._paths.get(text)
        if path is None:
            raise PermanentError(Code.TARGET_ATTRIBUTE_UNKNOWN, f"not a mapped path: {text}")
        return path


def _parsed(texts: frozenset[str]) -> tuple[dict[str, Path], tuple[Finding, ...]]:
    paths: dict[str, Path] = {}
    unreadable: list[Finding] = []
    for text in sorted(texts):
        try:
            paths[text] = parse(text)
        except PathError as error:
            unreadable.append(Finding(Code.TARGET_ATTRIBUTE_UNKNOWN, text, str(error)))
    return paths, tuple(unreadable)


def _whole(resource: Resource, draft: AccountDraft) -> bool:
    """Say whether the body shows the account, and not only its id."""
    return read(USER_NAME, resource) is not None or "userName" not in draft.values


def _may_be_of(made: Account, draft: AccountDraft) -> bool:
    """Say whether an account that a create answered with can be ours: it bears our id, or none."""
    return made.external_id is None or made.external_id.casefold() == draft.external_id.casefold()


def _last_segment(location: str) -> str:
    return unquote(urlsplit(location).path.rstrip("/").rpartition("/")[2])
