"""Add tenants, list and show them, and change what they want."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from bootstrap.cli import owners_command
from bootstrap.cli.config_wants import told_of, want
from bootstrap.cli.exits import ExitCode
from bootstrap.cli.group import AsJson, TenantName, add, new_app
from bootstrap.cli.owners_command import valid_owners
from bootstrap.cli.rooms import here, note, open_store, tenant_of
from bootstrap.cli.secrets_in import UsageRefusedError, refuse_flag
from bootstrap.cli.shut_view import stored_connection
from bootstrap.cli.tenant_ends import (
    PERSONIO,
    Company,
    Given,
    back_to_setup,
    new_connection,
    put_connection,
    read_wishes,
    replaced,
    store_tenant,
    stored_anew,
    valid_id,
    valid_language,
)
from bootstrap.cli.tenant_view import draw_tenant, draw_tenants, tenant_data, tenant_row
from bootstrap.reach import policy_of
from producers.resume import CHECK_GOES_FIRST, probe_soon

File = Annotated[Path | None, typer.Option("--file", help="A tenant file (TOML); no secrets in it.")]
ProfileName = Annotated[str | None, typer.Option(help="A product's profile, such as generic or circula.")]
SourceUrl = Annotated[str | None, typer.Option(help=f"Personio's address; default is {PERSONIO}.")]
ClientId = Annotated[str | None, typer.Option(help="The client id that Personio shows (papi-…).")]
SecretFile = Annotated[
    str | None, typer.Option(metavar="FILE|-", help="A file with the client secret, or - for standard input.")
]
TargetUrl = Annotated[str | None, typer.Option(help="The SCIM base address of the application.")]
TokenFile = Annotated[
    str | None,
    typer.Option(metavar="FILE|-", help="A file with the target's token, or - for standard input."),
]
TargetKind = Annotated[str | None, typer.Option("--target", help="The kind of application; default is scim.")]
Secret = Annotated[str | None, typer.Option(hidden=True)]


def add_to(app: typer.Typer) -> None:
    """Add `tenant` with its commands."""
    tenants = new_app("Add tenants, list and show them, and change what they want.")
    add(
        tenants,
        "add",
        add_tenant,
        says="Add a tenant with its credentials. Nothing is read or written until check and activate.",
        examples=(
            (
                "tenant add acme --profile generic --client-id papi-… --client-secret-file secret.txt \\\n"
                "      --target-url https://app.example.com/scim/v2 --target-token-file token.txt"
            ),
            "tenant add acme --file acme.toml --client-secret-file - --target-token-file - < two-lines",
        ),
    )
    add(
        tenants,
        "list",
        list_tenants,
        says="List all tenants.",
        examples=("tenant list", "tenant list --json"),
    )
    add(
        tenants,
        "show",
        show_tenant,
        says="Show one tenant: its state, configuration and connections. Secrets are masked.",
        examples=("tenant show acme",),
    )
    _add_changes(tenants)
    owners_command.add_to(tenants)
    app.add_typer(tenants, name="tenant")


def _add_changes(tenants: typer.Typer) -> None:
    add(
        tenants,
        "configure",
        configure_tenant,
        says="Give a tenant another configuration, as `config set` does, without making the plan.",
        examples=("tenant configure acme --file acme.toml", "tenant configure acme --profile circula"),
    )
    add(
        tenants,
        "credentials",
        replace_credentials,
        says="Replace credentials or addresses of a tenant. What is not named stays.",
        examples=(
            "tenant credentials acme --client-id papi-… --client-secret-file -",
            "tenant credentials acme --target-token-file token.txt",
        ),
    )


def add_tenant(
    ctx: typer.Context,
    tenant: TenantName,
    *,
    profile: ProfileName = None,
    file: File = None,
    name: Annotated[str | None, typer.Option(help="The company's name; default is the id.")] = None,
    language: Annotated[str | None, typer.Option(help="de or en, for mails; default is en.")] = None,
    owner: Annotated[list[str] | None, typer.Option(help="An owner's e-mail; may be repeated.")] = None,
    source_url: SourceUrl = None,
    client_id: ClientId = None,
    client_secret_file: SecretFile = None,
    target: TargetKind = None,
    target_url: TargetUrl = None,
    target_token_file: TokenFile = None,
    client_secret: Secret = None,
    target_token: Secret = None,
    json: AsJson = False,
) -> None:
    """Add a tenant."""
    refuse_flag("--client-secret", client_secret)
    refuse_flag("--target-token", target_token)
    at = here(ctx, json=json)
    tenant_id = valid_id(tenant)
    wishes = read_wishes(file, profile)
    given = Given(source_url, client_id, client_secret_file, target, target_url, target_token_file)
    connection = new_connection(given, wishes, policy_of(at.settings), at.voice)
    company = Company(
        name or wishes.name or tenant_id,
        valid_language(language or wishes.language or "en"),
        valid_owners(owner, "--owner") if owner else valid_owners(wishes.owners or (), "tenant.owners"),
    )
    with open_store(at.settings) as store:
        with store.write() as tx:
            store_tenant(tx, tenant_id, company, connection, wishes.config, at.voice)
        with store.read() as tx:
            data = tenant_data(tx, tenant_of(store, tenant_id), store.vault)
    note("tenant added", tenant_id, profile=wishes.profile or "")
    at.voice.tell(data, draw_tenant)
    at.voice.say(f"Next: staffetta check {tenant_id}")


def list_tenants(ctx: typer.Context, *, json: AsJson = False) -> None:
    """List all tenants."""
    at = here(ctx, json=json)
    with open_store(at.settings) as store, store.read() as tx:
        rows = [tenant_row(tx, tenant) for tenant in tx.tenants.everyone()]
    at.voice.tell({"tenants": rows}, draw_tenants)
    if not rows:
        at.voice.say("There is no tenant yet. Add one with: staffetta tenant add --help")


def show_tenant(ctx: typer.Context, tenant: TenantName, *, json: AsJson = False) -> None:
    """Show one tenant; exit code 1 if its credentials do not open."""
    at = here(ctx, json=json)
    with open_store(at.settings) as store:
        found = tenant_of(store, tenant)
        with store.read() as tx:
            data = tenant_data(tx, found, store.vault)
    at.voice.tell(data, draw_tenant)
    if data["shut"] is not None:
        at.voice.say(data["shut"]["sentence"], data["shut"]["cure"])
        raise typer.Exit(ExitCode.FAILED)


def configure_tenant(
    ctx: typer.Context,
    tenant: TenantName,
    *,
    file: File = None,
    profile: ProfileName = None,
    json: AsJson = False,
) -> None:
    """Store another version of a tenant's configuration."""
    at = here(ctx, json=json)
    wishes = read_wishes(file, profile)
    with open_store(at.settings) as store:
        found = tenant_of(store, tenant)
        done = want(store, found, wishes)
        with store.read() as tx:
            data = tenant_data(tx, tenant_of(store, tenant), store.vault)
    note("tenant configured", found.tenant_id, version=str(done.version))
    at.voice.tell(data, draw_tenant)
    at.voice.say(told_of(found, done))


def replace_credentials(
    ctx: typer.Context,
    tenant: TenantName,
    *,
    source_url: SourceUrl = None,
    client_id: ClientId = None,
    client_secret_file: SecretFile = None,
    target: TargetKind = None,
    target_url: TargetUrl = None,
    target_token_file: TokenFile = None,
    client_secret: Secret = None,
    target_token: Secret = None,
    json: AsJson = False,
) -> None:
    """Replace parts of a tenant's connection."""
    refuse_flag("--client-secret", client_secret)
    refuse_flag("--target-token", target_token)
    at = here(ctx, json=json)
    given = Given(source_url, client_id, client_secret_file, target, target_url, target_token_file)
    if given == Given():
        raise UsageRefusedError(
            "Nothing was named to be replaced.", "See: staffetta tenant credentials --help"
        )
    with open_store(at.settings) as store:
        found = tenant_of(store, tenant)
        with store.read() as tx:
            old = stored_connection(tx, found.tenant_id)
        build = partial(stored_anew, given) if old is None else partial(replaced, given, old)
        connection = build(policy_of(at.settings), at.voice)
        with store.write() as tx:
            put_connection(tx, found, old, connection, at.voice)
            back_to_setup(tx, found, changed=True)
            probe_soon(tx, found.tenant_id, CHECK_GOES_FIRST)
        with store.read() as tx:
            data = tenant_data(tx, tenant_of(store, tenant), store.vault)
    note("credentials replaced", found.tenant_id)
    at.voice.tell(data, draw_tenant)
    at.voice.say(f"Next: staffetta check {tenant}")
