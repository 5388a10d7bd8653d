"""`check`: read both ends of a tenant, write nothing, and say everything that is wrong at once."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import RenderableType

from adapters.clock import SystemClock
from bootstrap.cli.changes_view import cause_data
from bootstrap.cli.exits import ACCESS, ExitCode
from bootstrap.cli.follow import bar
from bootstrap.cli.group import AsJson, TenantName, add
from bootstrap.cli.rest_view import rest_data
from bootstrap.cli.rooms import accounts_of, here, note, open_office, operator, tenant_of
from bootstrap.cli.tenant_view import pause_data
from bootstrap.cli.voice import Data, Voice, cell, counted, heading, line, pairs, table
from bootstrap.logging import log_event
from domain.cause import Language
from domain.check import AttributeFound, CheckReport, Company, Problem, SamplePerson
from domain.codes import Code
from domain.ids import TenantId
from domain.labels import labelled
from domain.ports import Store
from domain.scope import Standing
from domain.setback_words import CREDENTIALS, fix
from domain.tenant import Tenant, TenantState
from producers.check import Accepted, accept, look
from schemas.log_line import Action

WORDS = {
    "wanted": "get an account",
    "kept": "keep an account they have, but get none (on leave, or not there yet)",
    "left": "left the company",
    "filtered": "are outside the tenant's filter",
    "unknown": "do not say enough to be judged",
}

RESTING = frozenset({TenantState.PAUSED, TenantState.BLOCKED, TenantState.STOPPED})

LACKING = "would get one, but lack what an account must have (see above)"


def add_to(app: typer.Typer) -> None:
    """Add `check`."""
    add(
        app,
        "check",
        check,
        says="Read a tenant's Personio and application and say everything that is wrong. Writes to neither.",
        examples=("check acme", "check acme --show", "check acme --json"),
    )


def check(
    ctx: typer.Context,
    tenant: TenantName,
    *,
    show: Annotated[bool, typer.Option(help="Show the names of the sample.")] = False,
    json: AsJson = False,
) -> None:
    """Check one tenant."""
    at = here(ctx, json=json)
    with open_office(at.settings) as office:
        found = tenant_of(office.store, tenant)
        with _showing(at.voice) as on_page:
            report = look(
                found.tenant_id,
                store=office.store,
                accounts=accounts_of(at.settings, office.store),
                today=SystemClock().now().date(),
                on_page=on_page,
            )
        done = accept(
            found.tenant_id,
            report,
            store=office.store,
            publisher=office.publisher,
            ids=office.ids,
            ring_more=office.ring_more,
        )
        back, rest = _way_back(office.store, found.tenant_id), _rest(office.store, found.tenant_id)
    note("check", found.tenant_id, result="green" if report.green else "red")
    if done is not None and done.after is TenantState.ACTIVE and found.state is not done.after:
        log_event(Action.TENANT_RESUMED, tenant_id=found.tenant_id, user_id=operator())
    told = check_data(found, report, done, show=show) | {"command": back, "rest": rest}
    at.voice.tell(told, draw_check)
    raise typer.Exit(exit_of_check(report))


def _way_back(store: Store, tenant_id: TenantId) -> str | None:
    """Name the command that lets a tenant go on which still rests, however well both ends are."""
    with store.read() as tx:
        tenant = tx.tenants.get(tenant_id)
        rests = tenant is not None and tenant.state in RESTING
        pause = pause_data(tx, tenant) if tenant is not None and rests else None
    return pause["command"] if pause else None


def _rest(store: Store, tenant_id: TenantId) -> Data | None:
    """Say that the application is given a rest, which a check neither heeds nor ends."""
    with store.read() as tx:
        return rest_data(tx.conditions.get(tenant_id), tx.now())


@contextmanager
def _showing(voice: Voice) -> Iterator[Callable[[int, int | None], None]]:
    if not sys.stderr.isatty() or voice.json:
        yield lambda _people, _total: None
        return
    with bar() as show:
        yield lambda people, total: show("reading people", people, total, None)


def exit_of_check(report: CheckReport) -> ExitCode:
    """Judge a check: credentials and rights first, then everything else that blocks."""
    if report.green:
        return ExitCode.OK
    access = any(problem.blocks and problem.code in ACCESS for problem in report.problems)
    return ExitCode.ACCESS if access else ExitCode.FAILED


def check_data(tenant: Tenant, report: CheckReport, done: Accepted | None, *, show: bool) -> Data:
    """Write a check down; names only if they were asked for."""
    company = report.company
    return {
        "tenant": tenant.tenant_id,
        "green": report.green,
        "state_before": tenant.state.value,
        "state": (done.after if done else tenant.state).value,
        "rows_going_on": done.unparked if done else 0,
        "problems": [_problem(problem, tenant) for problem in report.problems if problem.blocks],
        "notices": [_problem(problem, tenant) for problem in report.problems if not problem.blocks],
        "people": None if company is None else company.people,
        "without_required": sum(
            each.count for each in report.problems if each.code is Code.PERSON_WITHOUT_REQUIRED
        ),
        "standings": {} if company is None else _standings(company),
        "attributes": [] if company is None else [_attribute(each, company) for each in company.attributes],
        "sample": [] if company is None else [_person(each, show=show) for each in company.sample],
        "target": _target(report),
        "requests": {"source": report.source_requests, "target": report.target_requests},
    }


def _standings(company: Company) -> dict[str, int]:
    counted = {standing.value: count for standing, count in company.standings.items()}
    return {name: counted[name] for name in WORDS if name in counted}


def _target(report: CheckReport) -> Data | None:
    can = report.capabilities
    if can is None:
        return None
    return {"patch": can.patch, "filter": can.filter, "manager": can.manager, "page_size": can.page_size}


def _problem(problem: Problem, tenant: Tenant) -> Data:
    said = cause_data(problem.code, problem.detail, problem.count or None) or {}
    command = fix(problem.code, tenant.tenant_id) if problem.code in CREDENTIALS else None
    return {"side": problem.side.value} | said | {"who": list(problem.people), "command": command}


def _attribute(found: AttributeFound, company: Company) -> Data:
    rate = found.filled / company.people if company.people else 0.0
    return {
        "source": found.source,
        "label": labelled(found.source, Language.EN),
        "paths": list(found.paths),
        "required": found.required,
        "decides": found.decides,
        "told": found.told.value,
        "filled": found.filled,
        "fill_rate": round(rate, 4),
    }


def _person(person: SamplePerson, *, show: bool) -> Data:
    first, last, name = (
        value if show else _initial(value)
        for value in (person.first_name, person.last_name, person.unique_name)
    )
    return {"person": person.person_id, "first_name": first, "last_name": last, "unique_name": name}


def _initial(text: str) -> str:
    return f"{text[:1]}…" if text else ""


def draw_check(data: Data) -> Iterable[RenderableType]:
    """Draw a check: what is wrong first, then what was found."""
    yield from _draw_problems("Stands in the way", data["problems"], "red")
    yield from _draw_problems("Worth a look", data["notices"], "yellow")
    if data["people"] is not None:
        yield from _draw_company(data)
    if data["target"]:
        yield heading("The application")
        yield pairs((name.replace("_", " "), value) for name, value in data["target"].items())
    yield line("")
    yield line(verdict(data), "green" if data["green"] else "red")
    if data["rest"]:
        yield line(f"But changes are held up: {data['rest']['sentence']}", "yellow")
        yield line(f"→ {data['rest']['cure']}")


def verdict(data: Data) -> str:
    """Say in a sentence how a check ended and what comes next."""
    source, target = data["requests"]["source"], data["requests"]["target"]
    sent = f"{counted(source, 'request')} to Personio, {target} to the target, 0 writes."
    name, state = data["tenant"], data["state"]
    if not data["green"]:
        count = len(data["problems"])
        return f"Not ready: {counted(count, 'thing')} to cure, then check again. {sent}"
    moved = f", it was {data['state_before']}" if state != data["state_before"] else ""
    command = f"staffetta preview {name}" if state == "ready" else data["command"]
    upcoming = f" Next: {command}" if command else ""
    return f"All well: {name} is {state}{moved}. {sent}{upcoming}"


def _draw_problems(title: str, problems: list[Data], style: str) -> Iterable[RenderableType]:
    if problems:
        yield heading(title)
    for number, problem in enumerate(problems, 1):
        people = f" ({counted(problem['count'], 'person', 'people')})" if "count" in problem else ""
        yield line(f"{number}. {problem['sentence']}{people} [{problem['code']}]", style)
        if problem["who"]:
            yield line(f"   who: {', '.join(problem['who'])}{_more(problem)}")
        yield line(f"   → {problem['cure']}")
        if problem["command"]:
            yield line(f"   → {problem['command']}")


def _more(problem: Data) -> str:
    rest = problem["count"] - len(problem["who"])
    return f" and {rest} more" if rest else ""


def _draw_company(data: Data) -> Iterable[RenderableType]:
    yield heading(f"{counted(data['people'], 'person', 'people')} at Personio")
    drawn = table("people", "what about them", numbers=("people",))
    for name, count in data["standings"].items():
        lacking = data["without_required"] if name == Standing.WANTED.value else 0
        drawn.add_row(str(count - lacking), WORDS[name])
        if lacking:
            drawn.add_row(str(lacking), LACKING)
    yield drawn
    yield heading("Mapped attributes")
    columns = ("Personio", "is", "filled", "required", "goes to")
    drawn = table(*columns, numbers=("filled",))
    for each in data["attributes"]:
        rate = f"{each['filled'] * 100 // max(data['people'], 1)}%" if each["told"] != "missing" else "–"
        drawn.add_row(each["label"], each["told"], rate, cell(each["required"]), _goes_to(each))
    yield drawn
    if data["sample"]:
        yield heading("A few of those who get an account")
        drawn = table("id", "first name", "last name", "unique name")
        for each in data["sample"]:
            drawn.add_row(
                *(cell(each[name]) for name in ("person", "first_name", "last_name", "unique_name"))
            )
        yield drawn


def _goes_to(attribute: Data) -> str:
    return ", ".join([*attribute["paths"], *(["the filter"] if attribute["decides"] else [])])
