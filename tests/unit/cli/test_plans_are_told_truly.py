"""What a plan and its activation say: figures that add up, what stays behind, changes without difference."""

from collections.abc import Mapping
from dataclasses import replace

from rich.console import Console, RenderableType

from bootstrap.cli.changes_view import draw_changes, settles_doubt
from bootstrap.cli.plan_view import draw_figures
from bootstrap.cli.run_view import draw_read, run_data
from bootstrap.cli.sent_view import sent_data, sent_words
from bootstrap.cli.voice import Data
from domain.changes import Action, Change, ChangeState
from domain.codes import Code
from domain.ids import ChangeId, ConfigVersion, PersonId, RunId, TenantId
from domain.run import Carried, Figures
from producers.sent import Sent
from tests.contracts.store.builders import add_run
from tests.unit.cli.terminal import Terminal

ACME = TenantId("acme")
ADA = {"userName": "ada@example.com", "title": "Countess"}
UPDATE = Change(
    ChangeId("c1"), RunId("r1"), PersonId("1"), Action.UPDATE, ChangeState.PROPOSED, ConfigVersion(1),
    before=ADA, after=ADA, link_version=3,
)  # fmt: skip
MANAGER = replace(
    UPDATE, action=Action.SET_MANAGER, before=None, after=None, before_manager=PersonId("9"),
    after_manager=PersonId("9"),
)  # fmt: skip


def drawn(*parts: RenderableType) -> str:
    with (console := Console(width=200)).capture() as shown:
        for part in parts:
            console.print(part)
    return shown.get()


def activated(acme: Terminal, staying: Mapping[Code, int]) -> Sent:
    with acme.store() as store:
        add_run(store, "r1", tenant_id=ACME)
        with store.read() as tx:
            run = tx.runs.get(ACME, RunId("r1"))
    assert run is not None
    return Sent(run=run, rows=851, staying=staying)


def test_an_activation_that_sends_everything_says_one_number(acme: Terminal) -> None:
    assert [*sent_words("acme is active", activated(acme, {}))] == [
        "acme is active; run r1 applies 851 changes."
    ]


def test_an_activation_says_how_many_changes_are_held_or_wait_and_where_to_see_them(acme: Terminal) -> None:
    done = activated(acme, {Code.GUARD_REMOVALS: 14, Code.MANAGER_NOT_SYNCED: 1})
    first, held, waiting = sent_words("acme is active", done)
    assert first == "acme is active; run r1 applies 836 of 851 changes."
    assert held.startswith("14 held: ")
    assert held.endswith("staffetta holds acme")
    assert waiting.startswith("1 waiting: ")
    assert "holds" not in waiting
    assert sent_data(done)["going"] == 836


def test_a_plan_says_whom_it_read_in_the_figures_of_its_run(acme: Terminal) -> None:
    run = activated(acme, {}).run
    figures = Figures(people=500, unchanged=400, skipped={"person.left": 74}, carried=Carried(people=26))
    told = drawn(*draw_figures(run_data(run, figures) | {"would": {"create": 26}, "stays": {}}))
    rows = {" ".join(words[:-1]): words[-1] for words in map(str.split, told.splitlines()) if words}
    assert (rows["read"], rows["unchanged"], rows["skipped"], rows["with changes"]) == (
        "500",
        "400",
        "74",
        "26",
    )
    assert rows["create"] == "26"


def test_people_who_are_in_two_figures_are_told_as_so_many_and_not_as_less_than_none(acme: Terminal) -> None:
    """Without the status nobody can be judged: whoever is linked is skipped, and unchanged as well."""
    run = activated(acme, {}).run
    figures = Figures(
        people=60, unchanged=49, skipped={"person.scope-unknown": 60}, carried=Carried(people=0)
    )
    told = drawn(draw_read(run_data(run, figures)))
    assert "in two of these 49" in " ".join(told.split())
    assert "-49" not in told


def test_a_change_that_changes_nothing_we_know_of_says_why_it_is_there() -> None:
    assert settles_doubt(UPDATE)
    assert settles_doubt(MANAGER)
    assert not settles_doubt(replace(UPDATE, after=ADA | {"title": "Engineer"}))
    assert not settles_doubt(replace(MANAGER, before_manager=None))
    assert not settles_doubt(replace(UPDATE, action=Action.DEACTIVATE))
    row: Data = {
        "name": "Ada King", "person": "1", "action": "set-manager", "cause": None, "why": None,
        "due_at": None,
        "differences": [{"path": "manager", "old": "Vera Ziegler", "new": "Vera Ziegler"}],
        "evidence": {}, "waits_for": None, "settles_doubt": True,
    }  # fmt: skip
    assert "the answer to an earlier write was lost" in drawn(*draw_changes([row]))
