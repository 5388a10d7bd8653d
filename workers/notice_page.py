"""Notice what one page says: whom to remember, what to change, whom to skip and why."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from domain.account import Scalar
from domain.attributes import Fill, count, without
from domain.changes import Aspect
from domain.codes import Code
from domain.compare import (
    Judged,
    Observation,
    Wish,
    canonical,
    closing,
    doubted,
    judged,
    keeping,
    looks_settled,
    observe,
    wishes,
)
from domain.config import Configuration
from domain.employee import Page
from domain.feed import PageMark
from domain.ids import ChangeId, PersonId, TenantId
from domain.link import Link, LinkMark
from domain.mapping import compared
from domain.overrides import CODE_OF, Overridden, Override, overridden
from domain.ports_world import Vault
from domain.records import Known, PageRecord, Seen
from domain.run import Run, RunKind
from domain.scope import Standing
from workers.desk import Desk
from workers.weighing import untrusted_by


@dataclass(slots=True)
class Noticed:
    """What a page adds to the store: changed people, wishes, and counts of everybody else."""

    person_ids: tuple[PersonId, ...]
    seen: list[Seen] = field(default_factory=list)
    wishes: list[tuple[ChangeId, Wish]] = field(default_factory=list)
    snapshots: dict[PersonId, bytes] = field(default_factory=dict)
    unchanged: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    telling: int = 0
    fills: Mapping[str, Fill] = field(default_factory=dict)
    judged: dict[tuple[PersonId, Aspect], Judged] = field(default_factory=dict)
    asked: list[Wish] = field(default_factory=list)
    held: dict[ChangeId, str] = field(default_factory=dict)

    def fix(self, made: Sequence[tuple[ChangeId, Wish]], result: Overridden) -> None:
        """Add what is wished of one person after what a human fixed, and count that it made a difference."""
        self.wishes += made
        self.asked += result.wishes
        self.skipped.update(CODE_OF[kind].value for kind in result.used)
        if result.held_until:
            for change_id, _ in made:
                self.held[change_id] = result.held_until

    def leave_out(self, decided: Mapping[ChangeId, Code]) -> None:
        """Take out wishes that were decided against, and count their people."""
        people = {(wish.person_id, decided[each]) for each, wish in self.wishes if each in decided}
        self.skipped.update(code.value for _, code in people)
        self.wishes = [(each, wish) for each, wish in self.wishes if each not in decided]
        self.held = {each: until for each, until in self.held.items() if each not in decided}

    def record(self, number: int, page: Page) -> PageRecord:
        """Write the page down as the store remembers it."""
        mark = PageMark(number, len(page.employees), page.total, self.telling)
        return PageRecord(
            mark,
            self.person_ids,
            self.unchanged,
            dict(self.skipped),
            dict(self.warnings),
            page.next_cursor,
            self.fills,
        )


@dataclass(frozen=True, slots=True)
class Before:
    """What the store knew about the people of a page."""

    known: Mapping[PersonId, Known]
    marks: Mapping[PersonId, LinkMark]
    aspects: Mapping[PersonId, frozenset[Aspect]]
    snapshots: Mapping[PersonId, Seen]
    paths: frozenset[str]
    fixed: Mapping[PersonId, Sequence[Override]]

    def has_account(self, person_id: PersonId) -> bool:
        """Tell whether a person has an open account of ours."""
        mark = self.marks.get(person_id)
        return mark is not None and mark.active


def notice(
    run: Run,
    config: Configuration,
    universal: Mapping[str, str],
    page: Page,
    desk: Desk,
    *,
    today: date,
) -> Noticed:
    """Judge everybody on a page; a record that comes twice on one page counts once."""
    untrusted = untrusted_by(desk.store, run)
    everybody = {
        employee.person_id: observe(without(employee, untrusted), config, universal, today)
        for employee in page.employees
    }
    noticed = Noticed(tuple(everybody))
    noticed.fills = count(page.employees).fills
    noticed.telling = sum(1 for employee in page.employees if employee.attributes.keys() - {"id"})
    ids = noticed.person_ids
    with desk.store.read() as tx:
        before = Before(
            tx.people.known(run.tenant_id, ids),
            tx.links.marks(run.tenant_id, ids),
            tx.changes.open_aspects(run.tenant_id, ids),
            tx.people.snapshots(run.tenant_id, _in_part(everybody.values(), config)),
            config.paths,
            tx.overrides.of(run.tenant_id, ids),
        )
        known = before.known if run.kind is not RunKind.PERSON else {}
        stirred = _note_everybody(
            run.tenant_id, everybody.values(), config, replace(before, known=known), noticed, desk
        )
        links = tx.links.get(run.tenant_id, [seen.person_id for seen in stirred]) if stirred else {}
    for seen in stirred:
        _wish(seen, links.get(seen.person_id), before, config, noticed, desk)
    return noticed


def _note_everybody(
    tenant_id: TenantId,
    everybody: Iterable[Observation],
    config: Configuration,
    before: Before,
    noticed: Noticed,
    desk: Desk,
) -> list[Observation]:
    """Note who changed and count the rest; return those at whom somebody must look closely.

    A run of one notes its person even if nothing changed: an older page on its way must not overwrite that.
    """
    vault = desk.vault
    stirred: list[Observation] = []
    for seen in everybody:
        mark = before.marks.get(seen.person_id)
        plain = canonical(seen.drafted.draft.values)
        _note(tenant_id, seen, plain, before, noticed, vault)
        _count(seen, mark, noticed)
        noticed.judged |= {(seen.person_id, aspect): how for aspect, how in judged(seen, config).items()}
        shown = compared(seen.drafted.draft.values, config)
        told = plain if shown is seen.drafted.draft.values else canonical(shown)
        settled = looks_settled(seen, mark, vault.digest(tenant_id, "draft", told))
        if settled and seen.person_id not in before.aspects and seen.person_id not in before.fixed:
            noticed.unchanged += 1 if mark is not None else 0
        else:
            stirred.append(seen)
    return stirred


def _in_part(everybody: Iterable[Observation], config: Configuration) -> list[PersonId]:
    """Name the people of whom Personio told only a part: the rest of their snapshot stays as it was."""
    paths = config.paths
    return [
        seen.person_id
        for seen in everybody
        if paths - seen.drafted.draft.values.keys() or (config.sync_managers and not seen.supervisor_told)
    ]


def _note(
    tenant_id: TenantId, seen: Observation, plain: bytes, before: Before, noticed: Noticed, vault: Vault
) -> None:
    """Store a person whose record differs from the last one; out of scope, only that fact is kept.

    Somebody with an account whose standing nobody can tell keeps a snapshot as well. `plain` is the canonical
    form of the draft, written once for each person.
    """
    standing, linked = seen.ruling.standing, before.has_account(seen.person_id)
    inside = standing in {Standing.WANTED, Standing.KEPT} or (standing is Standing.UNKNOWN and linked)
    skip = seen.skip_for(linked=linked) if inside else (None, "")
    why, detail = skip if skip[0] else (seen.ruling.why, ", ".join(seen.unknown_by))
    warning = Code.PERSON_PAST_LAST_DAY if seen.past_last_day else None
    if inside and seen.drafted.bad and why is not Code.PERSON_BAD_VALUE:
        warning, detail = Code.PERSON_BAD_VALUE, detail or ", ".join(seen.drafted.bad)
    values, supervisor = _remembered(seen, before) if inside else (None, None)
    told = f"{standing}|{why}|{detail}|{warning}|{seen.supervisor if not inside else supervisor}|".encode()
    if values is not None:
        told += plain if values is seen.drafted.draft.values else canonical(values)
    digest = vault.digest(tenant_id, "person", told)
    noticed.snapshots[seen.person_id] = digest
    known = before.known.get(seen.person_id)
    if known is None or known.digest != digest:
        noticed.seen.append(Seen(seen.person_id, digest, standing, why, detail, warning, values, supervisor))


def _remembered(seen: Observation, before: Before) -> tuple[Mapping[str, Scalar], PersonId | None]:
    """Lay what was told over what was known: an attribute that is not told keeps its last value."""
    told, snapshot = seen.drafted.draft.values, before.snapshots.get(seen.person_id)
    if snapshot is None:
        return told, seen.supervisor
    kept = {path: value for path, value in (snapshot.values or {}).items() if path in before.paths}
    supervisor = seen.supervisor if seen.supervisor_told else snapshot.supervisor
    return {**kept, **told}, supervisor


def _count(seen: Observation, mark: LinkMark | None, noticed: Noticed) -> None:
    if seen.past_last_day:
        noticed.warnings[Code.PERSON_PAST_LAST_DAY.value] += 1
    standing, skip = seen.ruling.standing, seen.skip_for(linked=mark is not None and mark.active)[0]
    if standing in {Standing.WANTED, Standing.KEPT} and seen.drafted.bad:
        noticed.warnings[Code.PERSON_BAD_VALUE.value] += 1
    if standing is Standing.UNKNOWN:
        noticed.skipped[Code.PERSON_SCOPE_UNKNOWN.value] += 1
    elif standing is Standing.WANTED and skip:
        noticed.skipped[skip.value] += 1
    elif standing is not Standing.WANTED and mark is None and seen.ruling.why:
        noticed.skipped[seen.ruling.why.value] += 1


def _wish(
    seen: Observation, link: Link | None, before: Before, config: Configuration, noticed: Noticed, desk: Desk
) -> None:
    asked = wishes(seen, link, config)
    if seen.ruling.standing is Standing.UNKNOWN:
        decided = before.aspects.get(seen.person_id, frozenset())
        asked = tuple(wish for wish in asked if wish.aspect not in decided)
    open_aspects = before.aspects.get(seen.person_id, frozenset())
    noticed.asked += asked
    fixed = before.fixed.get(seen.person_id, ())
    doubt = doubted(seen, link, config) if fixed else None
    result = overridden(seen.person_id, asked, link, fixed, config, doubt)
    if result.beats_rules:
        closed = keeping(seen.person_id, open_aspects - {wish.aspect for wish in result.wishes})
    else:
        closed = closing(seen, result.wishes, open_aspects)
    if not result.wishes and not result.used and link is not None:
        noticed.unchanged += 1
    made = [(ChangeId(desk.ids.new()), wish) for wish in (*result.wishes, *closed)]
    noticed.fix(made, result)
