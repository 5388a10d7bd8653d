"""Modes and fallbacks of the mapping, through whole runs: what is written when, and what never again."""

from dataclasses import replace

from domain.codes import Code
from domain.config import Configuration, Fallback, Line, Mode
from domain.ids import PersonId
from domain.run import Outcome
from domain.tenant import TenantState
from domain.transforms import Plain
from tests.builders import configuration
from tests.flow.conftest import SCIM_LINES
from tests.flow.relay import ACME, Relay
from tests.flow.test_main_job import somebody
from tests.flow.truth import accounts

BASE = tuple(line for line in SCIM_LINES if line.path not in {"title", "name.familyName"})
FAMILY = Line("last_name", "name.familyName", required=True)


def live_with(relay: Relay, *lines: Line) -> Relay:
    """Go live with these lines beside the usual ones."""
    configure(relay, *lines)
    assert relay.go_live().outcome is Outcome.OK
    relay.app.counters.reset()
    return relay


def configure(relay: Relay, *lines: Line) -> Configuration:
    config = configuration(lines=(*BASE, FAMILY, *lines))
    relay.configure(config)
    return config


def title(relay: Relay, person: str) -> object:
    return accounts(relay)[person].get("title")


def change(relay: Relay, person: str, **told: object) -> None:
    relay.personio.company.change(int(person), **told)
    assert relay.sync().outcome is Outcome.OK


def test_on_create_writes_into_a_new_account_and_never_again(relay: Relay) -> None:
    live = live_with(relay, Line("position", "title", mode=Mode.ON_CREATE))
    person = somebody(live)
    before = title(live, person)
    assert before
    change(live, person, position="Somebody Else")
    assert (title(live, person), live.app.counters.writes) == (before, 0)


def test_if_empty_fills_what_is_empty_and_leaves_everything_else(relay: Relay) -> None:
    live = live_with(relay, Line("position", "title", mode=Mode.IF_EMPTY))
    person = str(live.personio.company.hire(first_name="Jo", last_name="Iner", email="jo@example.com"))
    live.sync()
    assert title(live, person) is None
    change(live, person, position="Baker")
    change(live, person, position="Cook")
    assert title(live, person) == "Baker"


def test_if_empty_looks_at_accounts_that_were_made_before_the_line_existed(relay: Relay) -> None:
    live = live_with(relay)
    person, other = somebody(live, at=3), somebody(live, at=4)
    by_hand = accounts(live)[person]["id"]
    live.app.state.edit_account(str(by_hand), {"title": "By hand"})
    configure(live, Line("position", "title", mode=Mode.IF_EMPTY))
    live.sync()
    live.approve()  # a new line rewrites everybody, so a human looks first
    assert title(live, person) == "By hand"
    assert title(live, other)
    live.app.counters.reset()
    live.sync()
    assert live.app.counters.writes == 0


def test_once_overwrites_what_was_found_and_then_leaves_the_path_alone(relay: Relay) -> None:
    wanted = somebody(relay, at=2)
    email = next(each.email for each in relay.personio.truth().people if str(each.id) == wanted)
    relay.app.state.add_account(str(email), title="Found")
    live = live_with(relay, Line("position", "title", mode=Mode.ONCE))
    written = title(live, wanted)
    assert written not in {None, "Found"}
    change(live, wanted, position="Another")
    assert title(live, wanted) == written


def test_a_plan_shows_what_a_found_account_keeps(relay: Relay) -> None:
    wanted = PersonId(somebody(relay, at=2))
    email = next(each.email for each in relay.personio.truth().people if str(each.id) == wanted)
    relay.app.state.add_account(str(email), title="Found")
    configure(relay, Line("position", "title", mode=Mode.IF_EMPTY))
    with relay.store.write() as tx:
        assert tx.tenants.move(ACME, TenantState.READY, None)
    run = relay.sync()
    with relay.store.read() as tx:
        (row,) = [row for row in tx.changes.rows(ACME, run_id=run.run_id, person_id=wanted) if row.account_id]
    assert row.after is not None
    assert "title" not in row.after
    assert (row.before or {})["title"] == "Found"


def test_an_emptied_attribute_clears_is_kept_or_gets_the_default_as_its_line_says(relay: Relay) -> None:
    live = live_with(
        relay,
        Line("position", "title", empty=Fallback.KEEP),
        Line("position", "nickName", empty=Fallback.DEFAULT, default="none"),
        Line("position", "displayName"),
    )
    person = somebody(live)
    before = title(live, person)
    change(live, person, position=None)
    account = accounts(live)[person]
    assert (account["title"], account["nickName"], account.get("displayName")) == (before, "none", None)
    live.app.counters.reset()
    live.sync()
    assert live.app.counters.writes == 0


def test_one_bad_value_spoils_one_attribute_of_one_person(relay: Relay) -> None:
    live = live_with(relay, Line("position", "title", transforms=(Plain.ASCII,)))
    person, other = somebody(live, at=3), somebody(live, at=4)
    before = title(live, person)
    live.personio.company.change(int(person), position="Инженер", last_name="Anders")
    live.personio.company.change(int(other), position="Köchin")
    run = live.sync()
    assert run.outcome is Outcome.OK
    assert live.figures(run).warnings == {Code.PERSON_BAD_VALUE.value: 1}
    assert title(live, person) == before
    assert accounts(live)[person]["name.familyName"] == "Anders"
    assert title(live, other) == "Koechin"
    with live.store.read() as tx:
        seen = tx.people.snapshot(ACME, PersonId(person))
    assert seen is not None
    assert (seen.warning, seen.detail) == (Code.PERSON_BAD_VALUE, "position")


def test_somebody_new_whose_required_value_is_bad_is_skipped_with_the_reason(relay: Relay) -> None:
    live = live_with(relay, replace(Line("position", "title", transforms=(Plain.ASCII,)), required=True))
    joiner = live.personio.company.hire(
        first_name="Jo", last_name="Iner", email="jo@example.com", position="Инженер"
    )
    run = live.sync()
    assert run.outcome is Outcome.OK
    assert str(joiner) not in accounts(live)
    assert live.figures(run).skipped[Code.PERSON_BAD_VALUE.value] == 1


def test_a_template_and_its_steps_arrive_in_the_account(relay: Relay) -> None:
    live = live_with(
        relay,
        Line("", "displayName", template="{first_name} {last_name}", transforms=(Plain.ASCII,)),
        Line("", "userType", template="Employee"),
    )
    person = somebody(live)
    change(live, person, first_name="Jürgen", last_name="Groß")
    account = accounts(live)[person]
    assert (account["displayName"], account["userType"]) == ("Juergen Gross", "Employee")
