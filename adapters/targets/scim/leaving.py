"""Take members out of a team of a SCIM server, and nobody else.

There are two ways to say who leaves, and servers that take everybody out by either: one that follows the RFC
by «remove members» with a value, one that was made for Entra ID by `members[value eq …]`. So the first member
leaves alone, and is followed by a look. If everybody is gone, they are brought back and it is never said so
again; if only that one is gone, all the others are taken out in this way. A list of members is never written
as a whole: many servers show a part of it, and what is not shown would be lost.
"""

from collections.abc import Iterator, Sequence

from adapters.targets.scim.joining import Joining
from adapters.targets.scim.moving import REFUSED, Move, plain
from adapters.targets.scim.roster import MOST_MEMBERS, OneTeam, Roster, Spelling, leaving
from adapters.targets.scim.translate import Operation
from adapters.targets.scim.ways import PATH_TROUBLE
from domain.codes import Code
from domain.errors import AccountGoneError, PermanentError, PromisedError, StaffettaError
from domain.ids import AccountId
from domain.ports_teams import (
    Agreed,
    AlreadyIn,
    AlreadyOut,
    Joined,
    Left,
    MemberOutcome,
    Refused,
    Waits,
    befallen,
)

_THERE = (Joined, AlreadyIn, Agreed)


class Leaving(Move):
    """Send whom the team shows; of the others only those who may be in all the same.

    `lost` are members of others that went along with somebody, and could not be brought back.
    """

    def __init__(self, team: OneTeam, before: Roster, ended: Waits | None = None) -> None:
        super().__init__(team, before, ended)
        self.lost: frozenset[AccountId] = frozenset()
        self._spelling = team.habits.leaving or Spelling.IN_PATH

    def carry(self, members: Sequence[AccountId]) -> None:
        """Take the first ones out alone, until one way to say it was seen to spare the others."""
        shown = [one for one in members if one in self._before.shown]
        unseen = [one for one in members if one not in self._before.shown]
        while shown and self._team.habits.leaving is None and self._ended is None:
            self._take_out_first(shown.pop(0))
        self._spelling = self._team.habits.leaving or Spelling.IN_PATH
        super().carry(shown)
        for one in unseen:
            self.outcomes[one] = self._ended or self._of_unseen(one)

    def _says(self, members: Sequence[AccountId]) -> list[Operation]:
        return leaving(members, self._spelling)

    def _is_done(self, member: AccountId, roster: Roster) -> bool:
        return member not in roster.shown

    def _done(self) -> MemberOutcome:
        return Left()

    def _take_out_first(self, member: AccountId) -> None:
        """Try one way after the other with this member alone."""
        self.outcomes[member] = _harmful()
        before = self._look()
        if isinstance(before, StaffettaError):
            self._leave_off([member], before)
            return
        agreed: MemberOutcome | None = None
        for spelling in self._untried(before):
            self._spelling = spelling
            if self._ends_with(member, before):
                return
            agreed = agreed or (self.outcomes[member] if self._was_agreed_to() else None)
            if not self._may_mean_the_words():
                break
        self.outcomes[member] = agreed or self.outcomes[member]

    def _untried(self, before: Roster) -> Iterator[Spelling]:
        """Name the ways that did no harm; the second only where one request can bring everybody back."""
        for spelling in Spelling:
            small = len(before.shown) < self._team.habits.most
            if spelling not in self._team.habits.harmful and (spelling is Spelling.IN_PATH or small):
                yield spelling

    def _ends_with(self, member: AccountId, before: Roster) -> bool:
        """Take one member out, and look at the others; True if there is nothing more to try."""
        self._send([member])
        self._verify()
        if isinstance(self.outcomes[member], Waits):
            return True
        after = self._watch_others(before.shown - {member})
        if after is None or member in after.shown:
            return after is None
        if before.shown & after.shown:
            self._team.habits.leaving = self._spelling
        return True

    def _watch_others(self, others: frozenset[AccountId]) -> Roster | None:
        """Look at the others; if all are gone, bring them back, and never say it so again."""
        after = self._look()
        if isinstance(after, StaffettaError):
            return None
        if others and not others & after.shown:
            self._team.habits.harmful.add(self._spelling)
            back = Joining(self._team, after)
            back.carry(sorted(others))
            self.lost |= {one for one in others if not isinstance(back.outcomes[one], _THERE)}
        return after

    def _may_mean_the_words(self) -> bool:
        """Say whether the member stayed since the server does not understand how it was said, or skips it."""
        last = self._last
        trouble = last is not None and last.status == REFUSED and last.scim_type.lower() in PATH_TROUBLE
        return trouble or self._was_agreed_to()

    def _was_agreed_to(self) -> bool:
        return self._last is not None and self._last.good

    def _of_unseen(self, member: AccountId) -> MemberOutcome:
        """Believe that somebody is out where the account says so, or where a short list does not show them.

        A team that shows nobody may hide everybody, and a long list may be cut off.
        """
        try:
            told = self._team.is_told_by(member)
        except AccountGoneError:
            told = False
        except PermanentError:
            told = None
        except StaffettaError as error:
            self._leave_off([member], error)
            return befallen(error)
        if told is False or (told is None and 0 < len(self._before.shown) < MOST_MEMBERS):
            return AlreadyOut()
        return _harmful() if self._spelling in self._team.habits.harmful else self._said_blindly(member)

    def _said_blindly(self, member: AccountId) -> MemberOutcome:
        before = self._look()
        error = self._asked([member])
        if error is None:
            self._watch_others(before.shown if isinstance(before, Roster) else frozenset())
            return Agreed()
        if self._last is not None and self._last.scim_type.lower() == "notarget":
            return AlreadyOut()
        if isinstance(error, PermanentError):
            return Refused(plain(error))
        if not isinstance(error, PromisedError):
            self._leave_off([member], error)
        return befallen(error)


def _harmful() -> Refused:
    detail = "the target takes everybody out of a team where one is named"
    return Refused(PermanentError(Code.TARGET_REFUSED, detail))
