"""Ask the source once more about somebody whom a yes to older news would close, or who is to be removed."""

from datetime import datetime, timedelta
from enum import Enum, auto

from domain.changes import Action
from domain.codes import Code
from domain.config import Configuration
from domain.errors import HeldBackError, StaffettaError
from domain.ids import PersonId, TenantId
from domain.ports_world import Source
from domain.records import Job
from domain.scope import Standing, rule
from workers.desk import Desk

FRESH = timedelta(minutes=10)
"""A yes to what was planned so lately, such as to a plan just read, needs no second look."""

BY_WHAT_PERSONIO_SAYS = frozenset({Code.PERSON_LEFT, Code.PERSON_LEFT_FILTER, Code.PERSON_NOT_SEEN})

ASKS_EVERY = timedelta(hours=1)
"""A removal for good waits so long for Personio's next answer; the account is closed all the while."""

NEWEST = 100
"""Among so many runs is one that read everybody and was certified, or nobody is a control person."""


class _Unseen(Enum):
    """Name why nobody can say where somebody stands: there is no such record, or there was no answer."""

    DENIED = auto()
    SILENT = auto()


class SecondLook:
    """Ask by id; the yes counts as it is where Personio gives no clear answer, and a removal waits.

    A wrong closing costs somebody a day of work, so it is worth one request. A leaver whom a human named must
    not keep the door open because Personio is away: who cannot be asked for, or judged, is closed as said.
    A removal cannot be taken back and closes nothing that is open: it wants an answer of this moment. After a
    failure nobody else of this envelope is asked for who is not being asked for already.
    """

    def __init__(self, tenant_id: TenantId, config: Configuration, now: datetime, desk: Desk) -> None:
        self._tenant_id = tenant_id
        self._config = config
        self._now = now
        self._desk = desk
        self._away = False

    def came_back(self, job: Job) -> str:
        """Say what Personio shows now that speaks against closing or removing an account; nothing: go on.

        Raises where a removal must wait, because nobody can tell.
        """
        if not self._is_asked_for(job):
            return ""
        removes = job.change.action is Action.DELETE
        seen = _Unseen.SILENT if self._away else self._look(job.change.person_id, surely=removes)
        if removes and _nobody_can_tell(job, seen):
            raise HeldBackError(Code.DELETION_UNCONFIRMED, "", retry_after=ASKS_EVERY)
        return _speaks_against(job, seen)

    def _is_asked_for(self, job: Job) -> bool:
        change = job.change
        if change.cause not in BY_WHAT_PERSONIO_SAYS:
            return False
        if change.action is Action.DELETE:
            return True
        old = change.planned_at is None or self._now - change.planned_at >= FRESH
        return change.action is Action.DEACTIVATE and change.strict and change.undoes is None and old

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
