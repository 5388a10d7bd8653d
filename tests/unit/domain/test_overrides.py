"""What humans fixed beats the rules: each override, for each state of an account."""

from dataclasses import replace

import pytest

from domain.changes import Action, Aspect
from domain.codes import Code
from domain.compare import Wish, observe, wishes
from domain.employee import Employee
from domain.ids import PersonId
from domain.link import Link
from domain.overrides import MANAGER, Overridden, Override, OverrideKind, clash, overridden
from tests.builders import MONDAY, configuration, employee, link

ADA = PersonId("1")
WANTED = employee(position="Pilot", supervisor=None)
LEFT = employee(status="inactive")
OPEN, CLOSED = link(), link(active=False)
PIN_ACTIVE, PIN_INACTIVE, IGNORE = OverrideKind.PIN_ACTIVE, OverrideKind.PIN_INACTIVE, OverrideKind.IGNORE
FREEZE, HOLD = OverrideKind.FREEZE, OverrideKind.HOLD_UNTIL
CREATE, UPDATE, REACTIVATE = Action.CREATE, Action.UPDATE, Action.REACTIVATE
DEACTIVATE, MANAGE = Action.DEACTIVATE, Action.SET_MANAGER


def fixed(kind: OverrideKind, path: str = "") -> Override:
    until = MONDAY if kind is HOLD else None
    return Override(f"o-{kind}", ADA, kind, "because", "operator:ina", MONDAY, path, until)


def asked(person: Employee, account: Link | None) -> tuple[Wish, ...]:
    config = configuration()
    return wishes(observe(person, config, {}, MONDAY.date()), account, config)


def result(person: Employee, account: Link | None, *standing: Override) -> Overridden:
    return overridden(ADA, asked(person, account), account, standing, configuration())


@pytest.mark.parametrize(
    ("kind", "person", "account", "actions"),
    [
        (PIN_ACTIVE, WANTED, None, [CREATE, MANAGE]),
        (PIN_ACTIVE, WANTED, OPEN, [UPDATE, MANAGE]),
        (PIN_ACTIVE, WANTED, CLOSED, [REACTIVATE, MANAGE]),
        (PIN_ACTIVE, LEFT, None, []),
        (PIN_ACTIVE, LEFT, OPEN, []),
        (PIN_ACTIVE, LEFT, CLOSED, [REACTIVATE]),
        (PIN_INACTIVE, WANTED, None, []),
        (PIN_INACTIVE, WANTED, OPEN, [DEACTIVATE]),
        (PIN_INACTIVE, WANTED, CLOSED, []),
        (PIN_INACTIVE, LEFT, OPEN, [DEACTIVATE]),
        (IGNORE, WANTED, None, []),
        (IGNORE, WANTED, OPEN, []),
        (IGNORE, LEFT, OPEN, []),
        (HOLD, WANTED, OPEN, [UPDATE, MANAGE]),
        (HOLD, LEFT, OPEN, [DEACTIVATE]),
    ],
)
def test_an_override_beats_what_the_record_asks_for(
    kind: OverrideKind, person: Employee, account: Link | None, actions: list[Action]
) -> None:
    found = result(person, account, fixed(kind))
    assert [wish.action for wish in found.wishes if wish.action is not MANAGE or MANAGE in actions] == [
        action for action in actions if action is not MANAGE or _has_manager(found)
    ]


def _has_manager(found: Overridden) -> bool:
    return any(wish.action is MANAGE for wish in found.wishes)


def test_a_closing_by_override_names_its_cause_and_an_opening_too() -> None:
    assert result(WANTED, OPEN, fixed(PIN_INACTIVE)).wishes[0].cause is Code.OVERRIDE_PINNED_INACTIVE
    assert result(LEFT, CLOSED, fixed(PIN_ACTIVE)).wishes[0].cause is Code.OVERRIDE_PINNED_ACTIVE


def test_whatever_is_asked_for_is_held_until_the_day_and_says_so() -> None:
    found = result(WANTED, OPEN, fixed(HOLD))
    assert (found.held_until, found.used) == ("until 2026-11-23", frozenset({HOLD}))
    assert result(employee(), OPEN, fixed(HOLD)).held_until == ""


def test_a_frozen_path_is_neither_compared_nor_sent() -> None:
    assert [wish.action for wish in result(WANTED, OPEN, fixed(FREEZE, "title")).wishes if wish.after] == []
    both = employee(position="Pilot", last_name="Lovelace")
    [update] = result(both, OPEN, fixed(FREEZE, "title")).wishes
    assert update.after == {**OPEN.values, "name.familyName": "Lovelace"}


def test_a_new_account_lacks_a_frozen_path_but_never_its_unique_name() -> None:
    create = result(WANTED, None, fixed(FREEZE, "title"), fixed(FREEZE, "userName")).wishes[0]
    assert create.after is not None
    assert "title" not in create.after
    assert create.after["userName"] == "ada@example.com"


def test_a_frozen_name_is_claimed_by_nobody() -> None:
    renamed = employee(email="lovelace@example.com", last_name="Lovelace")
    [update] = result(renamed, OPEN, fixed(FREEZE, "userName")).wishes
    assert (update.takes_key, update.frees_key) == (None, None)


def test_a_frozen_manager_stays() -> None:
    moved = link(manager="8")
    assert [wish.aspect for wish in asked(employee(), moved)] == [Aspect.MANAGER]
    assert result(employee(), moved, fixed(FREEZE, MANAGER)).wishes == ()


def test_without_an_override_nothing_is_changed() -> None:
    assert result(WANTED, OPEN).wishes == asked(WANTED, OPEN)
    assert replace(result(WANTED, OPEN), wishes=()) == Overridden(())


@pytest.mark.parametrize(
    ("new", "standing", "other"),
    [
        (PIN_ACTIVE, [PIN_INACTIVE], PIN_INACTIVE),
        (PIN_ACTIVE, [PIN_ACTIVE], None),
        (PIN_ACTIVE, [FREEZE], None),
        (HOLD, [PIN_ACTIVE], PIN_ACTIVE),
        (IGNORE, [FREEZE], FREEZE),
        (FREEZE, [HOLD], None),
        (FREEZE, [IGNORE], IGNORE),
    ],
)
def test_overrides_that_contradict_each_other_are_named(
    new: OverrideKind, standing: list[OverrideKind], other: OverrideKind | None
) -> None:
    assert clash(new, [fixed(kind) for kind in standing]) is other
