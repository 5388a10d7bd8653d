"""A legal entity, an office or a department that vanishes whole is held at any size; what shrinks is not."""

import pytest

from domain.changes import Action, Change, ChangeState
from domain.codes import Code
from domain.ids import PersonId
from domain.run import Outcome
from simulators.personio.values import Given
from tests.flow.relay import Relay
from tests.flow.test_main_job import live
from tests.flow.truth import accounts
from tests.flow.undoing import undone

__all__ = ["live"]

KINDS = pytest.mark.parametrize(
    ("key", "called"),
    [("subcompany", "legal entity"), ("office", "office"), ("department", "department")],
    ids=["entity", "office", "department"],
)
ENTITIES = "subcompany"


def found(live: Relay, key: str, number: int, **told: Given) -> list[int]:
    """Found a new unit with so many people, and give them accounts."""
    hired = [
        live.personio.company.hire(
            first_name="Lab", last_name=f"Worker {at}", email=f"lab{at}@example.com", **{key: "Lab"}, **told
        )
        for at in range(number)
    ]
    live.sync()
    return hired


def erase(live: Relay, people: list[int]) -> None:
    for person in people:
        live.personio.company.erase(person)


def held(live: Relay) -> list[Change]:
    return [row for row in live.rows(ChangeState.HELD) if row.action is Action.DEACTIVATE]


@KINDS
def test_d24_two_people_who_were_all_of_a_unit_wait_for_a_human(live: Relay, key: str, called: str) -> None:
    lab = found(live, key, 2)
    erase(live, lab)
    run = live.sync()
    assert run.outcome is Outcome.OK_WITH_HOLDS
    assert {(row.person_id, row.why) for row in held(live)} == {
        (str(person), Code.GUARD_UNIT) for person in lab
    }
    assert {row.detail for row in held(live)} == {f"{called} «Lab», 2 people"}
    assert all(accounts(live)[str(person)]["active"] for person in lab)
    assert Code.GUARD_UNIT in {incident.code for incident in live.incidents()}
    live.sync()
    assert len(held(live)) == 2, "the next run carries the hold"
    live.approve()
    assert not any(accounts(live)[str(person)]["active"] for person in lab)


@KINDS
def test_d24_one_of_a_unit_of_whom_another_still_comes_goes(live: Relay, key: str, called: str) -> None:
    del called
    gone, _ = found(live, key, 2)
    live.personio.company.erase(gone)
    live.sync()
    assert held(live) == []
    assert accounts(live)[str(gone)]["active"] is False


def test_d24_the_only_person_of_a_unit_is_no_group(live: Relay) -> None:
    (alone,) = found(live, "office", 1)
    live.personio.company.erase(alone)
    live.sync()
    assert held(live) == []
    assert accounts(live)[str(alone)]["active"] is False


def test_d24_a_row_tells_of_the_legal_entity_rather_than_of_its_office(live: Relay) -> None:
    erase(live, found(live, "subcompany", 2, office="Room"))
    live.sync()
    assert {row.detail for row in held(live)} == {"legal entity «Lab», 2 people"}


def test_d24_whoever_else_is_missing_when_a_unit_vanishes_waits_too(live: Relay) -> None:
    lab = found(live, "subcompany", 2)
    moved = live.personio.company.hire(first_name="Mo", last_name="Ved", email="moved@example.com")
    live.sync()
    erase(live, [*lab, moved])
    live.sync()
    details = {row.person_id: row.detail for row in held(live)}
    assert set(details) == {str(person) for person in (*lab, moved)}
    assert (
        details[PersonId(str(moved))] == "missing in the same reading as all of legal entity «Lab», 2 people"
    )
    assert accounts(live)[str(moved)]["active"] is True


def test_d24_a_colleague_without_an_account_makes_a_group_too(live: Relay) -> None:
    (inside,) = found(live, "office", 1)
    outside = live.personio.company.hire(
        first_name="Out", last_name="Side", email="o@example.com", office="Lab", employment_type="external"
    )
    live.sync()
    erase(live, [inside, outside])
    live.sync()
    assert [row.why for row in held(live)] == [Code.GUARD_UNIT]
    assert accounts(live)[str(inside)]["active"] is True


def test_d24_somebody_who_moved_to_another_unit_is_seen_there(live: Relay) -> None:
    gone, moved = found(live, "department", 2)
    live.personio.company.move(moved, department="Elsewhere")
    live.personio.company.erase(gone)
    live.sync()
    assert held(live) == []
    assert accounts(live)[str(gone)]["active"] is False


def test_d24_people_who_go_one_after_the_other_are_no_vanishing(live: Relay) -> None:
    lab = found(live, "department", 2)
    for person in lab:
        live.personio.company.erase(person)
        live.sync()
    assert held(live) == []
    assert not any(accounts(live)[str(person)]["active"] for person in lab)


def test_d24_leavers_with_a_status_are_no_vanishing(live: Relay) -> None:
    lab = found(live, "department", 2)
    for person in lab:
        live.personio.company.terminate(person)
    live.sync()
    assert not any(accounts(live)[str(person)]["active"] for person in lab)


def test_d24_the_last_one_of_a_unit_waits_if_the_records_of_its_leavers_vanish_too(live: Relay) -> None:
    lab = found(live, "department", 2)
    live.personio.company.terminate(lab[0])
    live.sync()
    assert accounts(live)[str(lab[0])]["active"] is False
    erase(live, lab)
    live.sync()
    live.sync()
    assert {(row.person_id, row.detail) for row in held(live)} == {
        (str(lab[1]), "department «Lab», 2 people")
    }
    assert accounts(live)[str(lab[1])]["active"] is True


def test_d24_a_credential_narrowed_past_the_last_one_of_an_entity_closes_nobody(live: Relay) -> None:
    entities = sorted({person.subcompany for person in live.personio.truth().people if person.subcompany})
    gone, last = found(live, ENTITIES, 2)
    live.personio.company.terminate(gone)
    live.sync()
    live.app.counters.reset()
    live.personio.set_rights(legal_entities=entities)
    live.sync()
    assert live.app.counters.writes == 0
    live.personio.set_rights()
    live.sync()
    assert held(live) == [], "seen again, nobody has to be asked"
    assert accounts(live)[str(last)]["active"] is True


def test_d24_a_leaver_whose_record_is_still_there_shows_that_the_unit_is(live: Relay) -> None:
    left, last = found(live, "office", 2)
    live.personio.company.terminate(left)
    live.sync()
    live.personio.company.erase(last)
    live.sync()
    assert held(live) == []
    assert accounts(live)[str(last)]["active"] is False


def test_d24_leavers_who_were_erased_before_make_no_group(live: Relay) -> None:
    left, last = found(live, "office", 2)
    live.personio.company.terminate(left)
    live.sync()
    for person in (left, last):
        live.personio.company.erase(person)
        live.sync()
    assert held(live) == []
    assert accounts(live)[str(last)]["active"] is False


@pytest.mark.parametrize("size", [2, 3])
def test_d24_a_credential_narrowed_to_the_other_legal_entities_touches_nobody(live: Relay, size: int) -> None:
    entities = sorted({person.subcompany for person in live.personio.truth().people if person.subcompany})
    lab = found(live, ENTITIES, size)
    live.app.counters.reset()
    live.personio.set_rights(legal_entities=entities)
    run = live.sync()
    assert run.certificate.startswith("certified")
    assert live.app.counters.writes == 0
    live.personio.set_rights()
    live.sync()
    assert held(live) == [], "seen again, nobody has to be asked"
    assert all(accounts(live)[str(person)]["active"] for person in lab)


def test_d24_units_that_the_credential_may_not_tell_guard_nothing_and_stop_nothing(live: Relay) -> None:
    told = ["first_name", "last_name", "email", "position", "status", "employment_type", "supervisor"]
    live.personio.set_readable([*told, "department", "termination_date", "last_working_day"])
    (alone,) = found(live, "office", 1)
    live.personio.company.erase(alone)
    run = live.sync()
    assert run.outcome is Outcome.OK
    assert run.blind == ()
    assert accounts(live)[str(alone)]["active"] is False


def test_d24_whoever_left_and_was_kept_open_by_a_human_waits_with_the_unit_that_vanishes(live: Relay) -> None:
    lab = found(live, ENTITIES, 3)
    live.personio.company.terminate(lab[0])
    undone(live, live.sync())
    erase(live, lab)
    live.sync()
    assert {row.person_id for row in held(live)} == {str(person) for person in lab}
    assert all(accounts(live)[str(person)]["active"] for person in lab)
