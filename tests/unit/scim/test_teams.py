"""What the SCIM target sends about teams, and what it makes of answers that a simulator does not give."""

from datetime import timedelta

import pytest

from adapters.http import NoReply, NotSent, Reply, TooLate
from domain.codes import Code
from domain.errors import HeldBackError, PermanentError, TemporaryError
from domain.ids import AccountId, TeamId
from domain.ports_teams import (
    AlreadyIn,
    AlreadyOut,
    Doubtful,
    Found,
    Joined,
    Left,
    Made,
    MembersChanged,
    NameTaken,
    Refused,
    Renamed,
    Team,
    TeamDraft,
    Waits,
)
from tests.unit.scim.fakes import Asked, Step, json_reply, page, refusal, target, user, web_page

ADA, BOB, CYD = AccountId("ada"), AccountId("bob"), AccountId("cyd")
TEAM = TeamId("g1")
DRAFT = TeamDraft("t-1", "Engines")
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"


def group(*members: object, name: str = "Engines", **more: object) -> dict[str, object]:
    told = {"members": list(members)} if members else {}
    return {"schemas": [GROUP], "id": "g1", "displayName": name, **told, **more}


def shown(*members: object, name: str = "Engines") -> Reply:
    return json_reply(200, group(*members, name=name))


def values(*members: str) -> list[dict[str, str]]:
    return [{"value": one} for one in members]


AGREED = json_reply(204)
OTHER = {"value": "other"}
FREE = (page(), page())
"""Nobody is found, and nobody is there: a filter is believed after that."""


def test_members_are_named_in_one_request_and_looked_at_once() -> None:
    scim, server = target(shown(OTHER), AGREED, shown(OTHER, *values("ada", "bob")))
    changed = scim.change_members(TEAM, [ADA, BOB], [])
    assert changed == MembersChanged({ADA: Joined(), BOB: Joined()})
    assert server.lines == ["GET /Groups/g1", "PATCH /Groups/g1", "GET /Groups/g1"]
    assert server.asked[1].body["Operations"] == [
        {"op": "add", "path": "members", "value": values("ada", "bob")}
    ]


def test_the_first_leaver_goes_alone_and_the_others_together() -> None:
    everybody = values("ada", "bob", "cyd")
    scim, server = target(
        *(shown(OTHER, *everybody), shown(OTHER, *everybody), AGREED),
        *(shown(OTHER, *everybody[1:]), shown(OTHER, *everybody[1:]), AGREED, shown(OTHER)),
    )
    assert scim.change_members(TEAM, [], [ADA, BOB, CYD]) == MembersChanged(
        {ADA: Left(), BOB: Left(), CYD: Left()}
    )
    said = [asked.body["Operations"] for asked in server.asked if asked.method == "PATCH"]
    assert said == [
        [{"op": "remove", "path": 'members[value eq "ada"]'}],
        [{"op": "remove", "path": f'members[value eq "{one}"]'} for one in ("bob", "cyd")],
    ]


def test_nothing_is_sent_where_nothing_is_to_do() -> None:
    scim, server = target(shown(*values("ada", "bob")))
    assert scim.change_members(TEAM, [ADA], []) == MembersChanged({ADA: AlreadyIn()})
    assert scim.change_members(TEAM, [], []) == MembersChanged({})
    assert server.lines == ["GET /Groups/g1"] * 2


@pytest.mark.parametrize("told", ["ada", {"value": "ada"}, {"VALUE": "ada", "display": "Ada"}])
def test_members_are_read_however_they_are_written(told: object) -> None:
    scim, _ = target(shown(told, 7, {"value": 8}, {"display": "nobody"}, None))
    changed = scim.change_members(TEAM, [ADA, AccountId("7"), AccountId("8")], [])
    assert changed == MembersChanged(dict.fromkeys([ADA, AccountId("7"), AccountId("8")], AlreadyIn()))


def test_quotes_in_an_id_do_not_end_the_path() -> None:
    odd = AccountId('a"] or members[value eq "b')
    scim, server = target(*[shown(OTHER, {"value": odd})] * 2, AGREED, shown(OTHER))
    assert scim.change_members(TEAM, [], [odd]) == MembersChanged({odd: Left()})
    assert server.asked[2].body["Operations"][0]["path"] == (
        r'members[value eq "a\"] or members[value eq \"b"]'
    )


@pytest.mark.parametrize(
    ("failure", "outcome", "asked_again"),
    [
        pytest.param(HeldBackError(Code.TARGET_BUSY, retry_after=timedelta(9)), Waits, 0, id="F8 at rest"),
        pytest.param(NotSent("no connection"), Waits, 0, id="F8 not sent"),
        pytest.param(NoReply("no answer"), Doubtful, 1, id="F8 no reply"),
        pytest.param(TooLate("the lease was too old"), Waits, 0, id="F8 too late to write"),
        pytest.param(refusal(429, retry_after="7"), Waits, 0, id="F8 429"),
        pytest.param(web_page(), Doubtful, 1, id="F8 a portal"),
    ],
)
def test_what_befalls_a_request_is_on_each_member_and_an_unwell_target_is_asked_little(
    failure: Step, outcome: type, asked_again: int
) -> None:
    def answered(asked: Asked) -> Reply:
        if asked.method == "GET":
            return shown(OTHER, *values("cyd"))
        if isinstance(failure, Exception):
            raise failure
        assert isinstance(failure, Reply)
        return failure

    scim, server = target(answered)
    changed = scim.change_members(TEAM, [ADA], [CYD])
    assert isinstance(changed, MembersChanged)
    assert isinstance(changed.outcomes[ADA], outcome)
    assert isinstance(changed.outcomes[CYD], Waits | Doubtful)
    looks = [line for line in server.lines if line == "GET /Groups/g1"]
    assert len(looks) <= 1 + 4 * asked_again


def test_a_look_that_fails_before_anything_is_sent_makes_everybody_wait() -> None:
    scim, server = target(refusal(503))
    changed = scim.change_members(TEAM, [ADA], [BOB])
    assert isinstance(changed, MembersChanged)
    assert {type(one) for one in changed.outcomes.values()} == {Waits}
    assert server.lines == ["GET /Groups/g1"]


def test_f8_a_refusal_that_no_look_follows_is_nobodys_in_particular() -> None:
    scim, _ = target(shown(OTHER), refusal(400), refusal(503))
    changed = scim.change_members(TEAM, [ADA, BOB], [])
    assert isinstance(changed, MembersChanged)
    assert {type(one) for one in changed.outcomes.values()} == {Waits}


def test_an_id_that_fits_in_no_address_is_refused_and_costs_nobody_else() -> None:
    odd = AccountId("..")

    def answered(asked: Asked) -> Reply:
        if asked.method == "GET":
            return shown(*(values("ada") if len(server.asked) > 4 else [OTHER]))
        named = [one["value"] for one in asked.body["Operations"][0]["value"]]
        return refusal(400) if odd in named else AGREED

    scim, server = target(answered)
    changed = scim.change_members(TEAM, [odd, ADA], [])
    assert isinstance(changed, MembersChanged)
    assert isinstance(changed.outcomes[odd], Refused)
    assert changed.outcomes[ADA] == Joined()


def test_whoever_hides_an_account_is_asked_for_the_team_only() -> None:
    scim, _ = target(shown(*values("ada")), refusal(403), page(user("x")))
    assert scim.change_members(TEAM, [], [BOB]) == MembersChanged({BOB: AlreadyOut()})


# Names


def test_a_name_is_said_in_a_value_where_a_path_is_refused_or_skipped() -> None:
    for first in ([refusal(400, scim_type="invalidPath")], [AGREED, shown(OTHER)]):
        scim, server = target(*FREE, *first, AGREED, shown(OTHER, name="Motors"))
        assert scim.rename_team(TEAM, "Motors") == Renamed("Motors")
        said = [asked.body["Operations"][0] for asked in server.asked if asked.method == "PATCH"]
        assert said == [
            {"op": "replace", "path": "displayName", "value": "Motors"},
            {"op": "replace", "value": {"displayName": "Motors"}},
        ]


def test_a_name_that_two_ways_do_not_change_is_told_as_it_is() -> None:
    scim, _ = target(*FREE, AGREED, shown(OTHER), AGREED, shown(OTHER))
    assert scim.rename_team(TEAM, "Motors") == Renamed("Engines")


def test_a_refused_name_is_refused() -> None:
    scim, _ = target(*FREE, refusal(400, "no such name"))
    with pytest.raises(PermanentError):
        scim.rename_team(TEAM, "Motors")


def test_a_rename_that_cannot_be_looked_at_may_be_done() -> None:
    scim, _ = target(*FREE, AGREED, refusal(503))
    with pytest.raises(TemporaryError) as caught:
        scim.rename_team(TEAM, "Motors")
    assert caught.value.maybe_done


def test_a_taken_name_is_told_by_a_conflict() -> None:
    scim, _ = target(*FREE, refusal(409, scim_type="uniqueness"))
    assert scim.rename_team(TEAM, "Motors") == NameTaken()


# Making


def test_a_team_is_made_without_members_after_two_looks() -> None:
    scim, server = target(*FREE, *FREE, json_reply(201, group(externalId="t-1")))
    assert scim.ensure_team(DRAFT) == Made(Team(TEAM, "t-1", "Engines"))
    assert server.asked[-1].body == {"schemas": [GROUP], "externalId": "t-1", "displayName": "Engines"}


@pytest.mark.parametrize("status", [200, 201])
def test_somebody_elses_team_in_the_answer_is_no_team_of_ours(status: int) -> None:
    scim, _ = target(*FREE, *FREE, json_reply(status, group(externalId="t-9")))
    assert scim.ensure_team(DRAFT) == NameTaken((Team(TEAM, "t-9", "Engines"),))


def test_a_conflict_over_our_own_id_is_our_own_team() -> None:
    scim, _ = target(*FREE, *FREE, refusal(409), page(group(externalId="t-1")))
    assert scim.ensure_team(DRAFT) == Found(Team(TEAM, "t-1", "Engines"))


def test_a_team_that_nobody_shows_after_its_making_may_be_there() -> None:
    scim, _ = target(*FREE, *FREE, json_reply(201), page())
    with pytest.raises(TemporaryError) as caught:
        scim.ensure_team(DRAFT)
    assert caught.value.maybe_done
