"""Statements are built once, and given their values each time."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, Executable, Select, event, select

from adapters.database.changes_moves import tenants_turn
from adapters.database.statements import built_once
from adapters.database.store import SqlStore
from adapters.database.tables import TENANTS
from domain.tenant import TenantState
from tests.contracts.store.builders import ACME, OTHER, add_tenant
from tests.simulation.__main__ import tell
from tests.simulation.store import engines


@built_once
def named(tenant_ids: Sequence[str], language: str, *, backwards: bool = False) -> Select[str]:
    here = (TENANTS.c.tenant_id.in_(tenant_ids), TENANTS.c.language == language)
    order = TENANTS.c.tenant_id.desc() if backwards else TENANTS.c.tenant_id
    return select(TENANTS.c.tenant_id).where(*here).order_by(order)


@built_once
def looks_at_a_value(language: str) -> Select[str]:
    return select(TENANTS.c.tenant_id) if language else select(TENANTS.c.name)


@contextmanager
def executed(*listened: Engine) -> Iterator[list[Executable]]:
    """Collect the statements that these engines execute."""
    found: list[Executable] = []

    def note(_connection: object, statement: Executable, *_given: object) -> None:
        found.append(statement)

    for engine in listened:
        event.listen(engine, "before_execute", note)
    yield found
    for engine in listened:
        event.remove(engine, "before_execute", note)


@pytest.fixture
def two(store: SqlStore) -> SqlStore:
    add_tenant(store, ACME)
    add_tenant(store, OTHER)
    return store


def test_each_execution_has_its_own_values_also_in_lists_of_any_length(two: SqlStore) -> None:
    with two.read() as tx:
        ask = tx.session.connection.scalars
        assert ask(*named([ACME, OTHER], "de")).all() == sorted([ACME, OTHER])
        assert ask(*named([OTHER], "de")).all() == [OTHER]
        assert ask(*named([], "de")).all() == []
        assert ask(*named([ACME], "xx")).all() == []


def test_what_is_given_by_name_chooses_the_shape_and_each_is_built_once(two: SqlStore) -> None:
    with two.read() as tx:
        ask = tx.session.connection.scalars
        forwards = ask(*named([ACME, OTHER], "de")).all()
        assert ask(*named([ACME, OTHER], "de", backwards=True)).all() == forwards[::-1]
    assert named([ACME], "de")[0] is named([OTHER], "en")[0]
    assert named([ACME], "de")[0] is not named([ACME], "de", backwards=True)[0]


def test_a_statement_that_looks_at_a_value_is_refused() -> None:
    with pytest.raises(TypeError, match="Boolean value"):
        looks_at_a_value("de")


def test_a_tenants_turn_is_asked_for_once_in_a_transaction_and_follows_its_own_moves(two: SqlStore) -> None:
    with two.write() as tx, executed(tx.session.connection.engine) as asked:
        assert tenants_turn(tx.session, ACME) is TenantState.SETUP
        assert tenants_turn(tx.session, ACME) is TenantState.SETUP
        assert len(asked) == 1
        assert tx.tenants.move(ACME, TenantState.READY, None)
        assert tenants_turn(tx.session, ACME) is TenantState.READY


def test_hardly_any_statement_of_a_whole_story_is_built_anew() -> None:
    with executed(engines().writing.engine, engines().reading.engine) as first:
        tell(3)
    with executed(engines().writing.engine, engines().reading.engine) as again:
        tell(3)
    known = {id(each) for each in first}
    anew = [each for each in again if id(each) not in known]
    assert len(again) > 500
    assert len(anew) * 20 < len(again), f"{len(anew)} of {len(again)} statements were built anew"
