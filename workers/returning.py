"""Notice people who come back under a new id, and want the name of an account that we closed for them."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.account import Account
from domain.changes import Action, Change, ChangeState, on_change
from domain.codes import Code
from domain.config import Configuration, Rehire
from domain.identity import Claims, Doubtful, Kinship, Wanted, candidate, kinship
from domain.ids import PersonId
from domain.keys import Contest, Holder
from domain.link import Link
from domain.mapping import external_id
from domain.ports import Transaction
from domain.run import Run


@dataclass(frozen=True, slots=True)
class Returned:
    """A create whose person seems to have had an account under another id.

    `proven`: a rule shows that it is the same person. `closes`: the row that still has to close the account.
    """

    change: Change
    account: Account
    former: PersonId
    proven: bool
    doubt: Doubtful
    closes: str | None


def returning(tx: Transaction, run: Run, config: Configuration) -> Sequence[Returned]:
    """Find creates that want the name of an account that we closed, or close now, for one of the same name.

    Somebody of another name got a recycled address: they get an account of their own.
    """
    if config.policy.rehired is Rehire.NEW_ACCOUNT:
        return ()
    found = (_judge(tx, run, config, contest) for contest in tx.changes.contests(run.tenant_id, run.run_id))
    return [back for back in found if back is not None]


def _judge(tx: Transaction, run: Run, config: Configuration, contest: Contest) -> Returned | None:
    holder = contest.holder
    if holder is None or len({wanter.person_id for wanter in contest.wanters}) != 1:
        return None
    if holder.active and not holder.leaving:
        return None
    change = _create(tx, run, contest)
    link = tx.links.get(run.tenant_id, [holder.person_id]).get(holder.person_id)
    if change is None or link is None:
        return None
    kin = kinship(link.values, change.after or {}, config)
    if kin is Kinship.OTHER:
        return None
    return _returned(change, link, holder, kin, config)


def _create(tx: Transaction, run: Run, contest: Contest) -> Change | None:
    rows = tx.changes.rows(
        run.tenant_id,
        run_id=run.run_id,
        person_id=contest.wanters[0].person_id,
        states=[ChangeState.PLANNED],
    )
    return next((row for row in rows if row.action is Action.CREATE), None)


def _returned(change: Change, link: Link, holder: Holder, kin: Kinship, config: Configuration) -> Returned:
    account = Account(
        link.account_id, external_id(link.person_id, config), active=link.active, values=link.values
    )
    wanted = Wanted(change.person_id, change.after or {}, config)
    owned = Claims(linked={link.account_id: link.person_id})
    seen = candidate(account, wanted, owned, "first and last name are equal")
    is_ = "is closed" if not link.active else "is to be closed"
    detail = f"the account of person {link.person_id} has the same name and user name, and {is_}"
    return Returned(
        change=change,
        account=account,
        former=link.person_id,
        proven=kin is Kinship.SAME and config.policy.rehired is Rehire.RELINK,
        doubt=Doubtful(Code.PERSON_RETURNED, detail, (seen,)),
        closes=on_change(holder.change_id) if holder.leaving and holder.change_id else None,
    )
