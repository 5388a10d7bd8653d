"""A name perhaps freed, and values perhaps given back: put right once somebody counts on them."""

from domain.changes import Action, Change, ChangeState
from domain.ids import PersonId
from simulators.scim.effects import cut_after_commit
from tests.flow.relay import Relay
from tests.flow.test_identity_names import exchange, user_name
from tests.flow.test_lost_creates import OTHER_RULES
from tests.flow.test_lost_updates import calm_down
from tests.flow.test_review_names import live
from tests.flow.test_undo_found import employed
from tests.flow.truth import accounts, people
from tests.flow.undoing import undone

__all__ = ["live"]


def lose(live: Relay) -> None:
    live.app.quirks.add(cut_after_commit(), methods=("PATCH",))


def waiting(live: Relay, action: Action) -> Change:
    (row,) = [each for each in live.rows(ChangeState.WAITING) if each.action is action]
    return row


def named(live: Relay, person: PersonId) -> str:
    return str(accounts(live)[person]["userName"])


def perhaps_freed(live: Relay) -> tuple[PersonId, str, int]:
    """Let somebody new want a leaver's name, and hear nothing of its freeing; then the new one is gone."""
    leaver = employed(live)[0]
    person, name = PersonId(str(leaver.id)), leaver.email or ""
    live.personio.company.terminate(leaver.id)
    live.sync()
    live.personio.company.change(leaver.id, email="old@example.com")
    joiner = live.personio.company.hire(first_name="Ne", last_name="Wcomer", email=name)
    lose(live)
    live.sync()
    assert waiting(live, Action.RELEASE_NAME).person_id == person
    assert named(live, person).startswith("released.")
    live.personio.company.erase(joiner)
    live.personio.company.change(leaver.id, email=name)
    live.personio.company.rehire(leaver.id)
    return person, name, joiner


def test_f1_who_comes_back_before_the_freeing_was_known_has_their_name(live: Relay) -> None:
    person, name, _ = perhaps_freed(live)
    calm_down(live)
    assert named(live, person) == name


def test_f1_who_comes_back_after_the_freeing_went_stale_has_their_name(live: Relay) -> None:
    person, name, _ = perhaps_freed(live)
    live.configure(OTHER_RULES)
    live.later(seconds=35)
    live.sync()
    live.later(seconds=35)
    assert named(live, person) == name


def test_e2_f1_a_circle_that_came_to_nothing_while_nobody_knew_leaves_no_temporary_name(live: Relay) -> None:
    circle = exchange(live, 2)
    lose(live)
    live.sync()
    if held := [row.change_id for row in live.rows(ChangeState.HELD)]:
        live.approve(*held)
    stranded = waiting(live, Action.RELEASE_NAME).person_id
    assert named(live, stranded).startswith("released.")
    for at, person in enumerate(circle):
        live.personio.company.change(person.id, email=f"parked{at}@example.com")
    for person in circle:
        live.personio.company.change(person.id, email=person.email)
    calm_down(live)
    assert [user_name(live, person) for person in circle] == [person.email for person in circle]


def test_f1_values_that_were_perhaps_given_back_are_ours_again_where_the_undo_went_stale(
    relay: Relay,
) -> None:
    person = employed(relay)[0]
    old = {"givenName": "Old", "familyName": "Name"}
    relay.app.state.add_account(person.email or "", name=old, title="Consultant", active=True)
    run = relay.go_live()
    lose(relay)
    undone(relay, run, str(person.id))
    assert waiting(relay, Action.UNLINK).person_id == str(person.id)
    assert accounts(relay)[str(person.id)]["name.givenName"] == "Old"
    relay.configure(OTHER_RULES)
    relay.later(seconds=35)
    relay.sync()
    (told,) = [each for each in people(relay) if each.id == person.id]
    assert accounts(relay)[str(person.id)]["name.givenName"] == told.first_name


def test_a_name_of_an_account_that_was_removed_by_hand_is_free(live: Relay) -> None:
    leaver = employed(live)[0]
    live.personio.company.terminate(leaver.id)
    live.sync()
    live.app.state.delete_account(str(accounts(live)[str(leaver.id)]["id"]))
    live.personio.company.change(leaver.id, email="old@example.com")
    joiner = live.personio.company.hire(first_name="Ne", last_name="Wcomer", email=leaver.email)
    live.sync()
    live.later(seconds=35)
    assert named(live, PersonId(str(joiner))) == leaver.email
