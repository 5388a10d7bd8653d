"""PostgreSQL knows what a big plan has put into its tables before it joins all of it with itself."""

import pytest
from sqlalchemy import create_engine, text

from adapters.database.stock import BIG, count
from adapters.database.store import SqlStore
from domain.ids import RunId
from domain.run import Phase
from tests.contracts.store.builders import ACME, HandClock, add_run
from tests.contracts.store.plans import V1, Plans, create

STATES = text("SELECT most_common_vals::text FROM pg_stats WHERE tablename = 'changes' AND attname = 'state'")

pytestmark = pytest.mark.postgres


@pytest.fixture
def backend() -> str:
    return "postgres"


@pytest.fixture
def plans(store: SqlStore, clock: HandClock) -> Plans:
    """A tenant with a few rows that are done, and PostgreSQL knows of nothing else."""
    made = Plans(store, clock)
    made.apply(*made.released("r0", create("0", "nobody")))
    made.apply(*made.released("r0", create("00", "noone")))
    with store.write() as tx:
        count(tx.session)
    return made


def known_states(store: SqlStore) -> str:
    with store.read() as tx:
        return str(tx.session.connection.execute(STATES).scalar_one_or_none())


def plan(plans: Plans, people: int) -> None:
    plans.plan("r1", *[create(f"{number}", f"p{number}") for number in range(1, people + 1)])


def test_a_big_plan_is_counted_once_it_is_complete(plans: Plans, store: SqlStore) -> None:
    add_run(store, "reading", tenant_id=ACME)
    with store.write() as tx:
        wishes = [(plans.fresh(), create(f"{number}", f"p{number}")) for number in range(1, BIG + 1)]
        tx.changes.plan(ACME, RunId("reading"), wishes, V1, {})
    assert known_states(store) == "{applied}"
    with store.write() as tx:
        tx.runs.enter(ACME, RunId("reading"), Phase.CONCLUDING)
    assert "planned" in known_states(store)


def test_a_plan_of_a_few_is_not_counted(plans: Plans, store: SqlStore) -> None:
    plan(plans, BIG - 1)
    plans.release("r1")
    assert known_states(store) == "{applied}"


def test_a_big_plan_is_counted_before_it_meets_what_is_open(plans: Plans, store: SqlStore) -> None:
    plan(plans, BIG)
    plans.release("r1")
    assert "planned" in known_states(store)


def test_a_proposed_plan_is_counted_before_it_is_taken_over(plans: Plans, store: SqlStore) -> None:
    plan(plans, BIG)
    plans.propose("r1")
    assert plans.adopt("r1", "r2") == BIG
    assert "proposed" in known_states(store)


def test_a_table_that_somebody_else_counts_is_not_waited_for(
    plans: Plans, store: SqlStore, database_url: str
) -> None:
    plan(plans, BIG)
    engine = create_engine(database_url)
    with engine.begin() as elsewhere:
        elsewhere.execute(text("LOCK TABLE changes IN SHARE UPDATE EXCLUSIVE MODE"))
        assert plans.release("r1") == BIG
    engine.dispose()
    assert known_states(store) == "{applied}"


def test_a_count_that_takes_too_long_costs_the_transaction_nothing(plans: Plans, store: SqlStore) -> None:
    plan(plans, BIG)
    with store.write() as tx:
        count(tx.session, patience_s=0.001)
        assert tx.session.connection.execute(text("SHOW statement_timeout")).scalar_one() == "30s"
    assert known_states(store) == "{applied}"
