"""Attributes in the store: labels, what is normal, what stands as lost, and who accepted it."""

from adapters.database.store import SqlStore
from domain.attributes import Counted, Fill, Loss, Lost, Normal
from domain.changes import Action, ChangeState
from domain.employee import Attribute
from domain.ids import ChangeId, PersonId, RunId
from tests.contracts.store.builders import ACME, NOON, RUN, add_run, add_tenant, page, seen
from tests.contracts.store.plans import V1, create, keep, update

DEPARTMENT = Lost("department", Loss.COLLAPSED, "Abteilung", 480, 12)
IBAN = Lost("dynamic_7", Loss.BLIND, "IBAN", 30, 0)


def test_labels_are_learned_and_what_is_normal_stays(store: SqlStore) -> None:
    add_tenant(store)
    with store.write() as tx:
        tx.attributes.settle(
            ACME, RunId("r1"), Counted(9, {"department": Fill(9, 7)}), ["department", "email"]
        )
        tx.attributes.learn(ACME, [Attribute("department", "Abteilung", "standard", "department")])
    with store.read() as tx:
        assert tx.attributes.normal(ACME) == {
            "department": Normal("department", "Abteilung", "department", 9, Fill(9, 7), counted=True),
            "email": Normal("email", "", None, 9, Fill(0, 0), counted=True),
        }


def test_the_newest_run_says_what_stands_as_lost(store: SqlStore) -> None:
    add_tenant(store)
    with store.write() as tx:
        tx.attributes.lose(ACME, RunId("r1"), [DEPARTMENT, IBAN])
        tx.attributes.lose(ACME, RunId("r1"), [DEPARTMENT, IBAN])
        tx.attributes.lose(ACME, RunId("r2"), [IBAN])
    with store.read() as tx:
        assert tx.attributes.standing(ACME) == [IBAN]
        assert tx.attributes.lost_in(ACME, RunId("r1")) == [DEPARTMENT, IBAN]


def test_what_is_accepted_is_normal_and_remembers_who_said_so(store: SqlStore) -> None:
    add_tenant(store)
    with store.write() as tx:
        tx.attributes.settle(ACME, RunId("r1"), Counted(500, {"department": Fill(500, 480)}), ["department"])
        tx.attributes.lose(ACME, RunId("r2"), [DEPARTMENT, IBAN])
        assert tx.attributes.accept(ACME, ["department", "unheard"], "operator:ada") == [DEPARTMENT]
        assert tx.attributes.accept(ACME, ["department"], "operator:bob") == []
        assert tx.attributes.accept(ACME, ["dynamic_7"], "operator:ada") == [IBAN]
    with store.read() as tx:
        normal = tx.attributes.normal(ACME)
        assert normal["department"].fill == Fill(500, 12)
        assert (normal["dynamic_7"].fill, normal["dynamic_7"].counted) == (Fill(0, 0), True)
        assert tx.attributes.standing(ACME) == []
        assert [(each.lost, each.by) for each in tx.attributes.accepted(ACME, 9)] == [
            (DEPARTMENT, "operator:ada"),
            (IBAN, "operator:ada"),
        ]


def test_the_pages_of_a_run_add_up(store: SqlStore) -> None:
    add_tenant(store)
    add_run(store)
    with store.write() as tx:
        for number, fill in enumerate((Fill(2, 2), Fill(2, 1))):
            people = (f"{number}1", f"{number}2")
            tx.runs.add_page(ACME, RUN, page(number, people, total=4, fills={"status": fill}), NOON)
    with store.read() as tx:
        assert tx.runs.counted(ACME, RUN) == Counted(4, {"status": Fill(4, 3)})


def test_a_planned_row_is_planned_anew_under_its_id(store: SqlStore) -> None:
    add_tenant(store)
    add_run(store)
    snapshots = {PersonId("1"): b"snapshot"}
    with store.write() as tx:
        tx.changes.plan(ACME, RUN, [(ChangeId("c1"), update())], V1, snapshots)
        wishes = [(ChangeId("c1"), create(name="eve")), (ChangeId("gone"), keep("2"))]
        assert tx.changes.rewrite(ACME, RUN, wishes, V1) == 1
    with store.read() as tx:
        (row,) = tx.changes.rows(ACME, run_id=RUN)
    assert (row.change_id, row.action, row.state) == ("c1", Action.CREATE, ChangeState.PLANNED)
    assert (row.after, row.snapshot) == (create(name="eve").after, b"snapshot")


def test_snapshots_of_several_people_come_in_one_answer(store: SqlStore) -> None:
    add_tenant(store)
    add_run(store)
    with store.write() as tx:
        tx.people.put(ACME, RUN, [seen("1"), seen("2", "eve")], NOON)
    with store.read() as tx:
        found = tx.people.snapshots(ACME, [PersonId("1"), PersonId("2"), PersonId("3")])
    assert {person: told.values for person, told in found.items()} == {
        "1": seen("1").values,
        "2": seen("2", "eve").values,
    }
