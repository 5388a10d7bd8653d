"""Take back what a run did to one person: the rows with before and after swapped, or the reason why not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, assert_never

from domain.account import Scalar
from domain.changes import Action, Aspect, Change
from domain.codes import Code
from domain.compare import Wish, difference
from domain.ids import PersonId
from domain.link import Link, Origin
from domain.mapping import same_key


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody whom an undo leaves as they are, and why."""

    person_id: PersonId
    why: Code
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Image:
    """An account as it was before a run. `forget`: it was there, but was not linked."""

    active: bool
    values: Mapping[str, Scalar]
    manager: PersonId | None
    forget: bool = False


TakenBack: TypeAlias = tuple[Wish, ...] | Left


def take_back(rows: Sequence[Change], link: Link | None, last: int, unique_path: str) -> TakenBack:
    """Say which rows put one person back to where one run found them.

    `rows` are what that run applied to this person and `last` is the version that its last one left. Strict:
    whoever was changed since stays as they are.

    the run made an account           it is closed; nothing is ever deleted
    the run found an account          what was there before is written back, and the link is forgotten
    the run found a closed account    what was there before is written back, and it is closed again
    closed, reopened, updated         reopened, closed, updated with the values of before
    freed a name, set a manager       the name and the manager of before
    """
    person_id = rows[0].person_id
    if any(row.forgotten for row in rows):
        return Left(person_id, Code.UNDO_TOO_OLD)
    ordered = sorted(rows, key=lambda row: row.done_version or 0)
    if link is None or link.version != last or not _as_left(ordered, link):
        return Left(person_id, Code.UNDO_CHANGED_SINCE)
    image = Image(link.active, link.values, link.manager)
    for row in reversed(ordered):
        before = _before(row, image, link)
        if before is None:
            return Left(person_id, Code.UNDO_FOUND_ACCOUNT)
        image = before
    return _account(ordered, link, image, unique_path) + _manager(ordered, link, image)


def _as_left(ordered: Sequence[Change], link: Link) -> bool:
    """Check that the manager is still who the run made it; a replaced account loses its reference."""
    told = [row.after_manager for row in ordered if row.action is Action.SET_MANAGER]
    return not told or link.manager == told[-1]


def _before(row: Change, image: Image, link: Link) -> Image | None:
    """Return how it was before one row was applied; None where nobody knows."""
    back = {**image.values, **_swapped(row)}
    match row.action:
        case Action.CREATE:
            return replace(image, active=False) if link.origin is Origin.CREATED else None
        case Action.LINK:
            reopened = (row.before or {}).get("active") is False
            return replace(image, active=not reopened, values=back, forget=not reopened)
        case Action.DEACTIVATE:
            return replace(image, active=True, values=back)
        case Action.REACTIVATE:
            return replace(image, active=False, values=back)
        case Action.UPDATE | Action.RELEASE_NAME:
            return replace(image, values=back)
        case Action.SET_MANAGER:
            return replace(image, manager=row.before_manager)
        case Action.UNLINK | Action.DELETE | Action.KEEP:
            return None
        case _:
            assert_never(row.action)


def _swapped(row: Change) -> dict[str, Scalar]:
    """Return the values of before at the paths that a row changed."""
    before = row.before or {}
    return {path: before.get(path) for path in difference(before, row.after or {})}


def _account(ordered: Sequence[Change], link: Link, image: Image, unique_path: str) -> tuple[Wish, ...]:
    changed = difference(link.values, image.values)
    undone = [row for row in ordered if row.aspect is not Aspect.MANAGER]
    action = _action(link, image, changed=bool(changed))
    if action is None or not undone:
        return ()
    old, new = _key(link.values.get(unique_path)), _key(image.values.get(unique_path))
    named = next((row for row in undone if row.aspect is Aspect.ACCOUNT), undone[-1])
    return (
        Wish(
            link.person_id,
            Aspect.ACCOUNT,
            action,
            before=link.values,
            after=None if action is Action.DEACTIVATE and not changed else image.values,
            cause=Code.UNDO_ASKED,
            link_version=link.version,
            takes_key=new if new != old else None,
            frees_key=old if new != old else None,
            evidence=_evidence(named),
            undoes=named.change_id,
        ),
    )


def _action(link: Link, image: Image, *, changed: bool) -> Action | None:
    if image.forget:
        return Action.UNLINK
    if link.active != image.active:
        return Action.REACTIVATE if image.active else Action.DEACTIVATE
    return Action.UPDATE if changed else None


def _manager(ordered: Sequence[Change], link: Link, image: Image) -> tuple[Wish, ...]:
    """Give the earlier manager back; an account that is closed or forgotten keeps whom it has."""
    row = next((row for row in ordered if row.action is Action.SET_MANAGER), None)
    if row is None or image.manager == link.manager or not image.active or image.forget:
        return ()
    return (
        Wish(
            link.person_id,
            Aspect.MANAGER,
            Action.SET_MANAGER,
            before_manager=link.manager,
            after_manager=image.manager,
            cause=Code.UNDO_ASKED,
            link_version=link.version,
            evidence=_evidence(row),
            undoes=row.change_id,
        ),
    )


def _evidence(row: Change) -> dict[str, Scalar]:
    return {"undoes run": row.run_id, "undoes change": row.change_id}


def _key(value: Scalar) -> str | None:
    return same_key(value) if isinstance(value, str) and value else None


def edited_by_hand(change: Change, link: Link, found: Mapping[str, Scalar]) -> tuple[str, ...]:
    """Name the paths of an undo row whose value in the target is neither the present nor the earlier one."""
    after = change.after or {}
    return tuple(
        sorted(
            path
            for path in difference(link.values, after)
            if path in found
            and _plain(found[path]) not in {_plain(link.values.get(path)), _plain(after[path])}
        )
    )


def _plain(value: Scalar) -> Scalar:
    """Compare as people read: case and blanks around it do not count, nor which kind of nothing it is."""
    return (same_key(value) or None) if isinstance(value, str) else value
