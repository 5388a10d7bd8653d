"""Believe that an account is gone only where the server would have told otherwise.

A 404 may come from a route that nobody built (PATCH on some servers), from a proxy or from a portal. Taken
for «gone», it would end a leaver's row while the door is open. So a look by id decides, and where its 404 is
no answer of SCIM, a look at somebody whom the list shows: if that one is told, the missing one is missing.
"""

from urllib.parse import quote

from adapters.targets.scim.listing import Listing
from adapters.targets.scim.session import USERS, Answer, Session
from adapters.targets.scim.translate import id_of
from domain.codes import Code
from domain.errors import AccountGoneError, PermanentError
from domain.ids import AccountId
from schemas.scim import Resource


def place_of(account_id: str, collection: str = USERS) -> str:
    """Write the address of an account below /Users, or of a team below /Groups."""
    if account_id in {"", ".", ".."}:
        raise PermanentError(
            Code.TARGET_REFUSED, "the target gave this account an id that fits in no address"
        )
    return f"{collection}/{quote(account_id, safe='')}"


class Absence:
    """Judge every 404 about an account, or about a team."""

    def __init__(self, session: Session, collection: str = USERS) -> None:
        self._session = session
        self._collection = collection
        self._listing = Listing(session, 2, collection)

    def read(self, account_id: str) -> tuple[Resource, Answer]:
        """Read an account, or raise AccountGoneError where it is proven to be gone."""
        answer = self._session.ask("GET", place_of(account_id, self._collection))
        if answer.status == 404 and not answer.says_gone:
            self._control(account_id, answer)
        resource = self._session.resource(self._session.agreed(answer))
        if resource is None or id_of(resource) is None:
            raise self._session.not_scim(answer, "the body is no account")
        return resource, answer

    def is_there(self, account_id: AccountId, refused: Answer) -> bool:
        """Tell whether an account whose write was answered by 404 can be read all the same.

        Raises AccountGoneError where it cannot.
        """
        if refused.status != 404 or refused.scim_type.lower() == "notarget":
            return False
        self.read(account_id)
        return True

    def _control(self, account_id: str, answer: Answer) -> None:
        """Raise AccountGoneError if the server shows others, and not this one."""
        others = [found for one in self._listing.page(None).resources if (found := id_of(one)) != account_id]
        known = not others or self._session.ask("GET", place_of(others[0] or "", self._collection)).good
        if known:
            raise AccountGoneError(Code.TARGET_ACCOUNT_GONE, f"HTTP {answer.status}, and others are told")
