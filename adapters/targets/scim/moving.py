"""Carry many members in few requests, so that each gets an outcome of its own and none holds up the others.

A request that was refused, or whose answer is in doubt, is followed by a look: who is there is done, the rest
goes on in two halves, until a member that fails stands alone. What is no matter of single members ends the
work: whoever is left waits, with the reason.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from adapters.targets.scim.roster import OneTeam, Roster
from adapters.targets.scim.session import Answer, BrokeError
from adapters.targets.scim.translate import Operation
from domain.codes import Code
from domain.errors import (
    AccountGoneError,
    HeldBackError,
    PermanentError,
    PromisedError,
    StaffettaError,
    TemporaryError,
)
from domain.ids import AccountId
from domain.ports_teams import Agreed, Doubtful, MemberOutcome, Refused, UnknownMember, Waits, befallen

MOST_REFUSED = 10
"""So many known accounts refused in a row by `_OF_THE_TEAM`: the team is closed to us, or all teams are."""

_OF_THE_TEAM = frozenset({403, 404, 405, 501})

MOST_TROUBLE = 20
"""So many times in a row the server may break over a request; an answer that never came counts as ten."""

_LOST = 10
REFUSED = 400
_TOO_LARGE = 413
_TOO_MANY = "toomany"


class Move(ABC):
    """Do one thing with many members; `outcomes` holds what became of each."""

    def __init__(self, team: OneTeam, before: Roster, ended: Waits | None = None) -> None:
        self.outcomes: dict[AccountId, MemberOutcome] = {}
        self._team = team
        self._before = before
        self._ended: Waits | Refused | None = ended
        self._agreed: list[AccountId] = []
        self._last: Answer | None = None
        self._troubles = 0
        self._refused = 0

    @abstractmethod
    def _says(self, members: Sequence[AccountId]) -> list[Operation]:
        """Write the operations that do it."""

    @abstractmethod
    def _is_done(self, member: AccountId, roster: Roster) -> bool:
        """Say whether the team shows it done."""

    @abstractmethod
    def _done(self) -> MemberOutcome:
        """Name what was not so before, and is so now."""

    def carry(self, members: Sequence[AccountId]) -> None:
        """Do it for all of them; raises AccountGoneError where the team is gone."""
        self._send_all(members)
        self._verify()

    @property
    def left_off(self) -> Waits | None:
        """Tell what ended the work before its end."""
        return self._ended if isinstance(self._ended, Waits) else None

    def _send_all(self, members: Sequence[AccountId]) -> bool:
        """Send as many at a time as the server takes; True if all was agreed to as it was said."""
        as_said, rest = True, list(members)
        while rest:
            most = self._team.habits.most
            part, rest = rest[:most], rest[most:]
            as_said &= self._send(part)
        return as_said

    def _send(self, part: Sequence[AccountId]) -> bool:
        if self._ended is not None:
            self.outcomes.update(dict.fromkeys(part, self._ended))
            return False
        error = self._asked(part)
        if error is None:
            self._agreed += part
            self._troubles = self._refused = 0
            return True
        self._went_wrong(part, error, self._last)
        return False

    def _asked(self, part: Sequence[AccountId]) -> StaffettaError | None:
        """Send one request; return what stood in its way. `_last` is its answer, if one came."""
        self._last = None
        try:
            answer = self._last = self._team.patch(self._says(part))
            return None if answer.good else self._team.error_of(answer)
        except AccountGoneError:
            raise
        except StaffettaError as failure:
            return failure

    def _went_wrong(self, part: Sequence[AccountId], error: StaffettaError, answer: Answer | None) -> None:
        """Look what is so all the same, and go on with the rest."""
        if isinstance(error, PromisedError):
            self._promised(self._rest(part, error), error)
            return
        if _is_too_large(answer) and len(part) > 1:
            self._team.habits.learn_limit(len(part) // 2)
        self._troubles += _weight(error, answer)
        ends = self._troubles >= MOST_TROUBLE
        if ends and not _may_be_done(error):
            self._leave_off(part, error)
            return
        rest = self._rest(part, error)
        if ends:
            self._leave_off(rest, error)
        elif len(part) == 1:
            for member in rest:
                self._alone(member, error, answer)
        elif rest:
            self._halve(rest, error, untouched=len(rest) == len(part))

    def _promised(self, rest: Sequence[AccountId], error: PromisedError) -> None:
        """Ask for nobody twice; but name who is unknown, for whose sake all may be refused unheard."""
        for member in rest:
            try:
                known = self._team.has_account(member)
            except StaffettaError:
                known = True
            self.outcomes[member] = Doubtful(error) if known else UnknownMember()

    def _halve(self, rest: Sequence[AccountId], error: StaffettaError, *, untouched: bool) -> None:
        """Send two halves; if nobody fails in either, the whole was too large for this server."""
        half = (len(rest) + 1) // 2
        as_said = [self._send_all(rest[:half]), self._send_all(rest[half:])]
        if all(as_said) and untouched and isinstance(error, PermanentError):
            self._team.habits.learn_limit(half)

    def _rest(self, part: Sequence[AccountId], error: StaffettaError) -> list[AccountId]:
        """Note who is done, and return the others; nobody where no look succeeds."""
        roster = self._look()
        if isinstance(roster, StaffettaError):
            self._leave_off(part, error if _may_be_done(error) else roster)
            return []
        done = [one for one in part if self._is_done(one, roster)]
        self.outcomes.update(dict.fromkeys(done, self._done()))
        return [one for one in part if one not in done]

    def _alone(self, member: AccountId, error: StaffettaError, answer: Answer | None) -> None:
        """Judge a member that fails by itself: whom nobody knows cannot be anywhere."""
        if not isinstance(error, PermanentError):
            self._note([member], error)
            return
        try:
            known = self._team.has_account(member)
        except PermanentError:
            known = True
        except StaffettaError as failure:
            self._leave_off([member], failure)
            return
        self.outcomes[member] = Refused(plain(error)) if known else UnknownMember()
        self._refused += known and answer is not None and answer.status in _OF_THE_TEAM
        if self._refused >= MOST_REFUSED:
            self._ended = Refused(plain(error))

    def _verify(self) -> None:
        """Look once whether all that was agreed to is so: some agree, and skip whom they do not know."""
        agreed, self._agreed = self._agreed, []
        if not agreed:
            return
        roster = self._look()
        for member in agreed:
            self.outcomes[member] = self._judged(member, roster) if isinstance(roster, Roster) else Agreed()

    def _judged(self, member: AccountId, roster: Roster) -> MemberOutcome:
        """Judge what was agreed to by what is shown."""
        if self._is_done(member, roster):
            return self._done()
        detail = "agreed to, and the team shows it as before"
        return Doubtful(TemporaryError(Code.TARGET_BUSY, detail, maybe_done=True))

    def _look(self) -> Roster | StaffettaError:
        try:
            return self._team.read()
        except AccountGoneError:
            raise
        except StaffettaError as error:
            return error

    def _leave_off(self, members: Sequence[AccountId], error: StaffettaError) -> None:
        """End here: these have met the error, all who follow wait for it to end."""
        self._note(members, error)
        self._ended = Refused(error) if isinstance(error, PermanentError) else Waits(error)

    def _note(self, members: Sequence[AccountId], error: StaffettaError) -> None:
        self.outcomes.update(dict.fromkeys(members, befallen(error)))


def _weight(error: StaffettaError, answer: Answer | None) -> int:
    """Weigh a failure: one about members counts nothing, one of a server that is unwell ends the work."""
    if isinstance(error, PermanentError):
        return 0
    if isinstance(error, BrokeError) or (answer is not None and answer.overtaken):
        return 1
    lost = answer is None and _may_be_done(error) and not isinstance(error, HeldBackError)
    return _LOST if lost and error.code is Code.TARGET_UNREACHABLE else MOST_TROUBLE


def _may_be_done(error: StaffettaError) -> bool:
    return isinstance(error, TemporaryError) and error.maybe_done


def _is_too_large(answer: Answer | None) -> bool:
    return answer is not None and (answer.status == _TOO_LARGE or answer.scim_type.lower() == _TOO_MANY)


def plain(error: PermanentError) -> PermanentError:
    """Leave out what would be said of an account or a name: the refusal is about a membership."""
    return PermanentError(Code.TARGET_REFUSED, error.detail)
