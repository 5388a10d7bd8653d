"""A German reads our details in German, and what somebody else said as a quotation that says it is one."""

import re

import pytest

from domain.causes import say
from domain.codes import Code
from domain.details import in_german
from domain.details_german import GERMAN

NO_USERS = "unter dieser Adresse gibt es kein /Users"


@pytest.mark.parametrize(
    ("detail", "german"),
    [
        ("HTTP 503", "HTTP 503"),
        ("HTTP 401: invalidToken: expired", "HTTP 401, im Wortlaut: «invalidToken: expired»"),
        ("HTTP 404: there is no /Users below this address", f"HTTP 404: {NO_USERS}"),
        ("HTTP 200: a redirect (a web page)", "HTTP 200: eine Weiterleitung (eine Webseite)"),
        ("no connection in time; tried 12 times", "keine Verbindung in der erlaubten Zeit; 12-mal versucht"),
        ("source: no connection", "Personio: keine Verbindung"),
        ("9 of 20: target.refused × 7, key.foreign × 2", "9 von 20: target.refused × 7, key.foreign × 2"),
        ("1 of 2: 550, no e-mail address", "1 von 2: 550, keine E-Mail-Adresse"),
        ("email, webhook", "email, webhook"),
        ("2026-03-30", "2026-03-30"),
        ("GET api.personio.de/v1/auth: no connection", "GET api.personio.de/v1/auth: keine Verbindung"),
        (
            "4 accounts would be made after 2 in the last 7 days, 9 are open; 2 in 7 days go by",
            "4 Konten würden angelegt, nach 2 in den letzten 7 Tagen; 9 sind offen, 2 in 7 Tagen gehen durch",
        ),
        ("legal entity «Nord; Süd», 8 people", "Gesellschaft «Nord; Süd», 8 Personen"),
        ("rule 1 (title) found 1; rule 2 (a) found 2", "Regel 1 (title) findet 1; Regel 2 (a) findet 2"),
        ("tried 12 times", "12-mal versucht"),
        ("not wanted any more; their words", "im Wortlaut: «not wanted any more; their words»"),
        ("pause.runs-failed since 2026-03-02", "pause.runs-failed seit 2026-03-02"),
        ("KeyError", "KeyError"),
        ("anything else «at all»", "im Wortlaut: «anything else ‹at all›»"),
    ],
)  # fmt: skip
def test_a_detail_in_german(detail: str, german: str) -> None:
    assert in_german(detail) == german


def test_english_stays_as_it_was_and_attributes_are_no_quotation() -> None:
    assert (
        "HTTP 401: invalidToken"
        in say(Code.TARGET_CREDENTIALS_REFUSED, "en", "HTTP 401: invalidToken").sentence
    )
    assert "«" not in say(Code.TARGET_UNREACHABLE, "de", "HTTP 503").sentence
    assert "im Wortlaut" not in say(Code.PERSON_WITHOUT_REQUIRED, "de", "email, department").sentence


def test_every_translation_is_one() -> None:
    for english, german in GERMAN:
        assert re.compile(english).pattern != german
        assert german
