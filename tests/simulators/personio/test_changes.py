"""What happens to people, and what Personio tells about it afterwards."""

from datetime import date, datetime

import pytest

from simulators.personio.control import SimulatorRefusedError
from simulators.personio.handle import PersonioSimulator
from simulators.personio.told import Told
from tests.simulators.personio.client import LIST, Client


@pytest.fixture
def ada(personio: PersonioSimulator) -> Told:
    hired = personio.company.hire(
        first_name="Ada", last_name="Lovelace", email="ada@example.com", department="Sales"
    )
    return personio.truth().person(hired)


def test_somebody_hired_is_told_with_what_was_said_and_a_sensible_rest(ada: Told) -> None:
    assert (ada.first_name, ada.department, ada.status) == ("Ada", "Sales", "active")
    assert ada.employment_type == "internal"
    assert ada.hire_date is not None


def test_somebody_hired_for_later_is_onboarding(personio: PersonioSimulator) -> None:
    hired = personio.company.hire(hire_date="2999-01-01")
    assert personio.truth().person(hired).status == "onboarding"


def test_somebody_hired_without_a_word_has_an_address_of_their_own(personio: PersonioSimulator) -> None:
    ids = [personio.company.hire() for _ in range(2)]
    first, second = (personio.truth().person(number) for number in ids)
    assert first.email != second.email
    assert str(first.email).endswith("@example.com")


def test_somebody_can_be_hired_without_an_address(personio: PersonioSimulator, client: Client) -> None:
    hired = personio.company.hire(email="")
    assert client.value(hired, "email") == ""


def test_attributes_change_under_their_key_or_nickname(
    personio: PersonioSimulator, client: Client, ada: Told
) -> None:
    iban = personio.truth().custom_attributes["iban"]
    personio.company.change(ada.id, position="Countess", iban="DE1")
    assert client.value(ada.id, "position") == "Countess"
    personio.company.change(ada.id, **{iban: "DE2"})
    assert client.value(ada.id, iban) == "DE2"


def test_a_change_moves_last_modified(personio: PersonioSimulator, client: Client, ada: Told) -> None:
    before = datetime.fromisoformat(str(client.value(ada.id, "last_modified_at")))
    personio.advance(3_600)
    personio.company.change(ada.id, position="Countess")
    after = datetime.fromisoformat(str(client.value(ada.id, "last_modified_at")))
    assert (after - before).total_seconds() >= 3_599


def test_a_move_changes_only_what_is_named(personio: PersonioSimulator, ada: Told) -> None:
    boss = personio.truth().people[0].id
    personio.company.move(ada.id, supervisor=boss, office="Paris")
    moved = personio.truth().person(ada.id)
    assert (moved.supervisor_id, moved.office, moved.department) == (boss, "Paris", "Sales")


def test_a_move_can_take_away(personio: PersonioSimulator, ada: Told) -> None:
    personio.company.move(ada.id, department=None)
    assert personio.truth().person(ada.id).department is None


def test_a_marriage_changes_the_name_and_keeps_the_address(personio: PersonioSimulator, ada: Told) -> None:
    personio.company.marry(ada.id, "King-Noël")
    married = personio.truth().person(ada.id)
    assert (married.last_name, married.email) == ("King-Noël", "ada@example.com")


def test_a_marriage_may_change_the_address(personio: PersonioSimulator, ada: Told) -> None:
    personio.company.marry(ada.id, "King-Noël", email="king@example.com")
    assert personio.truth().person(ada.id).email == "king@example.com"


def test_a_leaver_is_inactive_and_stays_in_the_list(
    personio: PersonioSimulator, client: Client, ada: Told
) -> None:
    personio.company.terminate(ada.id, last_working_day=date(2026, 11, 30))
    gone = personio.truth().person(ada.id)
    dates = ("2026-11-30", "2026-11-30")
    assert (gone.status, gone.last_working_day, gone.termination_date) == ("inactive", *dates)
    assert ada.id in client.page().ids


def test_a_leaver_may_still_be_called_active(personio: PersonioSimulator, ada: Told) -> None:
    personio.company.terminate(ada.id, last_working_day=date(2020, 1, 1), status="active")
    assert personio.truth().person(ada.id).status == "active"


def test_a_rehire_is_the_same_person(personio: PersonioSimulator, ada: Told) -> None:
    personio.company.terminate(ada.id)
    assert personio.company.rehire(ada.id, hire_date=date(2027, 1, 1)) == ada.id
    back = personio.truth().person(ada.id)
    assert (back.status, back.hire_date) == ("active", "2027-01-01")
    assert (back.termination_date, back.last_working_day) == (None, None)


def test_a_rehire_may_be_a_new_record_with_the_old_address(personio: PersonioSimulator, ada: Told) -> None:
    personio.company.terminate(ada.id)
    new = personio.company.rehire_as_new(ada.id, position="Countess")
    old, back = personio.truth().person(ada.id), personio.truth().person(new)
    assert new > ada.id
    assert (old.email, old.status) == ("ada@example.com", "inactive")
    assert (back.email, back.status, back.position) == ("ada@example.com", "active", "Countess")


def test_somebody_erased_vanishes_without_a_trace(
    personio: PersonioSimulator, client: Client, ada: Told
) -> None:
    personio.company.erase(ada.id)
    assert ada.id not in client.page().ids
    assert client.get(f"{LIST}/{ada.id}").status_code == 404


def test_the_reports_of_somebody_erased_have_no_supervisor(personio: PersonioSimulator, ada: Told) -> None:
    report = personio.company.hire(supervisor=ada.id)
    personio.company.erase(ada.id)
    assert personio.truth().person(report).supervisor_id is None


def test_the_reports_of_somebody_erased_may_keep_pointing_at_nobody(
    personio: PersonioSimulator, ada: Told
) -> None:
    report = personio.company.hire(supervisor=ada.id)
    personio.company.erase(ada.id, keep_references=True)
    assert personio.truth().person(report).supervisor_id == ada.id


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"shoe_size": 43}, "no attribute called so"),
        ({"status": "retired"}, "status takes active or inactive"),
        ({"hire_date": "tomorrow"}, "hire_date takes a date as YYYY-MM-DD"),
        ({"id": 5}, "id cannot be changed"),
        ({"fix_salary": "much"}, "fix_salary takes a number"),
        ({"supervisor": "Anna"}, "supervisor takes a number"),
        ({"position": 7}, "position takes a text"),
        ({"office": 1}, "office takes a name, or the id"),
        ({"languages": "German"}, "takes a list"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    personio: PersonioSimulator, ada: Told, attributes: dict[str, object], reason: str
) -> None:
    with pytest.raises(SimulatorRefusedError, match=reason):
        personio.company.change(ada.id, **attributes)
    assert personio.truth().person(ada.id) == ada


def test_nobody_by_that_id_is_said_so(personio: PersonioSimulator) -> None:
    with pytest.raises(SimulatorRefusedError, match="nobody in the company has the id 5"):
        personio.company.erase(5)


def test_a_truth_knows_only_those_who_were_there_when_it_was_told(personio: PersonioSimulator) -> None:
    truth = personio.truth()
    with pytest.raises(LookupError, match="ask for it again"):
        truth.person(personio.company.hire())


def test_somebody_can_be_hired_under_an_id_of_ones_choice(personio: PersonioSimulator) -> None:
    assert personio.company.hire_as(4711, first_name="Grace") == 4711
    assert personio.truth().person(4711).first_name == "Grace"


def test_a_taken_id_is_refused(personio: PersonioSimulator, ada: Told) -> None:
    with pytest.raises(SimulatorRefusedError, match="is taken"):
        personio.company.hire_as(ada.id)


def test_the_truth_agrees_with_the_list(personio: PersonioSimulator, client: Client) -> None:
    people = personio.truth().people
    assert [person.id for person in people] == client.page().ids[::-1]
    for person in people:
        told = client.attributes_of(person.id)
        assert person.first_name == told["first_name"]["value"]
        assert person.status == told["status"]["value"]
        assert str(told["hire_date"]["value"])[:10] == person.hire_date
