"""Count what was lost or doubled: at the simulated company and application, never in our tables."""

from dataclasses import dataclass

from domain.changes import ChangeState
from tests.e2e.house import Town, Window

EXPLAINING = (
    ChangeState.HELD,
    ChangeState.BLOCKED,
    ChangeState.WAITING,
    ChangeState.PARKED,
    ChangeState.RELEASED,
    ChangeState.WORKING,
    ChangeState.DEAD,
)
WRITES = ("POST", "PATCH", "PUT", "DELETE")


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of it: requests and accounts by the simulators' own counters, reasons from our rows.

    attempted, acknowledged   write requests that the application saw, and those that it agreed to
    ok                        people who are as the simulated company says
    lost                      people who are not, and have no row that names the reason
    explained                 people who are not, and have one
    duplicated                accounts created twice, values written twice, writes that overlapped
    recovered                 rows that a worker died over and that were done all the same
    unexpected                accounts of nobody, and employed people whose account is closed
    """

    attempted: int
    acknowledged: int
    ok: int
    lost: int
    explained: int
    duplicated: int
    recovered: int
    unexpected: int

    @property
    def clean(self) -> bool:
        """Say that every promise was kept."""
        return not (self.lost or self.duplicated or self.unexpected)


def count(here: Town, window: Window) -> Tally:
    """Compare both simulators, and read the reasons."""
    wrong = {each.split(" ", 1)[0] for each in here.differences()}
    told = {str(row.person_id) for row in window.rows(*EXPLAINING)}
    people = {str(person.id) for person in here.people()}
    accounts = here.app.accounts()
    closed = [one for one, account in accounts.items() if account["active"] is False and one in wrong]
    recovered = [row for row in window.rows(ChangeState.APPLIED, ChangeState.ALREADY_SO) if row.crashes]
    return Tally(
        attempted=here.app.requests(*WRITES),
        acknowledged=here.app.requests(*WRITES, good=True),
        ok=len(people - wrong),
        lost=len(wrong - told),
        explained=len(wrong & told),
        duplicated=len(here.app.doubled()) + len(here.app.overlapping()),
        recovered=len(recovered),
        unexpected=len(set(accounts) - people) + len(closed),
    )
