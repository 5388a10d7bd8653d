"""What holds for every text, id and page, not only for the examples."""

import json
import unicodedata

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.http import Reply
from adapters.sources.personio.reading import read
from adapters.sources.personio.references import NoIdError, to_id
from adapters.sources.personio.text import LONGEST, clean
from adapters.sources.personio.translate import readers_of, to_employee, to_total
from adapters.sources.personio.values import BadValueError
from domain.employee import Value
from domain.errors import FeedBrokenError
from schemas.personio import Loose, Shapes, Told

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def to_value(key: str, told: Loose) -> Value:
    """Read one attribute of a record, or raise where it counts as not told."""
    read = to_employee(readers_of(["id", key]), (Told(value=1), told), show_id=False)
    if key in read.unreadable:
        raise BadValueError(key)
    return read.attributes[key]


KEYS = st.sampled_from(["supervisor", "office", "cost_centers", "hire_date", "first_name", "dynamic_1"])
KINDS = st.sampled_from(
    ["standard", "date", "integer", "decimal", "list", "link", "tags", "multiline", None, 3]
)


@given(st.text(alphabet=st.characters(), max_size=200))
def test_a_cleaned_text_holds_no_control_character_and_no_lone_surrogate(text: str) -> None:
    cleaned = clean(text)
    assert not [character for character in cleaned if unicodedata.category(character) in {"Cc", "Cs"}]
    cleaned.encode("utf-8")


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs"]), max_size=200))
def test_everything_else_stays_as_people_wrote_it(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\tb", "a b"),
        ("a\r\nb\nc\rd", "a b c d"),
        ("a\x00b\x07c\x85d\x9fe\x7ff", "abcdef"),
        ("a\ud800b", "ab"),
        ("שלום\u200f", "שלום\u200f"),
        ("a\u00a0b", "a\u00a0b"),
    ],
)
def test_control_characters_go_by_rule(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@given(KEYS, KINDS, ANYTHING)
def test_no_value_whatever_raises_anything_but_bad_value(key: str, kind: object, value: object) -> None:
    try:
        to_value(key, Told(value=value, type=kind))
    except BadValueError:
        return


def test_a_text_of_exactly_the_longest_is_kept() -> None:
    assert to_value("first_name", Told(value="x" * LONGEST)) == "x" * LONGEST


@given(st.integers(min_value=1, max_value=10**30))
def test_an_id_reads_the_same_as_number_and_as_text(number: int) -> None:
    assert to_id(Told(value=number)) == to_id(Told(value=str(number))) == str(number)


@given(ANYTHING)
def test_an_id_is_safe_in_a_path_or_refused(value: object) -> None:
    try:
        found = to_id(Told(value=value))
    except NoIdError:
        return
    assert found
    assert all(character.isascii() and (character.isalnum() or character in "-_") for character in found)


@pytest.mark.parametrize(
    ("metadata", "total"),
    [
        ({"total_elements": 34}, 34),
        ({"total_elements": "34"}, 34),
        ({"total_elements": 34.0}, 34),
        ({"total_elements": 0}, 0),
        ({"total_elements": -1}, None),
        ({"total_elements": True}, None),
        ({"total_elements": "many"}, None),
        ({"total_elements": "9" * 50}, None),
        ({"total_elements": None}, None),
        ({}, None),
        ([], None),
        (None, None),
        ("34", None),
    ],
)
def test_a_total_is_read_leniently(metadata: object, total: int | None) -> None:
    assert to_total(metadata) == total


def page_of(raw_value: bytes) -> bytes:
    return (
        b'{"success":true,"data":[{"attributes":{"id":{"value":1},"a":{"value":'
        + raw_value
        + b'},"b":{"value":"ok"}}},'
        b'{"attributes":{"id":{"value":2},"b":{"value":"ok"}}}]}'
    )


@pytest.mark.parametrize(
    ("raw_value", "expected"),
    [
        pytest.param(b'"x\\ud800y"', "xy", id="D17 lone surrogate"),
        pytest.param(b'"x\\u0000y"', "xy", id="D17 NUL"),
        pytest.param(b'"x\x01y"', "xy", id="D17 raw control character"),
        pytest.param(b'"x\\u202ey\\u2069"', "xy", id="D17 text that turns its direction"),
        pytest.param(b'"x\xffy"', "x\ufffdy", id="no UTF-8"),
        pytest.param(b'"\\ud83d\\ude00"', "😀", id="pair of surrogates"),
        pytest.param(b"18446744073709551616000", 18446744073709551616000, id="D23 huge integer"),
    ],
)
def test_odd_json_is_read_by_rule(raw_value: bytes, expected: object) -> None:
    shapes = Shapes(["a", "b"])
    decoder = msgspec.json.Decoder(shapes.page)
    answer = read(Reply(200, {"content-type": "application/json"}, page_of(raw_value)), decoder)
    rows = [msgspec.structs.astuple(record.attributes) for record in answer.data]  # type: ignore[attr-defined]
    assert to_value("a", rows[0][1]) == expected
    assert to_value("b", rows[1][2]) == "ok"


def test_a_number_beyond_all_bounds_spoils_only_itself() -> None:
    shapes = Shapes(["a", "b"])
    answer = read(Reply(200, {}, page_of(b"1e400")), msgspec.json.Decoder(shapes.page))
    row = msgspec.structs.astuple(answer.data[0].attributes)  # type: ignore[attr-defined]
    with pytest.raises(BadValueError):
        to_value("a", row[1])
    assert to_value("b", row[2]) == "ok"


@pytest.mark.parametrize("raw_value", [b"NaN", b"Infinity", b"-Infinity", b"1" * 5000])
def test_what_is_no_json_number_is_no_answer(raw_value: bytes) -> None:
    decoder = msgspec.json.Decoder(Shapes(["a"]).page)
    with pytest.raises(FeedBrokenError):
        read(Reply(200, {}, page_of(raw_value)), decoder)


@given(st.binary(max_size=300) | ANYTHING.map(lambda value: json.dumps(value).encode()))
def test_no_body_whatever_raises_anything_but_a_broken_feed(body: bytes) -> None:
    decoder = msgspec.json.Decoder(Shapes(["a"]).page)
    try:
        read(Reply(200, {}, body), decoder)
    except FeedBrokenError:
        return


def test_only_wanted_attributes_are_decoded() -> None:
    assert Shapes(["b", "a", "id"]).keys == ("id", "a", "b")


def test_keys_need_not_be_words_of_python() -> None:
    shapes = Shapes(["class", "first-name", "1"])
    told = {"id": {"value": 1}, "class": {"value": "c"}, "first-name": {"value": "f"}, "1": {"value": 1}}
    body = json.dumps({"data": [{"attributes": told}]}).encode()
    answer = msgspec.json.Decoder(shapes.page).decode(body)
    row = msgspec.structs.astuple(answer.data[0].attributes)  # type: ignore[attr-defined]
    assert [to_value(key, told) for key, told in zip(shapes.keys, row, strict=True)] == [1, 1, "c", "f"]
