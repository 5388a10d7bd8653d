"""Take what hangs on a lost attribute out of a plan: paths are left alone, judgements wait."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from domain.account import Scalar
from domain.attributes import Lost, deciding, paths_reading, required
from domain.changes import Action, Change
from domain.codes import Code
from domain.compare import Wish, difference
from domain.config import Configuration
from domain.mapping import same_key

OPENS_AN_ACCOUNT = frozenset({Action.CREATE, Action.LINK, Action.REACTIVATE})


@dataclass(frozen=True, slots=True)
class Untouched:
    """The row has nothing to do with what was lost."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The row goes on as this wish, which leaves the lost attributes alone."""

    wish: Wish


@dataclass(frozen=True, slots=True)
class Withheld:
    """The row was judged by what was lost; it waits until that is told again, or accepted as gone."""

    code: Code
    keys: tuple[str, ...]


Weighed: TypeAlias = Untouched | LeftOut | Withheld


def weigh(
    change: Change, lost: Sequence[Lost], config: Configuration, universal: Mapping[str, str]
) -> Weighed:
    """Say what becomes of one planned row.

    row                              hangs on                                   becomes
    deactivate, because left         status                                     withheld
    deactivate, because filtered     any attribute that decides                 withheld
    create, link, reactivate         … that decides, or is required             withheld
    create, link, reactivate, update one that a path of it says                 goes on without that path
    set-manager                      supervisor                                 not wanted

    An update that has nothing left to say closes what is open for that person, as any unchanged record does.
    """
    judged_by = _judged_by(change, config, universal)
    reasons = [each for each in lost if each.key in judged_by]
    if reasons:
        return Withheld(reasons[0].code, tuple(each.key for each in reasons))
    keys = frozenset(each.key for each in lost)
    if change.action is Action.SET_MANAGER:
        return LeftOut(_nothing(change)) if "supervisor" in keys else Untouched()
    paths = paths_reading(keys, config, universal)
    if change.action not in OPENS_AN_ACCOUNT | {Action.UPDATE}:
        return Untouched()
    after = _after_without(change, paths)
    if after == dict(change.after or {}):
        return Untouched()
    return LeftOut(_rewritten(change, after, config))


def _judged_by(change: Change, config: Configuration, universal: Mapping[str, str]) -> frozenset[str]:
    if change.action in OPENS_AN_ACCOUNT:
        return deciding(config, universal) | required(config, universal)
    if change.action is not Action.DEACTIVATE:
        return frozenset()
    if change.cause is Code.PERSON_LEFT:
        return frozenset({"status"})
    return deciding(config, universal) if change.cause is Code.PERSON_LEFT_FILTER else frozenset()


def _after_without(change: Change, paths: frozenset[str]) -> dict[str, Scalar]:
    """Put back what the account had where a lost attribute would have written; a new account has nothing."""
    before = change.before or {} if change.action is not Action.CREATE else {}
    kept = {path: before[path] for path in paths if path in before}
    return {path: value for path, value in (change.after or {}).items() if path not in paths} | kept


def _rewritten(change: Change, after: Mapping[str, Scalar], config: Configuration) -> Wish:
    before = change.before
    if change.action is Action.UPDATE and not difference(before or {}, after):
        return _nothing(change)
    old = _key(before or {}, config) if change.action is not Action.CREATE else None
    new = _key(after, config)
    return Wish(
        change.person_id,
        change.aspect,
        change.action,
        before=before,
        after=after,
        cause=change.cause,
        link_version=change.link_version,
        takes_key=new if new != old else None,
        frees_key=old if new != old else None,
        evidence=change.evidence,
    )


def _nothing(change: Change) -> Wish:
    return Wish(change.person_id, change.aspect, Action.KEEP)


def _key(values: Mapping[str, Scalar], config: Configuration) -> str | None:
    value = values.get(config.unique_path)
    return same_key(value) if isinstance(value, str) and value else None
