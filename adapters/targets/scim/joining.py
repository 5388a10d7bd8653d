"""Bring members into a team of a SCIM server."""

from collections.abc import Sequence

from adapters.targets.scim.moving import Move
from adapters.targets.scim.roster import Roster, joining
from adapters.targets.scim.translate import Operation
from domain.errors import AccountGoneError, StaffettaError
from domain.ids import AccountId
from domain.ports_teams import Agreed, AlreadyIn, Joined, MemberOutcome, UnknownMember


class Joining(Move):
    """Send whom the team does not show yet."""

    _shows_nobody = False

    def carry(self, members: Sequence[AccountId]) -> None:
        """Send nothing about who is in already."""
        there = [one for one in members if one in self._before.shown]
        self.outcomes.update(dict.fromkeys(there, AlreadyIn()))
        super().carry([one for one in members if one not in self._before.shown])

    def _says(self, members: Sequence[AccountId]) -> list[Operation]:
        return joining(members)

    def _is_done(self, member: AccountId, roster: Roster) -> bool:
        return member in roster.shown

    def _done(self) -> MemberOutcome:
        return Joined()

    def _judged(self, member: AccountId, roster: Roster) -> MemberOutcome:
        """Ask the account where the team tells too little; a team that shows nobody at all is believed.

        An account that is in was perhaps in before as well: nobody was shown then either.
        """
        if member in roster.shown:
            return self._done()
        if self._shows_nobody:
            return Agreed()
        try:
            told = self._team.is_told_by(member)
        except AccountGoneError:
            return UnknownMember()
        except StaffettaError:
            return Agreed()
        self._shows_nobody = told is None and not roster.shown
        return Agreed() if told or self._shows_nobody else super()._judged(member, roster)
