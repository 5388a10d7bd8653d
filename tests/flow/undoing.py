"""Undo in one breath, for flow tests."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.ids import ChangeId, PersonId
from domain.run import Run
from producers.undo import Undoing, undo
from tests.flow.relay import ACME, Relay
from tests.flow.truth import accounts

MAPPED = ("userName", "name.givenName", "name.familyName", "title", "manager")


@dataclass(frozen=True)
class Shown:
    """One account as the application shows it."""

    active: bool
    values: tuple[object, ...]


Image = dict[str, Shown]


def image(relay: Relay) -> Image:
    """Take a picture of all accounts of the application, by external id."""
    return {
        person: Shown(bool(account["active"]), tuple(account.get(path) for path in MAPPED))
        for person, account in accounts(relay).items()
    }


def undone(
    relay: Relay,
    run: Run,
    *people: str,
    change_ids: Sequence[ChangeId] = (),
    plan_only: bool = False,
) -> Undoing:
    """Undo a run, or a part of it, and carry it out."""
    done = undo(
        ACME,
        run.run_id,
        people=[PersonId(person) for person in people],
        change_ids=change_ids,
        by="operator:ina",
        plan_only=plan_only,
        store=relay.store,
        publisher=relay.bells,
        ids=relay.desk.ids,
    )
    relay.drain()
    return done


def ended(relay: Relay, done: Undoing) -> Run:
    """Return the undo's run as it is now."""
    assert done.run is not None
    return relay.run(done.run.run_id)
