"""Worlds and rules as the tests need them, without a server around."""

from simulators.personio.actions import Action
from simulators.personio.clock import Clock
from simulators.personio.faults import Rule
from simulators.personio.launch import Wish, launch
from simulators.personio.world import World


def world_of(employees: int, clock: Clock | None = None) -> World:
    return launch(Wish(employees=employees), clock)


def asked(action: Action) -> Rule:
    return Rule(action=action)
