"""Section 2.3 of the reference: which endpoints are used, how they answer, and which are never touched."""

from pathlib import Path

import pytest

from domain.codes import Code
from domain.employee import Attribute
from domain.errors import FeedBrokenError
from domain.ids import PersonId
from tests.unit.personio.scripted import (
    GERMAN_404,
    Answer,
    Desk,
    page,
    personio,
    record,
    refused,
    told,
)

FIXTURES = Path(__file__).parents[2] / "fixtures" / "personio"
SEVEN = PersonId("7")


def test_2_3_one_employee_is_read_by_id() -> None:
    with personio(told(record(7, first_name="Ada"))) as desk:
        employee = desk.source.person(SEVEN)
        assert employee is not None
        assert (employee.person_id, employee.attributes["first_name"]) == ("7", "Ada")
        assert desk.script.reads[0].path == "/v1/company/employees/7"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(GERMAN_404, id="§2.3 German, code 404"),
        pytest.param(refused(404, 0, ""), id="§2.3 code 0"),
        pytest.param(refused(404, 404, "There was a problem"), id="§2.3 English"),
    ],
)
def test_nobody_is_there_only_if_personio_says_so_itself(answer: Answer) -> None:
    with personio(answer) as desk:
        assert desk.source.person(SEVEN) is None


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(b"<html>404</html>", 404, "text/html"), id="§2.3 404 of a proxy"),
        pytest.param(Answer(b"", 404, ""), id="§2.3 404 without a body"),
        pytest.param(Answer(b"{}", 404), id="§2.3 404 as JSON without the envelope"),
        pytest.param(
            Answer(b'{"success":true,"error":{"code":404}}', 404), id="§2.3 404 that claims success"
        ),
        pytest.param(Answer(b'{"success":false', 404), id="§2.3 404 cut off"),
    ],
)
def test_any_other_404_proves_nothing(answer: Answer) -> None:
    with personio(answer) as desk, pytest.raises(FeedBrokenError) as caught:
        desk.source.person(SEVEN)
    assert caught.value.code == Code.SOURCE_NOT_PERSONIO


def test_another_person_than_asked_for_is_refused() -> None:
    with personio(told(record(8))) as desk, pytest.raises(FeedBrokenError, match="got another"):
        desk.source.person(SEVEN)


@pytest.mark.parametrize("person_id", ["", "7/absences", "../7", "7?x=1", "ä", "-1", "0"])
def test_an_id_that_is_none_never_reaches_the_wire(person_id: str) -> None:
    with personio(GERMAN_404) as desk:
        with pytest.raises(ValueError, match="person's id"):
            desk.source.person(PersonId(person_id))
        assert desk.script.asked == []


def test_2_3_attributes_tells_what_this_credential_may_read() -> None:
    with personio(Answer((FIXTURES / "attributes.json").read_bytes())) as desk:
        assert desk.source.attributes() == (
            Attribute("first_name", "Vorname", "standard", "first_name"),
            Attribute("hire_date", "Einstellungsdatum", "date", "hire_date"),
            Attribute("dynamic_2", "Marital status", "list", None, ("married", "single")),
            Attribute("dynamic_3", "IBAN", "standard", "iban"),
        )
        assert desk.script.reads[0].path == "/v1/company/employees/attributes"


def test_2_3_an_attribute_row_without_a_key_describes_nothing() -> None:
    rows = [
        {"label": "x"},
        {"key": None},
        {"key": ""},
        {"key": "a", "label": 3, "options": "b", "type": None},
    ]
    with personio(told(rows)) as desk:
        assert desk.source.attributes() == (Attribute("a", "", "standard"),)


def _read_everything(desk: Desk) -> None:
    desk.source.page(None)


@pytest.mark.parametrize(
    "endpoint",
    [
        pytest.param("custom-attributes", id="§2.3 custom-attributes: an alias that is not needed"),
        pytest.param("profile-picture", id="§2.3 profile-picture: pictures are not carried"),
        pytest.param("absences", id="§2.3 absences/balance: absences are not carried"),
    ],
)
def test_endpoints_that_are_not_needed_are_not_asked(endpoint: str) -> None:
    with personio(page(record(7))) as desk:
        _read_everything(desk)
        assert all(endpoint not in asked.path for asked in desk.script.asked)


@pytest.mark.parametrize(
    "method",
    [
        pytest.param("POST", id="§2.3 POST: people are never made in Personio"),
        pytest.param("PATCH", id="§2.3 PATCH: people are never changed in Personio"),
        pytest.param("DELETE", id="§2.3 delete: v1 has none"),
    ],
)
def test_personio_is_only_read(method: str) -> None:
    with personio(page(record(7))) as desk:
        _read_everything(desk)
        assert all(asked.method != method for asked in desk.script.reads)
