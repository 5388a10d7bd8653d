"""Ask the source once more about somebody whom older news would close, or who is to be removed."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum, auto

from domain.changes import Action, Change
from domain.codes import Code
from domain.config import Configuration
from domain.errors import HeldBackError, StaffettaError
from domain.ids import ChangeId, PersonId, TenantId
from domain.ports import Transaction
from domain.ports_world import Source
from domain.records import Job
from domain.run import RunKind
from domain.scope import Standing, rule
from workers.desk import Desk

FRESH = timedelta(minutes=10)
"""A yes to what was planned so lately, such as to a plan just read, needs no second look."""

BELIEVED_FOR = timedelta(hours=1)
"""So long a reading closes accounts by itself; later, Personio is asked once more about each person."""

READ_TWICE_WITHIN = timedelta(hours=25)
"""Two readings, an hour apart at least, close an account where nobody can be asked for, if one is of late."""

BY_WHAT_PERSONIO_SAYS = frozenset({Code.PERSON_LEFT, Code.PERSON_LEFT_FILTER, Code.PERSON_NOT_SEEN})

ASKS_EVERY = timedelta(hours=1)
"""A removal for good waits so long for Personio's next answer; the account is closed all the while."""

ASKS_SOON = timedelta(minutes=5)
"""A closing waits so long for it; the account is open."""

READS = frozenset({RunKind.FEED, RunKind.PERSON})

NEWEST = 100
"""Among so many runs is one that read everybody and was certified, or nobody is a control person."""


class _Unseen(Enum):
    """Name why nobody can say where somebody stands: there is no such record, or there was no answer."""

    DENIED = auto()
    SILENT = auto()


class SecondLook:
    """Ask by id; a yes counts as it is where Personio gives no clear answer, and all else waits.

    A wrong closing costs somebody a day of work, so it is worth one request. A leaver whom a human named must
    not keep the door open because Personio is away: who cannot be asked for, or judged, is closed as said. A
    closing that no human saw waits, until Personio answers, or a later reading says the same.
    A removal cannot be taken back and closes nothing that is open: it wants an answer of this moment. After a
    failure nobody else of this envelope is asked for who is not being asked for already.
    """

    def __init__(
        self,
        tenant_id: TenantId,
        config: Configuration,
        now: datetime,
        read_again: Mapping[ChangeId, datetime],
        desk: Desk,
    ) -> None:
        self._tenant_id = tenant_id
        self._config = config
        self._now = now
        self._read_again = read_again
        self._desk = desk
        self._away = False

    def came_back(self, job: Job) -> str:
        """Say what Personio shows now that speaks against closing or removing an account; nothing: go on.

        Raises where it must wait, because nobody can tell.
        """
        change = job.change
        if not self._is_asked_for(change):
            return ""
        removes = change.action is Action.DELETE
        surely = removes or (change.cause is Code.PERSON_NOT_SEEN and not change.strict)
        seen = _Unseen.SILENT if self._away else self._look(change.person_id, surely=surely)
        if removes and _nobody_can_tell(job, seen):
            raise HeldBackError(Code.DELETION_UNCONFIRMED, "", retry_after=ASKS_EVERY)
        if _nobody_can_tell(job, seen) and not change.strict and not self._is_read_twice(change):
            raise HeldBackError(Code.REMOVAL_UNCONFIRMED, "", retry_after=ASKS_SOON)
        return _speaks_against(job, seen)

    def _is_asked_for(self, change: Change) -> bool:
        if change.action is Action.DELETE:
            return change.cause in BY_WHAT_PERSONIO_SAYS
        if not _closes(change) or change.undoes is not None:
            return False
        if change.strict:
            return change.planned_at is None or self._now - change.planned_at >= FRESH
        said_at = self._read_again.get(change.change_id) or change.planned_at
        return said_at is None or self._now - said_at >= BELIEVED_FOR

    def _is_read_twice(self, change: Change) -> bool:
        """Tell whether a later reading said the same, and did so of late."""
        again = self._read_again.get(change.change_id)
        if again is None or change.planned_at is None:
            return False
        return again - change.planned_at >= BELIEVED_FOR and self._now - again < READ_TWICE_WITHIN

    def _look(self, person_id: PersonId, *, surely: bool) -> Standing | _Unseen:
        """Ask where somebody stands. `surely`: a denial counts only beside somebody who is shown."""
        try:
            source, universal = self._source()
            employee = source.person(person_id)
            if employee is not None:
                return rule(employee, self._config.scope, self._now.date(), universal).standing
            return _Unseen.DENIED if not surely or self._shows_another(source, person_id) else _Unseen.SILENT
        except StaffettaError:
            self._away = True
            return _Unseen.SILENT

    def _source(self) -> tuple[Source, dict[str, str]]:
        source, universal = self._desk.accounts.source(self._tenant_id), dict[str, str]()
        if any(each.startswith("universal:") for each in self._config.scope.attributes):
            universal = {each.universal_id: each.key for each in source.attributes() if each.universal_id}
            source = self._desk.accounts.source(self._tenant_id, universal)
        return source, universal

    def _shows_another(self, source: Source, denied: PersonId) -> bool:
        """Ask for a control person: a credential that shows nobody we know denies everybody."""
        with self._desk.store.read() as tx:
            runs = [run for run in tx.runs.newest(self._tenant_id, NEWEST) if run.certified]
            controls = (tx.runs.control(self._tenant_id, run.run_id) for run in runs)
            control = next((each for each in controls if each not in {None, denied}), None)
        return control is not None and source.person(control) is not None


def read_again(tx: Transaction, tenant_id: TenantId, changes: Sequence[Change]) -> dict[ChangeId, datetime]:
    """Find out when the newest reading began that wanted these closings just as they are."""
    carried = {each.change_id: each.carried_by for each in changes if each.carried_by and _closes(each)}
    runs = [tx.runs.get(tenant_id, run_id) for run_id in sorted(set(carried.values()))]
    began = {
        run.run_id: run.first_page_asked_at or run.created_at
        for run in runs
        if run is not None and run.kind in READS
    }
    return {change_id: began[run_id] for change_id, run_id in carried.items() if run_id in began}


def _closes(change: Change) -> bool:
    """Tell whether a row closes an account for what Personio said of its person."""
    return change.action is Action.DEACTIVATE and change.cause in BY_WHAT_PERSONIO_SAYS


def _nobody_can_tell(job: Job, seen: Standing | _Unseen) -> bool:
    """Tell whether an answer is missing; whoever was not visible any more and is, needs no clearer one."""
    unclear = seen is Standing.UNKNOWN and job.change.cause is not Code.PERSON_NOT_SEEN
    return unclear or seen is _Unseen.SILENT


def _speaks_against(job: Job, seen: Standing | _Unseen) -> str:
    """Compare with what the row was planned for; who is denied by id is not there to speak against it."""
    if isinstance(seen, _Unseen):
        return ""
    if job.change.cause is Code.PERSON_NOT_SEEN:
        return "Personio shows the person again"
    if seen in {Standing.WANTED, Standing.KEPT}:
        return "Personio shows the person as one with an account again"
    if seen is Standing.FILTERED and job.change.cause is Code.PERSON_LEFT:
        return "Personio shows the person as employed again"
    return ""
