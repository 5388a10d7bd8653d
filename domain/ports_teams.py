"""What we ask of an application that has teams: have one, name one, bring members in and take them out.

A call about members has no outcome of its own: every member has one, and one that fails holds up nobody else.
Who put whom in is kept by whoever calls. `Joined` is ours. `AlreadyIn` is somebody else's, unless the call
before left that member `Doubtful`: then it was not in, and we had asked for it. Nobody else is taken out.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from domain.errors import PermanentError, StaffettaError, TemporaryError
from domain.ids import AccountId, TeamId


@dataclass(frozen=True, slots=True)
class TeamDraft:
    """The team as it should be; `external_id` is our own name for it and never changes."""

    external_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Team:
    """The team as the target tells it."""

    team_id: TeamId
    external_id: str | None
    name: str


@dataclass(frozen=True, slots=True)
class Made:
    """A new team, without members."""

    team: Team


@dataclass(frozen=True, slots=True)
class Found:
    """The team bears our id already, under whatever name. `others` bear it too: a late request made them."""

    team: Team
    others: tuple[Team, ...] = ()


@dataclass(frozen=True, slots=True)
class NameTaken:
    """Other teams have this name, compared without case; nothing was done. A human says whether one is meant.

    `holders` is empty where the target says so and shows none.
    """

    holders: tuple[Team, ...] = ()


@dataclass(frozen=True, slots=True)
class Renamed:
    """The team has this name now, as the target tells it; where it had it before, nothing was sent."""

    name: str


@dataclass(frozen=True, slots=True)
class TeamGone:
    """The target proves that there is no such team any more."""


Ensured: TypeAlias = Made | Found | NameTaken
Naming: TypeAlias = Renamed | NameTaken | TeamGone


@dataclass(frozen=True, slots=True)
class Joined:
    """Was not in before, is in now."""


@dataclass(frozen=True, slots=True)
class AlreadyIn:
    """Was in before we came; nothing was sent."""


@dataclass(frozen=True, slots=True)
class Left:
    """Was in before, is out now."""


@dataclass(frozen=True, slots=True)
class AlreadyOut:
    """Was not in before we came, or has no account any more."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """The target agreed and does not show it: how it is now, or was before, is not known for certain."""


@dataclass(frozen=True, slots=True)
class UnknownMember:
    """The target proves that it has no such account."""


@dataclass(frozen=True, slots=True)
class Refused:
    """This member alone was refused, as it is, for good."""

    error: PermanentError


@dataclass(frozen=True, slots=True)
class Doubtful:
    """Was asked for, and may be done now or later: look again."""

    error: TemporaryError


@dataclass(frozen=True, slots=True)
class Waits:
    """Nothing was done: the error says what must end before, and when to come back."""

    error: StaffettaError


MemberOutcome: TypeAlias = (
    Joined | AlreadyIn | Left | AlreadyOut | Agreed | UnknownMember | Refused | Doubtful | Waits
)


@dataclass(frozen=True, slots=True)
class MembersChanged:
    """Hold one outcome for every member that was named.

    `lost` were not named: the target took them out along with somebody, and did not take them back.
    """

    outcomes: Mapping[AccountId, MemberOutcome]
    lost: frozenset[AccountId] = frozenset()


def befallen(error: StaffettaError) -> MemberOutcome:
    """Say what an error that a whole request met means for each of its members."""
    match error:
        case PermanentError():
            return Refused(error)
        case TemporaryError(maybe_done=True):
            return Doubtful(error)
        case _:
            return Waits(error)


def refuse_both(join: Collection[AccountId], leave: Collection[AccountId]) -> None:
    """Raise ValueError where somebody shall be brought in and taken out."""
    both = len(frozenset(join) & frozenset(leave))
    if both:
        raise ValueError(f"{both} of the members shall join and leave; leave them out of one of the two")


class TeamTarget(Protocol):
    """Change teams. Every write is absolute: what is so already is not sent again.

    `ensure_team` and `rename_team` raise as `Target` does.
    """

    def ensure_team(self, draft: TeamDraft) -> Ensured:
        """Return the team that bears the draft's id, or make it, without members.

        A lost reply raises TemporaryError with `maybe_done`: ask again when the target would show the team.
        """
        ...

    def rename_team(self, team_id: TeamId, name: str) -> Naming:
        """Give the team this name in place; its members and its id stay."""
        ...

    def change_members(
        self, team_id: TeamId, join: Collection[AccountId], leave: Collection[AccountId]
    ) -> MembersChanged | TeamGone:
        """Bring these in, then take those out. Raises nothing that befalls it on its way: an outcome says it.

        Raises ValueError where somebody shall do both.
        """
        ...
