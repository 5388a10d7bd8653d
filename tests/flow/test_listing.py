"""Before accounts are made the target is listed or asked, whichever is less work for it."""

from dataclasses import replace

from domain.changes import ChangeState
from tests.flow.relay import Relay
from tests.flow.test_guards_lanes import big
from workers.desk import Limits

__all__ = ["big"]


def test_a_joiner_of_a_large_company_is_asked_for_because_the_list_would_be_longer(big: Relay) -> None:
    big.desk = replace(big.desk, limits=Limits(list_from=1))
    joiner = big.personio.company.hire(first_name="Neu", last_name="Hier", email="neu@example.com")
    run = big.sync()
    made = [row.person_id for row in big.rows(ChangeState.APPLIED) if row.run_id == run.run_id]
    assert made == [str(joiner)]
    assert big.app.counters.requests(route="/Users?filter") > 0
