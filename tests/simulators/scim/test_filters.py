"""The filter language: what is read, what is found, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.scim.filters import (
    DEEPEST,
    LONGEST,
    Both,
    Compare,
    Either,
    Filter,
    FilterSyntaxError,
    Neither,
    Operator,
    Present,
    Within,
    parse_filter,
    parse_path,
    render,
)
from simulators.scim.indexes import index_key
from simulators.scim.matching import Question, UnsupportedFilterError, compile_filter
from simulators.scim.paths import UnknownPathError
from simulators.scim.schema import USER
from simulators.scim.store import index_keys
from simulators.scim.wire import ENTERPRISE_USER, Json
from tests.simulators.scim.builders import Client, refusal, work_email

ADA: Json = {
    "id": "1",
    "userName": "Ada@Example.com",
    "externalId": "Seven",
    "active": True,
    "name": {"givenName": "Ada", "familyName": "Lovelace"},
    "emails": [
        {"value": "ada@example.com", "type": "work", "primary": True},
        {"value": "ada@home.example", "type": "home"},
    ],
    ENTERPRISE_USER: {"department": "Engines", "manager": {"value": "9"}},
    "meta": {"created": "2026-02-02T08:00:00.000Z", "resourceType": "User"},
}

FOUND = [
    'userName eq "ada@example.COM"',
    'USERNAME EQ "ada@example.com"',
    'urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ada@example.com"',
    'externalId eq "Seven"',
    'externalId ne "seven"',
    'userName ne "bob"',
    'userName co "example"',
    'userName sw "ada"',
    'userName ew ".com"',
    "active eq true",
    "active ne false",
    "title eq null",
    "userName ne null",
    "emails pr",
    "name pr",
    "not (title pr)",
    'name.familyName gt "lovelaca"',
    'name.familyName ge "lovelace"',
    'name.familyName lt "lovelacf"',
    'name.familyName le "lovelace"',
    'emails eq "ada@home.example"',
    'emails.value eq "ADA@home.example"',
    'emails.type eq "home"',
    'emails[type eq "work"]',
    'emails[type eq "work"].value eq "ada@example.com"',
    'emails[type eq "work" and value co "@example.com"]',
    'emails[not (type eq "work")].value ew "home.example"',
    "emails[primary eq true].value pr",
    f'{ENTERPRISE_USER}:department eq "engines"',
    f'{ENTERPRISE_USER}:manager.value eq "9"',
    f'{ENTERPRISE_USER}:manager eq "9"',
    'meta.created gt "2026-02-02T09:00:00+02:00"',
    'meta.created ge "2026-02-02T08:00:00Z"',
    'userName eq "x" or active eq true and title eq null',
    '(userName eq "x" or active eq true) and (id eq "1")',
    'userName eq "\\u0061da@example.com"',
]

NOT_FOUND = [
    'externalId eq "seven"',
    'userName eq "bob"',
    "title pr",
    'title eq "x"',
    'title lt "x"',
    "active eq false",
    'emails[type eq "work"].value eq "ada@home.example"',
    'emails[type eq "home" and primary eq true]',
    f"{ENTERPRISE_USER}:costCenter pr",
    "userName eq null",
    'not (userName eq "ada@example.com")',
    'userName eq "x" and active eq true or title pr',
]

BROKEN = [
    "",
    "userName",
    "userName eq",
    'userName is "x"',
    'eq "x"',
    "userName eq x",
    'userName eq "x',
    'userName eq "\\x"',
    'userName eq "x" and',
    'userName eq "x" "y"',
    '(userName eq "x"',
    'userName eq "x")',
    'not userName eq "x"',
    "emails[",
    "emails[]",
    'emails[type eq "work"',
    'emails[type eq "work"].value',
    'emails[type eq "work"]. eq "x"',
    'emails[type eq "work"].a.b eq "x"',
    ".value pr",
    "userName. pr",
    "userName & pr",
    "userName eq 1.2.3",
    "(" * (DEEPEST + 1) + "title pr" + ")" * (DEEPEST + 1),
    " and ".join(["title pr"] * LONGEST),
]

UNFIT = [
    'active eq "true"',
    "active gt true",
    "userName eq true",
    "userName eq 7",
    "userName gt null",
    'meta.created co "2026"',
    'meta.created eq "yesterday"',
    'name eq "Ada"',
    'name[givenName eq "Ada"]',
    'userName[value eq "x"]',
    'shoeSize eq "46"',
    'name.nick eq "A"',
    'emails[colour eq "red"]',
    'password eq "x"',
    'urn:strange:User:userName eq "x"',
    f"{ENTERPRISE_USER} pr",
    f"{ENTERPRISE_USER}:floor pr",
]


def asked(text: str) -> Question:
    return compile_filter(parse_filter(text), USER)


@pytest.mark.parametrize("text", FOUND)
def test_ada_is_found(text: str) -> None:
    assert asked(text)(ADA)


@pytest.mark.parametrize("text", NOT_FOUND)
def test_ada_is_not_found(text: str) -> None:
    assert not asked(text)(ADA)


@pytest.mark.parametrize("text", BROKEN, ids=lambda text: text[:40] or "nothing")
def test_a_broken_filter_is_refused(text: str) -> None:
    with pytest.raises(FilterSyntaxError):
        parse_filter(text)


@pytest.mark.parametrize("text", UNFIT)
def test_a_filter_that_cannot_be_asked_of_a_user_is_refused(text: str) -> None:
    with pytest.raises((UnsupportedFilterError, UnknownPathError)):
        asked(text)


@pytest.mark.parametrize("text", [BROKEN[1], UNFIT[0], UNFIT[10], BROKEN[-1]], ids=lambda text: text[:40])
def test_over_http_a_refused_filter_is_400(client: Client, text: str) -> None:
    assert refusal(client.get("/Users", filter=text)) == (400, "invalidFilter")


NAMES = st.sampled_from(
    ["userName", "name.givenName", "emails.value", "externalId", "x-y", "$ref", f"{ENTERPRISE_USER}:a"]
)
SCALARS = st.one_of(
    st.text(),
    st.booleans(),
    st.none(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
)
OPERATORS: st.SearchStrategy[Operator] = st.sampled_from(
    ("eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le")
)
LEAVES = st.one_of(st.builds(Compare, NAMES, OPERATORS, SCALARS), st.builds(Present, NAMES))
TREES: st.SearchStrategy[Filter] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(Both, inner, inner),
        st.builds(Either, inner, inner),
        st.builds(Neither, inner),
        st.builds(Within, NAMES, inner),
    ),
    max_leaves=12,
)


@given(TREES)
def test_every_tree_written_as_text_reads_back_as_itself(tree: Filter) -> None:
    assert parse_filter(render(tree)) == tree


@given(st.text(alphabet='()[]".\\ aeqnotrdpv:1-', max_size=60))
def test_any_text_is_read_or_refused_but_never_breaks(text: str) -> None:
    try:
        tree = parse_filter(text)
    except FilterSyntaxError:
        return
    assert parse_filter(render(tree)) == tree


LETTERS = st.sampled_from(["a", "B", "ß", "ada", "Ada"])
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "userName": LETTERS,
        "externalId": LETTERS,
        "title": LETTERS,
        "emails": st.lists(st.fixed_dictionaries({"value": LETTERS, "type": LETTERS}), max_size=3),
    },
)
ASKABLE_PATHS = st.sampled_from(["userName", "externalId", "title", "emails", "emails.value", "emails.type"])
ASKABLE_LEAVES = st.one_of(
    st.builds(Compare, ASKABLE_PATHS, OPERATORS, LETTERS),
    st.builds(Present, ASKABLE_PATHS),
    st.builds(Within, st.just("emails"), st.builds(Compare, st.just("value"), OPERATORS, LETTERS)),
)
ASKABLE = st.recursive(
    ASKABLE_LEAVES,
    lambda inner: st.one_of(
        st.builds(Both, inner, inner), st.builds(Either, inner, inner), st.builds(Neither, inner)
    ),
    max_leaves=6,
)


@given(ASKABLE, DOCUMENTS)
def test_not_turns_every_answer_around(tree: Filter, document: Json) -> None:
    plain, turned = compile_filter(tree, USER), compile_filter(Neither(tree), USER)
    assert plain(document) is not turned(document)


@given(ASKABLE, ASKABLE, DOCUMENTS)
def test_not_both_is_either_not(one: Filter, other: Filter, document: Json) -> None:
    joined = compile_filter(Neither(Both(one, other)), USER)
    apart = compile_filter(Either(Neither(one), Neither(other)), USER)
    assert joined(document) is apart(document)


@given(ASKABLE, DOCUMENTS)
def test_the_index_never_hides_a_match(tree: Filter, document: Json) -> None:
    key = index_key(tree)
    if key is not None and compile_filter(tree, USER)(document):
        assert key in set(index_keys(document))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('userName eq "Ada"', ("userName", "ada")),
        ('externalId eq "Ada"', ("externalId", "Ada")),
        ('id eq "1"', ("id", "1")),
        ('active eq true and externalId eq "7"', ("externalId", "7")),
        ('emails eq "A@B"', ("emails", "a@b")),
        ('emails[type eq "work"].value eq "A@B"', ("emails", "a@b")),
        ('userName co "a"', None),
        ('userName eq "a" or title pr', None),
        ('emails[type eq "work"]', None),
    ],
)
def test_look_ups_go_through_an_index(text: str, key: tuple[str, str] | None) -> None:
    assert index_key(parse_filter(text)) == key


def test_a_look_up_by_id_or_name_finds_over_http(client: Client) -> None:
    ada = client.create("Ada@example.com", externalId="7", emails=[work_email("ada@example.com")])
    client.create("bob@example.com")
    for text in (
        f'id eq "{ada["id"]}"',
        'userName eq "ada@EXAMPLE.com"',
        'emails.value eq "ADA@example.com"',
    ):
        assert client.found(text) == ["Ada@example.com"]
    assert client.found('id eq "nobody"') == []


def test_a_patch_path_keeps_its_brackets_apart() -> None:
    path = parse_path('emails[type eq "work"].value')
    assert (path.path, path.chosen, path.part) == ("emails", Compare("type", "eq", "work"), "value")


@pytest.mark.parametrize(
    "text", ["", "a b", "emails[", 'emails[type eq "w"]value', 'emails[type eq "w"].', "1"]
)
def test_a_broken_patch_path_is_refused(text: str) -> None:
    with pytest.raises(FilterSyntaxError):
        parse_path(text)
