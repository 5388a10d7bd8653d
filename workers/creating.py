"""Make accounts, or find the one that is there: no second account for anybody, and none that nobody links."""

from datetime import timedelta
from typing import assert_never

from domain.account import Account, AccountDraft
from domain.changes import GIVING, Action
from domain.codes import Code
from domain.compare import difference
from domain.errors import KeyTakenError
from domain.identity import BY_ID, Doubtful, Nobody, Theirs, Wanted, made_by_us, match
from domain.ids import AccountId
from domain.link import OPEN, Link, Origin
from domain.mapping import external_id, fitting
from domain.promises import NOT_SHOWN, is_promised, was_promised
from domain.records import Job, Outdated, Postponed, Refused, Settlement
from domain.untaken import untaken
from workers.bench import Bench, done, values_of
from workers.looking import find_accounts
from workers.promises import keep_looking

VISIBILITY_LAG = timedelta(seconds=30)
"""How long a target may take to find an account that it just made; no second POST before that."""


def perhaps_made(job: Job) -> bool:
    """Tell whether an earlier try may have made or opened an account that nobody has linked."""
    return job.change.action in GIVING and job.change.intent_at is not None and job.link is None


def create_account(job: Job, bench: Bench) -> Settlement:
    """Create an account, unless it is there: look first after a lost reply, or where nobody looked yet."""
    change, after = job.change, dict(job.change.after or {})
    draft = AccountDraft(external_id(change.person_id, bench.config), after)
    if change.intent_at is not None or not bench.listed:
        found = _look(draft, job, bench)
        if not isinstance(found, Nobody):
            return found
        if early := _too_early(job, bench):
            return early
    try:
        account = bench.target.create(draft)
    except KeyTakenError:
        found = _look(draft, job, bench)
        if isinstance(found, Nobody):
            raise
        return found
    link = Link(change.person_id, account.account_id, True, after, None, 0, Origin.CREATED)
    return done(job, bench, link, note=untaken({}, after, account))


def give_up(job: Job, why: Code, bench: Bench) -> Settlement:
    """Send nothing for a stale row, but keep the account that an earlier try made or opened after all.

    An account that nobody links is an open door, and the next create would be a second one.
    """
    change = job.change
    if change.action is Action.LINK:
        return _give_link_up(job, why, bench)
    draft = AccountDraft(external_id(change.person_id, bench.config), dict(change.after or {}))
    found = _seek(draft, job, bench)
    match found:
        case Account():
            values = values_of(found.values)
            link = Link(change.person_id, found.account_id, found.active, values, None, 0, Origin.CREATED)
            made = done(job, bench, link)
            return Outdated(change.change_id, why, "an earlier try had made the account", made)
        case Refused():
            return found
        case Nobody():
            return _too_early(job, bench) or _not_there(job, why)
        case _:
            assert_never(found)


def _not_there(job: Job, why: Code) -> Settlement:
    """Say that nothing was found; where the row's values are lost, it could be looked for by its id only.

    An account that was promised may come as late as a human approves it: it is looked for once a day.
    """
    change = job.change
    if was_promised(change):
        return Refused(change.change_id, Code.TARGET_PROMISED, NOT_SHOWN, intent_kept=True)
    if change.pruned:
        return Outdated(change.change_id, why, "looked for by our id only: its values were not kept so long")
    if change.forgotten:
        return Refused(change.change_id, Code.VALUE_UNREADABLE, "")
    return Outdated(change.change_id, why, "")


def _give_link_up(job: Job, why: Code, bench: Bench) -> Settlement:
    """Keep a found account where the lost request arrived: it carries our id for this person then."""
    change = job.change
    account = bench.target.get(change.account_id) if change.account_id else None
    if account is None or account.external_id != external_id(change.person_id, bench.config):
        return Outdated(change.change_id, why, "")
    values = values_of(account.values)
    link = Link(change.person_id, account.account_id, account.active, values, None, 0, Origin.LINKED)
    return Outdated(change.change_id, why, "an earlier try had linked the account", done(job, bench, link))


def close_what_was_made(job: Job, link: Link, bench: Bench) -> Settlement | None:
    """Close what a lost request may have made in place of an account that is gone; None if it made none.

    Only an account with our own id for this person is closed so: one without may be somebody's work by hand.
    """
    if OPEN not in link.doubts:
        return None
    change = job.change
    wanted = Wanted(change.person_id, {**link.values, **(change.after or {})}, bench.config)
    found = find_accounts(wanted, bench.target)
    verdict = match(wanted, found, bench.claims(found, wanted))
    match verdict:
        case Theirs(account, by) if by == BY_ID:
            if account.active:
                bench.target.deactivate(account.account_id)
            values, origin = {**link.values, **values_of(account.values)}, Origin.CREATED
            made = Link(link.person_id, account.account_id, False, values, None, link.version, origin)
            return done(job, bench, made, sent=account.active)
        case Theirs():
            return Refused(change.change_id, Code.MATCH_AMBIGUOUS, "an account appeared meanwhile")
        case Doubtful(why, detail) if any(each.external_id == wanted.external_id for each in found):
            return Refused(change.change_id, why, detail)
        case Nobody() | Doubtful():
            return _not_visible_yet(job, link, bench)
        case _:
            assert_never(verdict)


def _not_visible_yet(job: Job, link: Link, bench: Bench) -> Postponed | None:
    """Wait where a lost request may have made an account that cannot be found yet.

    Nobody knows when a request was sent that another row made, so the first look begins the waiting.
    """
    if job.change.intent_at is None and OPEN in link.doubts:
        return _until_visible(job, VISIBILITY_LAG)
    return _too_early(job, bench)


def _too_early(job: Job, bench: Bench) -> Postponed | None:
    """Wait where nobody can tell yet whether a request that was sent has made an account, or will."""
    change = job.change
    if is_promised(change, bench.now):
        return keep_looking(change, bench)
    sent_at = change.sent_at or change.intent_at
    if sent_at is None or bench.now - sent_at >= VISIBILITY_LAG:
        return None
    return _until_visible(job, sent_at + VISIBILITY_LAG - bench.now)


def _until_visible(job: Job, wait: timedelta) -> Postponed:
    detail = "waiting until a lost create would be visible"
    return Postponed(job.change.change_id, Code.TARGET_BUSY, detail, wait, intent_kept=True)


def _look(draft: AccountDraft, job: Job, bench: Bench) -> Settlement | Nobody:
    """Look for this person's account, and bring it in line."""
    found = _seek(draft, job, bench)
    return _adopt(found, job, bench) if isinstance(found, Account) else found


def _seek(draft: AccountDraft, job: Job, bench: Bench) -> Account | Refused | Nobody:
    """Look for an account that is this person's already, by external id, then by the tenant's rules."""
    wanted = Wanted(job.change.person_id, draft.values, bench.config)
    found = find_accounts(wanted, bench.target)
    verdict = match(wanted, found, bench.claims(found, wanted))
    match verdict:
        case Nobody():
            return verdict
        case Theirs(account, by) if by == BY_ID or _may_take(account, draft, job):
            return account
        case Theirs():
            return _refused(job, Code.MATCH_AMBIGUOUS, "an account appeared meanwhile")
        case Doubtful(why, detail):
            return _refused(job, why, detail)
        case _:
            assert_never(verdict)


def _refused(job: Job, why: Code, detail: str) -> Refused:
    """Refuse a row in doubt, and remember if an earlier try may have made an account all the same."""
    tried = job.change.intent_at is not None
    return Refused(job.change.change_id, why, detail, intent_kept=tried)


def _may_take(account: Account, draft: AccountDraft, job: Job) -> bool:
    """After a lost create, only what that request made is ours; on first contact an open account is."""
    intent_at = job.change.intent_at
    if intent_at is None:
        return True
    return made_by_us(account, intent_at) and not difference(account.values, draft.values)


def _adopt(account: Account, job: Job, bench: Bench) -> Settlement:
    """Link an account that exists and send what differs; it bears our id before it is opened."""
    change, after = job.change, dict(job.change.after or {})
    ours_before = change.action is not Action.LINK and change.intent_at is not None
    if not ours_before:
        after = fitting(after, account.values, bench.config)
    ours = external_id(change.person_id, bench.config)
    foreign = account.external_id != ours
    changed = difference(account.values, after)
    origin = Origin.CREATED if ours_before else Origin.LINKED
    if foreign or (changed and account.active):
        first = changed if account.active else {}
        bench.target.update(account.account_id, first, external_id=ours if foreign else None)
    if not account.active:
        bench.target.reactivate(account.account_id, changed)
    merged = {**values_of(account.values), **after}
    version = job.link.version if job.link else 0
    link = Link(change.person_id, account.account_id, True, merged, None, version, origin)
    return done(job, bench, link, sent=bool(changed or foreign or not account.active))


def link_account(job: Job, account_id: AccountId, bench: Bench) -> Settlement:
    """Link the account that was found while planning, and send what differs."""
    before = dict(job.change.before or {})
    was_active = before.get("active") is not False
    known_as = before.get("externalId")
    account = Account(
        account_id,
        known_as if isinstance(known_as, str) else None,
        was_active,
        values_of(before),
    )
    return _adopt(account, job, bench)


def make_again(job: Job, link: Link, bench: Bench) -> Settlement:
    """Give somebody who came back a new account, because theirs was removed in the target meanwhile."""
    after = {**link.values, **(job.change.after or {})}
    draft = AccountDraft(external_id(job.change.person_id, bench.config), after)
    found = _look(draft, job, bench)
    if not isinstance(found, Nobody):
        return found
    if early := _not_visible_yet(job, link, bench):
        return early
    account = bench.target.create(draft)
    fresh = Link(link.person_id, account.account_id, True, after, None, link.version, Origin.CREATED)
    return done(job, bench, fresh)
