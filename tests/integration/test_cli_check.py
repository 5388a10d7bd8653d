"""`check` against a simulated Personio and a simulated application: what is wrong, the cure, zero writes."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from adapters.database.tables import CONNECTIONS
from domain.codes import Code
from domain.condition import Condition
from domain.ids import TenantId
from domain.tenant import TenantState
from simulators.personio.actions import Html
from simulators.personio.handle import PersonioSimulator
from simulators.personio.switches import Switches
from simulators.scim.effects import html_page
from simulators.scim.handle import ScimSimulator
from tests.unit.cli.terminal import Answer, Terminal

ACME = TenantId("acme")
EVERYTHING = ("email", "first_name", "last_name", "position", "department", "subcompany", "cost_centers")
DECIDING = ("status", "employment_type", "supervisor", "last_working_day", "termination_date")


class Desk:
    """A terminal with a tenant between two simulators."""

    def __init__(self, terminal: Terminal, personio: PersonioSimulator, app: ScimSimulator) -> None:
        self.terminal = terminal
        self.personio = personio
        self.app = app

    def type(self, *words: object, stdin: str = "") -> Answer:
        return self.terminal.type(
            *words, stdin=stdin, STAFFETTA_ALLOW_PRIVATE_TARGETS="1", STAFFETTA_RATE_LIMITS="off"
        )

    def add(self, *, secret: str = "", target_url: str = "") -> Answer:
        ends = ("--source-url", self.personio.url, "--client-id", self.personio.client_id)
        target = ("--target-url", target_url or self.app.url)
        secrets = ("--client-secret-file", "-", "--target-token-file", "-")
        return self.type(
            *("tenant", "add", "acme", "--profile", "generic", *ends, *target, *secrets),
            stdin=f"{secret or self.personio.client_secret}\n{self.app.token}\n",
        )

    def check(self) -> Answer:
        return self.type("check", "acme", "--json")

    def state(self) -> str:
        return str(self.type("tenant", "show", "acme", "--json").data["state"])


@pytest.fixture
def personio() -> Iterator[PersonioSimulator]:
    with PersonioSimulator.start(employees=30, seed=7, switches=Switches(rate_limits=False)) as running:
        yield running


@pytest.fixture
def app() -> Iterator[ScimSimulator]:
    with ScimSimulator.start() as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path, personio: PersonioSimulator, app: ScimSimulator) -> Desk:
    made = Desk(Terminal(tmp_path / "var"), personio, app)
    assert made.type("init").code == 0
    return made


def codes(answer: Answer, name: str = "problems") -> set[str]:
    return {problem["code"] for problem in answer.data[name]}


def assert_cured_and_harmless(answer: Answer, desk: Desk) -> None:
    assert all(problem["cure"] for problem in answer.data["problems"])
    assert desk.app.counters.writes == 0
    assert "Traceback" not in answer.err
    assert desk.state() == "setup"


def test_a_green_check_writes_nothing_and_makes_the_tenant_ready(desk: Desk) -> None:
    assert desk.add().code == 0
    told = desk.check()
    assert told.code == 0, told.out
    assert (told.data["green"], told.data["state_before"], told.data["state"]) == (True, "setup", "ready")
    assert told.data["people"] == len(desk.personio.truth().people)
    assert sum(told.data["standings"].values()) == told.data["people"]
    assert told.data["target"]["patch"] is True
    assert desk.app.counters.writes == 0
    assert (
        desk.app.counters.requests() == desk.app.counters.requests("GET") == told.data["requests"]["target"]
    )


def test_fill_rates_are_counted_over_everybody(desk: Desk) -> None:
    desk.add()
    rows = {row["source"]: row for row in desk.check().data["attributes"]}
    people = desk.personio.truth().people
    with_mail = sum(1 for person in people if person.email)
    assert (rows["email"]["filled"], rows["email"]["told"]) == (with_mail, "granted")
    assert rows["first_name"]["fill_rate"] == 1.0


def test_names_are_masked_unless_they_are_asked_for(desk: Desk) -> None:
    desk.add()
    masked = desk.check().data["sample"]
    assert len(masked) == 5
    assert all(len(each["first_name"]) == 2 for each in masked)
    shown = desk.type("check", "acme", "--show", "--json").data["sample"]
    assert all("@" in each["unique_name"] for each in shown)
    assert "@" not in desk.type("check", "acme").out.replace("…@…", "")


def test_wrong_credentials(desk: Desk) -> None:
    desk.add(secret="papi-" + "0" * 40)
    told = desk.check()
    assert told.code == 4
    assert codes(told) == {Code.SOURCE_CREDENTIALS_WRONG}
    assert told.data["target"] is not None  # the other side is looked at all the same
    assert_cured_and_harmless(told, desk)


def test_a_missing_right(desk: Desk) -> None:
    desk.add()
    desk.personio.set_rights(employees=False)
    told = desk.check()
    assert told.code == 4
    assert codes(told) == {Code.SOURCE_RIGHT_NOT_GIVEN}
    assert_cured_and_harmless(told, desk)


def test_a_missing_required_attribute(desk: Desk) -> None:
    desk.add()
    desk.personio.set_readable([*EVERYTHING[1:], *DECIDING])
    told = desk.check()
    assert told.code == 1
    assert codes(told) == {Code.SOURCE_ATTRIBUTE_MISSING}
    assert "email" in told.data["problems"][0]["sentence"]
    assert_cured_and_harmless(told, desk)


def test_a_missing_optional_attribute_is_a_notice(desk: Desk) -> None:
    desk.add()
    desk.personio.set_readable([*(key for key in EVERYTHING if key != "position"), *DECIDING])
    told = desk.check()
    assert told.code == 0
    assert Code.SOURCE_ATTRIBUTE_MISSING in codes(told, "notices")


def test_a_target_that_cannot_be_reached(desk: Desk) -> None:
    desk.add(target_url="http://127.0.0.1:9/scim/v2")
    told = desk.check()
    assert told.code == 1
    assert codes(told) == {Code.TARGET_UNREACHABLE}
    assert told.data["target"] is None
    assert_cured_and_harmless(told, desk)


def test_a_target_that_answers_with_a_web_page(desk: Desk) -> None:
    desk.add()
    desk.app.quirks.add(html_page(), times=None)
    told = desk.check()
    assert told.code == 1
    assert codes(told) == {Code.TARGET_NOT_SCIM}
    assert_cured_and_harmless(told, desk)


def test_a_personio_that_answers_with_a_web_page(desk: Desk) -> None:
    desk.add()
    desk.personio.fault(Html(), count=None)
    told = desk.check()
    assert told.code == 1
    assert codes(told) <= {Code.SOURCE_NOT_PERSONIO, Code.FEED_BROKEN}
    assert_cured_and_harmless(told, desk)


def test_both_sides_are_told_at_once(desk: Desk) -> None:
    desk.add(secret="papi-" + "0" * 40, target_url="http://127.0.0.1:9/scim/v2")
    told = desk.check()
    assert told.code == 4
    assert codes(told) == {Code.SOURCE_CREDENTIALS_WRONG, Code.TARGET_UNREACHABLE}


def test_people_without_email_and_two_with_one_are_counted_and_block_nobody_else(desk: Desk) -> None:
    desk.add()
    desk.personio.company.hire(first_name="No", last_name="Mail", email=None)
    desk.personio.company.hire(first_name="A", last_name="B", email="same@example.com")
    desk.personio.company.hire(first_name="C", last_name="D", email="SAME@example.com")
    told = desk.check()
    assert told.code == 0
    counted = {problem["code"]: problem["count"] for problem in told.data["notices"]}
    assert counted[Code.KEY_SHARED] == 2
    assert counted[Code.PERSON_WITHOUT_REQUIRED] == told.data["without_required"] >= 1
    shown = desk.type("check", "acme").out.splitlines()
    figures = {words[1]: int(words[0]) for words in map(str.split, shown) if words and words[0].isdigit()}
    assert figures["get"] + figures["would"] == told.data["standings"]["wanted"]


def test_a_green_check_lets_a_blocked_tenant_go_on_and_ends_its_incident(desk: Desk) -> None:
    desk.add()
    with desk.terminal.store() as store, store.write() as tx:
        for state in (TenantState.READY, TenantState.ACTIVE):
            tx.tenants.move(ACME, state, None)
    desk.personio.rotate()
    assert desk.check().code == 4
    with desk.terminal.store() as store, store.write() as tx:
        tx.tenants.move(ACME, TenantState.BLOCKED, Code.SOURCE_CREDENTIALS_REFUSED)
    assert desk.check().code == 4
    assert desk.state() == "blocked"
    renewed = ("--client-id", desk.personio.client_id, "--client-secret-file", "-")
    told = desk.type("tenant", "credentials", "acme", *renewed, stdin=desk.personio.client_secret)
    assert told.code == 0, told.err
    assert desk.check().data["state"] == "active"


def test_a_red_check_of_an_active_tenant_changes_nothing(desk: Desk) -> None:
    desk.add()
    with desk.terminal.store() as store, store.write() as tx:
        for state in (TenantState.READY, TenantState.ACTIVE):
            tx.tenants.move(ACME, state, None)
    desk.app.quirks.add(html_page(), times=None)
    assert desk.check().code == 1
    assert desk.state() == "active"


def test_a_private_address_is_refused_where_nobody_allowed_it(desk: Desk) -> None:
    desk.add()
    told = desk.terminal.type("check", "acme", "--json", STAFFETTA_RATE_LIMITS="off")
    assert told.code == 1
    assert Code.TARGET_FORBIDDEN_ADDRESS in codes(told)
    assert "STAFFETTA_ALLOW_PRIVATE_TARGETS" in told.data["problems"][-1]["cure"]


def test_a_green_check_of_a_tenant_that_rests_names_what_lets_it_go_on(desk: Desk) -> None:
    desk.add()
    with desk.terminal.store() as store, store.write() as tx:
        for state in (TenantState.READY, TenantState.ACTIVE):
            tx.tenants.move(ACME, state, None)
    assert desk.check().data["command"] is None
    desk.type("pause", "acme", "--reason", "payroll week")
    assert desk.check().data["command"] == "staffetta resume acme"
    assert "Next: staffetta resume acme" in desk.type("check", "acme").out


def test_a_green_check_says_that_an_application_that_rests_goes_on_by_something_else(desk: Desk) -> None:
    desk.add()
    assert desk.check().data["rest"] is None
    now = datetime.now(UTC)  # noqa: TID251  the command asks the store's clock
    later = now + timedelta(minutes=5)
    sick = Condition(open_since=now, rests_until=later, why=Code.TARGET_BUSY, of_writes=True)
    with desk.terminal.store() as store, store.write() as tx:
        tx.conditions.put(ACME, sick)
    told = desk.check()
    assert (told.data["green"], told.data["rest"]["why"]) == (True, "target.busy")
    shown = desk.type("check", "acme").out
    assert f"But changes are held up: {told.data['rest']['sentence']}" in shown
    assert f"it rests until {later:%H:%M:%S} UTC, then one call looks." in shown
    assert "A green check does not end this: the first write of a change that goes well does." in shown


def resumptions(desk: Desk) -> list[str]:
    log = desk.terminal.home / "log" / "staffetta.jsonl"
    lines = [json.loads(each) for each in log.read_text(encoding="utf-8").splitlines()]
    return [each["tenant.id"] for each in lines if each["event.action"] == "tenant.resumed"]


def test_a_green_check_that_lets_a_blocked_tenant_go_on_is_in_the_log_once(desk: Desk) -> None:
    desk.add()
    desk.check()
    assert (desk.state(), resumptions(desk)) == ("ready", [])
    with desk.terminal.store() as store, store.write() as tx:
        for state, why in ((TenantState.ACTIVE, None), (TenantState.BLOCKED, Code.SOURCE_CREDENTIALS_WRONG)):
            assert tx.tenants.move(ACME, state, why)
    desk.personio.fault(Html(), count=None)
    assert not desk.check().data["green"]
    assert (desk.state(), resumptions(desk)) == ("blocked", [])
    desk.personio.clear_faults()
    assert desk.check().data["green"]
    assert (desk.state(), resumptions(desk)) == ("active", ["acme"])
    desk.check()
    assert resumptions(desk) == ["acme"]


UNFIT = [
    pytest.param({"source_url": "personio"}, Code.SOURCE_ADDRESS_UNFIT, 1, id="Personio's address is none"),
    pytest.param(
        {"source_url": "https://[x"}, Code.SOURCE_ADDRESS_UNFIT, 1, id="Personio's is not even split"
    ),
    pytest.param(
        {"source_url": "https://169.254.169.254"}, Code.SOURCE_FORBIDDEN_ADDRESS, 1, id="Personio's is inside"
    ),
    pytest.param({"target_url": "app"}, Code.TARGET_ADDRESS_UNFIT, 1, id="the application's address is none"),
    pytest.param({"target_token": "a\nb"}, Code.TARGET_TOKEN_UNFIT, 4, id="the token fits into no header"),
    pytest.param(None, Code.CONNECTION_MISSING, 4, id="no connection at all"),
]


def spoil(desk: Desk, changes: dict[str, str] | None) -> None:
    """Store what no command stores any more, as an older release or a hand in the database may have."""
    with desk.terminal.store() as store, store.write() as tx:
        if changes is None:
            tx.session.connection.execute(delete(CONNECTIONS))
        else:
            good = tx.connections.get(ACME)
            assert good is not None
            tx.connections.put(ACME, replace(good, **changes))


@pytest.mark.parametrize(("changes", "code", "ends"), UNFIT)
def test_what_is_stored_and_of_no_use_is_cured_by_the_command_that_is_named(
    desk: Desk, tmp_path: Path, changes: dict[str, str] | None, code: Code, ends: int
) -> None:
    assert desk.add().code == 0
    spoil(desk, changes)
    red = desk.check()
    (problem,) = [each for each in red.data["problems"] if each["code"] == code]
    assert (red.code, "file" in problem["cure"]) == (ends, False)
    assert problem["command"].startswith("staffetta tenant credentials acme --")
    told = desk.type(*typed(problem["command"], desk, tmp_path))
    assert told.code == 0, told.err
    assert desk.check().data["green"]


def typed(command: str, desk: Desk, tmp_path: Path) -> list[str]:
    """Put what is meant where a command shows FILE, URL or ID."""
    meant = {
        "--source-url": desk.personio.url,
        "--client-id": desk.personio.client_id,
        "--client-secret-file": desk.personio.client_secret,
        "--target-url": desk.app.url,
        "--target-token-file": desk.app.token,
    }
    words = command.split()[1:]
    for place, option in enumerate(words[:-1]):
        if option in meant:
            words[place + 1] = meant[option]
        if option in meant and option.endswith("-file"):
            written = tmp_path / f"{option}.txt"
            written.write_text(meant[option], encoding="utf-8")
            words[place + 1] = str(written)
    return words


def test_both_ends_of_no_use_are_told_at_once_each_on_its_side(desk: Desk) -> None:
    desk.add()
    spoil(desk, {"source_url": "personio", "target_url": "app"})
    told = {(each["side"], each["code"]) for each in desk.check().data["problems"]}
    assert told == {("source", Code.SOURCE_ADDRESS_UNFIT), ("target", Code.TARGET_ADDRESS_UNFIT)}
    assert desk.type("limits", "--json").data["unreadable"] == []


def test_a_tenant_without_a_connection_is_shown_with_the_command_and_moves_nobodys_links(desk: Desk) -> None:
    desk.add()
    spoil(desk, None)
    shown = desk.type("tenant", "show", "acme")
    assert shown.code == 1
    assert "tenant credentials acme --source-url URL --client-id ID" in shown.err
    half = desk.type("tenant", "credentials", "acme", "--client-id", "papi-1", "--client-secret-file", "-")
    assert half.code == 2
    assert "Missing: --source-url, --target-url, --target-token-file." in half.err
