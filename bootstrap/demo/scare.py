"""The second act: three scares that lock nobody out, and the rescue by hold, why, approve and undo."""

import json
import os
from collections.abc import Sequence

from rich.console import Console

from bootstrap.cli.exits import ExitCode
from bootstrap.demo.cast import wanted
from bootstrap.demo.world import MAPPING, DemoFailedError, World
from domain.ids import PersonId
from domain.tenant import TenantState
from simulators.personio.actions import EmptyList
from simulators.personio.told import Told

LEAVERS = 14
LIST = "/v1/company/employees"


def second_act(world: World, console: Console) -> None:
    """Play all of it; every sentence that is printed was checked against the simulators first."""
    world.move(TenantState.PAUSED)  # only the runs of this act, none by the schedule
    _emptied_feed(world, console)
    _filter_slip(world, console)
    leavers, joiner = _many_leave(world, console)
    run = _approve(world, console, leavers)
    _undo(world, console, run, leavers[0])
    _expect(world.is_open(joiner), "the joiner has an account all the while")


def _emptied_feed(world: World, console: Console) -> None:
    console.rule("5  The scare: Personio answers, and the list is empty")
    open_before = world.open_accounts()
    world.personio.fault(EmptyList(total=0), path=LIST, count=None)
    _type(world, console, "sync", "acme", "--wait", ends=ExitCode.FAILED)
    world.personio.clear_faults()
    _expect(world.open_accounts() == open_before, "an emptied feed closes nobody's account")
    console.print(f"[bold]{open_before} accounts were open, {open_before} are.[/]\n")


def _filter_slip(world: World, console: Console) -> None:
    console.rule("6  The slip: somebody narrows the filter to one department")
    department = next(person.department for person in wanted(world) if person.department)
    file = world.settings.home / "narrowed.toml"
    file.write_text(_narrowed(department), encoding="utf-8")
    open_before = world.open_accounts()
    _type(world, console, "config", "set", "acme", "--file", os.path.relpath(file), ends=None)
    _expect(world.open_accounts() == open_before, "a filter that is only proposed touches nobody")
    console.print("That was not meant. It was only proposed, so it is dropped:")
    _type(world, console, "config", "discard", "acme")


def _many_leave(world: World, console: Console) -> tuple[Sequence[Told], PersonId]:
    console.rule(f"7  {LEAVERS} people leave at once, and one joins")
    leavers = wanted(world)[20 : 20 + LEAVERS]
    for person in leavers:
        world.personio.company.terminate(person.id)
    hired = world.personio.company.hire(first_name="Nina", last_name="Neu", email="nina.neu@example.com")
    joiner = PersonId(str(hired))
    _type(world, console, "sync", "acme", "--wait", ends=ExitCode.HELD)
    _expect(world.is_open(joiner), "the joiner has an account at once")
    _expect(all(world.is_open(_id(person)) for person in leavers), "the leavers wait for a human")
    console.print(f"[bold]Nina Neu has her account; the {LEAVERS} wait for a human.[/] Who, and why?")
    _type(world, console, "holds", "acme", ends=ExitCode.HELD)
    console.print("And one of them more closely:")
    _type(world, console, "why", "acme", _id(leavers[0]))
    return leavers, joiner


def _approve(world: World, console: Console, leavers: Sequence[Told]) -> str:
    console.rule("8  The rescue: HR confirms that they left, so exactly these are approved")
    shown = json.loads(world.ask("holds", "acme", "--json"))
    (seen,) = (each for each in shown["lists"] if each["code"] == "guard.removals")
    _type(world, console, "approve", "acme", "--hash", seen["hash"], "--wait")
    _expect(not any(world.is_open(_id(person)) for person in leavers), "the approved leavers are closed")
    return str(json.loads(world.ask("runs", "acme", "--limit", "1", "--json"))["runs"][0]["run"])


def _undo(world: World, console: Console, run: str, kept: Told) -> None:
    name = f"{kept.first_name} {kept.last_name}"
    console.rule(f"9  One of them was a mistake: {name} is put back, and stays")
    only = ("--person", _id(kept), "--confirm=acme", "--wait")
    _type(world, console, "undo", "acme", run, *only)
    _expect(world.is_open(_id(kept)), f"{name} has an open account again")
    _type(world, console, "sync", "acme", "--wait", ends=None)
    _expect(world.is_open(_id(kept)), "the next run does not undo the undo")
    console.print(
        f"Personio still says that {name} left. The next run leaves the account alone, because of this"
        " decision; correct Personio before it ends, or it is asked again:"
    )
    _type(world, console, "decisions", "acme")


def _type(world: World, console: Console, *words: str, ends: ExitCode | None = ExitCode.OK) -> None:
    """Type a command as an operator would, and let its own words be read."""
    console.print(f"[bold cyan]$ staffetta {' '.join(words)}[/]")
    code = world.type(*words)
    if ends is not None and code != ends:
        raise DemoFailedError(f"«staffetta {words[0]}» ended with {code}, not with {ends.value}")
    console.print()


def _narrowed(department: str) -> str:
    lines = [f'{name} = "{path}"' for name, path in (("unique_path", "userName"), ("match_path", "userName"))]
    lines += ["[[scope.where]]", 'attribute = "department"', f"is = {json.dumps(department)}"]
    lines += ["[schedule]", 'every = "5m"']
    for line in MAPPING:
        lines += ["[[mapping]]", f'source = "{line.source}"', f"path = {json.dumps(line.path)}"]
        lines += [f"required = {json.dumps(line.required)}"]
    return "\n".join(lines) + "\n"


def _id(person: Told) -> PersonId:
    return PersonId(str(person.id))


def _expect(fact: object, promise: str) -> None:
    if not fact:
        raise DemoFailedError(f"it was promised that {promise}")
