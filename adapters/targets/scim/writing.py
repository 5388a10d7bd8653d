"""Change one account: by PATCH where the server can, by reading and putting back where it cannot."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from adapters.targets.scim.absence import Absence, place_of
from adapters.targets.scim.path import get, read
from adapters.targets.scim.promises import lacks_an_element, promised, shows
from adapters.targets.scim.session import Answer, Session
from adapters.targets.scim.translate import (
    ACTIVE,
    Changes,
    Operation,
    aimed,
    arrived,
    edited,
    id_of,
    patch_of,
    valued,
)
from adapters.targets.scim.ways import (
    IN_ORDER,
    WHOLE,
    Attempt,
    Lesson,
    Way,
    may_be_skipped,
    names_key,
    selects,
    with_plain_manager,
)
from domain.codes import Code
from domain.errors import AccountGoneError, PermanentError, PromisedError, StaffettaError, TemporaryError
from domain.ids import AccountId
from schemas.scim import Resource

PUT_TRIES = 3
"""How often we read again when somebody else changed the account between our GET and our PUT."""

ANY_VERSION = "*"
"""For a server that insists on a version and tells none (RFC 9110, 13.1.1)."""

_NOT_FOUND = 404
_NO_PATCH = frozenset({405, 501})
WANTS_VERSION = frozenset({412, 428})


@dataclass(frozen=True, slots=True)
class Done:
    """Hold the account as it is after a change, where anybody told it."""

    account: Resource | None


@dataclass(slots=True)
class Writer:
    """Send changes, and remember for as long as the process lives what the server does not take.

    `puts`: no PATCH. `lists`: no paths with brackets. `plain_manager`: a manager is an id, no object.
    `versions`: nothing without If-Match. `flag_in_value`: `active` in no path. `promises`: it agrees and does
    it later, so that what is so already is not asked for again. Many threads use one writer:
    what is learned is only ever added, and an answer is judged by what its own request said, never by what
    others have learned meanwhile.
    """

    session: Session
    puts: bool = field(default=False)
    lists: bool = field(default=False)
    plain_manager: bool = field(default=False)
    versions: bool = field(default=False)
    flag_in_value: bool = field(default=False)
    promises: bool = field(default=False)

    def change(self, account_id: AccountId, changes: Changes) -> Resource | None:
        """Apply the changes; return the account afterwards where the server tells it."""
        said = with_plain_manager(changes) if self.plain_manager else changes
        if self.promises:
            return self._looked_at(account_id, said)
        if self.puts:
            return self._put(account_id, said)
        ways = (WHOLE,) if self.lists and selects(said) else IN_ORDER
        try:
            return self._patched(Attempt(account_id, said), ways)
        except PromisedError:
            if not selects(said) or not lacks_an_element(said, self.fetch(account_id)[0]):
                raise
            return self._looked_at(account_id, said)

    def _looked_at(self, account_id: AccountId, changes: Changes) -> Resource | None:
        """Change an account by what it holds: where nothing is refused, no other way would follow."""
        seen = self.fetch(account_id)[0]
        if shows(changes, seen):
            return seen
        return (
            self._put(account_id, changes)
            if self.puts
            else self._patched(Attempt(account_id, changes, seen=seen), (WHOLE,))
        )

    def remove(self, account_id: AccountId) -> None:
        """Delete one account; the web page of a portal, or an error behind a good status, is no agreement."""
        answer = self._ask("DELETE", account_id, None, {})
        if not answer.good:
            raise self._refusal(account_id, answer)
        if not answer.promises:
            self.session.resource(answer)
            return
        with suppress(AccountGoneError):
            self._kept(account_id, {})
            raise promised({})

    def fetch(self, account_id: AccountId) -> tuple[Resource, str | None]:
        """Read one account and its version."""
        resource, answer = self._absence.read(account_id)
        return resource, version_of(answer, resource)

    @property
    def _absence(self) -> Absence:
        return Absence(self.session)

    def _patched(self, attempt: Attempt, ways: Sequence[Way]) -> Resource | None:
        """Try one way after the other until the change has arrived; else the last refusal stands.

        Where the server agreed and yet never took a value, what it shows is the answer.
        """
        for way in ways:
            done = self._tried(way, attempt) if attempt.calls_for(way) else None
            if done is not None:
                return done.account
        if attempt.last is None or attempt.last.good:
            return attempt.seen
        raise self._refusal(attempt.account_id, attempt.last)

    def _tried(self, way: Way, attempt: Attempt) -> Done | None:
        """Send the change in this way, unless it would say the same again, or nothing is left to change."""
        account_id = attempt.account_id
        if way.looks and not attempt.seen:
            attempt.seen = self.fetch(account_id)[0]
        operations = way.says(attempt.changes, attempt.seen)
        operations = valued(operations) if self.flag_in_value else operations
        if way.looks and not operations:
            return Done(attempt.seen)
        if operations == attempt.said:
            return None
        answer = self._patch(account_id, operations, attempt.changes)
        if self._has_no_patch(account_id, answer):
            return Done(self._put_instead(account_id, attempt.changes))
        attempt.note(way, operations, answer)
        done = self._arrived(attempt, answer)
        if done is not None:
            self._learn(way.teaches)
        return done

    def _arrived(self, attempt: Attempt, answer: Answer) -> Done | None:
        """Believe an agreement, unless the server may have skipped a part of it in silence."""
        if not answer.good:
            return None
        if answer.promises:
            return Done(self._kept(attempt.account_id, attempt.changes))
        if not may_be_skipped(attempt.changes, attempt.said):
            return Done(self._told(answer))
        seen = self._shown(attempt.account_id, attempt.changes, answer)
        attempt.seen = seen or attempt.seen
        return Done(seen) if seen is None or arrived(attempt.changes, seen) else None

    def _learn(self, lesson: Lesson) -> None:
        if lesson is Lesson.PLAIN_MANAGER:
            self.plain_manager = True
        if lesson is Lesson.NO_BRACKETS:
            self.lists = True
        if lesson is Lesson.FLAG_IN_VALUE:
            self.flag_in_value = True

    def _has_no_patch(self, account_id: AccountId, answer: Answer) -> bool:
        """Tell a server without PATCH from one that did not find what the change names, such as a manager.

        Both may say 404 although the account is there. A PATCH that asks for nothing tells them apart: only
        where there is no route it is not found either. Raises PermanentError for a change that was refused.
        """
        if answer.status in _NO_PATCH:
            self.puts = True
            return True
        if not self._absence.is_there(account_id, answer):
            return False
        asked = self._patch(account_id, [], {})
        if asked.status in {_NOT_FOUND, *_NO_PATCH}:
            return True
        stumbled = None if asked.good else self.session.error_of(asked)
        raise self._in_spite_of(answer) if isinstance(stumbled, PermanentError | None) else stumbled

    def _put_instead(self, account_id: AccountId, changes: Changes) -> Resource | None:
        """Put the account; once that has served, PATCH is not tried any more."""
        after = self._put(account_id, changes)
        self.puts = True
        return after

    def _put(self, account_id: AccountId, changes: Changes) -> Resource | None:
        status = 0
        for _ in range(PUT_TRIES):
            resource, version = self.fetch(account_id)
            if not aimed(changes, resource):
                return resource
            answer = self._ask("PUT", account_id, edited(resource, changes), changes, version)
            if answer.promises:
                return self._kept(account_id, changes)
            if answer.good:
                return self._shown(account_id, changes, answer) if ACTIVE in changes else self._told(answer)
            if not answer.overtaken:
                raise self._refusal(account_id, answer)
            status = answer.status
        detail = f"HTTP {status}: somebody else keeps changing this account"
        raise TemporaryError(Code.TARGET_BUSY, detail)

    def _patch(self, account_id: AccountId, operations: list[Operation], changes: Changes) -> Answer:
        return self._ask("PATCH", account_id, patch_of(operations), changes)

    def _ask(
        self,
        method: str,
        account_id: AccountId,
        body: Resource | None,
        changes: Changes,
        version: str | None = None,
    ) -> Answer:
        """Send, and name the account's version where the server insists on one."""
        if version is None and self.versions:
            version = self._version_of(account_id)
        place, key = place_of(account_id), names_key(changes)
        answer = self.session.ask(method, place, body=body, if_match=version, names_key=key)
        if answer.status not in WANTS_VERSION or version is not None:
            return answer
        self.versions = True
        version = self._version_of(account_id)
        return self.session.ask(method, place, body=body, if_match=version, names_key=key)

    def _version_of(self, account_id: AccountId) -> str:
        return self.fetch(account_id)[1] or ANY_VERSION

    def _refusal(self, account_id: AccountId, answer: Answer) -> StaffettaError:
        """Name a refusal; a 404 is believed where no look succeeds, which raises AccountGoneError."""
        if answer.status != _NOT_FOUND:
            return self.session.error_of(answer)
        self._absence.read(account_id)
        return self._in_spite_of(answer)

    def _in_spite_of(self, answer: Answer) -> PermanentError:
        detail = f"HTTP {answer.status} to this request, although the account is there"
        return PermanentError(Code.TARGET_REFUSED, detail)

    def _shown(self, account_id: AccountId, changes: Changes, answer: Answer) -> Resource | None:
        """Return the account as it is after an agreement: as the answer tells it, or by a look.

        An answer may show the account as it was before, so it is believed about `active` if it shows the
        wish. None where nobody may look, or the account is hidden now: some servers hide who is not active.
        """
        told = self._told(answer)
        if told is not None and (ACTIVE not in changes or _shows_the_wish(changes, told)):
            return told
        try:
            return self.fetch(account_id)[0]
        except PermanentError:
            return told
        except TemporaryError as error:
            error.maybe_done = True
            raise

    def _kept(self, account_id: AccountId, changes: Changes) -> Resource | None:
        """Return the account if it shows what was agreed to for later, or raise PromisedError.

        An account that is hidden now is closed: some servers hide who is not active.
        """
        self.promises = True
        try:
            seen = self.fetch(account_id)[0]
        except AccountGoneError:
            if changes.get(ACTIVE) is False:
                return None
            raise
        except StaffettaError as error:
            raise promised(changes) from error
        if not shows(changes, seen):
            raise promised(changes)
        return seen

    def _told(self, answer: Answer) -> Resource | None:
        """Read the account from an answer, if there is one in it."""
        resource = self.session.resource(answer)
        return None if resource is None or id_of(resource) is None else resource


def _shows_the_wish(changes: Changes, told: Resource) -> bool:
    return read(ACTIVE, told) is not None and arrived(changes, told)


def version_of(answer: Answer, resource: Resource) -> str | None:
    """Take the ETag, or the version in the body; leave out what fits in no header."""
    told = answer.reply.headers.get("etag") or get(get(resource, "meta"), "version")
    fits = isinstance(told, str) and told.isascii() and told.isprintable()
    return str(told) if fits and told else None
