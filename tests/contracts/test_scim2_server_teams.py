"""Teams over SCIM pass the contract against somebody else's server, over a real socket."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from adapters.http import AddressPolicy, Outbound, Reply
from adapters.targets.scim import ScimTarget
from domain.account import AccountDraft
from domain.ids import AccountId, TeamId
from domain.ports_teams import Joined
from tests.contracts.team_contract import NOBODY, TeamContract, TeamWorld, made, outcomes
from tests.contracts.test_scim2_server_target import TOKEN, Noon, served

GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
KIND = "application/scim+json"


class Counted:
    """Send over an outbound, and count what was no question."""

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound
        self.writes = 0

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] = {},
        body: bytes | None = None,
        content_type: str | None = None,
        deadline: timedelta | None = None,
    ) -> Reply:
        self.writes += method != "GET"
        return self._outbound.send(
            method,
            path,
            params=params,
            headers=headers,
            body=body,
            content_type=content_type,
            deadline=deadline,
        )


class ForeignWorld:
    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound
        self._counted = Counted(outbound)
        self.target = ScimTarget(self._counted, TOKEN, frozenset({"userName"}), Noon(), "/v2")

    def account(self, key: str) -> AccountId:
        return self.target.create(AccountDraft(key, {"userName": key})).account_id

    def team_by_hand(self, name: str) -> TeamId:
        return TeamId(self._by_hand("POST", "/v2/Groups", {"schemas": [GROUP], "displayName": name})["id"])

    def add_by_hand(self, team_id: TeamId, member: AccountId) -> None:
        operation = {"op": "add", "path": "members", "value": [{"value": member}]}
        self._by_hand("PATCH", f"/v2/Groups/{team_id}", {"schemas": [PATCH], "Operations": [operation]})

    def members(self, team_id: TeamId) -> set[AccountId]:
        told = self._by_hand("GET", f"/v2/Groups/{team_id}", None).get("members", [])
        return {AccountId(one["value"]) for one in told}

    @property
    def writes(self) -> int:
        return self._counted.writes

    def _by_hand(self, method: str, path: str, document: object) -> dict[str, Any]:
        body = None if document is None else msgspec.json.encode(document)
        headers = {"authorization": f"Bearer {TOKEN}"}
        reply = self._outbound.send(
            method, path, headers=headers, body=body, content_type=KIND if body else None
        )
        assert reply.status < 300
        return msgspec.json.decode(reply.body or b"{}", type=dict[str, Any])


class TestScim2ServerTeams(TeamContract):
    @pytest.fixture
    def world(self) -> Iterator[TeamWorld]:
        with served(patch=True) as origin:
            outbound = Outbound(origin, policy=AddressPolicy(allow_private=True))
            yield ForeignWorld(outbound)
            outbound.close()

    def test_a_member_that_nobody_knows_holds_up_nobody(self, world: TeamWorld) -> None:
        """It takes any id for a member, and what it shows counts."""
        team_id = made(world).team_id
        known = tuple(world.account(f"person-{n}") for n in range(7))
        assert outcomes(world, team_id, (*known, NOBODY)) == dict.fromkeys((*known, NOBODY), Joined())
        assert world.members(team_id) == {*known, NOBODY}
