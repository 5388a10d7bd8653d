"""`cases` lists who is in doubt and takes an answer, after reading the account that was named."""

import pytest

from domain.cases import Candidate, NewCase
from domain.codes import Code
from domain.ids import AccountId, CaseId, PersonId, RunId
from tests.integration.test_cli_check import ACME, Desk, app, desk, personio

__all__ = ["app", "desk", "personio"]


@pytest.fixture
def account(desk: Desk) -> str:
    """An account of another system, about which a case is open for person 4711."""
    assert desk.add().code == 0
    made = desk.app.state.add_account("nora@example.com", externalId="crm-7")
    seen = Candidate(
        AccountId(made),
        "nora@example.com",
        "crm-7",
        True,
        None,
        ("rule 1 (userName)",),
        ("carries another id",),
    )
    doubt = NewCase(PersonId("4711"), Code.KEY_FOREIGN, "one account", "facts", (seen,))
    with desk.terminal.store() as store, store.write() as tx:
        tx.cases.open(ACME, CaseId("c1"), doubt, RunId("r1"))
    return made


def test_candidates_are_listed_with_what_speaks_for_and_against_them(desk: Desk, account: str) -> None:
    told = desk.type("cases", "acme", "--json")
    assert told.code == 5
    (case,) = told.data["cases"]
    assert (case["person"], case["kind"]["code"], case["answer"]) == ("4711", "key.foreign", None)
    (candidate,) = case["candidates"]
    assert (candidate["account"], candidate["user_name"]) == (account, "nora@example.com")
    assert candidate["speaks_against"] == ["carries another id"]
    drawn = desk.type("cases", "acme", "--person", "4711")
    assert account in drawn.out
    assert f"staffetta cases acme --case c1 --link {account} --reason" in drawn.out


def test_an_answer_names_case_reason_and_an_account_that_is_there(desk: Desk, account: str) -> None:
    assert desk.type("cases", "acme", "--case", "c1", "--link", account).code == 2
    assert desk.type("cases", "acme", "--create", "--ignore", "--case", "c1", "--reason", "x").code == 2
    wrong = desk.type("cases", "acme", "--case", "c1", "--link", "nobody", "--reason", "asked her")
    assert wrong.code != 0
    assert "no account with the id" in wrong.err
    other = desk.type("cases", "acme", "--case", "c9", "--person", "12", "--ignore", "--reason", "asked her")
    assert "has no case «c9»; nothing was stored" in other.err
    assert desk.app.counters.writes == 0


def test_an_answer_is_remembered_with_who_gave_it_and_why(desk: Desk, account: str) -> None:
    given = desk.type("cases", "acme", "--case", "c1", "--link", account, "--reason", "asked her", "--json")
    assert given.code == 0, given.err
    assert (given.data["answer"], given.data["run"]) == ("link", None)
    told = desk.type("cases", "acme", "--json")
    (case,) = told.data["cases"]
    assert (told.code, case["answer"], case["answer_account"]) == (0, "link", account)
    assert case["reason"] == "asked her"
    assert str(case["answered_by"]).startswith("operator")
