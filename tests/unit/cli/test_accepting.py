"""`accept-feed` shows what was lost, refuses what cannot be, and takes what a human calls intended."""

from io import StringIO

import pytest

from adapters.clock import SystemIds
from bootstrap.cli.exits import ExitCode
from bootstrap.cli.plan_view import draw_plan, plan_data
from bootstrap.cli.voice import console_on
from domain.attributes import Loss, Lost
from domain.ids import RunId, TenantId
from domain.run import Outcome, Run
from domain.tenant import TenantState
from tests.unit.cli.terminal import Terminal
from tests.unit.cli.test_looking import begin

ACME = TenantId("acme")


@pytest.fixture
def losing(acme: Terminal) -> Terminal:
    lost = [
        Lost("department", Loss.COLLAPSED, "Abteilung", 480, 12),
        Lost("status", Loss.BLIND, "Status", 500, 0),
    ]
    with acme.store() as store, store.write() as tx:
        tx.attributes.lose(ACME, RunId("r1"), lost)
    return acme


def test_without_confirm_it_shows_what_would_be_accepted_and_changes_nothing(losing: Terminal) -> None:
    shown = losing.type("accept-feed", "acme")
    assert shown.code == ExitCode.HELD
    assert "480" in shown.out
    assert "Abteilung" in shown.out
    assert losing.type("accept-feed", "acme", "--json").data["lost"][0]["before"] == 480


def test_the_command_that_it_tells_to_type_works_when_typed(losing: Terminal) -> None:
    cure = "staffetta accept-feed acme --attribute department --confirm=acme"
    assert cure in losing.type("accept-feed", "acme").out
    assert losing.type(*cure.split()[1:]).code == ExitCode.OK
    left = losing.type("accept-feed", "acme").out
    assert "cannot be accepted" in left
    assert "--confirm" not in left


def test_what_decides_cannot_go_and_nothing_is_accepted_with_it(losing: Terminal) -> None:
    refused = losing.type("accept-feed", "acme", "--confirm=acme")
    assert refused.code != ExitCode.OK
    assert "status" in refused.err
    assert len(losing.type("accept-feed", "acme", "--json").data["lost"]) == 2


def test_it_needs_the_tenants_name_once_more(losing: Terminal) -> None:
    refused = losing.type("accept-feed", "acme", "--attribute", "department", "--confirm=other")
    assert refused.code == ExitCode.USAGE


def test_one_attribute_is_accepted_and_it_is_remembered_by_whom(losing: Terminal) -> None:
    done = losing.type("accept-feed", "acme", "--attribute", "department", "--confirm=acme", "--json")
    assert done.code == ExitCode.OK, done.err
    assert [row["attribute"] for row in done.data["accepted"]] == ["department"]
    assert [row["attribute"] for row in done.data["lost"]] == ["status"]
    (said,) = done.data["history"]
    assert (said["attribute"], said["before"], said["now"]) == ("department", 480, 12)
    assert said["by"].startswith("operator")
    entry = losing.json("audit", "acme")["entries"][0]
    assert (entry["deed"], entry["count"], entry["by"]) == ("feed-accepted", 1, said["by"])


def test_a_tenant_that_lost_nothing_has_nothing_to_accept(acme: Terminal) -> None:
    shown = acme.type("accept-feed", "acme")
    assert (shown.code, "nothing to accept" in shown.out) == (ExitCode.OK, True)


def test_a_plan_of_a_feed_that_lost_an_attribute_is_shown_with_it(losing: Terminal) -> None:
    with losing.store() as store, store.write() as tx:
        run = begin(tx, "plan", plan_only=True)
        lost = [Lost("department", Loss.COLLAPSED, "Abteilung", 480, 12)]
        tx.attributes.lose(ACME, run.run_id, lost)
        tx.runs.end(ACME, run.run_id, Outcome.PLANNED, lost[0].code, lost[0].named)
        ended = tx.runs.get(ACME, run.run_id)
        assert isinstance(ended, Run)
        data = plan_data(tx, ended, TenantState.ACTIVE, SystemIds())
    shown = StringIO()
    for part in draw_plan(data, everybody=False):
        console_on(shown).print(part)
    assert "480" in shown.getvalue()
    assert "Abteilung" in shown.getvalue()
    assert "could not be made" not in shown.getvalue()


def test_a_run_shows_what_it_lost(losing: Terminal) -> None:
    with losing.store() as store, store.write() as tx:
        run = begin(tx, "lost")
        tx.attributes.lose(ACME, run.run_id, [Lost("department", Loss.COLLAPSED, "Abteilung", 480, 12)])
    shown = losing.type("run", run.run_id)
    assert "Abteilung" in shown.out
    assert losing.type("run", run.run_id, "--json").data["attributes"][0]["before"] == 480
