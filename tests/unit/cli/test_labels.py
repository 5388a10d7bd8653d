"""A company's own label stands beside its custom attribute wherever somebody decides or asks why."""

import pytest

from domain.changes import Action, Aspect
from domain.codes import Code
from domain.compare import Wish
from domain.employee import Attribute
from domain.ids import ChangeId, PersonId, TenantId
from domain.records import Seen
from domain.run import Outcome, Phase
from domain.scope import Standing
from tests.unit.cli.terminal import Terminal
from tests.unit.cli.test_looking import DIGEST, begin

ACME, ANNA = TenantId("acme"), PersonId("4711")
NAMED = "«T-Shirt size» (dynamic_99)"
EVIDENCE = {"outside by": "dynamic_99"}
CLOSES = Wish(ANNA, Aspect.ACCOUNT, Action.DEACTIVATE, cause=Code.PERSON_OUT_OF_SCOPE, evidence=EVIDENCE)


@pytest.fixture
def shirts(acme: Terminal) -> Terminal:
    """A company that calls one attribute of its own «T-Shirt size», and has taken it into the filter."""
    with acme.store() as store, store.write() as tx:
        tx.attributes.learn(ACME, [Attribute("dynamic_99", "T-Shirt size", "list", None)])
    return acme


def planned(acme: Terminal, *, proposed: bool) -> str:
    """Let a run want to close somebody who falls out of that filter: as a proposal, or held by a guard."""
    with acme.store() as store, store.write() as tx:
        run = begin(tx, "one", plan_only=proposed)
        tx.changes.plan(ACME, run.run_id, [(ChangeId("c-1"), CLOSES)], run.config_version, {ANNA: DIGEST})
        tx.runs.enter(ACME, run.run_id, Phase.CONCLUDING)
        if proposed:
            tx.changes.propose(ACME, run.run_id)
            tx.runs.end(ACME, run.run_id, Outcome.PLANNED)
        else:
            tx.runs.enter(ACME, run.run_id, Phase.APPLYING)
            tx.changes.hold(ACME, [ChangeId("c-1")], Code.GUARD_REMOVALS, "")
            tx.changes.release(ACME, run.run_id)
    return run.run_id


def test_what_is_held_names_the_attribute_as_the_company_does(shirts: Terminal) -> None:
    planned(shirts, proposed=False)
    assert f"outside by {NAMED}" in shirts.type("holds", "acme").out
    data = shirts.type("holds", "acme", "--json").data
    assert data["labels"] == {"dynamic_99": "T-Shirt size"}
    assert data["holds"][0]["evidence"] == EVIDENCE, "programs get keys and labels apart"


def test_a_preview_names_the_attribute_as_the_company_does(shirts: Terminal) -> None:
    run = planned(shirts, proposed=True)
    assert f"outside by {NAMED}" in shirts.type("preview", "acme", "--run", run).out
    assert shirts.json("preview", "acme", "--run", run)["labels"] == {"dynamic_99": "T-Shirt size"}


def test_why_names_the_attribute_as_the_company_does(shirts: Terminal) -> None:
    untold = Seen(ANNA, DIGEST, Standing.UNKNOWN, Code.PERSON_SCOPE_UNKNOWN, "dynamic_99", None, None, None)
    with shirts.store() as store, store.write() as tx:
        tx.people.put(ACME, begin(tx, "one").run_id, [untold], tx.now())
    assert f"nothing usable about {NAMED}" in shirts.type("why", "acme", ANNA).out
    assert "about dynamic_99" in shirts.type("why", "acme", ANNA, "--json").data["why"]["sentence"]
