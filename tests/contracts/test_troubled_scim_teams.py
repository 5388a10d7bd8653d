"""Teams over a real socket: requests that are too large, refused, half-applied, lost or agreed to in vain.

Judged by the application's own books: who is in, and how many writes changed something.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

import pytest

from adapters.targets.scim.moving import MOST_REFUSED, MOST_TROUBLE
from domain.codes import Code
from domain.errors import PermanentError, PromisedError, TemporaryError, TenantBlockedError
from domain.ids import AccountId, TeamId
from domain.ports_teams import (
    Agreed,
    AlreadyIn,
    AlreadyOut,
    Doubtful,
    Found,
    Joined,
    Left,
    MemberOutcome,
    MembersChanged,
    NameTaken,
    Refused,
    Team,
    TeamDraft,
    UnknownMember,
    Waits,
)
from simulators.scim.effects import (
    cut_after_commit,
    cut_before_commit,
    forbidden,
    half_applied,
    html_page,
    server_error,
    too_many_requests,
    unauthorised,
)
from simulators.scim.quirks import Effect
from simulators.scim.switches import Switches
from tests.contracts.team_contract import ENGINES, made, outcomes
from tests.contracts.test_scim_teams import ScimWorld, world_of

LIMITS = [pytest.param(limit, id=f"F8 answered by {limit}") for limit in ("413", "400", "tooMany")]


@pytest.fixture
def world() -> Iterator[ScimWorld]:
    with world_of(Switches()) as world:
        yield world


def people(world: ScimWorld, many: int) -> tuple[AccountId, ...]:
    return tuple(world.account(f"person-{n:03}") for n in range(many))


def strangers(many: int) -> tuple[AccountId, ...]:
    return tuple(AccountId(f"stranger-{n}") for n in range(many))


def kinds(told: Mapping[AccountId, MemberOutcome]) -> Counter[type[MemberOutcome]]:
    return Counter(map(type, told.values()))


def patches(world: ScimWorld) -> int:
    return world.simulator.counters.requests("PATCH")


def misfortune(world: ScimWorld, effect: Effect, *, skip: int = 0, times: int | None = 1) -> None:
    world.simulator.quirks.add(effect, methods=("PATCH",), path="/Groups", skip=skip, times=times)


# Too large


def test_f8_of_250_people_three_are_unknown_and_a_request_takes_a_hundred(world: ScimWorld) -> None:
    world.simulator.quirks.switch(group_patch_limit=100)
    team_id, known, unknown = made(world).team_id, people(world, 247), strangers(3)
    wanted = (unknown[0], *known[:120], unknown[1], *known[120:], unknown[2])
    told = outcomes(world, team_id, wanted)
    assert told == dict.fromkeys(known, Joined()) | dict.fromkeys(unknown, UnknownMember())
    assert world.members(team_id) == set(known)
    changed = world.simulator.counters.effective_writes()
    again = outcomes(world, team_id, wanted)
    assert again == dict.fromkeys(known, AlreadyIn()) | dict.fromkeys(unknown, UnknownMember())
    assert world.simulator.counters.effective_writes() == changed


@pytest.mark.parametrize("answer", LIMITS)
def test_a_limit_is_learned_from_the_first_refusals(world: ScimWorld, answer: str) -> None:
    world.simulator.quirks.switch(group_patch_limit=30, group_patch_refusal=answer)
    team_id, known = made(world).team_id, people(world, 100)
    assert kinds(outcomes(world, team_id, known)) == {Joined: 100}
    refused = patches(world) - world.simulator.counters.requests("PATCH", status=200)
    assert refused <= 3
    other = made(world, TeamDraft("t-2", "Motors")).team_id
    before = patches(world)
    assert kinds(outcomes(world, other, known)) == {Joined: 100}
    assert patches(world) - before == 4


def test_f8_leavers_are_split_as_well(world: ScimWorld) -> None:
    world.simulator.quirks.switch(group_patch_limit=4)
    team_id, known = made(world).team_id, people(world, 20)
    outcomes(world, team_id, known)
    assert outcomes(world, team_id, (), known[:15]) == dict.fromkeys(known[:15], Left())
    assert world.members(team_id) == set(known[15:])


# Refused


@pytest.mark.parametrize(
    "status",
    [pytest.param(status, id=f"F8 refused with {status}") for status in (400, 403, 404, 409, 422, 500)],
)
def test_one_member_that_is_refused_holds_up_nobody(world: ScimWorld, status: int) -> None:
    team_id, known = made(world).team_id, people(world, 40)
    world.simulator.quirks.switch(unwelcome_members=(known[7],), unwelcome_answer=status)
    told = outcomes(world, team_id, known)
    assert {one for one, outcome in told.items() if outcome == Joined()} == {*known} - {known[7]}
    assert isinstance(told[known[7]], Doubtful if status == 500 else Waits if status == 409 else Refused)
    assert world.members(team_id) == {*known} - {known[7]}


def test_f8_some_over_whom_the_application_breaks_hold_up_nobody(world: ScimWorld) -> None:
    team_id, known = made(world).team_id, people(world, 100)
    world.simulator.quirks.switch(unwelcome_members=known[:5], unwelcome_answer=500)
    assert kinds(outcomes(world, team_id, known)) == {Doubtful: 5, Joined: 95}
    assert world.members(team_id) == set(known[5:])


def test_f8_many_members_that_are_refused_hold_up_nobody(world: ScimWorld) -> None:
    team_id, known = made(world).team_id, people(world, 60)
    world.simulator.quirks.switch(unwelcome_members=known[:30])
    told = outcomes(world, team_id, known)
    assert kinds(told) == {Refused: 30, Joined: 30}
    assert world.members(team_id) == set(known[30:])


def test_a_refusal_repeats_nothing_that_was_sent(world: ScimWorld) -> None:
    team_id, ada = made(world).team_id, world.account("ada")
    world.simulator.quirks.switch(unwelcome_members=(ada,))
    refused = outcomes(world, team_id, (ada,))[ada]
    assert isinstance(refused, Refused)
    assert refused.error.code is Code.TARGET_REFUSED
    assert ada not in refused.error.detail


def test_a_team_that_is_closed_to_us_costs_few_requests(world: ScimWorld) -> None:
    team_id, known = made(world).team_id, people(world, 300)
    misfortune(world, forbidden(), times=None)
    assert kinds(outcomes(world, team_id, known)) == {Refused: 300}
    assert patches(world) < 4 * MOST_REFUSED
    assert world.members(team_id) == set()


def test_teams_that_are_closed_to_us_do_not_stop_the_tenant(world: ScimWorld) -> None:
    ada = world.account("ada")
    misfortune(world, forbidden(), times=None)
    teams = [made(world, TeamDraft(f"t-{n}", f"Team {n}")).team_id for n in range(MOST_REFUSED + 2)]
    assert {type(outcomes(world, one, (ada,))[ada]) for one in teams} == {Refused}


def test_an_application_without_patch_says_so_for_everybody(world: ScimWorld) -> None:
    team_id, known = made(world).team_id, people(world, 300)
    world.simulator.quirks.switch(patch="unsupported")
    assert kinds(outcomes(world, team_id, known)) == {Refused: 300}
    assert patches(world) < 4 * MOST_REFUSED
    with pytest.raises(PermanentError):
        world.target.rename_team(team_id, "Motors")


# In doubt


def test_f8_a_half_that_was_done_before_it_broke_is_seen_and_the_rest_goes_on(world: ScimWorld) -> None:
    team_id, known = made(world).team_id, people(world, 21)
    misfortune(world, half_applied())
    assert outcomes(world, team_id, known) == dict.fromkeys(known, Joined())
    assert world.members(team_id) == set(known)
    misfortune(world, half_applied(), skip=1)
    assert outcomes(world, team_id, (), known[:20]) == dict.fromkeys(known[:20], Left())
    assert world.members(team_id) == set(known[20:])


def test_f8_a_reply_that_is_lost_after_the_deed_is_no_second_write(world: ScimWorld) -> None:
    team_id, known = made(world).team_id, people(world, 150)
    misfortune(world, cut_after_commit())
    assert outcomes(world, team_id, known) == dict.fromkeys(known, Joined())
    assert world.simulator.counters.effective_writes(team_id) == 3  # made, and two requests
    assert patches(world) == 2


def test_f8_a_request_that_is_lost_is_sent_again(world: ScimWorld) -> None:
    team_id, known = made(world).team_id, people(world, 10)
    misfortune(world, cut_before_commit())
    assert outcomes(world, team_id, known) == dict.fromkeys(known, Joined())


def test_f8_requests_that_are_lost_one_after_the_other_end_in_doubt(world: ScimWorld) -> None:
    team_id, known = made(world).team_id, people(world, 10)
    misfortune(world, cut_before_commit(), times=None)
    told = outcomes(world, team_id, known, ())
    assert set(kinds(told)) <= {Doubtful, Waits}
    assert isinstance(told[known[0]], Doubtful)
    assert patches(world) == 2


def test_f8_an_application_that_breaks_over_everything_is_left_in_peace(world: ScimWorld) -> None:
    team_id, known = made(world).team_id, people(world, 300)
    misfortune(world, server_error(500), times=None)
    assert set(kinds(outcomes(world, team_id, known))) <= {Doubtful, Waits}
    assert patches(world) <= MOST_TROUBLE


@pytest.mark.parametrize(
    ("effect", "blocks"),
    [
        pytest.param(too_many_requests(30), False, id="F8 429 with a time"),
        pytest.param(server_error(503), False, id="F8 503"),
        pytest.param(unauthorised(), True, id="F8 401"),
        pytest.param(html_page(), False, id="F8 a portal"),
    ],
)
def test_what_is_no_matter_of_members_ends_the_work_and_keeps_what_was_done(
    world: ScimWorld, effect: Effect, *, blocks: bool
) -> None:
    team_id, known, leaver = made(world).team_id, people(world, 250), world.account("leaver")
    outcomes(world, team_id, (leaver,))
    misfortune(world, effect, skip=1, times=None)
    if blocks:
        world.simulator.quirks.add(unauthorised(), methods=("GET",), path="/Users", times=None)
    told = outcomes(world, team_id, known, (leaver,))
    done = {one for one, outcome in told.items() if outcome == Joined()}
    assert done == set(known[:100])
    assert isinstance(told[leaver], Waits)
    assert world.members(team_id) == {*done, leaver}
    waits = told[known[-1]]
    assert isinstance(waits, Waits)
    assert isinstance(waits.error, TenantBlockedError if blocks else TemporaryError)


def test_the_time_to_come_back_is_on_every_member_that_waits(world: ScimWorld) -> None:
    team_id, ada = made(world).team_id, world.account("ada")
    misfortune(world, too_many_requests(30))
    waits = outcomes(world, team_id, (ada,))[ada]
    assert isinstance(waits, Waits)
    assert isinstance(waits.error, TemporaryError)
    assert waits.error.retry_after == timedelta(seconds=30)
    assert outcomes(world, team_id, (ada,)) == {ada: Joined()}


def test_f8_whoever_cannot_be_read_afterwards_is_not_called_done(world: ScimWorld) -> None:
    team_id, known = made(world).team_id, people(world, 5)
    misfortune(world, server_error(503, committed=True))
    world.simulator.quirks.add(server_error(503), methods=("GET",), path="/Groups/", skip=2, times=None)
    assert kinds(outcomes(world, team_id, known)) == {Doubtful: 5}
    world.simulator.quirks.clear()
    assert kinds(outcomes(world, team_id, known)) == {AlreadyIn: 5}


def test_f8_what_is_agreed_to_for_later_is_in_doubt_and_not_asked_for_twice(world: ScimWorld) -> None:
    team_id, known = made(world).team_id, people(world, 150)
    outcomes(world, team_id, known[:20])
    world.simulator.quirks.switch(promises="broken")
    before = patches(world)
    told = outcomes(world, team_id, known[20:], known[:2])
    assert kinds(told) == {Doubtful: 132}
    assert {type(one.error) for one in told.values() if isinstance(one, Doubtful)} == {PromisedError}
    assert patches(world) - before == 4
    with pytest.raises(PromisedError):
        world.target.rename_team(team_id, "Motors")
    with pytest.raises(PromisedError):
        world.target.ensure_team(TeamDraft("t-2", "Pumps"))


# Shown to nobody, or not all of it


@pytest.mark.parametrize(
    ("switches", "unknown"),
    [
        pytest.param({"group_members": "hidden"}, Agreed, id="F8 accounts tell"),
        pytest.param({"group_members": "hidden", "users_show_groups": False}, Agreed, id="F8 nobody tells"),
    ],
)
def test_members_that_are_not_shown_are_agreed_to_and_called_so(
    world: ScimWorld, switches: Mapping[str, object], unknown: type[MemberOutcome]
) -> None:
    world.simulator.quirks.switch(**switches)
    team_id, known = made(world).team_id, people(world, 5)
    told = outcomes(world, team_id, (*known, *strangers(1)))
    assert kinds(told) == {unknown: 5, UnknownMember: 1}
    assert world.members(team_id) == set(known)
    told = outcomes(world, team_id, (), known[:2])
    assert kinds(told) == {Agreed: 2}
    assert world.members(team_id) == set(known[2:])
    assert kinds(outcomes(world, team_id, (), known[:2])) == {AlreadyOut: 2}


def test_f8_members_behind_the_end_of_a_cut_list_are_neither_forgotten_nor_doubted(world: ScimWorld) -> None:
    world.simulator.quirks.switch(group_members_shown=3)
    team_id, known = made(world).team_id, people(world, 8)
    assert kinds(outcomes(world, team_id, known)) == {Joined: 3, Agreed: 5}
    assert outcomes(world, team_id, (), (known[7],)) == {known[7]: Agreed()}
    assert world.members(team_id) == set(known[:7])


def test_f8_somebody_who_is_agreed_to_and_not_let_in_is_in_doubt(world: ScimWorld) -> None:
    world.simulator.quirks.switch(ignored_attributes=("members",))
    team_id, known = made(world).team_id, people(world, 2)
    world.add_by_hand(team_id, known[1])
    told = outcomes(world, team_id, (known[0],), (known[1],))
    assert kinds(told) == {Doubtful: 2}
    assert world.members(team_id) == {known[1]}


# Servers that take everybody out where one is named


@pytest.mark.parametrize(
    "switches",
    [
        pytest.param({"remove_with_path": "everybody", "remove_with_value": "honoured"}, id="F8 by path"),
        pytest.param({"remove_with_path": "refused", "remove_with_value": "everybody"}, id="F8 by value"),
        pytest.param({"remove_with_path": "skipped", "remove_with_value": "everybody"}, id="F8 by silence"),
    ],
)
def test_others_who_were_taken_out_along_are_brought_back(
    world: ScimWorld, switches: Mapping[str, object]
) -> None:
    team_id, known = made(world).team_id, people(world, 30)
    outcomes(world, team_id, known)
    world.simulator.quirks.switch(**switches)
    assert outcomes(world, team_id, (), known[:1]) == {known[0]: Left()}
    assert world.members(team_id) == set(known[1:])
    told = outcomes(world, team_id, (), known[1:4])
    gone = {one for one, outcome in told.items() if outcome == Left()}
    assert world.members(team_id) == set(known[1:]) - gone
    assert gone == (set(known[1:4]) if switches["remove_with_path"] == "everybody" else set())


def test_f8_where_every_way_takes_everybody_out_nobody_is_taken_out_any_more(world: ScimWorld) -> None:
    team_id, known = made(world).team_id, people(world, 10)
    outcomes(world, team_id, known)
    world.simulator.quirks.switch(remove_with_path="everybody", remove_with_value="everybody")
    assert kinds(outcomes(world, team_id, (), known[:3])) == {Left: 2, Refused: 1}
    assert world.members(team_id) == set(known[2:])


def test_f8_others_who_cannot_be_brought_back_are_named(world: ScimWorld) -> None:
    team_id, known = made(world).team_id, people(world, 5)
    outcomes(world, team_id, known)
    world.simulator.quirks.switch(remove_with_path="everybody", unwelcome_members=(known[3],))
    changed = world.target.change_members(team_id, [], [known[0]])
    assert changed == MembersChanged({known[0]: Left()}, frozenset({known[3]}))
    assert world.members(team_id) == {known[1], known[2], known[4]}


def test_f8_a_large_team_is_never_the_place_to_try_the_second_way(world: ScimWorld) -> None:
    team_id, known = made(world).team_id, people(world, 120)
    outcomes(world, team_id, known)
    world.simulator.quirks.switch(remove_with_path="refused", remove_with_value="everybody")
    assert kinds(outcomes(world, team_id, (), known[:1])) == {Refused: 1}
    assert world.members(team_id) == set(known)


def test_f8_nobody_is_taken_out_unseen_in_a_way_that_was_not_seen_to_spare_others(world: ScimWorld) -> None:
    team_id, known = made(world).team_id, people(world, 3)
    outcomes(world, team_id, known)
    world.simulator.quirks.switch(
        group_members_shown=1, remove_with_path="refused", remove_with_value="honoured"
    )
    assert kinds(outcomes(world, team_id, (), known[:2])) == {Left: 1, Refused: 1}
    assert world.members(team_id) == set(known[1:])
    assert outcomes(world, team_id, (), (known[1],)) == {known[1]: Left()}


def test_f8_nobody_is_taken_out_unseen_in_a_way_that_took_everybody_out(world: ScimWorld) -> None:
    team_id, known = made(world).team_id, people(world, 5)
    outcomes(world, team_id, known)
    world.simulator.quirks.switch(remove_with_path="everybody")
    assert outcomes(world, team_id, (), (known[0],)) == {known[0]: Left()}
    world.simulator.quirks.switch(group_members_shown=2)
    assert kinds(outcomes(world, team_id, (), (known[4],))) == {Refused: 1}
    assert world.members(team_id) == set(known[1:])


def test_f8_whoever_is_shown_is_brought_back_after_somebody_unseen_took_them_along(world: ScimWorld) -> None:
    team_id, known = made(world).team_id, people(world, 3)
    outcomes(world, team_id, known)
    world.simulator.quirks.switch(remove_with_path="everybody", group_members_shown=2)
    assert outcomes(world, team_id, (), (known[2],)) == {known[2]: Agreed()}
    assert world.members(team_id) == set(known[:2])


# Teams


@pytest.mark.parametrize(
    "effect",
    [
        pytest.param(cut_after_commit(), id="F8 a lost reply"),
        pytest.param(server_error(503, committed=True), id="F8 a proxy's 503"),
    ],
)
def test_a_team_whose_making_was_not_heard_of_is_found(world: ScimWorld, effect: Effect) -> None:
    world.simulator.quirks.add(effect, methods=("POST",), path="/Groups")
    with pytest.raises(TemporaryError) as caught:
        world.target.ensure_team(ENGINES)
    assert caught.value.maybe_done
    assert isinstance(world.target.ensure_team(ENGINES), Found)
    assert world.simulator.counters.creates("t-1") == 1


def test_a_team_that_a_late_request_doubled_is_told_with_its_double(world: ScimWorld) -> None:
    first = made(world)
    second = Team(TeamId(world.simulator.state.add_group("Engines", external_id="t-1")), "t-1", "Engines")
    assert world.target.ensure_team(ENGINES) == Found(first, (second,))


def test_a_name_that_is_taken_by_a_team_that_no_filter_finds_is_told(world: ScimWorld) -> None:
    world.team_by_hand("engines")
    world.simulator.quirks.switch(unique_display_name=True, visibility_lag_seconds=60)
    assert world.target.ensure_team(ENGINES) == NameTaken()
    assert len(world.simulator.state.groups()) == 1


def act_on_teams(world: ScimWorld) -> tuple[Callable[[], object], ...]:
    target, team_id = world.target, TeamId("any")
    return lambda: target.ensure_team(ENGINES), lambda: target.rename_team(team_id, "Motors")


@pytest.mark.parametrize("act", [0, 1], ids=["ensure", "rename"])
def test_an_address_without_groups_is_no_proof_of_anything(world: ScimWorld, act: int) -> None:
    world.simulator.quirks.add(server_error(404), path="/Groups", times=None)
    with pytest.raises(TemporaryError) as caught:
        act_on_teams(world)[act]()
    assert caught.value.code is Code.TARGET_NOT_SCIM
