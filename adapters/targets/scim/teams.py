"""The teams of a SCIM application (its groups): have one, name one, bring members in and take them out."""

from collections.abc import Collection

from adapters.targets.scim.joining import Joining
from adapters.targets.scim.leaving import Leaving
from adapters.targets.scim.listing import Listing, nothing_here
from adapters.targets.scim.moving import REFUSED
from adapters.targets.scim.path import Path, read
from adapters.targets.scim.promises import promised
from adapters.targets.scim.roster import Habits, OneTeam
from adapters.targets.scim.searching import Search
from adapters.targets.scim.session import GROUPS, Answer, Session
from adapters.targets.scim.translate import EXTERNAL_ID, equal, id_of
from adapters.targets.scim.ways import PATH_TROUBLE
from domain.codes import Code
from domain.errors import (
    AccountGoneError,
    KeyTakenError,
    PermanentError,
    PromisedError,
    StaffettaError,
    TemporaryError,
)
from domain.ids import AccountId, TeamId
from domain.ports_teams import (
    Ensured,
    Found,
    Made,
    MembersChanged,
    NameTaken,
    Naming,
    Renamed,
    Team,
    TeamDraft,
    TeamGone,
    befallen,
    refuse_both,
)
from schemas.scim import GROUP, Resource

NAME = Path("", "displayName")
_NOT_FOUND = 404


class Teams:
    """Ask /Groups. One instance may be used by many threads: what it learns is only ever added."""

    def __init__(self, session: Session, page_size: int) -> None:
        self._session = session
        self._search = Search(Listing(session, page_size, GROUPS))
        self._habits = Habits()

    def ensure(self, draft: TeamDraft) -> Ensured:
        """Look for our id, then for the name, then send a POST."""
        known = self._bearing(draft.external_id)
        if known:
            return Found(known[0], known[1:])
        holders = self._named(draft.name)
        return NameTaken(holders) if holders else self._make(draft)

    def rename(self, team_id: TeamId, name: str) -> Naming:
        """Send the new name unless the team has it, or another one does."""
        holders = self._named(name)
        if any(one.team_id == team_id and one.name == name for one in holders):
            return Renamed(name)
        others = tuple(one for one in holders if one.team_id != team_id)
        if others:
            return NameTaken(others)
        try:
            return Renamed(self._given(OneTeam(self._session, self._habits, team_id), name))
        except AccountGoneError:
            return TeamGone()
        except KeyTakenError:
            return NameTaken()

    def change(
        self, team_id: TeamId, join: Collection[AccountId], leave: Collection[AccountId]
    ) -> MembersChanged | TeamGone:
        """Look who is in, then bring in and take out; joiners first, for some servers keep no empty team."""
        refuse_both(join, leave)
        team = OneTeam(self._session, self._habits, team_id)
        try:
            before = team.read()
        except AccountGoneError:
            return TeamGone()
        except StaffettaError as error:
            return MembersChanged(dict.fromkeys((*join, *leave), befallen(error)))
        try:
            joins = Joining(team, before)
            joins.carry(list(dict.fromkeys(join)))
            leaves = Leaving(team, before, joins.left_off)
            leaves.carry(list(dict.fromkeys(leave)))
        except AccountGoneError:
            return TeamGone()
        return MembersChanged(joins.outcomes | leaves.outcomes, leaves.lost)

    def _make(self, draft: TeamDraft) -> Ensured:
        body = {"schemas": [GROUP], EXTERNAL_ID.text: draft.external_id, NAME.text: draft.name}
        answer = self._session.ask("POST", GROUPS, body=body, names_key=True)
        if answer.status in {404, 410}:
            raise nothing_here(GROUPS)
        try:
            self._session.agreed(answer)
        except KeyTakenError:
            known = self._bearing(draft.external_id)
            return Found(known[0], known[1:]) if known else NameTaken(self._named(draft.name))
        made = self._made(answer, draft)
        ours = made.external_id in {None, draft.external_id}
        return Made(made) if ours else NameTaken((made,))

    def _made(self, answer: Answer, draft: TeamDraft) -> Team:
        """Find the team behind an agreement. It is probably there, whatever comes."""
        try:
            resource = {} if answer.promises else self._session.resource(answer) or {}
            if id_of(resource) is not None:
                return _team(resource)
            found = self._bearing(draft.external_id)
        except StaffettaError as error:
            raise TemporaryError(error.code, error.detail, maybe_done=True) from error
        if not found and answer.promises:
            raise promised({})
        if not found:
            detail = "made, but the target does not show it"
            raise TemporaryError(Code.TARGET_NOT_SCIM, detail, maybe_done=True)
        return found[0]

    def _given(self, team: OneTeam, name: str) -> str:
        """Give a name, and return what is shown afterwards; one that was promised only if it is shown."""
        try:
            return self._send_name(team, name)
        except PromisedError:
            if not equal(_shown(team, ""), name):
                raise
            return name

    def _send_name(self, team: OneTeam, name: str) -> str:
        """Say the name in a path, then in a value as Okta does; return the name that is shown afterwards."""
        answer = team.patch([{"op": "replace", "path": NAME.text, "value": name}], names_key=True)
        skipped = answer.good and not equal(_shown(team, name), name)
        unclear = answer.status == REFUSED and answer.scim_type.lower() in PATH_TROUBLE
        if skipped or unclear:
            answer = team.patch([{"op": "replace", "value": {NAME.text: name}}], names_key=True)
        if answer.good:
            return _shown(team, name)
        if answer.status == _NOT_FOUND:
            team.resource()  # raises AccountGoneError where the team is gone
        raise team.error_of(answer)

    def _bearing(self, external_id: str) -> tuple[Team, ...]:
        found = self._search.matching(
            EXTERNAL_ID, external_id, lambda one: str(read(EXTERNAL_ID, one)) == external_id
        )
        return tuple(map(_team, found))

    def _named(self, name: str) -> tuple[Team, ...]:
        found = self._search.matching(NAME, name, lambda one: equal(read(NAME, one), name))
        return tuple(map(_team, found))


def _shown(team: OneTeam, name: str) -> str:
    """Return the name after a change that was agreed to; who forbids the look is believed."""
    try:
        return _team(team.resource()).name
    except AccountGoneError:
        raise
    except PermanentError:
        return name
    except TemporaryError as error:
        error.maybe_done = True
        raise


def _team(resource: Resource) -> Team:
    told = read(EXTERNAL_ID, resource)
    external_id = None if told is None else str(told)
    return Team(TeamId(id_of(resource) or ""), external_id, str(read(NAME, resource) or ""))
