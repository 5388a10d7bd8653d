"""`cases` asks which case was read, names it ready to type, and takes no answer to another one."""

import pytest

from domain.cases import Candidate, NewCase
from domain.codes import Code
from domain.ids import AccountId, CaseId, PersonId, RunId, TenantId
from tests.unit.cli.terminal import Answer, Terminal

ACME = TenantId("acme")
FIRST, SECOND = "019f2a7bc4d1aaaabbbb3f9c01ab", "019f2a7bc4d2aaaabbbb77c0ffee"
FOUND = "rule 1 (userName) found 2"
ANSWER = ("--create", "--reason", "another Anna Muster")


def open_case(acme: Terminal, case_id: str, *accounts: str) -> None:
    """Let a run find a doubt about person 4711; an earlier one about other accounts is over by that."""
    closed = ("is closed; it may be a leaver's",)
    seen = tuple(
        Candidate(AccountId(each), "anna@example.com", None, False, speaks_against=closed)
        for each in accounts
    )
    doubt = NewCase(PersonId("4711"), Code.MATCH_AMBIGUOUS, FOUND, "|".join(accounts), seen)
    with acme.store() as store, store.write() as tx:
        tx.cases.open(ACME, CaseId(case_id), doubt, RunId("r1"))


def answers(acme: Terminal) -> list[object]:
    return [case["answer"] for case in acme.type("cases", "acme", "--json").data["cases"]]


def test_the_list_names_each_case_and_what_to_type_for_an_answer(acme: Terminal) -> None:
    open_case(acme, FIRST, "a-1")
    told = acme.type("cases", "acme")
    assert told.code == 5
    assert "case 3f9c01ab" in told.out
    for option in ("--link a-1", "--create", "--ignore"):
        assert f'staffetta cases acme --case 3f9c01ab {option} --reason "WHY"' in told.out
    (case,) = acme.type("cases", "acme", "--json").data["cases"]
    assert (case["case"], case["short"]) == (FIRST, "3f9c01ab")
    assert case["command"] == "staffetta cases acme --case 3f9c01ab"
    assert "Regel 1 (userName) findet 2" in case["de"]["sentence"]
    assert case["candidates"][0]["de"]["speaks_against"][0].startswith("ist deaktiviert")


@pytest.mark.parametrize("accounts", [("a-1", "a-2"), ("a-1;reboot",), ("--create",)], ids=str)
def test_an_account_stands_in_a_command_only_where_there_is_one_that_is_harmless_to_type(
    acme: Terminal, accounts: tuple[str, ...]
) -> None:
    open_case(acme, FIRST, *accounts)
    assert "--case 3f9c01ab --link ACCOUNT --reason" in acme.type("cases", "acme").out


@pytest.mark.parametrize(
    ("words", "cure"),
    [
        pytest.param(("--person", "4711", *ANSWER), "cases acme --person 4711", id="a person is no case"),
        pytest.param(ANSWER, "Add --case CASE and --reason TEXT; the case stands in: staff", id="nothing"),
        pytest.param(("--case", " ", *ANSWER), "Add --case CASE", id="blank"),
        pytest.param(("--case", "3f9c01ab", "--create"), "Add --reason TEXT", id="no reason"),
        pytest.param(("--case", "01ab", *ANSWER), "has no case «01ab»; nothing was stored", id="half a name"),
    ],
)
def test_an_answer_that_does_not_say_what_was_read_is_refused_with_what_to_add(
    acme: Terminal, words: tuple[str, ...], cure: str
) -> None:
    open_case(acme, FIRST, "a-1")
    told = acme.type("cases", "acme", *words)
    assert told.code == 2
    assert cure in told.err
    assert answers(acme) == [None]


def test_an_answer_to_a_case_that_is_over_stores_nothing_and_shows_what_is_open_now(acme: Terminal) -> None:
    open_case(acme, FIRST, "a-1")
    open_case(acme, SECOND, "a-1", "a-2")
    told = acme.type("cases", "acme", "--case", "3f9c01ab", *ANSWER)
    assert told.code == 1
    assert "Case 3f9c01ab about person 4711 is over" in told.err
    assert "case 77c0ffee (match.ambiguous, open), accounts a-1, a-2" in told.err
    assert "staffetta cases acme --case 77c0ffee" in told.err
    assert answers(acme) == [None]
    assert acme.json("cases", "acme", "--case", "77C0FFEE", *ANSWER)["person"] == "4711"
    assert answers(acme) == ["create"]


def test_one_case_is_read_by_its_name(acme: Terminal) -> None:
    open_case(acme, FIRST, "a-1")
    told = acme.type("cases", "acme", "--case", FIRST, "--json")
    assert (told.code, [case["case"] for case in told.data["cases"]]) == (5, [FIRST])
    assert "is about person 4711" in acme.type("cases", "acme", "--case", FIRST, "--person", "12").err


def answer_as(acme: Terminal, who: str, answer: str, *more: str) -> Answer:
    """Answer the first case as one of several people who share the machine."""
    words = ("cases", "acme", "--case", "3f9c01ab", answer, "--reason", f"asked by {who}", *more)
    return acme.type(*words, LOGNAME=who)


def test_an_answer_that_a_colleague_gave_meanwhile_is_told_and_replaced_only_if_that_is_meant(
    acme: Terminal,
) -> None:
    open_case(acme, FIRST, "a-1")
    assert answer_as(acme, "maria", "--ignore").code == 0
    refused = answer_as(acme, "tom", "--create")
    assert (refused.code, answers(acme)) == (1, ["ignore"])
    assert "Case 3f9c01ab is answered already: «ignore» by operator:maria at 20" in refused.err
    assert "staffetta cases acme --case 3f9c01ab; to put yours in its place, add --replace" in refused.err
    replaced = answer_as(acme, "tom", "--create", "--replace", "--json")
    assert (replaced.code, answers(acme)) == (0, ["create"])
    assert (replaced.data["changed"], replaced.data["before"]["answered_by"]) == (True, "operator:maria")
    assert "It counts in place of «ignore» by operator:maria at 20" in replaced.err
    deeds = [(entry["deed"], entry["by"]) for entry in acme.type("audit", "acme", "--json").data["entries"]]
    assert {("case-ruled", "operator:maria"), ("case-ruled-anew", "operator:tom")} <= set(deeds)
    assert "answered: create, by operator:tom at 20" in acme.type("cases", "acme").out


def test_the_same_answer_once_more_changes_nothing_and_says_whose_counts(acme: Terminal) -> None:
    open_case(acme, FIRST, "a-1")
    answer_as(acme, "maria", "--create")
    entries = len(acme.type("audit", "acme", "--json").data["entries"])
    for more in ((), ("--replace",)):
        again = answer_as(acme, "tom", "--create", "--json", *more)
        assert (again.code, again.data["changed"], again.data["run"]) == (0, False, None)
        assert "It was answered so already: «create» by operator:maria" in again.err
    (case,) = acme.type("cases", "acme", "--json").data["cases"]
    assert (case["answered_by"], case["reason"]) == ("operator:maria", "asked by maria")
    assert len(acme.type("audit", "acme", "--json").data["entries"]) == entries


def test_to_replace_needs_an_answer(acme: Terminal) -> None:
    open_case(acme, FIRST, "a-1")
    told = acme.type("cases", "acme", "--case", "3f9c01ab", "--replace")
    assert (told.code, "Name exactly one of --link ACCOUNT" in told.err) == (2, True)
