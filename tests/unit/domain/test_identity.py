"""Whose account it is: by external id, by ordered rules, and when a human has to say."""

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.account import Account, Scalar
from domain.codes import Code
from domain.config import Line, MatchRule
from domain.identity import (
    Claims,
    Doubtful,
    Kinship,
    Nobody,
    Theirs,
    Wanted,
    kinship,
    match,
    normal,
    replaced,
)
from domain.ids import AccountId, PersonId
from tests.builders import ADA, LINES, account, configuration

NUMBER = Line("universal:employee_number", "employeeNumber")
BIRTH = Line("universal:date_of_birth", "birthday")
BY_NAME = MatchRule(("userName",))
BY_NUMBER = MatchRule(("employeeNumber",))
BY_BIRTH = MatchRule(("name.givenName", "name.familyName", "birthday"), suggest=True)
RULES = replace(
    configuration(lines=(*LINES, NUMBER, BIRTH)), match_path=None, match=(BY_NAME, BY_NUMBER, BY_BIRTH)
)
ME: dict[str, Scalar] = {**ADA, "employeeNumber": "E-7", "birthday": "1990-12-10"}
SUGGESTIVE: dict[str, Scalar] = {**ME, "userName": "old@example.com", "employeeNumber": None}


def wanted(values: dict[str, Scalar] | None = None) -> Wanted:
    return Wanted(PersonId("7"), ME if values is None else values, RULES)


def other(**changes: Scalar) -> dict[str, Scalar]:
    """Somebody else's values, but for what is named."""
    empty: dict[str, Scalar] = dict.fromkeys(ME)
    return empty | changes


THEIRS = [
    (
        "external id wins over a name elsewhere",
        [account("a2"), account("a1", external_id="7")],
        "external id",
    ),
    ("one by user name", [account("a1")], "rule 1 (userName)"),
    ("one by number", [account("a1", values=other(employeeNumber="e-7 "))], "rule 2 (employeeNumber)"),
    ("two rules agree", [account("a1", values=ME)], "rule 1 (userName)"),
    (
        "a suggestion of another account does not shake a sure one",
        [account("a1"), account("b", values=other(birthday="1990-12-10"))],
        "rule 1 (userName)",
    ),
]


@pytest.mark.parametrize(("case", "found", "by"), THEIRS, ids=[case for case, _, _ in THEIRS])
def test_exactly_one_account_of_nobody_is_theirs(case: str, found: list[Account], by: str) -> None:
    verdict = match(wanted(), found)
    assert isinstance(verdict, Theirs), case
    assert (verdict.account.account_id, verdict.by) == ("a1", by)
    assert verdict.evidence["match"] == by
    assert verdict.evidence["match_hits"] == 1


NONE = [
    ("nothing found", []),
    ("a target that ignores filters answers with somebody else", [account("x", values=other(title="Boss"))]),
    ("empty equals nothing", [account("x", values=other())]),
    ("a part of a rule is no hit", [account("x", values=other(**{"name.givenName": "Ada"}))]),
]


@pytest.mark.parametrize(("case", "found"), NONE, ids=[case for case, _ in NONE])
def test_nobody_is_theirs(case: str, found: list[Account]) -> None:
    assert match(wanted(), found) == Nobody(), case


LINKED = Claims(linked={AccountId("a1"): PersonId("8")})
ONCE = Claims(once=frozenset({AccountId("a1")}))
DOUBTS = [
    ("foreign external id", [account("a1", external_id="8")], Claims(), Code.KEY_FOREIGN),
    ("two by one rule", [account("a1"), account("a2")], Claims(), Code.MATCH_AMBIGUOUS),
    (
        "two rules find two accounts",
        [account("a1"), account("a2", values=other(employeeNumber="E-7"))],
        Claims(),
        Code.MATCH_AMBIGUOUS,
    ),
    ("closed", [account("a1", active=False)], Claims(), Code.MATCH_AMBIGUOUS),
    ("belongs to another", [account("a1")], LINKED, Code.KEY_SHARED),
    ("our id, but another's account", [account("a1", external_id="7")], LINKED, Code.KEY_SHARED),
    (
        "two with our id",
        [account("a1", external_id="7"), account("a2", external_id="7")],
        Claims(),
        Code.MATCH_AMBIGUOUS,
    ),
    ("the account was another's", [account("a1")], ONCE, Code.KEY_RECYCLED),
    ("the address was another's", [account("a1")], Claims(recycled=True), Code.KEY_RECYCLED),
    (
        "only suggested",
        [account("a1", values=SUGGESTIVE)],
        Claims(),
        Code.MATCH_SUGGESTED,
    ),
]


@pytest.mark.parametrize(("case", "found", "claims", "why"), DOUBTS, ids=[case for case, *_ in DOUBTS])
def test_anything_else_is_for_a_human(case: str, found: list[Account], claims: Claims, why: Code) -> None:
    verdict = match(wanted(), found, claims)
    assert isinstance(verdict, Doubtful), case
    assert verdict.why is why
    assert [each.account_id for each in verdict.candidates] == [each.account_id for each in found]


def test_a_candidate_says_what_speaks_for_it_and_what_against() -> None:
    verdict = match(wanted(), [account("a1", external_id="crm-3", active=False, values=ME)], LINKED)
    assert isinstance(verdict, Doubtful)
    (candidate,) = verdict.candidates
    assert candidate.owner == "8"
    assert candidate.speaks_for == (
        "rule 1 (userName)",
        "rule 2 (employeeNumber)",
        "rule 3 (name.givenName + name.familyName + birthday)",
    )
    assert [reason.split(" ")[0] for reason in candidate.speaks_against] == ["belongs", "carries", "is"]


def test_a_namesake_with_an_account_of_their_own_is_no_suggestion() -> None:
    found = [account("a1", values=SUGGESTIVE)]
    assert match(wanted(), found, LINKED) == Nobody()


def test_e13_where_tenants_share_a_target_no_value_links() -> None:
    shared = replace(RULES, external_prefix="acme:")
    assert shared.match_rules == ()
    assert match(Wanted(PersonId("7"), ME, shared), [account("a1", values=ME)]) == Nobody()


KIN = [
    ("another name", {**ME, "name.familyName": "Lovelace"}, Kinship.OTHER),
    ("same name and address", {**ADA, "employeeNumber": "E-9"}, Kinship.MAYBE),
    ("same name and number", {**ADA, "employeeNumber": "e-7"}, Kinship.SAME),
    ("same name and day of birth", {**ADA, "birthday": "1990-12-10"}, Kinship.SAME),
]


@pytest.mark.parametrize(("case", "now", "kin"), KIN, ids=[case for case, *_ in KIN])
def test_e4_somebody_with_a_new_id_is_the_same_only_by_more_than_name_and_address(
    case: str, now: dict[str, Scalar], kin: Kinship
) -> None:
    assert kinship(ME, now, RULES) is kin, case


REPLACED = [
    ("nothing changed", {}, False),
    ("married", {"name.familyName": "King", "userName": "king@example.com"}, False),
    ("a first name corrected", {"name.givenName": "Augusta"}, False),
    ("an address that Personio does not tell any more", {"userName": None}, False),
    (
        "no name and no address is left",
        {"name.givenName": "Bob", "name.familyName": "Newman", "userName": "bob@example.com"},
        True,
    ),
]


@pytest.mark.parametrize(("case", "changes", "is_it"), REPLACED, ids=[case for case, *_ in REPLACED])
def test_e6_a_record_that_reads_like_another_person_is_noticed(
    case: str, changes: dict[str, Scalar], is_it: bool
) -> None:
    assert replaced(ADA, {**ADA, **changes}, configuration()) is is_it, case


UNTOLD = [
    ("no address told, another name", ("userName",), True),
    ("no last name told, another first name and address", ("name.familyName",), True),
    ("no first name told", ("name.givenName",), False),
    ("only a first name told", ("userName", "name.familyName"), False),
]


@pytest.mark.parametrize(("case", "hidden", "is_it"), UNTOLD, ids=[case for case, *_ in UNTOLD])
def test_e6_what_is_not_told_vouches_for_nobody(case: str, hidden: tuple[str, ...], is_it: bool) -> None:
    bob = {"name.givenName": "Bob", "name.familyName": "Newman", "userName": "bob@example.com"}
    told: dict[str, Scalar] = {path: value for path, value in bob.items() if path not in hidden}
    assert replaced(ADA, told, configuration()) is is_it, case


@given(st.text(min_size=1, max_size=40))
def test_e7_spellings_of_one_value_are_one_value(text: str) -> None:
    told = normal(text)
    for spelling in (
        f"  {text}\t",
        text.casefold(),
        unicodedata.normalize("NFKC", text),
        unicodedata.normalize("NFC", text),
        unicodedata.normalize("NFD", text),
    ):
        assert normal(spelling) == told
    assert told is None or normal(told) == told


@pytest.mark.parametrize(
    ("one", "other_"),
    [
        ("ADA@Example.com ", "ada@example.COM"),
        ("jürgen@example.com", "JU\u0308RGEN@example.com"),
        ("ﬁ@example.com", "fi@example.com"),
        ("straße@example.com", "STRASSE@example.com"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        (4711, "4711"),
    ],
)
def test_e7_these_are_equal(one: Scalar, other_: Scalar) -> None:
    assert normal(one) == normal(other_)


@pytest.mark.parametrize("value", [None, "", "   ", True, False])
def test_e7_what_is_empty_equals_nothing(value: Scalar) -> None:
    assert normal(value) is None
