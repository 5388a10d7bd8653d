"""Every cause is said in two languages, with a cure that somebody can follow."""

import re
from pathlib import Path

import pytest

from domain.cause import Language, Words
from domain.causes import CATALOGUE, cause_of, for_tenant, quoted, render_catalogue, say, unquoted, words_of
from domain.codes import Code
from domain.labels import LABELS, labelled

PAGE = Path(__file__).parents[2] / "docs" / "runbooks" / "causes.md"
REGENERATE = (
    'python -c "from domain.causes import render_catalogue as r; from pathlib import Path; '
    "Path('docs/runbooks/causes.md').write_text(r(), encoding='utf-8')\""
)
ENGLISH_VERBS = {
    "Ask",
    "Check",
    "Correct",
    "Enter",
    "Fill",
    "Find",
    "Leave",
    "Look",
    "Make",
    "Open",
    "Read",
    "Restore",
    "Resume",
    "Run",
    "Search",
    "Set",
    "Start",
    "Store",
    "Take",
    "Wait",
}
BOTH = [(code, language) for code in Code for language in Language]


@pytest.mark.parametrize("code", list(Code))
def test_every_code_has_an_entry(code: Code) -> None:
    assert code in CATALOGUE


def test_no_entry_is_without_a_code() -> None:
    assert set(CATALOGUE) == set(Code)


@pytest.mark.parametrize(("code", "language"), BOTH)
def test_sentences_are_whole(code: Code, language: Language) -> None:
    words = words_of(cause_of(code), language)
    for text in filter(None, (words.sentence, words.cure, words.naming)):
        assert text[0].isupper()
        assert text.endswith(".")
        assert "  " not in text
        assert text == text.strip()
        assert text.count("«") == text.count("»")


@pytest.mark.parametrize(("code", "language"), BOTH)
def test_no_placeholder_is_left_over(code: Code, language: Language) -> None:
    words = words_of(cause_of(code), language)
    assert not re.search(r"[{}<>%]|TODO|XXX", words.sentence + words.cure)
    assert words.naming.count("{}") == bool(words.naming)
    assert not re.search(r"[{}]", say(code, language, "email").sentence)


@pytest.mark.parametrize("code", list(Code))
def test_german_and_english_differ_and_name_the_same_kind_of_detail(code: Code) -> None:
    german, english = words_of(cause_of(code), Language.DE), words_of(cause_of(code), Language.EN)
    assert german.sentence != english.sentence
    assert german.cure != english.cure
    assert bool(german.naming) == bool(english.naming)


@pytest.mark.parametrize("code", list(Code))
def test_a_cure_begins_with_what_to_do(code: Code) -> None:
    german, english = words_of(cause_of(code), Language.DE), words_of(cause_of(code), Language.EN)
    assert re.match(r"[A-ZÄÖÜ][a-zäöüß]+n Sie\b", german.cure)
    assert english.cure.split()[0].rstrip(",:") in ENGLISH_VERBS


@pytest.mark.parametrize("code", [Code.SOURCE_CREDENTIALS_REFUSED, Code.SOURCE_RIGHT_MISSING])
def test_a_refused_credential_asks_first_whether_it_was_generated_again(code: Code) -> None:
    assert say(code, "de").cure.startswith("Prüfen Sie zuerst, ob")
    assert "neu erzeugt" in say(code, "de").cure.split(";")[0]
    assert "generated" in say(code, "en").cure.split(";")[0]


@pytest.mark.parametrize("code", [Code.SOURCE_CREDENTIALS_WRONG, Code.SOURCE_RIGHT_NOT_GIVEN])
def test_a_credential_that_never_worked_is_looked_at_itself_first(code: Code) -> None:
    assert "neu erzeugt" not in say(code, "de").cure.split(";")[0]
    assert "generated" not in say(code, "en").cure.split(";")[0]


def test_attributes_are_called_as_personio_calls_them() -> None:
    assert "«E-Mail» (email)" in say(Code.PERSON_WITHOUT_REQUIRED, "de", "email").sentence
    assert "«Email» (email)" in say(Code.PERSON_WITHOUT_REQUIRED, "en", "email").sentence


def test_several_attributes_are_listed() -> None:
    assert say(Code.SOURCE_ATTRIBUTE_MISSING, "de", "status, department.name").sentence == (
        "Mindestens ein zugeordnetes Attribut ist für die Zugangsdaten in Personio nicht lesbar: "
        "«Status» (status), «Abteilung» (department.name)."
    )


def test_what_is_behind_the_attribute_is_kept() -> None:
    assert say(Code.PERSON_BAD_VALUE, "en", "email: 300 characters").sentence.endswith(
        ": «Email» (email): 300 characters."
    )


def test_custom_attributes_keep_their_key() -> None:
    assert "dynamic_4711" in say(Code.PERSON_WITHOUT_REQUIRED, "de", "dynamic_4711").sentence


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ("de", Language.DE),
        ("DE", Language.DE),
        ("de-AT", Language.DE),
        ("en", Language.EN),
        ("fr", Language.EN),
    ],
)
def test_an_unknown_language_is_answered_in_english(asked: str, spoken: Language) -> None:
    expected: Words = words_of(cause_of(Code.INTERNAL), spoken)
    assert say(Code.INTERNAL, asked).sentence == expected.sentence


def test_a_detail_cannot_break_the_line_or_carry_an_address() -> None:
    told = say(
        Code.TARGET_REFUSED, "en", "no\r\nX-Evil: 1\x1b[2J \u202e ada@acme.test DE89 3704 0044 0532 0130 00"
    )
    assert told.sentence.isprintable()
    assert "ada@" not in told.sentence
    assert "3704" not in told.sentence


def test_a_long_detail_is_cut() -> None:
    assert len(say(Code.TARGET_REFUSED, "en", "x" * 10_000).sentence) < 500
    cut = say(Code.TARGET_REFUSED, "de", "x " * 10_000).sentence
    assert len(cut) < 800
    assert cut.endswith("…».")


@pytest.mark.parametrize("language", Language)
def test_a_cause_quoted_in_a_detail_is_said_in_the_language_of_the_sentence(language: Language) -> None:
    detail = quoted(Code.FEED_EMPTY, "120 people known")
    told = say(Code.PAUSE_STRICT, language, detail).sentence
    assert say(Code.FEED_EMPTY, language, "120 people known").sentence.rstrip(".") in told
    assert Code.FEED_EMPTY not in told


def test_a_cause_is_quoted_once_and_words_that_quote_none_stay_as_they_are() -> None:
    once = quoted(Code.FEED_EMPTY, "120 people known")
    assert quoted(Code.FEED_EMPTY, once) == once
    assert quoted(Code.FEED_EMPTY, "") == Code.FEED_EMPTY
    assert unquoted("HTTP 400: no such thing", Language.EN) == "HTTP 400: no such thing"
    assert unquoted("HTTP 400: no such thing", Language.DE) == "HTTP 400, im Wortlaut: «no such thing»"


def test_labels_exist_in_both_languages() -> None:
    assert all(label.de and label.en for label in LABELS.values())
    assert labelled("employment_type", Language.DE) == "«Anstellungsart» (employment_type)"


def test_the_page_of_causes_is_up_to_date() -> None:
    shown = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    assert shown == render_catalogue(), f"out of date; regenerate it with:\n{REGENERATE}"


OF_THE_HOUSE = {"doctor", "notify"}
"""Commands that are about the installation and not about one tenant."""


@pytest.mark.parametrize(("code", "language"), BOTH)
def test_a_command_in_a_cure_names_the_tenant_so_that_it_can_be_typed_as_it_stands(
    code: Code, language: Language
) -> None:
    told = say(code, language.value)
    text = for_tenant(f"{told.sentence} {told.cure}", "acme")
    for command in re.findall(r"staffetta ([a-z][^».;,)]*)", text):
        assert command.split()[0] in OF_THE_HOUSE or "acme" in command.split(), command
