"""Show rows of plans: who, what, from which value to which, and why it is where it is."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from rich.console import RenderableType

from bootstrap.cli.voice import Data, cell, heading, line, table
from domain.causes import say
from domain.changes import Action, Change, ChangeState
from domain.codes import Code
from domain.ids import ChangeId, PersonId, TenantId
from domain.ports import Transaction

ORDER = (
    Action.LINK,
    Action.CREATE,
    Action.UPDATE,
    Action.REACTIVATE,
    Action.SET_MANAGER,
    Action.RELEASE_NAME,
    Action.UNLINK,
    Action.DEACTIVATE,
    Action.DELETE,
    Action.KEEP,
)

TELLING = frozenset(
    state.value
    for state in (
        ChangeState.STALE,
        ChangeState.DROPPED,
        ChangeState.APPLIED,
        ChangeState.ALREADY_SO,
    )
)
"""States of which the detail tells what nothing else does: why it is so, or what the application kept."""

DOUBT = "the answer to an earlier write was lost; what is wanted is sent once more"


class Names:
    """Find readable names of people, each once. For terminals only: names never go into a log."""

    def __init__(self, tx: Transaction, tenant_id: TenantId) -> None:
        self._tx = tx
        self._tenant_id = tenant_id
        self._known: dict[PersonId, str] = {}

    def of(self, change: Change) -> str:
        """Name the person of a row, by the row itself where it tells a name and not only an address."""
        told = _named(change.after) or _named(change.before)
        if told:
            self._known.setdefault(change.person_id, told)
        return told or self.of_person(change.person_id)

    def of_person(self, person_id: PersonId) -> str:
        """Name a person by the stored snapshot, by the account where they are out of the filter, or by id."""
        if person_id not in self._known:
            seen = self._tx.people.snapshot(self._tenant_id, person_id)
            told = called(seen.values if seen else None) or self.of_account(person_id)
            self._known[person_id] = told or f"person {person_id}"
        return self._known[person_id]

    def awaited(self, blocked_on: str | None) -> str:
        """Say in words what a row waits for: somebody's account, or another change and where that stands."""
        kind, _, name = (blocked_on or "").partition(":")
        if kind == "link":
            return f"the account of {self.of_person(PersonId(name))}"
        found = self._tx.changes.rows(self._tenant_id, change_ids=[ChangeId(name)]) if name else ()
        return "".join(f"{row.action} of {self.of(row)} ({row.person_id}), {row.state}" for row in found)

    def of_account(self, person_id: PersonId) -> str:
        """Name a person by the account; empty without one."""
        link = self._tx.links.get(self._tenant_id, [person_id]).get(person_id)
        return called(link.values if link else None)


def called(values: object) -> str:
    """Read a name from mapped values; empty where they tell none."""
    return _named(values) or (str(values.get("userName") or "") if isinstance(values, Mapping) else "")


def _named(values: object) -> str:
    if not isinstance(values, Mapping):
        return ""
    parts = [str(values.get(path) or "") for path in ("name.givenName", "name.familyName")]
    return " ".join(part for part in parts if part)


def in_order(changes: Sequence[Change], names: Names) -> list[Change]:
    """Put rows in the order in which people are read about: by name, one person's rows together."""
    return sorted(changes, key=lambda row: (names.of(row).casefold(), row.person_id, ORDER.index(row.action)))


def change_data(change: Change, names: Names) -> Data:
    """Write a row down, values included."""
    return {
        "change": change.change_id,
        "run": change.run_id,
        "person": change.person_id,
        "name": names.of(change),
        "action": change.action.value,
        "state": change.state.value,
        "differences": differences(change, names),
        "cause": cause_data(change.cause),
        "why": cause_data(change.why, change.detail),
        "de": german(change.why, change.detail),
        "detail": change.detail,
        "waits_for": change.blocked_on,
        "waits_for_what": names.awaited(change.blocked_on),
        "settles_doubt": settles_doubt(change),
        "evidence": dict(change.evidence or {}),
        "tries": change.tries,
        "due_at": change.due_at,
        "at": change.settled_at or change.planned_at,
    }


def settles_doubt(change: Change) -> bool:
    """Tell whether a row changes nothing that we know of: an answer was lost, and it is sent once more."""
    match change.action:
        case Action.SET_MANAGER:
            return change.link_version > 0 and change.before_manager == change.after_manager
        case Action.UPDATE:
            return change.before is not None and change.before == change.after
        case _:
            return False


def differences(change: Change, names: Names) -> list[Data]:
    """List what a row changes: path, old value, new value."""
    if change.action is Action.SET_MANAGER:
        was, new = (
            names.of_person(who) if who else None for who in (change.before_manager, change.after_manager)
        )
        return [{"path": "manager", "old": was, "new": new}]
    if change.action is Action.DELETE:
        return [{"path": "account", "old": "closed", "new": "removed"}]
    before, after = change.before or {}, change.after or {}
    rows: list[Data] = [
        {"path": path, "old": before.get(path), "new": value}
        for path, value in sorted(after.items())
        if before.get(path) != value
    ]
    if change.action in {Action.REACTIVATE, Action.DEACTIVATE}:
        opens = change.action is Action.REACTIVATE
        rows.insert(0, {"path": "active", "old": not opens, "new": opens})
    return rows


def cause_data(code: Code | str | None, detail: str = "", count: int | None = None) -> Data | None:
    """Say a cause and its cure."""
    if not code:
        return None
    told = say(Code(code), "en", detail)
    data: Data = {"code": str(Code(code)), "sentence": told.sentence, "cure": told.cure}
    return data if count is None else {"count": count} | data


def german(code: Code | None, detail: str = "") -> Data | None:
    """Say a cause, what is told with it, and its cure in German, for whoever shows rows to a company."""
    if code is None:
        return None
    told = say(code, "de", detail)
    return {"sentence": told.sentence, "cure": told.cure}


def causes(counts: "dict[str, int] | Iterable[tuple[str, int]]") -> list[Data]:
    """Say each counted cause, the most frequent first."""
    pairs_ = counts.items() if isinstance(counts, dict) else counts
    ordered = sorted(pairs_, key=lambda pair: (-pair[1], pair[0]))
    return [said for code, count in ordered if (said := cause_data(code, count=count))]


def by_action(changes: Sequence[Change]) -> dict[str, int]:
    """Count rows by what they do, in the order of a plan."""
    counted = Counter(change.action for change in changes)
    return {action.value: counted[action] for action in ORDER if counted[action]}


def draw_changes(rows: Sequence[Data], *, states: bool = False) -> Iterable[RenderableType]:
    """Draw rows, one line for each value that changes."""
    drawn = table(
        "person", "action", *(("state", "at (UTC)") if states else ()), "what", "old", "new", "note"
    )
    for row in rows:
        note = _note(row)
        head = [
            f"{cell(row['name'])} ({row['person']})",
            row["action"],
            *([row["state"], cell(row["at"])] if states else []),
        ]
        for number, each in enumerate(_drawn_differences(row)):
            first = head if number == 0 else [""] * len(head)
            values = [short(each["path"]), cell(each["old"]), cell(each["new"])]
            drawn.add_row(*first, *values, note if number == 0 else "")
    yield drawn


def _note(row: Data) -> str:
    """Say why a row is wanted, with what Personio said, and why it is where it is."""
    cause, why = ((row[each] or {}).get("code", "") for each in ("cause", "why"))
    told = ", ".join(f"{name} {value}" for name, value in row["evidence"].items() if value) if cause else ""
    moved = row.get("detail") if row.get("state") in TELLING else ""
    parts = [f"{cause} ({told})" if told else cause, why if why != cause else "", moved or ""]
    if row.get("settles_doubt"):
        parts.append(DOUBT)
    if row["waits_for"] and why in {"", Code.MANAGER_NOT_SYNCED.value}:
        parts.append(f"waits for {row['waits_for_what'] or row['waits_for']}")
    if row["due_at"]:
        parts.append(f"not before {cell(row['due_at'])}")
    return ", ".join(part for part in parts if part)


def _drawn_differences(row: Data) -> list[Data]:
    """Draw a new account as one line: nobody compares it with anything."""
    changed: list[Data] = row["differences"]
    if row["action"] != Action.CREATE.value:
        return changed or [{"path": "", "old": None, "new": None}]
    values = dict.fromkeys(str(each["new"]) for each in changed if each["new"] is not None)
    return [{"path": "account", "old": None, "new": ", ".join(values)}]


def short(path: str) -> str:
    """Leave the schema's URN out of a path."""
    return cell(path.rsplit(":", 1)[-1] if path.startswith("urn:") else path)


def draw_causes(title: str, rows: Sequence[Data]) -> Iterable[RenderableType]:
    """Draw counted causes with their cures below."""
    if rows:
        yield heading(title)
    for row in rows:
        count = f"{row['count']:>5}  " if "count" in row else ""
        yield line(f"{count}{row['sentence']} ({row['code']})")
        yield line(f"{' ' * len(count)}→ {row['cure']}")
