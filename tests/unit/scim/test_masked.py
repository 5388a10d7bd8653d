"""What a server says about a refusal is quoted, but never with a person or a secret in it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.targets.scim.masked import LONGEST, leaves, masked

SAID = {
    "userName is required": ("userName is required", []),
    "the value 'Ada' is too short": ("the value '…' is too short", ["Ada"]),
    "user ADA@example.TEST exists": ("user … exists", ["ada@example.test"]),
    "ada.byron is reserved": ("… is reserved", ["ada.byron@example.test"]),
    "conflict with adabyron42": ("conflict with …", ["Byron"]),
    "another: bob@example.test": ("another: …", []),
    "account DE89 3704 0044 0532 0130 00 is closed": ("account … is closed", []),
    "M\u00fcller and Mu\u0308ller": ("… and …", ["müller"]),
    "echo M\\u00fcller": ("echo …", ["Müller"]),
    "token abc-def refused": ("token … refused", ["abc-def"]),
    "line\nbreak\x00and \u202ebidi": ("line break and bidi", []),
}


@pytest.mark.parametrize(("detail", "expected"), SAID.items(), ids=SAID)
def test_j8_a_detail_is_quoted_without_what_we_sent(detail: str, expected: tuple[str, list[str]]) -> None:
    quoted, sent = expected
    assert masked(detail, sent) == quoted


def test_a_long_detail_is_cut() -> None:
    assert len(masked("no " * 10_000, [])) == LONGEST


words = st.text(st.characters(categories=["Lu", "Ll", "Lo", "Nd"]), min_size=1, max_size=12)


@settings(deadline=None)
@given(sent=st.lists(words, min_size=1, max_size=4), around=st.lists(words, max_size=4))
def test_j8_no_word_that_was_sent_is_ever_quoted(sent: list[str], around: list[str]) -> None:
    quoted = masked(" ".join([*around, *sent, *around]), sent).split()
    assert not {word.casefold() for word in quoted} & {word.casefold() for word in sent}


def test_everything_about_a_person_in_a_body_counts_as_sent() -> None:
    body = {
        "schemas": ["urn:x"],
        "active": True,
        "title": None,
        "emails": [{"type": "work", "value": "a@b.test"}],
        "Operations": [{"op": "replace", "path": "title", "value": "Countess"}, {"value": {"value": 42}}],
    }
    assert list(leaves(body)) == ["work", "a@b.test", "Countess", "42"]
