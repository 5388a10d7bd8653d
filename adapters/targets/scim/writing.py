"""Change one account: by PATCH where the server can, by reading and putting back where it cannot."""

from dataclasses import dataclass, field
from urllib.parse import quote

from adapters.targets.scim.session import USERS, Answer, Session
from adapters.targets.scim.translate import (
    Changes,
    Operation,
    aimed,
    arrived,
    blind,
    edited,
    id_of,
    needs_a_look,
    patch_of,
)
from domain.codes import Code
from domain.errors import PermanentError, TemporaryError
from domain.ids import AccountId
from schemas.scim import Resource

PUT_TRIES = 3
"""How often we read again when somebody else changed the account between our GET and our PUT."""

_NO_PATCH = frozenset({405, 501})


@dataclass(slots=True)
class Writer:
    """Send changes. Remembers, for as long as the process lives, that a server takes no PATCH."""

    session: Session
    puts: bool = field(default=False)

    def change(self, account_id: AccountId, changes: Changes) -> Resource | None:
        """Apply the changes; return the account afterwards where the server tells it."""
        if not self.puts:
            answer = self._patch(account_id, blind(changes))
            if answer.status not in _NO_PATCH:
                return self._settled(account_id, changes, answer)
            self.puts = True
        return self._put(account_id, changes)

    def remove(self, account_id: AccountId) -> None:
        """Delete one account."""
        self.session.agreed(self.session.ask("DELETE", _place(account_id)))

    def fetch(self, account_id: AccountId) -> tuple[Resource, str | None]:
        """Read one account and its version."""
        answer = self.session.agreed(self.session.ask("GET", _place(account_id)))
        resource = self.session.resource(answer)
        if resource is None or id_of(resource) is None:
            raise self.session.not_scim(answer, "the body is no account")
        return resource, _version(answer, resource)

    def _patch(self, account_id: AccountId, operations: list[Operation]) -> Answer:
        return self.session.ask("PATCH", _place(account_id), body=patch_of(operations))

    def _settled(self, account_id: AccountId, changes: Changes, answer: Answer) -> Resource | None:
        """Accept a blind PATCH, unless the server missed an element or skipped one in silence."""
        if not answer.good:
            if needs_a_look(changes) and _may_have_missed(answer):
                return self._look_and_patch(account_id, changes, answer)
            raise self.session.error_of(answer)
        resource = self._told(answer)
        if any(path.selection and value is not None for path, value in changes.items()):
            seen = resource or self.fetch(account_id)[0]
            return seen if arrived(changes, seen) else self._look_and_patch(account_id, changes, answer)
        return resource

    def _look_and_patch(self, account_id: AccountId, changes: Changes, before: Answer) -> Resource | None:
        """Name what is missing. Where that is what we sent already, the first refusal stands."""
        resource, _ = self.fetch(account_id)
        operations = aimed(changes, resource)
        if not operations:
            return resource
        if not before.good and operations == blind(changes):
            raise self.session.error_of(before)
        return self._told(self.session.agreed(self._patch(account_id, operations)))

    def _put(self, account_id: AccountId, changes: Changes) -> Resource | None:
        for _ in range(PUT_TRIES):
            resource, version = self.fetch(account_id)
            if not aimed(changes, resource):
                return resource
            body = edited(resource, changes)
            answer = self.session.ask("PUT", _place(account_id), body=body, if_match=version)
            if answer.status != 412:
                return self._told(self.session.agreed(answer))
        raise TemporaryError(Code.TARGET_BUSY, "HTTP 412: somebody else keeps changing this account")

    def _told(self, answer: Answer) -> Resource | None:
        """Read the account from an answer, if there is one in it."""
        resource = self.session.resource(answer)
        return None if resource is None or id_of(resource) is None else resource


def _place(account_id: AccountId) -> str:
    if account_id in {"", ".", ".."}:
        raise PermanentError(
            Code.TARGET_REFUSED, "the target gave this account an id that fits in no address"
        )
    return f"{USERS}/{quote(account_id, safe='')}"


def _version(answer: Answer, resource: Resource) -> str | None:
    """Take the ETag, or the version in the body; leave out what fits in no header."""
    meta = resource.get("meta")
    told = answer.reply.headers.get("etag") or (meta.get("version") if isinstance(meta, dict) else None)
    fits = isinstance(told, str) and told.isascii() and told.isprintable()
    return str(told) if fits and told else None


def _may_have_missed(answer: Answer) -> bool:
    """Tell «there is no such element» apart: some say 404 with a scimType, many just 400."""
    return answer.status == 400 or (answer.status == 404 and answer.scim_type.lower() == "notarget")
