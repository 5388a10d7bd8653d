"""Tenants that went live on a fine day, lived through once per shape and then copied into many stories."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from threading import RLock
from typing import TYPE_CHECKING

from tests.simulation.store import Snapshot, restored_store, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.story import Story

SHAPES = 24
"""How many beginnings there are: companies of any size, and some of two tenants."""

FIRST_SEED = 4_000_000_000
"""Beginnings are told from seeds of their own, so that a story is the same whatever was told before it."""


@dataclass(frozen=True)
class Template:
    """All that there is when everybody's first accounts are made: the store, and the story it belongs to."""

    story: Story
    store: Snapshot
    at: datetime

    def begin(self, story: Story) -> None:
        """Let a story begin where this one ended; both go on apart."""
        was, world = self.story, story.world
        world.clock.at = self.at
        story.house.store = restored_store(world, self.store)
        same: dict[int, object] = {id(was): story, id(was.world): world, id(was.world.clock): world.clock}
        for tenant in was.house.tenants.values():
            same |= {id(tenant.book.config): tenant.book.config, id(tenant.app.inner._lock): RLock()}
        outside = (was.house.tenants, was.house.mailbox.notices, was.house.redis)
        tenants, notices, redis = deepcopy(outside, same)
        story.house.tenants |= tenants
        story.house.mailbox.notices |= notices
        story.house.redis = redis


@cache
def template(number: int, tell: Callable[[int], Story]) -> Template:
    """Live through one beginning, the first time that this process needs it."""
    story = tell(FIRST_SEED + number)
    assert not story.world.failures, f"the beginning {number} broke a promise: {story.world.failures}"
    return Template(story, snapshot(), story.world.clock.at)
