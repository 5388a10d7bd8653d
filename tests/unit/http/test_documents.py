"""JSON is read as servers write it, or not at all: never half."""

import msgspec
import pytest

from adapters.http import UnreadableError, decoded

_ROWS: msgspec.json.Decoder[dict[str, list[dict[str, object]]]] = msgspec.json.Decoder(
    dict[str, list[dict[str, object]]]
)


@pytest.mark.parametrize(
    ("body", "row"),
    [
        pytest.param(b'{"data": [{"a": "x"}]}', {"a": "x"}, id="as it should be"),
        pytest.param(b'\xef\xbb\xbf{"data": [{"a": "x"}]}', {"a": "x"}, id="a byte order mark"),
        pytest.param(b'{"data": [{"a": "x\\ud83d"}]}', {"a": "x\ud83d"}, id="half a sign"),
        pytest.param(b'{"data": [{"a": 1e999}]}', {"a": float("inf")}, id="a number beyond all bounds"),
        pytest.param(b'{"data": [{"a": "x\xff"}]}', {"a": "x\ufffd"}, id="no UTF-8"),
    ],
)
def test_one_damaged_value_costs_itself(body: bytes, row: dict[str, object]) -> None:
    assert decoded(body, _ROWS) == {"data": [row]}


@pytest.mark.parametrize(
    ("body", "place"),
    [
        pytest.param(b'{"data": [{"a": "x"}', "", id="cut off"),
        pytest.param(b"<html>", "", id="a web page"),
        pytest.param(b'{"data": [{"a": NaN}]}', "", id="no number"),
        pytest.param(
            b'{"data": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "", id="nested beyond all reason"
        ),
        pytest.param(b'{"data": [{"a": 1}, "row"]}', "$[...][1]", id="another shape"),
    ],
)
def test_what_is_no_such_document_is_said_with_its_place_and_without_its_content(
    body: bytes, place: str
) -> None:
    with pytest.raises(UnreadableError) as caught:
        decoded(body, _ROWS)
    assert caught.value.place == place


def test_what_the_patient_parser_made_may_be_mended_before_it_takes_its_shape() -> None:
    assert decoded(b'\xef\xbb\xbf{"data": 1}', _ROWS, lambda told: {"data": [told]}) == {
        "data": [{"data": 1}]
    }
