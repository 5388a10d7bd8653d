"""Remember what a page says of people: what is known, what is wished, and what humans decided of it."""

from collections.abc import Sequence
from datetime import datetime

from domain.employee import Employee
from domain.ports import Transaction
from domain.run import Run
from domain.units import units_of
from workers.decided import heed_decisions, hold_back
from workers.notice_page import Noticed
from workers.proposals import is_of_a_proposal


def remember(
    tx: Transaction, run: Run, noticed: Noticed, employees: Sequence[Employee], asked_at: datetime
) -> None:
    """Store news and plan wishes; call before the page's record is made, for decisions leave wishes out."""
    if noticed.seen:
        aside = is_of_a_proposal(tx, run)
        tx.people.put(run.tenant_id, run.run_id, noticed.seen, asked_at, proposed=aside)
    told = {each.person_id: units_of(each) for each in employees}
    tx.absences.note_units(run.tenant_id, told, asked_at)
    heed_decisions(tx, run, noticed, asked_at)
    if noticed.wishes:
        tx.changes.plan(run.tenant_id, run.run_id, noticed.wishes, run.config_version, noticed.snapshots)
    hold_back(tx, run.tenant_id, noticed.held)
