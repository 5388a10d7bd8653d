"""The story: connect, preview, activate, a month of changes, a re-hire; then the scare and the rescue."""

import sys
import time
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from rich.console import Console

from bootstrap.ctrl_c import hear_every_ctrl_c
from bootstrap.demo.cast import cast, is_wanted
from bootstrap.demo.scare import second_act
from bootstrap.demo.tables import change_lines, run_table
from bootstrap.demo.world import DemoFailedError, World, demo_world
from domain.changes import Action, Change
from domain.run import Outcome, Run
from domain.tenant import TenantState
from simulators.personio.told import Told

PEOPLE = 120
HOME = Path("var/demo")


def tell(people: int = PEOPLE, home: Path = HOME) -> int:
    """Tell the story and return the exit code."""
    console = Console(highlight=False, soft_wrap=True)
    began = time.monotonic()
    hear_every_ctrl_c()
    try:
        with demo_world(people, home) as world:
            _acts(world, console)
    except KeyboardInterrupt:
        console.print("\nInterrupted; nothing is left running.")
        return 130
    except DemoFailedError as failure:
        console.print(f"\n[bold red]The demo failed:[/] {failure}")
        console.print(f"The log of all processes is {home}/staffetta.jsonl")
        return 1
    console.print(f"\nDone in {time.monotonic() - began:.0f} s; nothing is left running.")
    _where_to_look(console, home)
    return 0


def _acts(world: World, console: Console) -> None:
    _first_sync(world, console)
    _nothing_to_do(world, console)
    leaver = _a_month(world, console)
    _re_hire(world, console, leaver)
    _compare_with_the_truth(world, console)
    second_act(world, console)


def _first_sync(world: World, console: Console) -> None:
    console.rule("1  Connect, preview, activate")
    world.connect()
    world.move(TenantState.READY)
    plan = world.preview()
    _expect(plan.outcome is Outcome.PLANNED, "the first run is a plan")
    _expect(_writes(world) == 0, "a plan writes nothing")
    console.print(run_table("The plan: nothing is written yet", plan, world.figures(plan)))
    run = world.activate()
    _expect(run.outcome is Outcome.OK, f"the first sync ends well, not {run.outcome}")
    console.print(run_table("Activated: the plan is carried out", run, world.figures(run)))


def _nothing_to_do(world: World, console: Console) -> None:
    console.rule("2  The scheduler runs again; nobody changed")
    before = _writes(world)
    run = world.scheduled_after(world.known_runs())
    console.print(run_table("Fired by the scheduler", run, world.figures(run)))
    wrote, sent = _writes(world) - before, world.messages_per_person(run)
    console.print(f"Writes at the application: {wrote}. Messages per person: {sent}.")
    _expect((wrote, sent) == (0, 0), "an unchanged company costs no write and no message per person")


def _a_month(world: World, console: Console) -> Told:
    console.rule("3  A hire, a marriage, a move, a leaver whose address the joiner takes")
    bride, mover, leaver, boss = cast(world.personio.truth().people)
    company = world.personio.company
    world.move(TenantState.PAUSED)
    company.marry(bride.id, "Lovelace", email="t.lovelace@example.com")
    company.move(mover.id, supervisor=boss.id)
    company.terminate(leaver.id, last_working_day=date(2026, 11, 20))
    company.change(leaver.id, email=None)
    joiner = company.hire(
        first_name="Neele", last_name="Neumann", email=leaver.email, position="Engineer", supervisor=boss.id
    )
    run = _next_scheduled(world)
    console.print(run_table("Fired by the scheduler", run, world.figures(run)))
    done = world.done(run)
    _print_changes(console, world, done)
    _expect(
        {(int(row.person_id), row.action) for row in done}
        == {
            (bride.id, Action.UPDATE),
            (mover.id, Action.SET_MANAGER),
            (leaver.id, Action.DEACTIVATE),
            (leaver.id, Action.RELEASE_NAME),
            (joiner, Action.CREATE),
            (joiner, Action.SET_MANAGER),
        },
        "exactly these changes were made",
    )
    return leaver


def _re_hire(world: World, console: Console, leaver: Told) -> None:
    console.rule("4  The leaver comes back, with a new address, to the same account")
    world.move(TenantState.PAUSED)
    world.personio.company.rehire(leaver.id, email="back.again@example.com")
    run = _next_scheduled(world)
    done = world.done(run)
    _print_changes(console, world, done)
    _expect([row.action for row in done] == [Action.REACTIVATE], "the account is opened again, not doubled")


def _compare_with_the_truth(world: World, console: Console) -> None:
    accounts = {str(account["externalId"]): account for account in world.app.accounts()}
    wrong = [
        str(person.id)
        for person in world.personio.truth().people
        if is_wanted(person) != bool(accounts.get(str(person.id), {}).get("active", False))
    ]
    _expect(not wrong, f"everybody is as Personio says, not {wrong}")
    console.print("\n[bold green]Everybody is as Personio says[/], by the counters of both simulators.")


def _next_scheduled(world: World) -> Run:
    """Let the schedule go on and wait for its next run."""
    known = world.known_runs()
    world.move(TenantState.ACTIVE)
    run = world.scheduled_after(known)
    _expect(run.outcome is Outcome.OK, f"the run ends well, not {run.outcome}")
    return run


def _writes(world: World) -> int:
    return world.app.requests("POST", "PUT", "PATCH", "DELETE")


def _print_changes(console: Console, world: World, done: Iterable[Change]) -> None:
    names = {
        str(person.id): f"{person.first_name} {person.last_name}" for person in world.personio.truth().people
    }
    for line in change_lines(done, names):
        console.print(line)


def _expect(fact: object, promise: str) -> None:
    if not fact:
        raise DemoFailedError(f"it was promised that {promise}")


def _where_to_look(console: Console, home: Path) -> None:
    console.print("\nLook further (nothing needs to run for these):")
    for command in ("runs acme", "person acme back.again@example.com", "tenant show acme", "incidents acme"):
        console.print(f"  STAFFETTA_HOME={home} .venv/bin/staffetta {command}")
    console.print("Your own company: README.md, «Your first real tenant».")
    sys.stdout.flush()
