"""What a human fixed about one person, whatever the records say: it beats the rules, and it ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.changes import Action, Aspect
from domain.codes import Code
from domain.compare import Wish, difference
from domain.config import Configuration
from domain.ids import PersonId
from domain.link import OPEN, Link

MANAGER = "manager"
"""The name by which the reference to a manager is frozen; it has no path of its own."""


class OverrideKind(StrEnum):
    """Name what may be fixed about a person.

    pin-active    never closed, and reopened        pin-inactive  closed, and kept closed
    ignore        left alone altogether             freeze        one path is neither compared nor sent
    hold-until    whatever is to be done waits for a day
    """

    PIN_ACTIVE = "pin-active"
    PIN_INACTIVE = "pin-inactive"
    IGNORE = "ignore"
    FREEZE = "freeze"
    HOLD_UNTIL = "hold-until"


CODE_OF: Mapping[OverrideKind, Code] = {
    OverrideKind.PIN_ACTIVE: Code.OVERRIDE_PINNED_ACTIVE,
    OverrideKind.PIN_INACTIVE: Code.OVERRIDE_PINNED_INACTIVE,
    OverrideKind.IGNORE: Code.OVERRIDE_IGNORED,
    OverrideKind.FREEZE: Code.OVERRIDE_FROZEN,
    OverrideKind.HOLD_UNTIL: Code.OVERRIDE_ON_HOLD,
}
"""The cause by which rows are held or made, and people are counted."""


@dataclass(frozen=True, slots=True)
class Override:
    """One thing that a human fixed. `path` names what is frozen. In force while `until` is not reached."""

    override_id: str
    person_id: PersonId
    kind: OverrideKind
    reason: str
    by: str
    at: datetime
    path: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Overridden:
    """What is left to wish for one person, until when it is held, and which overrides made a difference."""

    wishes: tuple[Wish, ...]
    held_until: str = ""
    used: frozenset[OverrideKind] = frozenset()

    @property
    def beats_rules(self) -> bool:
        """Say that whatever the record still asks for counts no more, open rows included."""
        return bool(self.used & {OverrideKind.IGNORE, OverrideKind.PIN_ACTIVE, OverrideKind.PIN_INACTIVE})


def overridden(
    person_id: PersonId,
    asked: Sequence[Wish],
    link: Link | None,
    standing: Sequence[Override],
    config: Configuration,
    doubt: Code | None = None,
) -> Overridden:
    """Change what the rules ask for into what a human fixed. `doubt`: whether it is still the same person.

    override       no account          closed account             open account
    pin-active     as asked            reopened                   as asked, but never closed
    pin-inactive   nothing             nothing                    closed, for cause override.pinned-inactive
    ignore         nothing             nothing                    nothing
    freeze         as asked, without the path; the unique name of a new account is sent all the same
    hold-until     as asked, but held

    An account whose person's record reads like another one's is reopened only once somebody has said yes.
    """
    kinds = {each.kind for each in standing}
    if OverrideKind.IGNORE in kinds:
        return Overridden((), used=frozenset({OverrideKind.IGNORE}))
    if OverrideKind.PIN_INACTIVE in kinds:
        return Overridden(_closed(person_id, link), used=frozenset({OverrideKind.PIN_INACTIVE}))
    wishes, used = tuple(asked), set[OverrideKind]()
    if OverrideKind.PIN_ACTIVE in kinds:
        wishes = _open(person_id, wishes, link, doubt)
        used |= {OverrideKind.PIN_ACTIVE} if wishes != tuple(asked) else set()
    frozen = frozenset(each.path for each in standing if each.kind is OverrideKind.FREEZE)
    if frozen:
        thawed, wishes = wishes, _frozen(wishes, link, frozen, config)
        used |= {OverrideKind.FREEZE} if wishes != thawed else set()
    holds = [each for each in standing if each.kind is OverrideKind.HOLD_UNTIL]
    if not holds or not wishes:
        return Overridden(wishes, used=frozenset(used))
    day = holds[0].until
    until = f"until {day.date().isoformat()}" if day else "until somebody ends it"
    return Overridden(wishes, until, frozenset(used | {OverrideKind.HOLD_UNTIL}))


def _closed(person_id: PersonId, link: Link | None) -> tuple[Wish, ...]:
    if link is None or not link.perhaps_open:
        return ()
    return (
        Wish(
            person_id,
            Aspect.ACCOUNT,
            Action.DEACTIVATE,
            before=link.values,
            cause=Code.OVERRIDE_PINNED_INACTIVE,
            link_version=link.version,
        ),
    )


def _open(
    person_id: PersonId, asked: tuple[Wish, ...], link: Link | None, doubt: Code | None
) -> tuple[Wish, ...]:
    """Take out what would close or remove the account; reopen one that is closed and that no rule reopens."""
    kept = tuple(wish for wish in asked if wish.action not in {Action.DEACTIVATE, Action.DELETE})
    reopens = any(wish.aspect is Aspect.ACCOUNT for wish in kept)
    if link is None or reopens or (link.active and OPEN not in link.doubts):
        return kept
    back = Wish(
        person_id,
        Aspect.ACCOUNT,
        Action.REACTIVATE,
        before=link.values,
        after=link.values,
        cause=Code.OVERRIDE_PINNED_ACTIVE,
        link_version=link.version,
        doubt=doubt,
        untold=link.values,
    )
    return (*kept, back)


def _frozen(
    asked: tuple[Wish, ...], link: Link | None, frozen: frozenset[str], config: Configuration
) -> tuple[Wish, ...]:
    some = (_without(wish, link, frozen, config) for wish in asked)
    return tuple(wish for wish in some if wish is not None)


def _without(wish: Wish, link: Link | None, frozen: frozenset[str], config: Configuration) -> Wish | None:
    """Take frozen paths out of one wish; None where nothing is left of it."""
    if wish.aspect is Aspect.MANAGER:
        return None if MANAGER in frozen else wish
    if wish.after is None or not frozen & wish.after.keys():
        return wish
    if link is None:
        left = {path: value for path, value in wish.after.items() if path not in frozen}
        named = {config.unique_path: wish.after.get(config.unique_path)}
        return replace(wish, after={**left, **named})
    known = {path: value for path, value in wish.after.items() if path not in frozen & link.doubts}
    after = {path: link.values.get(path) if path in frozen else value for path, value in known.items()}
    unsure = link.doubts & {OPEN, *after}
    if wish.action is Action.UPDATE and not difference(link.values, after) and not unsure:
        return None
    stays = {path: after[path] for path in sorted(frozen & after.keys())}
    thawed = replace(wish, after=after, untold={**(wish.untold or {}), **stays})
    if config.unique_path in frozen:
        return replace(thawed, takes_key=None, frees_key=None)
    return thawed


def spoken_for(standing: Sequence[Override]) -> bool:
    """Say that nobody's account is removed for good while a human fixed something about it."""
    return any(each.kind is not OverrideKind.FREEZE for each in standing)


def clash(kind: OverrideKind, standing: Sequence[Override]) -> OverrideKind | None:
    """Name the override that would contradict a new one. Freezing goes with all but being left alone."""
    others = {each.kind for each in standing} - {kind}
    if kind is OverrideKind.FREEZE:
        others &= {OverrideKind.IGNORE}
    elif kind is not OverrideKind.IGNORE:
        others -= {OverrideKind.FREEZE}
    return min(others, default=None)
