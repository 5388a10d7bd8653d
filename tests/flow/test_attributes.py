"""An attribute that Personio stops telling harms nobody: what depends on it waits, the rest goes on."""

from collections.abc import Iterator, Mapping, Sequence

import pytest

from domain.causes import say
from domain.changes import Action, ChangeState
from domain.codes import Code
from domain.config import Configuration, Line
from domain.ids import PersonId
from domain.run import Outcome
from producers.accept_feed import accept_feed, lost_attributes
from producers.check import look
from producers.on_demand import NotPossibleError
from simulators.personio.actions import Omit
from simulators.personio.attributes import STANDARD
from simulators.personio.handle import PersonioSimulator
from simulators.personio.switches import Switches
from tests.builders import configuration
from tests.flow.conftest import ENTERPRISE, SCIM_LINES
from tests.flow.misfortunes import in_hand
from tests.flow.relay import ACME, Relay
from tests.flow.test_main_job import live, somebody
from tests.flow.truth import accounts, differences, is_wanted, people

__all__ = ["live"]

LIST = "/v1/company/employees"
FIVE_HUNDRED = pytest.mark.parametrize("personio", [500], indirect=True, ids=["500 people"])
LOST = {Code.SOURCE_ATTRIBUTE_MISSING, Code.SOURCE_ATTRIBUTE_COLLAPSED}


@pytest.fixture
def personio(request: pytest.FixtureRequest) -> Iterator[PersonioSimulator]:
    size: int = getattr(request, "param", 30)
    with PersonioSimulator.start(employees=size, seed=7, switches=Switches(rate_limits=False)) as running:
        yield running


@pytest.fixture
def config() -> Configuration:
    """Map a custom attribute too; every company numbers its own."""
    return configuration(lines=(*SCIM_LINES, Line("universal:iban", "nickName")))


def untick(relay: Relay, *hidden: str) -> None:
    """Clear these tick boxes of the credential; all others stay."""
    custom = relay.personio.truth().custom_attributes
    keys = [*(known.key for known in STANDARD), *custom]
    relay.personio.set_readable([key for key in keys if key not in hidden])


def omit(relay: Relay, *keys: str, empty: bool = False, spared: Sequence[str] = ()) -> None:
    """Leave attributes out of the records, or empty them, though they are listed as readable."""
    custom = relay.personio.truth().custom_attributes
    named = [custom.get(key, key) for key in keys]
    relay.personio.fault(
        Omit(attributes=named, empty=empty, spared=[int(person) for person in spared]),
        path=LIST,
        query={"limit": "100"},
        count=None,
    )


def tick_again(relay: Relay) -> None:
    relay.personio.set_readable(None)
    relay.personio.clear_faults()


def told(relay: Relay) -> Mapping[Code, str]:
    """Read the open incidents as the owner would, in German."""
    return {
        incident.code: say(incident.code, "de", incident.detail).sentence for incident in relay.incidents()
    }


def codes(relay: Relay) -> set[Code]:
    return {incident.code for incident in relay.incidents()}


def active(relay: Relay) -> Mapping[str, object]:
    return {person: account["active"] for person, account in accounts(relay).items()}


def wanted(relay: Relay) -> Sequence[PersonId]:
    return [PersonId(str(person.id)) for person in people(relay) if is_wanted(person)]


@FIVE_HUNDRED
def test_d19_an_un_ticked_status_of_500_people_harms_nobody_and_ticked_again_all_goes_on(live: Relay) -> None:
    before, open_before = active(live), codes(live)
    leaver, mover = somebody(live, at=5), somebody(live, at=7)
    untick(live, "status")
    live.personio.company.terminate(int(leaver))
    live.personio.company.change(int(mover), position="Countess")
    joiner = live.personio.company.hire(first_name="Jo", last_name="Iner", email="joiner@example.com")
    run = live.sync()
    assert (run.outcome, run.code) == (Outcome.PARTIAL, Code.SOURCE_ATTRIBUTE_MISSING)
    assert active(live) == before
    assert accounts(live)[mover]["title"] == "Countess"
    assert codes(live) - open_before == {Code.SOURCE_ATTRIBUTE_MISSING}
    assert told(live)[Code.SOURCE_ATTRIBUTE_MISSING] == (
        "Das Attribut «Status» (status) ist für die Zugangsdaten in Personio nicht lesbar."
    )
    assert "Häkchen" in say(Code.SOURCE_ATTRIBUTE_MISSING, "de").cure
    tick_again(live)
    run = live.sync()
    assert run.outcome is Outcome.OK
    assert not codes(live) & LOST
    assert accounts(live)[leaver]["active"] is False
    assert accounts(live)[str(joiner)]["active"] is True
    assert differences(live) == []


@pytest.mark.parametrize("how", ["un-ticked", "left out"])
@pytest.mark.parametrize("key", ["status", "employment_type", "email", "department", "supervisor", "iban"])
def test_d19_an_attribute_that_is_not_told_clears_nothing_and_removes_nobody(
    live: Relay, key: str, how: str
) -> None:
    before, open_before = accounts(live), codes(live)
    (untick if how == "un-ticked" else omit)(live, key)
    run = live.sync()
    assert run.outcome is Outcome.PARTIAL
    assert accounts(live) == before
    assert live.app.counters.writes == 0
    assert codes(live) - open_before == {Code.SOURCE_ATTRIBUTE_MISSING}
    tick_again(live)
    assert live.sync().outcome is Outcome.OK
    assert codes(live) == open_before
    assert accounts(live) == before


@pytest.mark.parametrize("key", ["employment_type", "email"])
def test_d19_a_joiner_is_not_made_without_what_decides_or_is_required(live: Relay, key: str) -> None:
    untick(live, key)
    joiner = live.personio.company.hire(first_name="Jo", last_name="Iner", email="joiner@example.com")
    run = live.sync()
    assert str(joiner) not in accounts(live)
    assert sum(live.figures(run).skipped.values()) > 0
    tick_again(live)
    live.sync()
    assert accounts(live)[str(joiner)]["active"] is True


def test_d19_a_joiner_is_made_without_a_department_that_nobody_may_read(live: Relay) -> None:
    untick(live, "department")
    joiner = live.personio.company.hire(
        first_name="Jo", last_name="Iner", email="joiner@example.com", department="Sales"
    )
    live.sync()
    assert accounts(live)[str(joiner)].get(f"{ENTERPRISE}:department") is None
    tick_again(live)
    live.sync()
    assert accounts(live)[str(joiner)][f"{ENTERPRISE}:department"] == "Sales"


def test_d19_an_attribute_that_is_not_readable_any_more_keeps_its_old_value(live: Relay) -> None:
    person = somebody(live)
    before = accounts(live)[person]["title"]
    untick(live, "position")
    live.personio.company.change(int(person), position="Unseen", last_name="Seen")
    run = live.sync()
    assert run.blind == ("position",)
    assert accounts(live)[person]["title"] == before
    assert accounts(live)[person]["name.familyName"] == "Seen"
    with live.store.read() as tx:
        seen = tx.people.snapshot(run.tenant_id, person)
    assert seen is not None
    assert (seen.values or {})["title"] == before
    tick_again(live)
    live.sync()
    assert accounts(live)[person]["title"] == "Unseen"
    assert differences(live) == []


def test_d19_leavers_by_status_go_on_while_the_employment_type_is_hidden(live: Relay) -> None:
    leaver = somebody(live)
    untick(live, "employment_type")
    live.personio.company.terminate(int(leaver))
    live.sync()
    assert accounts(live)[leaver]["active"] is False


def test_a_removal_that_waits_for_a_human_outlives_the_hidden_status(live: Relay) -> None:
    leavers = wanted(live)[3:8]
    for person in leavers:
        live.personio.company.terminate(int(person))
    live.sync()
    held = {row.change_id for row in live.rows(ChangeState.HELD)}
    untick(live, "status")
    live.personio.company.change(int(leavers[0]), position="Gone")
    live.sync()
    assert {row.change_id for row in live.rows(ChangeState.HELD)} == held


def test_one_person_on_demand_believes_what_the_newest_feed_found(live: Relay) -> None:
    person = somebody(live)
    before = accounts(live)[person]["title"]
    omit(live, "position", empty=True)
    live.sync()
    live.personio.company.change(int(person), position="")
    live.sync_person(person)
    assert accounts(live)[person]["title"] == before
    assert Code.SOURCE_ATTRIBUTE_COLLAPSED in codes(live)
    assert "position" in told(live)[Code.SOURCE_ATTRIBUTE_COLLAPSED]


@pytest.mark.parametrize("noticed", [False, True], ids=["before any feed", "after a feed"])
def test_one_person_on_demand_without_the_status_stays_as_they_are_and_one_incident_says_why(
    live: Relay, *, noticed: bool
) -> None:
    person, open_before = somebody(live), codes(live)
    untick(live, "status")
    if noticed:
        live.sync()
    live.personio.company.terminate(int(person))
    live.sync_person(person)
    assert accounts(live)[person]["active"] is True
    assert codes(live) - open_before == {Code.SOURCE_ATTRIBUTE_MISSING}
    assert "«Status»" in told(live)[Code.SOURCE_ATTRIBUTE_MISSING]


def test_an_accepted_loss_is_not_told_again_by_the_run_that_found_it(live: Relay) -> None:
    untick(live, "iban")
    live.sync()
    accept(live)
    live.sync_person(somebody(live))
    assert not codes(live) & LOST


def test_an_attribute_emptied_for_half_of_the_people_keeps_its_values_and_the_rest_goes_on(
    live: Relay,
) -> None:
    titles = {person: account.get("title") for person, account in accounts(live).items()}
    for person in wanted(live)[: len(wanted(live)) * 2 // 3]:
        live.personio.company.change(int(person), position="", last_name="Changed")
    run = live.sync()
    assert run.outcome is Outcome.PARTIAL
    assert {person: account.get("title") for person, account in accounts(live).items()} == titles
    assert accounts(live)[wanted(live)[0]]["name.familyName"] == "Changed"
    assert live.sync().code is Code.SOURCE_ATTRIBUTE_COLLAPSED


@pytest.mark.parametrize(("key", "cause"), [("status", "left"), ("employment_type", "left-filter")])
def test_a_removal_by_what_collapsed_is_held_and_goes_on_when_it_is_told_again(
    live: Relay, key: str, cause: str
) -> None:
    before, leaver = active(live), somebody(live)
    if key == "status":
        live.personio.company.terminate(int(leaver))
    else:
        live.personio.company.change(int(leaver), employment_type="external")
    joiner = live.personio.company.hire(first_name="Jo", last_name="Iner", email="joiner@example.com")
    omit(live, key, empty=True, spared=[leaver, str(joiner)])
    for _ in range(2):
        assert live.sync().outcome is Outcome.PARTIAL
        held = {(row.person_id, row.action, row.cause, row.why) for row in live.rows(ChangeState.HELD)}
        why = Code.SOURCE_ATTRIBUTE_COLLAPSED
        assert held == {
            (leaver, Action.DEACTIVATE, Code(f"person.{cause}"), why),
            (str(joiner), Action.CREATE, None, why),
        }
        assert active(live) == before
    tick_again(live)
    assert live.sync().outcome is Outcome.OK
    assert live.rows(ChangeState.HELD) == []
    assert accounts(live)[leaver]["active"] is False
    assert differences(live) == []


def test_g9_a_custom_attribute_that_was_deleted_is_named_as_the_company_saw_it(live: Relay) -> None:
    key = live.personio.truth().custom_attributes["iban"]
    before = accounts(live)
    untick(live, "iban")
    run = live.sync()
    assert run.blind == (key,)
    assert accounts(live) == before
    assert f"«IBAN» ({key})" in told(live)[Code.SOURCE_ATTRIBUTE_MISSING]


def test_a_run_that_read_a_collapsed_attribute_moves_no_baseline(live: Relay) -> None:
    omit(live, "position", empty=True)
    for _ in range(3):
        assert live.sync().code is Code.SOURCE_ATTRIBUTE_COLLAPSED
        live.sync(plan_only=True)
    tick_again(live)
    assert live.sync().outcome is Outcome.OK


def accept(relay: Relay, *keys: str) -> list[str]:
    taken = accept_feed(ACME, keys=keys, by="operator:ada", store=relay.store, publisher=relay.bells)
    relay.drain()
    return [each.key for each in taken]


def test_gone_on_purpose_is_normal_from_now_on_and_the_next_run_clears_the_values(live: Relay) -> None:
    emptied = wanted(live)[: len(wanted(live)) * 2 // 3]
    for person in emptied:
        live.personio.company.change(int(person), position="")
    live.sync()
    (waiting,) = lost_attributes(ACME, store=live.store)
    assert (waiting.lost.key, waiting.lost.label, waiting.acceptable) == ("position", "Position", True)
    assert waiting.lost.now < waiting.lost.before
    assert accept(live, "position") == ["position"]
    assert not codes(live) & LOST
    run = live.sync()
    assert run.outcome is Outcome.OK
    assert all(accounts(live)[person].get("title") is None for person in emptied)
    assert differences(live) == []
    with live.store.read() as tx:
        (said,) = tx.attributes.accepted(ACME, 10)
    assert (said.lost, said.by) == (waiting.lost, "operator:ada")


def test_a_deleted_attribute_that_is_accepted_is_spoken_of_no_more(live: Relay) -> None:
    before = accounts(live)
    untick(live, "iban")
    live.sync()
    accept(live)
    run = live.sync()
    assert run.outcome is Outcome.OK
    assert not codes(live) & LOST
    assert accounts(live) == before
    tick_again(live)
    live.sync()
    untick(live, "iban")
    assert live.sync().code is Code.SOURCE_ATTRIBUTE_MISSING


@pytest.mark.parametrize("key", ["status", "employment_type"])
def test_nobody_can_go_on_without_an_attribute_that_decides(live: Relay, key: str) -> None:
    untick(live, key)
    live.sync()
    assert [each.acceptable for each in lost_attributes(ACME, store=live.store)] == [False]
    with pytest.raises(NotPossibleError, match=key):
        accept(live)
    assert Code.SOURCE_ATTRIBUTE_MISSING in codes(live)


def test_what_was_not_lost_cannot_be_accepted(live: Relay) -> None:
    with pytest.raises(NotPossibleError, match="lost no attribute"):
        accept(live)
    untick(live, "department")
    live.sync()
    with pytest.raises(NotPossibleError, match="Lost are: department"):
        accept(live, "status")


def test_a_check_names_what_is_told_of_far_fewer_people_than_before(live: Relay) -> None:
    omit(live, "position", empty=True)
    untick(live, "iban")
    report = look(ACME, store=live.store, accounts=live.desk.accounts, today=live.clock.now().date())
    details = {problem.code: problem.detail for problem in report.problems}
    assert details[Code.SOURCE_ATTRIBUTE_COLLAPSED].startswith("position «Position» (")
    assert "«IBAN»" in details[Code.SOURCE_ATTRIBUTE_MISSING]


def test_whatever_is_stripped_nobody_is_removed_and_nothing_is_cleared(live: Relay) -> None:
    before = accounts(live)
    keys = (
        "status",
        "employment_type",
        "email",
        "first_name",
        "position",
        "department",
        "supervisor",
        "iban",
    )
    for at in range(len(keys)):
        turned = keys[at:] + keys[:at]
        untick(live, *turned[: at % 3])
        omit(live, *turned[2 : 2 + at % 4], empty=at % 2 == 0)
        live.sync()
        assert accounts(live) == before
        tick_again(live)
    assert live.app.counters.writes == 0
    assert live.sync().outcome is Outcome.OK


def test_a_newer_row_that_is_not_told_a_value_sets_none_back_that_an_older_one_brought_meanwhile(
    live: Relay,
) -> None:
    """The older one was on its way while the newer one was planned, from an account as it was before."""
    person = somebody(live)
    live.personio.company.change(int(person), email="another@example.com")

    def read_on() -> None:
        untick(live, "email")
        live.personio.company.change(int(person), last_name="Later")
        live.sync_person(person)

    in_hand(live, read_on)
    live.sync()
    live.later(seconds=90)
    told = accounts(live)[person]
    assert (told["name.familyName"], told["userName"]) == ("Later", "another@example.com")
