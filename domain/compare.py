"""Compare what Personio says now with what we last applied, and say what should change for one person."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.account import AccountDraft, Scalar
from domain.changes import ASPECT_OF, Action, Aspect
from domain.codes import Code
from domain.config import Configuration, Removal
from domain.employee import Employee, Reference
from domain.identity import replaced
from domain.ids import ChangeId, PersonId
from domain.link import MANAGER, OPEN, Link, LinkMark
from domain.mapping import Drafted, draft, same_key, wanted
from domain.scope import Ruling, Standing, outside_by, past_last_day, rule, unknown_by

_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Observation:
    """Everything that one record told us, judged but not yet compared."""

    person_id: PersonId
    ruling: Ruling
    drafted: Drafted
    supervisor: PersonId | None
    supervisor_told: bool
    evidence: Mapping[str, Scalar]
    past_last_day: bool = False
    unknown_by: tuple[str, ...] = ()

    @property
    def skip(self) -> tuple[Code | None, str]:
        """Say why a wanted person cannot be brought over, and which attributes are to blame."""
        if self.drafted.missing:
            return Code.SOURCE_ATTRIBUTE_MISSING, ", ".join(self.drafted.missing)
        if self.drafted.empty:
            return Code.PERSON_WITHOUT_REQUIRED, ", ".join(self.drafted.empty)
        return None, ""

    def skip_for(self, *, linked: bool) -> tuple[Code | None, str]:
        """Say the same for somebody with or without an open account (`linked`), which has its old values.

        What is not told, or cannot be used, then keeps nothing else from being brought in line.
        """
        if linked and self.drafted.missing and not self.drafted.empty:
            return None, ""
        if self.skip[0] is None and self.drafted.bad_required and not linked:
            return Code.PERSON_BAD_VALUE, ", ".join(self.drafted.bad_required)
        return self.skip


@dataclass(frozen=True, slots=True)
class Wish:
    """One change that a person's record asks for; the store gives it an id and a state.

    `doubt` names why a human must see it first. `untold`: values in `after` of which the record says nothing.
    `undoes`: it takes that row back. Then no decision stands against it, and it is strict.
    """

    person_id: PersonId
    aspect: Aspect
    action: Action
    before: Mapping[str, Scalar] | None = None
    after: Mapping[str, Scalar] | None = None
    after_manager: PersonId | None = None
    cause: Code | None = None
    link_version: int = 0
    takes_key: str | None = None
    frees_key: str | None = None
    evidence: Mapping[str, Scalar] | None = None
    doubt: Code | None = None
    before_manager: PersonId | None = None
    undoes: ChangeId | None = None
    untold: Mapping[str, Scalar] | None = None


def observe(
    employee: Employee, config: Configuration, universal: Mapping[str, str], today: date
) -> Observation:
    """Judge one record: where the person stands, and the account as it should be."""
    supervisor = employee.attributes.get("supervisor")
    told = employee.says("supervisor") and config.sync_managers
    boss = PersonId(supervisor.id) if isinstance(supervisor, Reference) else None
    ruling = rule(employee, config.scope, today, universal)
    outside, untold = ruling.standing is Standing.FILTERED, ruling.standing is Standing.UNKNOWN
    guilty = outside_by(employee, config.scope, today, universal) if outside else ()
    return Observation(
        person_id=employee.person_id,
        ruling=ruling,
        drafted=draft(employee, config, universal),
        supervisor=None if boss == employee.person_id else boss,
        supervisor_told=told,
        evidence=_evidence(employee) | ({"outside by": ", ".join(guilty)} if guilty else {}),
        past_last_day=employee.attributes.get("status", "inactive") != "inactive"
        and past_last_day(employee, today),
        unknown_by=unknown_by(employee, config.scope, today, universal) if untold else (),
    )


def canonical(values: Mapping[str, Scalar]) -> bytes:
    """Write values in the one form whose fingerprint is compared: sorted, without what is empty."""
    told = {path: value for path, value in values.items() if value is not None}
    return _CANONICAL.encode(told).encode("utf-8", "surrogatepass")


def looks_settled(seen: Observation, mark: LinkMark | None, digest: bytes) -> bool:
    """Tell from fingerprints alone that this person needs nothing. False means: look closely."""
    if mark is None:
        return seen.ruling.standing is not Standing.WANTED
    if mark.doubts:
        return False
    match seen.ruling.standing:
        case Standing.LEFT | Standing.FILTERED:
            return not mark.active
        case Standing.KEPT | Standing.UNKNOWN if not mark.active:
            return True
        case _:
            same_manager = not seen.supervisor_told or mark.manager == seen.supervisor
            return mark.active and mark.digest == digest and same_manager


def difference(applied: Mapping[str, Scalar], wanted: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """Return the paths whose value must be sent; a path that the draft leaves out is not touched."""
    return {path: value for path, value in wanted.items() if applied.get(path) != value}


def wishes(seen: Observation, link: Link | None, config: Configuration) -> tuple[Wish, ...]:
    """Say what should change for one person. What is in doubt about an account is asked for again.

    standing   no account        closed account      open account
    wanted     create            reactivate          update what differs
    kept       -                 -                   update what differs
    left       -                 -                   deactivate (by policy)
    filtered   -                 -                   deactivate (by policy)
    unknown    -                 -                   update what differs
    """
    match seen.ruling.standing:
        case Standing.LEFT:
            return _removal(seen, link, Code.PERSON_LEFT, config.policy.left)
        case Standing.FILTERED:
            return _removal(seen, link, Code.PERSON_LEFT_FILTER, config.policy.left_filter)
        case Standing.WANTED | Standing.KEPT | Standing.UNKNOWN:
            stays = link is not None and link.active
            account = () if seen.skip_for(linked=stays)[0] else _account(seen, link, config)
            doubt = account[0].doubt if account else None
            return account + (_manager(seen, link, doubt) if stays or account else ())


def doubted(seen: Observation, link: Link | None, config: Configuration) -> Code | None:
    """Name the doubt where a record reads like another person than the one whose account is linked."""
    is_other = link is not None and replaced(link.values, seen.drafted.draft.values, config)
    return Code.PERSON_REPLACED if is_other else None


def closing(seen: Observation, asked: tuple[Wish, ...], open_aspects: frozenset[Aspect]) -> tuple[Wish, ...]:
    """Ask to close open rows that this record no longer wants. One that says nothing closes nothing."""
    if seen.ruling.standing is Standing.UNKNOWN:
        return ()
    still = {wish.aspect for wish in asked} | {Aspect.NAME}
    if not seen.supervisor_told:
        still.add(Aspect.MANAGER)
    if seen.drafted.missing and seen.ruling.standing is not Standing.LEFT:
        still.add(Aspect.ACCOUNT)
    return keeping(seen.person_id, open_aspects - still)


def keeping(person_id: PersonId, aspects: frozenset[Aspect]) -> tuple[Wish, ...]:
    """Ask to close the open rows over these aspects; a name that is being freed may be somebody's turn."""
    return tuple(Wish(person_id, aspect, Action.KEEP) for aspect in sorted(aspects - {Aspect.NAME}))


class Judged(StrEnum):
    """Say how much a record tells of what is wanted: everything, or not all of the mapped values."""

    WHOLLY = "wholly"
    IN_PART = "in part"


def judged(seen: Observation, config: Configuration) -> dict[Aspect, Judged]:
    """Tell about which aspects a record says enough to see that something is not asked for any more."""
    if seen.ruling.standing is Standing.UNKNOWN or seen.skip[0]:
        return {}
    told = seen.drafted.draft.values
    whole = all(line.path in told for line in config.lines)
    found = {Aspect.ACCOUNT: Judged.WHOLLY if whole else Judged.IN_PART}
    return found | ({Aspect.MANAGER: Judged.WHOLLY} if seen.supervisor_told else {})


def _removal(seen: Observation, link: Link | None, cause: Code, policy: Removal) -> tuple[Wish, ...]:
    if link is None or not link.perhaps_open or policy is Removal.NOTHING:
        return ()
    return (
        Wish(
            seen.person_id,
            Aspect.ACCOUNT,
            Action.DEACTIVATE,
            before=link.values,
            cause=cause,
            link_version=link.version,
            evidence=seen.evidence,
        ),
    )


def _account(seen: Observation, link: Link | None, config: Configuration) -> tuple[Wish, ...]:
    draft_, comes = seen.drafted.draft, seen.ruling.standing is Standing.WANTED
    if link is None:
        return (_create(seen, draft_, config),) if comes else ()
    sent = wanted(seen.drafted, link.values, config)
    after = {**link.values, **sent}
    changed = difference(link.values, sent)
    if not link.active:
        return (_touch(seen, link, after, Action.REACTIVATE, config),) if comes else ()
    unsure = link.doubts & {OPEN, *sent}
    return (_touch(seen, link, after, Action.UPDATE, config),) if changed or unsure else ()


def _create(seen: Observation, draft_: AccountDraft, config: Configuration) -> Wish:
    return Wish(
        seen.person_id,
        Aspect.ACCOUNT,
        Action.CREATE,
        after=draft_.values,
        takes_key=_key(draft_.values, config),
    )


def _touch(
    seen: Observation, link: Link, after: Mapping[str, Scalar], action: Action, config: Configuration
) -> Wish:
    old, new = _key(link.values, config), _key(after, config)
    return Wish(
        seen.person_id,
        ASPECT_OF[action],
        action,
        before=link.values,
        after=after,
        link_version=link.version,
        takes_key=new if new != old else None,
        frees_key=old if new != old else None,
        doubt=_doubt(seen, link, after, action, config),
        untold={path: value for path, value in after.items() if path not in seen.drafted.draft.values},
    )


def _doubt(
    seen: Observation, link: Link, after: Mapping[str, Scalar], action: Action, config: Configuration
) -> Code | None:
    """Doubt a record that reads like another person's, where a name is written for it or a door opened."""
    renamed = difference(link.values, after).keys() & config.paths_of("first_name")
    return doubted(seen, link, config) if renamed or action is Action.REACTIVATE else None


def _manager(seen: Observation, link: Link | None, doubt: Code | None) -> tuple[Wish, ...]:
    """Ask for another manager; whose account is in doubt is not given another one either."""
    current = link.manager if link else None
    unsure = link is not None and MANAGER in link.doubts
    if not seen.supervisor_told or (seen.supervisor == current and not unsure):
        return ()
    return (
        Wish(
            seen.person_id,
            Aspect.MANAGER,
            Action.SET_MANAGER,
            after_manager=seen.supervisor,
            before_manager=current,
            link_version=link.version if link else 0,
            doubt=doubt,
        ),
    )


def _key(values: Mapping[str, Scalar], config: Configuration) -> str | None:
    value = values.get(config.unique_path)
    return same_key(value) if isinstance(value, str) and value else None


def _evidence(employee: Employee) -> dict[str, Scalar]:
    told = employee.attributes
    days = ("last_working_day", "termination_date")
    found: dict[str, Scalar] = {}
    for key in ("status", "employment_type"):
        if isinstance(word := told.get(key), str):
            found[key] = word
    for key in days:
        if isinstance(day := told.get(key), date):
            found[key] = day.isoformat()
    return found
