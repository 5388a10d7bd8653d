"""Change one account: by PATCH where the server can, by reading and putting back where it cannot."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters.targets.scim.absence import Absence, place_of
from adapters.targets.scim.path import get
from adapters.targets.scim.session import Answer, Session
from adapters.targets.scim.translate import (
    MANAGER,
    Changes,
    Operation,
    aimed,
    arrived,
    blind,
    edited,
    id_of,
    needs_a_look,
    patch_of,
    whole,
)
from domain.codes import Code
from domain.errors import PermanentError, TemporaryError
from domain.ids import AccountId
from schemas.scim import Resource

PUT_TRIES = 3
"""How often we read again when somebody else changed the account between our GET and our PUT."""

_NO_PATCH = frozenset({405, 501})
_WANTS_VERSION = frozenset({412, 428})
_PATH_TROUBLE = frozenset({"", "invalidpath", "invalidfilter", "notarget"})
"""What servers call a path with brackets that they do not understand; most call it nothing."""


@dataclass(slots=True)
class Writer:
    """Send changes, and remember for as long as the process lives what the server does not take.

    `puts`: no PATCH. `lists`: no paths with brackets. `plain_manager`: a manager is an id, no object.
    `versions`: nothing without If-Match.
    """

    session: Session
    puts: bool = field(default=False)
    lists: bool = field(default=False)
    plain_manager: bool = field(default=False)
    versions: bool = field(default=False)

    def change(self, account_id: AccountId, changes: Changes) -> Resource | None:
        """Apply the changes; return the account afterwards where the server tells it."""
        if self.puts:
            return self._put(account_id, changes)
        if self.lists and _selects(changes):
            return self._whole(account_id, changes)
        answer = self._patch(account_id, blind(self._said(changes)))
        if answer.status in _NO_PATCH or self._absence.is_there(account_id, answer):
            self.puts = True
            return self._put(account_id, changes)
        return self._settled(account_id, changes, answer)

    def remove(self, account_id: AccountId) -> None:
        """Delete one account."""
        self._agreed(account_id, self._versioned("DELETE", account_id, None))

    def fetch(self, account_id: AccountId) -> tuple[Resource, str | None]:
        """Read one account and its version."""
        resource, answer = self._absence.read(account_id)
        return resource, _version(answer, resource)

    @property
    def _absence(self) -> Absence:
        return Absence(self.session)

    def _said(self, changes: Changes) -> Changes:
        manager = changes.get(MANAGER)
        if not self.plain_manager or not isinstance(manager, Mapping):
            return changes
        return {**changes, MANAGER: manager["value"]}

    def _patch(self, account_id: AccountId, operations: list[Operation]) -> Answer:
        return self._versioned("PATCH", account_id, patch_of(operations))

    def _versioned(self, method: str, account_id: AccountId, body: Resource | None) -> Answer:
        """Name the version where the server insists on it."""
        version = self.fetch(account_id)[1] if self.versions else None
        answer = self.session.ask(method, place_of(account_id), body=body, if_match=version)
        if answer.status in _WANTS_VERSION and not self.versions:
            self.versions = True
            return self._versioned(method, account_id, body)
        return answer

    def _agreed(self, account_id: AccountId, answer: Answer) -> Answer:
        """Return a good answer, or raise what it means; a 404 is believed where no look succeeds."""
        if not answer.good and self._absence.is_there(account_id, answer):
            raise PermanentError(
                Code.TARGET_REFUSED, "HTTP 404 to this request, although the account is there"
            )
        return self.session.agreed(answer)

    def _settled(self, account_id: AccountId, changes: Changes, answer: Answer) -> Resource | None:
        """Accept a blind PATCH, unless the server missed an element or skipped one in silence."""
        if not answer.good and answer.status == 400 and self._may_say_plainly(changes):
            again = self._patch(account_id, blind({**changes, MANAGER: changes[MANAGER]["value"]}))
            self.plain_manager = again.good
            answer = again if again.good else answer
        if not answer.good:
            if needs_a_look(changes) and _may_have_missed(answer):
                return self._look_and_patch(account_id, changes, answer)
            raise self.session.error_of(answer)
        resource = self._told(answer)
        if _selects(changes):
            seen = resource or self.fetch(account_id)[0]
            return seen if arrived(changes, seen) else self._look_and_patch(account_id, changes, answer)
        return resource

    def _may_say_plainly(self, changes: Changes) -> bool:
        return not self.plain_manager and isinstance(changes.get(MANAGER), Mapping)

    def _look_and_patch(self, account_id: AccountId, changes: Changes, before: Answer) -> Resource | None:
        """Name what is missing; where that is what we sent, replace whole lists; else the refusal stands."""
        resource, _ = self.fetch(account_id)
        operations = aimed(changes, resource)
        if not operations:
            return resource
        if operations != blind(self._said(changes)):
            answer = self._patch(account_id, operations)
            if not (answer.good and _has_brackets(operations)) and not _path_trouble(answer):
                return self._told(self.session.agreed(answer))
            if answer.good and arrived(changes, seen := self._told(answer) or self.fetch(account_id)[0]):
                return seen
            before = answer
        if _selects(changes) and (before.good or _path_trouble(before)):
            answer = self._patch(account_id, whole(changes, resource))
            if answer.good:
                self.lists = True
                return self._told(answer)
        if before.good:
            return resource
        raise self.session.error_of(before)

    def _whole(self, account_id: AccountId, changes: Changes) -> Resource | None:
        """Replace lists as a whole, with what they hold beside ours."""
        resource, _ = self.fetch(account_id)
        operations = whole(self._said(changes), resource)
        if not operations:
            return resource
        return self._told(self._agreed(account_id, self._patch(account_id, operations)))

    def _put(self, account_id: AccountId, changes: Changes) -> Resource | None:
        for _ in range(PUT_TRIES):
            resource, version = self.fetch(account_id)
            if not aimed(changes, resource):
                return resource
            body = edited(resource, self._said(changes))
            answer = self.session.ask("PUT", place_of(account_id), body=body, if_match=version)
            if answer.status != 412:
                return self._told(self._agreed(account_id, answer))
        raise TemporaryError(Code.TARGET_BUSY, "HTTP 412: somebody else keeps changing this account")

    def _told(self, answer: Answer) -> Resource | None:
        """Read the account from an answer, if there is one in it."""
        resource = self.session.resource(answer)
        return None if resource is None or id_of(resource) is None else resource


def _selects(changes: Changes) -> bool:
    return any(path.selection for path in changes)


def _has_brackets(operations: list[Operation]) -> bool:
    return any("[" in operation["path"] for operation in operations)


def _path_trouble(answer: Answer) -> bool:
    return answer.status == 400 and answer.scim_type.lower() in _PATH_TROUBLE


def _version(answer: Answer, resource: Resource) -> str | None:
    """Take the ETag, or the version in the body; leave out what fits in no header."""
    told = answer.reply.headers.get("etag") or get(get(resource, "meta"), "version")
    fits = isinstance(told, str) and told.isascii() and told.isprintable()
    return str(told) if fits and told else None


def _may_have_missed(answer: Answer) -> bool:
    """Tell «there is no such element» apart: some say 404 with a scimType, many just 400."""
    return answer.status == 400 or (answer.status == 404 and answer.scim_type.lower() == "notarget")
