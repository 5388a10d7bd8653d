"""One team of a SCIM server: who is in it as far as the server shows, and one way to change that.

What servers do with the members of a group, and what we make of it:

    shown in the group                        who was not shown before and is now has joined
    shown only where they are asked for       asked for once more by ?attributes=members
    left out of the list of groups            the list is never asked for members
    never shown, or only the first hundred    the account is asked for its `groups`, as far as it tells
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import assert_never

from adapters.targets.scim.absence import Absence, place_of
from adapters.targets.scim.path import Path, get
from adapters.targets.scim.promises import promised
from adapters.targets.scim.session import GROUPS, Answer, Session
from adapters.targets.scim.translate import Operation, patch_of
from adapters.targets.scim.writing import ANY_VERSION, PUT_TRIES, WANTS_VERSION, version_of
from domain.codes import Code
from domain.errors import AccountGoneError, HeldBackError, PermanentError, StaffettaError
from domain.ids import AccountId, TeamId
from schemas.scim import Resource

_FORBIDDEN = 403
_NOT_THERE = frozenset({404, 410})
MEMBERS = "members"
MOST_MEMBERS = 100
"""So many members go into one PATCH: the lowest limit that a vendor documents (AWS IAM Identity Center)."""


class Spelling(Enum):
    """Name a way to say who leaves."""

    IN_PATH = "members[value eq …]"
    """As RFC 7644 (3.5.2.2) says it."""
    IN_VALUE = "members, with a value"
    """As Entra ID says it; to a server that follows the RFC it means «everybody»."""


@dataclass(slots=True)
class Habits:
    """Remember for as long as the process lives what the server does; many threads use one of these.

    `most` members go into one PATCH, `leaving` was seen to spare everybody else, `harmful` ones were not.
    """

    most: int = MOST_MEMBERS
    versions: bool = False
    leaving: Spelling | None = None
    harmful: set[Spelling] = field(default_factory=set)

    def learn_limit(self, members: int) -> None:
        """Name no more than these from now on."""
        self.most = max(1, min(self.most, members))


@dataclass(frozen=True, slots=True)
class Roster:
    """Hold who is shown in a team; the version is that of what was read."""

    shown: frozenset[AccountId]
    version: str | None


class OneTeam:
    """Read one team, and change it. What an account says of itself counts where the team shows too little."""

    def __init__(self, session: Session, habits: Habits, team_id: TeamId) -> None:
        self.habits = habits
        self._session = session
        self._team_id = team_id
        self._teams = Absence(session, GROUPS)
        self._accounts = Absence(session)

    def read(self) -> Roster:
        """Look who is in; raises AccountGoneError where the team is proven to be gone."""
        resource, answer = self._teams.read(self._team_id)
        shown = frozenset(_values(resource, MEMBERS)) or self._asked_for()
        return Roster(shown, version_of(answer, resource))

    def resource(self) -> Resource:
        """Read the team as it is told; raises AccountGoneError as `read` does."""
        return self._teams.read(self._team_id)[0]

    def patch(self, operations: list[Operation], *, names_key: bool = False) -> Answer:
        """Send, and name the version where the server insists on one; raises where no yes and no no came."""
        answer = self._sent(operations, names_key=names_key)
        for _ in range(PUT_TRIES):
            if answer.status not in WANTS_VERSION:
                break
            self.habits.versions = True
            answer = self._sent(operations, names_key=names_key)
        if answer.promises:
            raise promised({})
        if answer.good:
            self._session.resource(answer)  # the web page of a portal is no agreement
        return answer

    def error_of(self, answer: Answer) -> StaffettaError:
        """Name a refusal by what we do next.

        Whether a 404 means the team, and a 403 the token, is told by the look that follows.
        """
        if answer.status == _FORBIDDEN:
            return PermanentError(Code.TARGET_REFUSED, self._session.said(answer))
        if answer.status in _NOT_THERE:
            detail = f"HTTP {answer.status} to this request, although the team is there"
            return PermanentError(Code.TARGET_REFUSED, detail)
        return self._session.error_of(answer)

    def has_account(self, member: AccountId) -> bool:
        """Say whether the server knows this account; an absence is proven."""
        try:
            self._accounts.read(member)
        except AccountGoneError:
            return False
        return True

    def is_told_by(self, member: AccountId) -> bool | None:
        """Say whether the account names this team among its groups; None where it names none at all."""
        groups = frozenset(_values(self._accounts.read(member)[0], "groups"))
        return AccountId(self._team_id) in groups if groups else None

    def _sent(self, operations: list[Operation], *, names_key: bool) -> Answer:
        version = (self.read().version or ANY_VERSION) if self.habits.versions else None
        place = place_of(self._team_id, GROUPS)
        body = patch_of(operations)
        try:
            return self._session.ask("PATCH", place, body=body, if_match=version, names_key=names_key)
        except HeldBackError as error:
            if error.code is Code.INTERNAL:  # the lease was too old, and this is one request: it has not left
                error.maybe_done = False
            raise

    def _asked_for(self) -> frozenset[AccountId]:
        """Ask for the members by name: some show them only so. Who does not understand shows nobody."""
        place = place_of(self._team_id, GROUPS)
        answer = self._session.ask("GET", place, params=(("attributes", MEMBERS),))
        resource = self._session.resource(answer) if answer.good else None
        return frozenset(_values(resource or {}, MEMBERS))


def joining(members: Sequence[AccountId]) -> list[Operation]:
    """Write the operation that brings these in."""
    return [{"op": "add", "path": MEMBERS, "value": [{"value": one} for one in members]}]


def leaving(members: Sequence[AccountId], spelling: Spelling) -> list[Operation]:
    """Write the operations that take these out."""
    match spelling:
        case Spelling.IN_PATH:
            chosen = (Path("", MEMBERS, (("value", one),)).element for one in members)
            return [{"op": "remove", "path": path} for path in chosen]
        case Spelling.IN_VALUE:
            return [{"op": "remove", "path": MEMBERS, "value": [{"value": one} for one in members]}]
        case _:
            assert_never(spelling)


def _values(resource: Resource, name: str) -> Iterator[AccountId]:
    """Read the ids in a list, whether they stand in objects or alone."""
    told = get(resource, name)
    for one in told if isinstance(told, list) else ():
        value = get(one, "value") if isinstance(one, dict) else one
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            yield AccountId(str(value))
