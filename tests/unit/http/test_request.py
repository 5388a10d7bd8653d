"""Which parts of a path may be shown in an error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.http.request import parse_origin, target_of, template_of


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/v1/company/employees", "/v1/company/employees"),
        ("/v1/company/employees/4711", "/v1/company/employees/{}"),
        ("/v1/company/employees/4711/absences/balance", "/v1/company/employees/{}/absences/{}"),
        ("/scim/v2/Users/anna.schmidt", "/scim/v2/Users/{}"),
        ("/scim/v2/Users", "/scim/v2/Users"),
        ("/scim/v2/ServiceProviderConfig", "/scim/v2/ServiceProviderConfig"),
        ("/x/anna@acme.example", "/x/{}"),
        ("/x/2f6c6c2a-0b1e-4e0f-9f4e-8a0b2a9d1c11", "/x/{}"),
        ("/", "/"),
    ],
)
def test_a_template_shows_words_and_masks_what_may_name_a_person(path: str, shown: str) -> None:
    assert template_of(path) == shown


@given(st.text(min_size=1).filter(lambda text: not text.isascii() or not text.isalpha()))
def test_whatever_follows_a_collection_is_masked(text: str) -> None:
    assert template_of(f"/Users/{text.replace('/', '')}") in {"/Users/{}", "/Users/"}


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20)), max_size=4))
def test_query_values_never_change_the_path(params: list[tuple[str, str]]) -> None:
    encodable = [(k, v) for k, v in params if all(c.isprintable() or c.isspace() for c in k + v)]
    target = target_of("/a/b", encodable)
    assert target.partition("?")[0] == "/a/b"
    assert target.isascii()
    assert not set(target) & set(" \r\n#")


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://a.example", "https://a.example"),
        ("https://A.example:443/", "https://a.example"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://a.example:80", "http://a.example"),
    ],
)
def test_an_origin_is_written_in_one_way(text: str, url: str) -> None:
    assert parse_origin(text).url == url
