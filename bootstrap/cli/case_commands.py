"""Answer what only a human can know: whose account is this."""

import re
from collections.abc import Iterable, Sequence
from typing import Annotated

import typer
from rich.console import RenderableType

from bootstrap.cli.changes_view import Names, cause_data, german
from bootstrap.cli.exits import ExitCode
from bootstrap.cli.failures import CommandError
from bootstrap.cli.group import AsJson, TenantName, add
from bootstrap.cli.people_in import person_of
from bootstrap.cli.rooms import Here, Office, accounts_of, here, note, open_office, operator, tenant_of
from bootstrap.cli.voice import Data, cell, heading, line, nothing, table
from domain.cases import Answer, Candidate, Case, Ruled, short
from domain.details import in_german
from domain.ids import AccountId
from domain.plain import one_line
from domain.tenant import Tenant, may_write
from producers.on_demand import ask_for_person
from producers.rule_case import Given, answer_told, case_named, rule_case

LONGEST_REASON = 500

TYPEABLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
"""An account's id that a shell and our own command line take for nothing else; the application chose it."""

Whom = Annotated[str | None, typer.Option("--person", help="Only this person: Personio id or user name.")]
Which = Annotated[
    str | None, typer.Option("--case", help="The case that you have read, as the list names it; 8 letters.")
]
ToLink = Annotated[
    str | None,
    typer.Option("--link", metavar="ACCOUNT", help="This account is theirs: its id in the application."),
]
ToCreate = Annotated[bool, typer.Option("--create", help="None of these is theirs: make a new account.")]
ToIgnore = Annotated[bool, typer.Option("--ignore", help="Leave this person without an account.")]
InPlace = Annotated[
    bool, typer.Option("--replace", help="Put this answer in the place of another one that stands there.")
]
Why = Annotated[str, typer.Option("--reason", help="Why; it is stored with the answer.")]


def add_to(app: typer.Typer) -> None:
    """Add `cases`."""
    add(
        app,
        "cases",
        cases,
        says="List people of whom it is not certain which account is theirs, or answer one case. "
        "An answer counts for the case that it names, and is remembered while the facts stay the same. "
        "Where somebody has answered otherwise, you are told, and --replace puts yours in that place.",
        examples=(
            "cases acme",
            'cases acme --case 3f9c01ab --link 2819c223 --reason "asked her"',
            'cases acme --case 3f9c01ab --create --reason "another Anna Muster"',
            'cases acme --case 3f9c01ab --ignore --reason "uses a shared account"',
        ),
    )


def cases(
    ctx: typer.Context,
    tenant: TenantName,
    *,
    person: Whom = None,
    case: Which = None,
    link: ToLink = None,
    create: ToCreate = False,
    ignore: ToIgnore = False,
    replace: InPlace = False,
    reason: Why = "",
    json: AsJson = False,
) -> None:
    """List cases, or answer one; exit code 5 while somebody must answer."""
    at = here(ctx, json=json)
    answer = _answer(link, create=create, ignore=ignore, replace=replace)
    if answer is not None:
        _read_before(tenant, person, case, reason)
    name = None if case is None else case.strip().lower()
    with open_office(at.settings) as office:
        found = tenant_of(office.store, tenant)
        if answer is None:
            raise typer.Exit(_list(at, office, found, person, name))
        account = None if link is None else AccountId(link.strip())
        ruled = Ruled(answer, operator(), one_line(reason, LONGEST_REASON), account)
        given, run = _rule(office, found, name or "", person, ruled, replace=replace)
    _tell(at, found, given, answer, run)


def _tell(at: Here, tenant: Tenant, given: Given, answer: Answer, run: str | None) -> None:
    """Answer with what counts now, and with whose answer counted before."""
    done, before = given.case, given.before
    told = {"case": done.case_id, "person": done.person_id, "answer": answer.value, "run": run}
    at.voice.tell({"tenant": tenant.tenant_id} | told | _before_data(before, given), nothing)
    if given.again:
        at.voice.say(f"It was answered so already: {answer_told(done)}. Nothing was changed.")
        return
    note("cases", tenant.tenant_id, person=done.person_id, case=done.case_id, answer=answer.value)
    if before is not None:
        at.voice.say(f"It counts in place of {answer_told(before)}.")
    at.voice.say(_what_follows(tenant, answer, run))


def _before_data(before: Case | None, given: Given) -> Data:
    """Write down the answer that stood there, and whether this one changed anything."""
    stood = None
    if before is not None and before.ruled is not None:
        ruled = before.ruled
        stood = {
            "answer": ruled.answer.value,
            "answer_account": ruled.account_id,
            "answered_by": ruled.by,
            "answered_at": before.ruled_at,
        }
    return {"changed": not given.again, "before": stood}


def _read_before(tenant: str, person: str | None, case: str | None, reason: str) -> None:
    """Refuse an answer that does not say what was read: a person's question may be another one by now."""
    named = bool(case and case.strip())
    if named and reason.strip():
        return
    which = f" --person {person}" if person else ""
    where = "" if named else f"; the case stands in: staffetta cases {tenant}{which}"
    raise CommandError(
        "An answer needs the case that was read, and a reason.",
        f"Add {'' if named else '--case CASE and '}--reason TEXT{where}",
        ExitCode.USAGE,
    )


def _list(at: Here, office: Office, tenant: Tenant, person: str | None, name: str | None) -> ExitCode:
    rows = _listed(office, tenant, person, name)
    at.voice.tell({"tenant": tenant.tenant_id, "cases": rows}, _draw)
    if not rows:
        at.voice.say("No case is open.")
    return ExitCode.HELD if any(row["answer"] is None for row in rows) else ExitCode.OK


def _answer(link: str | None, *, create: bool, ignore: bool, replace: bool) -> Answer | None:
    given = [
        answer
        for answer, said in (
            (Answer.LINK, link is not None),
            (Answer.CREATE, create),
            (Answer.IGNORE, ignore),
        )
        if said
    ]
    if len(given) > 1 or (link is not None and not link.strip()) or (replace and not given):
        raise CommandError(
            "Which answer?", "Name exactly one of --link ACCOUNT, --create and --ignore", ExitCode.USAGE
        )
    return given[0] if given else None


def _rule(
    office: Office, tenant: Tenant, name: str, person: str | None, ruled: Ruled, *, replace: bool
) -> tuple[Given, str | None]:
    """Remember the answer, and let a run of one act on it where the tenant may write."""
    person_id = None if person is None else person_of(office.store, tenant.tenant_id, person)
    target = accounts_of(office.settings, office.store).target(tenant.tenant_id)
    given = rule_case(
        tenant.tenant_id,
        name,
        ruled,
        store=office.store,
        target=target,
        person_id=person_id,
        replace=replace,
    )
    if given.again or not may_write(tenant.state):
        return given, None
    case = given.case
    asked = ask_for_person(
        tenant.tenant_id,
        case.person_id,
        by=ruled.by,
        key=f"case:{case.case_id}:{office.ids.new()}",
        plan_only=False,
        store=office.store,
        publisher=office.publisher,
        ids=office.ids,
    )
    return given, asked.run.run_id


def _what_follows(tenant: Tenant, answer: Answer, run: str | None) -> str:
    done = {
        Answer.LINK: "The account will be linked",
        Answer.CREATE: "A new account will be made",
        Answer.IGNORE: "The person will be left alone",
    }[answer]
    if run is None:
        return f"{done} once {tenant.tenant_id} may write; a new preview shows it."
    return f"{done} by run {run}."


def _listed(office: Office, tenant: Tenant, person: str | None, name: str | None) -> list[Data]:
    chosen = None if person is None else person_of(office.store, tenant.tenant_id, person)
    with office.store.read() as tx:
        names = Names(tx, tenant.tenant_id)
        if name is not None:
            return [_case_data(case_named(tx, tenant.tenant_id, name, chosen), tenant, names)]
        standing = [case for case in tx.cases.standing(tenant.tenant_id) if chosen in {None, case.person_id}]
        return [_case_data(case, tenant, names) for case in standing]


def _case_data(case: Case, tenant: Tenant, names: Names) -> Data:
    return {
        "case": case.case_id,
        "person": case.person_id,
        "name": names.of_person(case.person_id),
        "kind": cause_data(case.kind, case.detail),
        "de": german(case.kind, case.detail),
        "candidates": [_candidate_data(each) for each in case.candidates],
        "opened_at": case.opened_at,
        "answer": case.ruled.answer.value if case.ruled else None,
        "answer_account": case.ruled.account_id if case.ruled else None,
        "answered_by": case.ruled.by if case.ruled else None,
        "answered_at": case.ruled_at,
        "reason": case.ruled.reason if case.ruled else None,
        "short": short(case.case_id),
        "command": f"staffetta cases {tenant.tenant_id} --case {short(case.case_id)}",
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
        "de": {
            "speaks_for": [in_german(each) for each in candidate.speaks_for],
            "speaks_against": [in_german(each) for each in candidate.speaks_against],
        },
    }


def _draw(data: Data) -> Iterable[RenderableType]:
    for row in data["cases"]:
        yield heading(f"case {row['short']}: {row['name']} ({row['person']}): {row['kind']['sentence']}")
        yield from _draw_candidates(row["candidates"])
        if row["answer"] is not None:
            which = f" {row['answer_account']}" if row["answer_account"] else ""
            when = f"{row['answered_at']:%Y-%m-%d %H:%M:%S} UTC"
            yield line(
                f"answered: {row['answer']}{which}, by {row['answered_by']} at {when}: {row['reason']}"
            )
        else:
            yield from _answers(row)


def _answers(row: Data) -> Iterable[RenderableType]:
    """Name what may be typed; where only one account is in question, it stands there already."""
    accounts = [each["account"] for each in row["candidates"]]
    theirs = accounts[0] if len(accounts) == 1 and TYPEABLE.fullmatch(accounts[0]) else "ACCOUNT"
    said = (("it is theirs", f"--link {theirs}"), ("a new account", "--create"), ("no account", "--ignore"))
    for what, option in said:
        yield line(f'→ {what}: {row["command"]} {option} --reason "WHY"')


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
