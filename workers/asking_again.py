"""Ask the source once more about somebody whom a yes to older news would close."""

from datetime import datetime, timedelta

from domain.changes import Action
from domain.codes import Code
from domain.config import Configuration
from domain.employee import Employee
from domain.errors import StaffettaError
from domain.ids import PersonId, TenantId
from domain.records import Job
from domain.scope import Standing, rule
from workers.desk import Desk

FRESH = timedelta(minutes=10)
"""A yes to what was planned so lately, such as to a plan just read, needs no second look."""

BY_WHAT_PERSONIO_SAYS = frozenset({Code.PERSON_LEFT, Code.PERSON_LEFT_FILTER, Code.PERSON_NOT_SEEN})


class SecondLook:
    """Ask by id; the yes counts as it is where Personio gives no clear answer.

    A wrong closing costs somebody a day of work, so it is worth one request. A leaver whom a human named must
    not keep the door open because Personio is away: who cannot be asked for, or judged, is closed as said.
    After a failure nobody else of this envelope is asked for who is not being asked for already.
    """

    def __init__(self, tenant_id: TenantId, config: Configuration, now: datetime, desk: Desk) -> None:
        self._tenant_id = tenant_id
        self._config = config
        self._now = now
        self._desk = desk
        self._away = False

    def came_back(self, job: Job) -> str:
        """Say what Personio shows now that speaks against closing an account; nothing where it goes on."""
        if self._away or not self._is_asked_for(job):
            return ""
        try:
            return self._judge(job, *self._ask(job.change.person_id))
        except StaffettaError:
            self._away = True
            return ""

    def _is_asked_for(self, job: Job) -> bool:
        change = job.change
        removes = change.action is Action.DEACTIVATE and change.cause in BY_WHAT_PERSONIO_SAYS
        old = change.planned_at is None or self._now - change.planned_at >= FRESH
        return change.strict and change.undoes is None and removes and old

    def _ask(self, person_id: PersonId) -> tuple[Employee | None, dict[str, str]]:
        source, universal = self._desk.accounts.source(self._tenant_id), dict[str, str]()
        if any(each.startswith("universal:") for each in self._config.scope.attributes):
            universal = {each.universal_id: each.key for each in source.attributes() if each.universal_id}
            source = self._desk.accounts.source(self._tenant_id, universal)
        return source.person(person_id), universal

    def _judge(self, job: Job, employee: Employee | None, universal: dict[str, str]) -> str:
        """Compare with what the yes was given to; who is denied by id is not there to speak against it."""
        if employee is None:
            return ""
        if job.change.cause is Code.PERSON_NOT_SEEN:
            return "Personio shows the person again"
        standing = rule(employee, self._config.scope, self._now.date(), universal).standing
        if standing in {Standing.WANTED, Standing.KEPT}:
            return "Personio shows the person as one with an account again"
        if standing is Standing.FILTERED and job.change.cause is Code.PERSON_LEFT:
            return "Personio shows the person as employed again"
        return ""
