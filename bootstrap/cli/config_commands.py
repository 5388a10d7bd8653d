"""Change what a tenant wants, plan first: config set, plan, apply, show, history, diff, rollback, discard."""

from collections.abc import Callable
from typing import Annotated

import typer

from bootstrap.cli.config_view import (
    differences,
    draw_differences,
    draw_history,
    draw_proposal,
    history_data,
    proposal_data,
)
from bootstrap.cli.config_wants import told_of, want
from bootstrap.cli.configuration_view import configuration_data, draw_configuration
from bootstrap.cli.exits import ExitCode, exit_of_run
from bootstrap.cli.failures import CommandError
from bootstrap.cli.first_yes import tell_first_yes
from bootstrap.cli.follow import MOST_TURNS, deadline, follow, until_read
from bootstrap.cli.group import AsJson, TenantName, add, new_app
from bootstrap.cli.labels_view import labels_data
from bootstrap.cli.rooms import (
    Here,
    Office,
    confirmed,
    here,
    note,
    open_office,
    open_store,
    operator,
    tenant_of,
)
from bootstrap.cli.run_commands import Timeout, Wait, WorkHere, tell_begun, tell_end
from bootstrap.cli.sent_view import sent_data, sent_words
from bootstrap.cli.tenant_commands import File, ProfileName
from bootstrap.cli.tenant_ends import read_wishes
from bootstrap.cli.untold_view import untold_data, untold_words
from bootstrap.cli.voice import Data, nothing
from bootstrap.cli.workers_here import office_with_workers
from domain.config import Configuration
from domain.ids import ConfigVersion, TenantId
from domain.ports import Transaction
from domain.run import Run
from domain.tenant import Tenant
from domain.versions import counting, waiting
from producers.approve import Awaiting
from producers.reconfigure import Applied, Set, apply_configuration, ask_for_proposal, roll_back
from producers.reconfigure import discard as drop_proposal

Version = Annotated[int | None, typer.Option("--version", min=1, help="This version.")]
NoPlan = Annotated[bool, typer.Option("--no-plan", help="Only store the proposal; plan it later.")]


def add_to(app: typer.Typer) -> None:
    """Add `config` with its commands."""
    config = new_app("Change what a tenant wants: propose, see who would be touched, then apply.")
    says = {
        "set": "Propose a configuration, and show what it would do. An active tenant goes on as before.",
        "plan": "Make the plan of what is proposed, and show it. Nothing is written to the application.",
        "apply": "Let what is proposed count, and apply exactly the plan that was shown.",
        "show": "Show a version of the configuration: the one that counts, or another.",
        "history": "List all versions: who made them, when, and which runs used them.",
        "diff": "Say what differs: from what counts to what is proposed, or between two versions.",
        "rollback": "Propose what an earlier version said, and show what going back would do.",
        "discard": "Drop what is proposed.",
    }
    commands: dict[str, tuple[Callable[..., None], tuple[str, ...]]] = {
        "set": (set_, ("config set acme --file acme.toml", "config set acme --file acme.toml --here")),
        "plan": (plan, ("config plan acme", "config plan acme --json --here")),
        "apply": (apply, ("config apply acme --confirm=acme --wait",)),
        "show": (show, ("config show acme", "config show acme --version 3 --json")),
        "history": (history, ("config history acme",)),
        "diff": (diff, ("config diff acme", "config diff acme 3 5 --json")),
        "rollback": (rollback, ("config rollback acme --to 3",)),
        "discard": (discard, ("config discard acme",)),
    }
    for name, (command, examples) in commands.items():
        add(config, name, command, says=says[name], examples=examples)
    app.add_typer(config, name="config")


def set_(
    ctx: typer.Context,
    tenant: TenantName,
    *,
    file: File = None,
    profile: ProfileName = None,
    no_plan: NoPlan = False,
    work_here: WorkHere = False,
    timeout: Timeout = None,
    json: AsJson = False,
) -> None:
    """Propose a configuration."""
    at = here(ctx, json=json)
    wishes = read_wishes(file, profile)
    with open_store(at.settings) as store:
        found = tenant_of(store, tenant)
        done = want(store, found, wishes)
    _told_or_planned(at, found, done, no_plan=no_plan, work_here=work_here, timeout=timeout)


def plan(
    ctx: typer.Context,
    tenant: TenantName,
    *,
    work_here: WorkHere = False,
    timeout: Timeout = None,
    json: AsJson = False,
) -> None:
    """Make the plan of what is proposed."""
    _plan(here(ctx, json=json), tenant, work_here=work_here, timeout=timeout)


def apply(
    ctx: typer.Context,
    tenant: TenantName,
    *,
    version: Version = None,
    confirm: Annotated[str | None, typer.Option(help="The tenant's id once more.")] = None,
    wait: Wait = False,
    work_here: WorkHere = False,
    timeout: Timeout = None,
    json: AsJson = False,
) -> None:
    """Apply exactly the plan of what is proposed."""
    at = here(ctx, json=json)
    waiting_ = wait or work_here
    with (
        office_with_workers(at, tenant, work_here=work_here)
        if waiting_
        else open_office(at.settings) as office
    ):
        found = tenant_of(office.store, tenant)
        confirmed(found, confirm, "Configuring")
        done = apply_configuration(
            found.tenant_id,
            None if version is None else ConfigVersion(version),
            by=operator(),
            store=office.store,
            publisher=office.publisher,
            ids=office.ids,
            ring_more=office.ring_more,
        )
        if isinstance(done, Awaiting):
            tell_first_yes(at, found.tenant_id, done, "config apply")
        note("config apply", found.tenant_id, version=str(done.version), run=done.run.run_id)
        untold = _say_what_counts(at, office, done)
        if waiting_:
            run = follow(office.store, done.run, at.voice, deadline(timeout))
            raise typer.Exit(tell_end(at, office, found, [run]))
        tell_begun(at, office, done.run, sent_data(done) | {"version": done.version, "untold": untold})


def _say_what_counts(at: Here, office: Office, done: Applied) -> list[Data]:
    """Say what was applied, and what the version reads without being told."""
    with office.store.read() as tx:
        untold = untold_data(tx, done.plan)
    at.voice.say(*sent_words(f"Version {done.version} counts", done), *untold_words(untold))
    return untold


def show(ctx: typer.Context, tenant: TenantName, *, version: Version = None, json: AsJson = False) -> None:
    """Show one version."""
    at = here(ctx, json=json)
    with open_store(at.settings) as store:
        found = tenant_of(store, tenant)
        with store.read() as tx:
            config = configuration_data(_version(tx, found.tenant_id, version))
            data = {"labels": labels_data(tx, found.tenant_id), "configuration": config}
    told = {"tenant": found.tenant_id} | data
    at.voice.tell(told, lambda each: draw_configuration(each["configuration"]))


def history(ctx: typer.Context, tenant: TenantName, *, json: AsJson = False) -> None:
    """List versions."""
    at = here(ctx, json=json)
    with open_store(at.settings) as store:
        found = tenant_of(store, tenant)
        with store.read() as tx:
            rows = history_data(tx, found.tenant_id)
    at.voice.tell({"tenant": found.tenant_id, "versions": rows}, draw_history)


def diff(
    ctx: typer.Context,
    tenant: TenantName,
    one: Annotated[int | None, typer.Argument(metavar="A", help="From this version.")] = None,
    other: Annotated[int | None, typer.Argument(metavar="B", help="To this one.")] = None,
    *,
    json: AsJson = False,
) -> None:
    """Say what differs."""
    at = here(ctx, json=json)
    with open_store(at.settings) as store:
        found = tenant_of(store, tenant)
        with store.read() as tx:
            before, after = _pair(tx, found.tenant_id, one, other)
            labels = labels_data(tx, found.tenant_id)
    told = {
        "labels": labels,
        "from": before.version,
        "to": after.version,
        "differences": differences(before, after),
    }
    at.voice.tell({"tenant": found.tenant_id} | told, draw_differences)


def rollback(
    ctx: typer.Context,
    tenant: TenantName,
    *,
    to: Annotated[int, typer.Option("--to", min=1, help="The version to go back to.")],
    no_plan: NoPlan = False,
    work_here: WorkHere = False,
    timeout: Timeout = None,
    json: AsJson = False,
) -> None:
    """Propose an earlier version again."""
    at = here(ctx, json=json)
    with open_store(at.settings) as store:
        found = tenant_of(store, tenant)
        done = roll_back(found.tenant_id, ConfigVersion(to), by=operator(), store=store)
    _told_or_planned(at, found, done, no_plan=no_plan, work_here=work_here, timeout=timeout)


def discard(ctx: typer.Context, tenant: TenantName, *, json: AsJson = False) -> None:
    """Drop what is proposed."""
    at = here(ctx, json=json)
    with open_store(at.settings) as store:
        found = tenant_of(store, tenant)
        dropped = drop_proposal(found.tenant_id, by=operator(), store=store)
    note("config discard", found.tenant_id, versions=str(dropped))
    at.voice.tell({"tenant": found.tenant_id, "discarded": dropped}, nothing)
    at.voice.say("The proposal is dropped." if dropped else "Nothing was proposed.")


def _told_or_planned(
    at: Here, tenant: Tenant, done: Set, *, no_plan: bool, work_here: bool, timeout: float | None
) -> None:
    note("config set", tenant.tenant_id, version=str(done.version), counts=str(done.counts))
    at.voice.say(told_of(tenant, done))
    if not done.counts and not no_plan:
        _plan(at, tenant.tenant_id, work_here=work_here, timeout=timeout)
    told = {"version": done.version, "counts": done.counts, "changed": done.changed}
    at.voice.tell({"tenant": tenant.tenant_id} | told, nothing)


def _plan(at: Here, tenant: str, *, work_here: bool, timeout: float | None) -> None:
    """Make a plan, wait for it, show it, and end the command."""
    with office_with_workers(at, tenant, work_here=work_here) as office:
        found = tenant_of(office.store, tenant)
        run = _ask_and_follow(at, office, found.tenant_id, deadline(timeout))
        with office.store.read() as tx:
            data = proposal_data(tx, run, found.state, office.ids)
    note("config plan", found.tenant_id, run=run.run_id)
    at.voice.tell(data, draw_proposal)
    raise typer.Exit(ExitCode.HELD if data["holds"] else exit_of_run(run))


def _ask_and_follow(at: Here, office: Office, tenant_id: TenantId, ends: float | None) -> Run:
    for _ in range(MOST_TURNS):
        asked = ask_for_proposal(
            tenant_id, by=operator(), store=office.store, publisher=office.publisher, ids=office.ids
        )
        if not asked.late:
            return follow(office.store, asked.run, at.voice, ends)
        at.voice.say(f"Run {asked.run.run_id} is reading already; it goes first.")
        until_read(office.store, asked.run, at.voice, ends)
    raise CommandError(
        "Another run was always there first.",
        f"Try again in a moment: staffetta config plan {tenant_id}",
        ExitCode.TIMED_OUT,
    )


def _pair(
    tx: Transaction, tenant_id: TenantId, one: int | None, other: int | None
) -> tuple[Configuration, Configuration]:
    """Choose two versions: those named; else what counts and what is proposed, or what counted before."""
    versions = tx.versions.history(tenant_id)
    now, proposed = counting(versions), waiting(versions)
    if one is None and proposed is None:
        before = None if now is None else now.based_on
        return _version(tx, tenant_id, before), _version(tx, tenant_id, None)
    after = other if one is not None else None if proposed is None else proposed.version
    return _version(tx, tenant_id, one), _version(tx, tenant_id, after)


def _version(tx: Transaction, tenant_id: TenantId, version: int | None) -> Configuration:
    chosen = None if version is None else ConfigVersion(version)
    found = tx.tenants.configuration(tenant_id, chosen)
    if found is None:
        raise CommandError(
            f"«{tenant_id}» has no version {version}.",
            f"List them with: staffetta config history {tenant_id}",
            ExitCode.NOT_FOUND,
        )
    return found
