"""What others say is kept where it is words and hidden where it might be a value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.http import NotSent
from bootstrap.log_masking import LONGEST_MESSAGE, masked, message_of
from domain.codes import Code
from domain.errors import PermanentError


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("database is locked", "database is locked"),
        ("Connection refused", "Connection refused"),
        (
            "Error 111 connecting to localhost:6379. Connection refused.",
            "Error 111 connecting to ‹…› Connection refused.",
        ),
        ("'NoneType' object has no attribute 'ada'", "‹…› object has no attribute ‹…›"),
        ("user Ada Byron is unknown", "user ‹…› is unknown"),
        ("Anna kam nicht an", "‹…› kam nicht an"),
        ("token eyJhbGciOi.J9 expired", "token ‹…› expired"),
        ("password hunter2", "password ‹…›"),
        ("iban DE89370400440532013000", "iban ‹…›"),
        ("phone 01701234567", "phone ‹…›"),
        ("müller", "‹…›"),
        ("[parameters: ('Ada', 1)]", "‹…›"),
        ("", ""),
    ],
)
def test_words_stay_and_values_go(said: str, shown: str) -> None:
    assert masked(said) == shown


@given(st.text(max_size=300))
def test_whatever_is_said_becomes_one_printable_line(text: str) -> None:
    shown = masked(text)
    assert shown.isprintable()
    assert "@" not in shown


@given(st.from_regex(r"[A-Z][a-z]{2,9}[0-9]{3,9}[A-Za-z0-9]{3,20}", fullmatch=True))
def test_a_secret_never_stays(secret: str) -> None:
    for text in (f"refused {secret} again", f"key={secret}", f"'{secret}'", f"https://x/{secret}?a={secret}"):
        assert secret not in masked(text)


def test_our_own_errors_keep_their_detail() -> None:
    assert message_of(PermanentError(Code.TARGET_REFUSED, "HTTP 400: invalidValue")) == (
        "target.refused: HTTP 400: invalidValue"
    )
    assert message_of(NotSent("GET api.personio.de/v1/company/employees: no reply")).startswith(
        "GET api.personio.de"
    )


def test_an_operating_system_error_tells_no_path() -> None:
    assert message_of(FileNotFoundError(2, "No such file or directory", "/home/ada/secret")) == (
        "No such file or directory"
    )


def test_an_error_that_cannot_say_itself_is_shown_empty() -> None:
    class Mute(Exception):  # noqa: N818  it is no error of ours
        def __str__(self) -> str:
            raise ValueError("never")

    assert message_of(Mute()) == ""


def test_a_long_text_is_cut() -> None:
    assert len(masked("word " * 10_000)) <= LONGEST_MESSAGE
