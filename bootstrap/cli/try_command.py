"""`try`: what a mapping makes of one real person, line by line, before anything is saved or sent."""

from collections.abc import Iterable
from typing import Annotated

import typer
from rich.console import RenderableType

from adapters.clock import SystemClock
from bootstrap.cli.changes_view import cause_data
from bootstrap.cli.configuration_view import line_data
from bootstrap.cli.exits import ExitCode
from bootstrap.cli.group import AsJson, TenantName, add
from bootstrap.cli.people_in import person_of
from bootstrap.cli.rooms import accounts_of, here, note, open_store, tenant_of
from bootstrap.cli.tenant_commands import File, ProfileName
from bootstrap.cli.tenant_ends import read_wishes
from bootstrap.cli.voice import Data, cell, heading, line, table
from domain.codes import Code
from domain.scope import Standing
from domain.trial import Fate, LineTrial
from producers.try_mapping import Trial, try_mapping

WORDS = {
    Fate.SENT: "written",
    Fate.SAME: "is so already",
    Fate.CREATED: "only into a new account",
    Fate.KEPT: "stays as it is",
    Fate.BAD: "cannot be used, stays as it is",
    Fate.LACKING: "required and not there: the person is skipped",
}

STANDINGS = {
    Standing.WANTED: "gets an account",
    Standing.KEPT: "keeps an account, but gets none",
    Standing.LEFT: "left the company",
    Standing.FILTERED: "is outside the filter",
    Standing.UNKNOWN: "does not say enough to be judged",
}

Person = Annotated[str, typer.Argument(metavar="PERSON", help="Personio id, or exact user name.")]


def add_to(app: typer.Typer) -> None:
    """Add `try`."""
    add(
        app,
        "try",
        try_person,
        says="Try a mapping on one real person: each line, what it reads, what the account would hold.",
        examples=("try acme 4711", "try acme 4711 --file acme-new.toml", "try acme 4711 --json"),
    )


def try_person(
    ctx: typer.Context,
    tenant: TenantName,
    person: Person,
    *,
    file: File = None,
    profile: ProfileName = None,
    json: AsJson = False,
) -> None:
    """Read one person from Personio and take every line; nothing is stored and nothing is sent."""
    at = here(ctx, json=json)
    config = read_wishes(file, profile).config if file or profile else None
    with open_store(at.settings) as store:
        found = tenant_of(store, tenant)
        trial = try_mapping(
            found.tenant_id,
            person_of(store, found.tenant_id, person),
            config=config,
            store=store,
            accounts=accounts_of(at.settings, store),
            today=SystemClock().now().date(),
        )
    note("try", found.tenant_id, person=trial.person_id)
    at.voice.tell({"tenant": found.tenant_id} | trial_data(trial), draw_trial)
    raise typer.Exit(ExitCode.OK if skip_of(trial) is None else ExitCode.PARTIAL)


def skip_of(trial: Trial) -> tuple[Code, str] | None:
    """Say why this person would be skipped, if so."""
    code, detail = trial.seen.skip_for(linked=trial.link is not None)
    return (code, detail) if code is not None and trial.seen.ruling.standing is Standing.WANTED else None


def trial_data(trial: Trial) -> Data:
    """Write a trial down."""
    skip = skip_of(trial)
    return {
        "person": trial.person_id,
        "standing": trial.seen.ruling.standing.value,
        "account": trial.link.account_id if trial.link else None,
        "skip": cause_data(*skip) if skip else None,
        "lines": [_line(each) for each in trial.lines],
    }


def _line(trial: LineTrial) -> Data:
    return line_data(trial.line) | {
        "fate": trial.fate.value,
        "value": trial.value,
        "applied": trial.applied,
        "why": trial.why,
    }


def draw_trial(data: Data) -> Iterable[RenderableType]:
    """Draw a trial: where the person stands, then line by line."""
    has = "has an account" if data["account"] else "has no account yet"
    yield heading(f"Person {data['person']} {STANDINGS[Standing(data['standing'])]} and {has}")
    if data["skip"]:
        yield line(f"Would be skipped: {data['skip']['sentence']}", "yellow")
        yield line(f"→ {data['skip']['cure']}")
    drawn = table("account", "Personio", "steps", "the account would hold", "which is", "because")
    for each in data["lines"]:
        drawn.add_row(
            each["path"],
            each["source"],
            each["transform"],
            cell(each["value"]),
            WORDS[Fate(each["fate"])],
            cell(each["why"]),
        )
    yield drawn
    yield line("Nothing was saved and nothing was sent.")
