"""Section 8 of the reference: every known quirk, row by row. The id of the row is in the id of the test."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from adapters.sources.personio.client import WHOLE_CALL
from domain.codes import Code
from domain.employee import Reference
from domain.errors import FeedBrokenError, TenantBlockedError
from domain.ids import PersonId
from domain.ports_world import Token
from tests.unit.personio.scripted import (
    BAD_TOKEN,
    GERMAN_404,
    NOW,
    Answer,
    attribute,
    login,
    page,
    personio,
    record,
    told,
)

STORED = Token("papi-old", NOW + timedelta(hours=1))
Check = Callable[[], None]


def totals_and_repeats_are_told_as_they_came() -> None:
    with personio(page(record(1), record(2), total=30), page(record(2), total=28)) as desk:
        first = desk.source.page(None)
        second = desk.source.page(first.next_cursor)
        assert (first.total, second.total) == (30, 28)
        assert [e.person_id for e in first.employees + second.employees] == ["1", "2", "2"]


def a_feed_never_depends_on_updated_since() -> None:
    with personio(page(record(1)), page_size=50) as desk:
        desk.source.page(None)
        assert desk.script.reads[0].query == (("limit", "50"), ("offset", "0"))


def somebody_deleted_is_gone_from_the_list_and_404_by_id() -> None:
    with personio(page(record(1), total=1), GERMAN_404) as desk:
        assert [e.person_id for e in desk.source.page(None).employees] == ["1"]
        assert desk.source.person(PersonId("2")) is None


def an_expired_token_is_replaced_once_and_the_same_page_read() -> None:
    with personio(
        page(record(1)), BAD_TOKEN, page(record(2), offset=1), logins=(login("papi-2"),), stored=STORED
    ) as desk:
        second = desk.source.page(desk.source.page(None).next_cursor)
        assert [e.person_id for e in second.employees] == ["2"]
        assert [asked.query for asked in desk.script.reads[1:]] == [(("limit", "100"), ("offset", "1"))] * 2
        assert desk.script.logged_in == 1


def a_fresh_token_refused_again_means_revoked_and_is_not_tried_again() -> None:
    with personio(BAD_TOKEN) as desk:
        with pytest.raises(TenantBlockedError) as caught:
            desk.source.page(None)
        assert caught.value.code == Code.SOURCE_CREDENTIALS_REFUSED
        assert (len(desk.script.reads), desk.script.logged_in) == (1, 1)


def no_link_or_redirect_leads_to_another_origin() -> None:
    away = Answer(b"", 302, "", {"Location": "http://127.0.0.1:1/v1/company/employees"})
    with personio(away) as desk:
        with pytest.raises(FeedBrokenError) as caught:
            desk.source.page(None)
        assert caught.value.code == Code.SOURCE_NOT_PERSONIO
        assert len(desk.script.reads) == 1


def a_key_that_is_missing_is_not_told_and_not_empty() -> None:
    wanted = frozenset({"position", "email", "gender"})
    with personio(page(record(1, position=attribute(None), gender="")), wanted=wanted) as desk:
        (employee,) = desk.source.page(None).employees
        assert not employee.says("email")
        assert dict(employee.attributes) == {"position": None, "gender": ""}


def every_dialect_of_empty_is_told() -> None:
    wanted = frozenset({"position", "team", "dynamic_1", "dynamic_2"})
    sent = record(
        1, position="", team=attribute([]), dynamic_1=attribute(0, "integer"), dynamic_2=attribute("", "tags")
    )
    with personio(page(sent), wanted=wanted) as desk:
        (employee,) = desk.source.page(None).employees
        assert dict(employee.attributes) == {"position": "", "team": None, "dynamic_1": 0, "dynamic_2": ()}


def labels_are_never_keys() -> None:
    english = record(
        1, first_name=attribute("Ada", label="First name"), last_name=attribute("B", label="first_name")
    )
    german = record(
        1, first_name=attribute("Ada", label="Vorname"), last_name=attribute("B", label="Vorname")
    )
    with personio(page(english), page(german)) as desk:
        assert desk.source.page(None).employees == desk.source.page(None).employees


def custom_keys_are_found_by_their_universal_id() -> None:
    with personio(
        told([{"key": "dynamic_77", "label": "Konto", "type": "standard", "universal_id": "iban"}])
    ) as desk:
        (found,) = desk.source.attributes()
        assert (found.key, found.universal_id) == ("dynamic_77", "iban")


def ids_of_every_size_and_type_are_text() -> None:
    sent = (record(2**63 + 1), record("9007199254740993"), record(7.0), record(2**53 + 1))
    with personio(page(*sent)) as desk:
        assert [e.person_id for e in desk.source.page(None).employees] == [
            "9223372036854775809",
            "9007199254740993",
            "7",
            "9007199254740993",
        ]


def an_email_may_be_absent_empty_or_shared() -> None:
    sent = (
        record(1),
        record(2, email=""),
        record(3, email="a@acme.example"),
        record(4, email="a@acme.example"),
    )
    with personio(page(*sent), wanted=frozenset({"email"})) as desk:
        told_ = [e.attributes.get("email", "absent") for e in desk.source.page(None).employees]
        assert told_ == ["absent", "", "a@acme.example", "a@acme.example"]


def a_rehire_is_told_as_the_same_or_as_another_person() -> None:
    sent = (
        record(1, email="a@acme.example", status="inactive"),
        record(9, email="a@acme.example", status="active"),
    )
    with personio(page(*sent)) as desk:
        found = [(e.person_id, e.attributes["status"]) for e in desk.source.page(None).employees]
        assert found == [("1", "inactive"), ("9", "active")]


def a_supervisor_may_be_nobody_or_somebody_outside() -> None:
    outside = {"type": "Employee", "attributes": {"id": attribute(99, "integer")}}
    with personio(
        page(record(1, supervisor=attribute(None)), record(2, supervisor=attribute(outside)))
    ) as desk:
        found = [e.attributes["supervisor"] for e in desk.source.page(None).employees]
        assert found == [None, Reference("99", "")]


def numbers_of_the_envelope_may_be_texts() -> None:
    answer = told(
        [record(1)], metadata={"total_elements": "34", "current_page": "0"}, offset="0", limit="100"
    )
    with personio(answer) as desk:
        assert desk.source.page(None).total == 34


def leave_stays_leave() -> None:
    with personio(page(record(1, status="leave"), record(2, status="onboarding"))) as desk:
        assert [e.attributes["status"] for e in desk.source.page(None).employees] == ["leave", "onboarding"]


def the_offset_counts_records_received() -> None:
    with personio(page(record(1), record(2), record(3)), page(record(4)), page(), page_size=200) as desk:
        first = desk.source.page(None)
        second = desk.source.page(first.next_cursor)
        third = desk.source.page(second.next_cursor)
        assert (first.next_cursor, second.next_cursor, third.next_cursor) == ("3", "4", None)
        assert third.employees == ()
        assert [dict(asked.query)["offset"] for asked in desk.script.reads] == ["0", "3", "4"]


def a_404_is_recognised_in_any_language() -> None:
    with personio(GERMAN_404) as desk:
        assert desk.source.person(PersonId("5")) is None


def a_date_is_its_first_ten_characters_whatever_the_offset() -> None:
    sent = [
        record(n, hire_date=attribute(f"2024-03-31T00:00:00{offset}", "date"))
        for n, offset in enumerate(("+00:00", "+02:00", "+0200", "-11:00", "+00:53", "Z", ""), 1)
    ]
    with personio(page(*sent), wanted=frozenset({"hire_date"})) as desk:
        found = {str(e.attributes["hire_date"]) for e in desk.source.page(None).employees}
        assert found == {"2024-03-31"}


def a_slow_page_gets_its_time_but_less_than_its_lease() -> None:
    assert timedelta(seconds=60) <= WHOLE_CALL < timedelta(seconds=75)


def quirk(number: str, check: Check) -> object:
    return pytest.param(check, id=f"§8.{number} {check.__name__}")


@pytest.mark.parametrize(
    "check",
    [
        quirk("1", totals_and_repeats_are_told_as_they_came),
        quirk("2", a_feed_never_depends_on_updated_since),
        quirk("3", a_feed_never_depends_on_updated_since),
        quirk("4", somebody_deleted_is_gone_from_the_list_and_404_by_id),
        quirk("5a", an_expired_token_is_replaced_once_and_the_same_page_read),
        quirk("5b", a_fresh_token_refused_again_means_revoked_and_is_not_tried_again),
        quirk("6", no_link_or_redirect_leads_to_another_origin),
        quirk("7", a_key_that_is_missing_is_not_told_and_not_empty),
        quirk("8", every_dialect_of_empty_is_told),
        quirk("9", labels_are_never_keys),
        quirk("10", custom_keys_are_found_by_their_universal_id),
        quirk("11", ids_of_every_size_and_type_are_text),
        quirk("12", an_email_may_be_absent_empty_or_shared),
        quirk("13", a_rehire_is_told_as_the_same_or_as_another_person),
        quirk("14", a_supervisor_may_be_nobody_or_somebody_outside),
        # The reference saw the text only on attendances (v1); the envelope is read leniently everywhere.
        quirk("15", numbers_of_the_envelope_may_be_texts),
        # Only the v2 filter mixes leave and active; v1 tells four statuses, which stay what they are.
        quirk("16", leave_stays_leave),
        quirk("17", the_offset_counts_records_received),
        quirk("18", a_404_is_recognised_in_any_language),
        quirk("19", a_date_is_its_first_ten_characters_whatever_the_offset),
        quirk("20", a_slow_page_gets_its_time_but_less_than_its_lease),
    ],
)
def test_a_quirk_of_personio_does_no_harm(check: Check) -> None:
    check()
