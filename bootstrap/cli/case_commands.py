"""Answer what only a human can know: whose account is this."""

from collections.abc import Iterable, Sequence
from typing import Annotated

import typer
from rich.console import RenderableType

from bootstrap.cli.changes_view import Names, cause_data
from bootstrap.cli.exits import ExitCode
from bootstrap.cli.failures import CommandError
from bootstrap.cli.group import AsJson, TenantName, add
from bootstrap.cli.people_in import person_of
from bootstrap.cli.rooms import Office, accounts_of, here, note, open_office, operator, tenant_of
from bootstrap.cli.voice import Data, cell, heading, line, nothing, table
from domain.cases import Answer, Candidate, Case, Ruled
from domain.ids import AccountId
from domain.plain import one_line
from domain.tenant import Tenant, may_write
from producers.on_demand import ask_for_person
from producers.rule_case import rule_case

LONGEST_REASON = 500

Whom = Annotated[str | None, typer.Option("--person", help="Only this person: Personio id or user name.")]
ToLink = Annotated[
    str | None,
    typer.Option("--link", metavar="ACCOUNT", help="This account is theirs: its id in the application."),
]
ToCreate = Annotated[bool, typer.Option("--create", help="None of these is theirs: make a new account.")]
ToIgnore = Annotated[bool, typer.Option("--ignore", help="Leave this person without an account.")]
Why = Annotated[str, typer.Option("--reason", help="Why; it is stored with the answer.")]


def add_to(app: typer.Typer) -> None:
    """Add `cases`."""
    add(
        app,
        "cases",
        cases,
        says="List people of whom it is not certain which account is theirs, or answer for one of them. "
        "An answer is remembered while the facts stay the same.",
        examples=(
            "cases acme",
            'cases acme --person 4711 --link 2819c223 --reason "asked her"',
            'cases acme --person 4711 --create --reason "another Anna Muster"',
            'cases acme --person 4711 --ignore --reason "uses a shared account"',
        ),
    )


def cases(
    ctx: typer.Context,
    tenant: TenantName,
    *,
    person: Whom = None,
    link: ToLink = None,
    create: ToCreate = False,
    ignore: ToIgnore = False,
    reason: Why = "",
    json: AsJson = False,
) -> None:
    """List cases, or answer one; exit code 5 while somebody must answer."""
    at = here(ctx, json=json)
    answer = _answer(link, create=create, ignore=ignore)
    if answer is not None and (person is None or not reason.strip()):
        raise CommandError(
            "An answer needs a person and a reason.", "Add --person ID and --reason TEXT", ExitCode.USAGE
        )
    with open_office(at.settings) as office:
        found = tenant_of(office.store, tenant)
        if answer is None:
            rows = _listed(office, found, person)
            at.voice.tell({"tenant": found.tenant_id, "cases": rows}, _draw)
            if not rows:
                at.voice.say("No case is open.")
            waits = any(row["answer"] is None for row in rows)
            raise typer.Exit(ExitCode.HELD if waits else ExitCode.OK)
        account = None if link is None else AccountId(link.strip())
        ruled = Ruled(answer, operator(), one_line(reason, LONGEST_REASON), account)
        case, run = _rule(office, found, person or "", ruled)
    note("cases", found.tenant_id, person=case.person_id, case=case.case_id, answer=answer.value)
    at.voice.tell(
        {"tenant": found.tenant_id, "case": case.case_id, "answer": answer.value, "run": run}, nothing
    )
    at.voice.say(_what_follows(found, answer, run))


def _answer(link: str | None, *, create: bool, ignore: bool) -> Answer | None:
    given = [
        answer
        for answer, said in (
            (Answer.LINK, link is not None),
            (Answer.CREATE, create),
            (Answer.IGNORE, ignore),
        )
        if said
    ]
    if len(given) > 1 or (link is not None and not link.strip()):
        raise CommandError(
            "Which answer?", "Name exactly one of --link ACCOUNT, --create and --ignore", ExitCode.USAGE
        )
    return given[0] if given else None


def _rule(office: Office, tenant: Tenant, person: str, ruled: Ruled) -> tuple[Case, str | None]:
    """Remember the answer, and let a run of one act on it where the tenant may write."""
    person_id = person_of(office.store, tenant.tenant_id, person)
    target = accounts_of(office.settings, office.store).target(tenant.tenant_id)
    case = rule_case(tenant.tenant_id, person_id, ruled, store=office.store, target=target)
    if not may_write(tenant.state):
        return case, None
    asked = ask_for_person(
        tenant.tenant_id,
        person_id,
        by=ruled.by,
        key=f"case:{case.case_id}:{office.ids.new()}",
        plan_only=False,
        store=office.store,
        publisher=office.publisher,
        ids=office.ids,
    )
    return case, asked.run.run_id


def _what_follows(tenant: Tenant, answer: Answer, run: str | None) -> str:
    done = {
        Answer.LINK: "The account will be linked",
        Answer.CREATE: "A new account will be made",
        Answer.IGNORE: "The person will be left alone",
    }[answer]
    if run is None:
        return f"{done} once {tenant.tenant_id} may write; a new preview shows it."
    return f"{done} by run {run}."


def _listed(office: Office, tenant: Tenant, person: str | None) -> list[Data]:
    chosen = None if person is None else person_of(office.store, tenant.tenant_id, person)
    with office.store.read() as tx:
        names = Names(tx, tenant.tenant_id)
        standing = [case for case in tx.cases.standing(tenant.tenant_id) if chosen in {None, case.person_id}]
        return [_case_data(case, names) for case in standing]


def _case_data(case: Case, names: Names) -> Data:
    return {
        "case": case.case_id,
        "person": case.person_id,
        "name": names.of_person(case.person_id),
        "kind": cause_data(case.kind, case.detail),
        "candidates": [_candidate_data(each) for each in case.candidates],
        "opened_at": case.opened_at,
        "answer": case.ruled.answer.value if case.ruled else None,
        "answer_account": case.ruled.account_id if case.ruled else None,
        "answered_by": case.ruled.by if case.ruled else None,
        "answered_at": case.ruled_at,
        "reason": case.ruled.reason if case.ruled else None,
    }


def _candidate_data(candidate: Candidate) -> Data:
    return {
        "account": candidate.account_id,
        "user_name": candidate.name,
        "external_id": candidate.external_id,
        "open": candidate.active,
        "linked_to": candidate.owner,
        "speaks_for": list(candidate.speaks_for),
        "speaks_against": list(candidate.speaks_against),
    }


def _draw(data: Data) -> Iterable[RenderableType]:
    for row in data["cases"]:
        yield heading(f"{row['name']} ({row['person']}): {row['kind']['sentence']}")
        yield from _draw_candidates(row["candidates"])
        if row["answer"] is None:
            asked = f"staffetta cases {data['tenant']} --person {row['person']}"
            yield line(f"→ {asked} --link ACCOUNT | --create | --ignore, with --reason TEXT")
        else:
            which = f" {row['answer_account']}" if row["answer_account"] else ""
            yield line(f"answered: {row['answer']}{which}, by {row['answered_by']}: {row['reason']}")


def _draw_candidates(candidates: Sequence[Data]) -> Iterable[RenderableType]:
    drawn = table("account", "user name", "open", "speaks for it", "speaks against it")
    for each in candidates:
        drawn.add_row(
            cell(each["account"]),
            cell(each["user_name"]),
            cell(each["open"]),
            cell(", ".join(each["speaks_for"])),
            cell(", ".join(each["speaks_against"])),
        )
    yield drawn
