"""Prove absence: ask the source for everybody whom a certified feed lacks, before anything is concluded."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import assert_never

from domain.absence import (
    Absence,
    AbsentSince,
    Proven,
    Refuted,
    TooMany,
    Unanswered,
    Unasked,
    apart,
    evidence_by_id,
    evidence_by_time,
    judge_absence,
    removal,
)
from domain.account import Scalar
from domain.codes import Code
from domain.compare import Wish
from domain.config import Configuration, Removal
from domain.decisions import HUMAN
from domain.errors import FeedBrokenError, TemporaryError, TenantBlockedError
from domain.ids import ChangeId, PersonId
from domain.overrides import Overridden, overridden
from domain.ports import Transaction
from domain.run import Run
from workers.decided import hold_back
from workers.desk import TURN_LOST, Desk, count_requests, keep_turn
from workers.proposals import is_of_a_proposal

NOBODY = "nobody with an open account is missing"
BY_POLICY = "not judged: the policy leaves accounts of absent people alone"


def prove_absences(run: Run, config: Configuration, certificate: str, token: str, desk: Desk) -> bool:
    """Plan to close the accounts of people who are proven gone; False if the turn was lost meanwhile.

    Whoever is missing without proof keeps everything; the run says in words what was concluded, or why not.
    Where an earlier try of the same run had planned otherwise, its rows are taken back: the last word counts.
    """
    with desk.store.read() as tx:
        missing = tx.runs.absent(run.tenant_id, run.run_id)
        control = tx.runs.control(run.tenant_id, run.run_id)
    asked = bool(missing) and control is not None and config.policy.not_seen is not Removal.NOTHING
    absence = _ask(run, tuple(missing), control, token, desk) if asked and control else None
    with desk.store.write() as tx:
        if not tx.runs.keep_turn(run.tenant_id, run.run_id, token, desk.limits.page_lease):
            return False
        count_requests(tx, run.tenant_id, run.run_id, desk)
        still = absence.people if isinstance(absence, Proven) else ()
        tx.absences.take_back(run.tenant_id, run.run_id, still)
        if absence is None:
            _note(tx, run)
            words = BY_POLICY if missing and config.policy.not_seen is Removal.NOTHING else NOBODY
            tx.absences.say(run.tenant_id, run.run_id, words)
        else:
            _conclude(tx, run, config, absence, certificate, desk)
    return True


def guard_units(tx: Transaction, run: Run) -> None:
    """Hold the removal of people whose unit vanished whole: so looks a credential that was narrowed.

    Whoever else is missing in such a reading waits with them: where they belonged is only what was told last.
    A row tells of the widest of its units, the one that a credential is narrowed by, and not of its rooms.
    """
    vanished = tx.absences.vanished(run.tenant_id, run.run_id)
    for unit in reversed(vanished):
        tx.changes.hold(run.tenant_id, unit.change_ids, Code.GUARD_UNIT, unit.sentence)
    if vanished:
        theirs = {change_id for unit in vanished for change_id in unit.change_ids}
        others = [each for each in tx.absences.planned(run.tenant_id, run.run_id) if each not in theirs]
        why = f"missing in the same reading as all of {vanished[0].sentence}"
        tx.changes.hold(run.tenant_id, others, Code.GUARD_UNIT, why)


def _ask(run: Run, missing: tuple[PersonId, ...], control: PersonId, token: str, desk: Desk) -> Absence:
    """Ask by id, one after the other, and keep the turn while that takes long."""
    if len(missing) > desk.limits.most_probed:
        return TooMany(len(missing), desk.limits.most_probed)
    source = desk.accounts.source(run.tenant_id)
    try:
        found = source.person(control) is not None
        if not keep_turn(run, token, desk):
            return Unanswered(TURN_LOST)
        answers: dict[PersonId, bool] = {}
        for person_id in missing if found else ():
            answers[person_id] = source.person(person_id) is not None
            if not keep_turn(run, token, desk):
                return Unanswered(TURN_LOST)
    except (FeedBrokenError, TemporaryError) as error:
        return Unanswered(f"Personio did not answer when asked by id: {error.code}")
    except TenantBlockedError as error:
        if error.code is not Code.SOURCE_RIGHT_MISSING:
            raise
        return Unasked(f"people may not be asked for by id: {error.code}")
    return judge_absence(answers, control, control_found=found)


def _conclude(
    tx: Transaction, run: Run, config: Configuration, absence: Absence, certificate: str, desk: Desk
) -> None:
    """Plan what is proven, remember who is missing, and say in words what was concluded."""
    unproven, why = 0, Code.FEED_ABSENCE_UNPROVEN
    if not isinstance(absence, Refuted):
        _note(tx, run)
    match absence:
        case Refuted(detail):
            tx.runs.certify(run.tenant_id, run.run_id, f"drifted: {detail}")
            words = f"not judged: {detail}"
        case Proven(people):
            proof = evidence_by_id(absence, run.run_id, certificate)
            kept = _plan(tx, run, dict.fromkeys(people, proof), desk)
            words = f"{len(people)} missing with an open account: Personio itself denies each of them by id"
            words += _as_decided(kept)
        case Unanswered(detail):
            unproven = len(_missing_before(tx, run, config))
            words = f"not judged: {detail}; each run asks again"
        case Unasked(detail):
            words, _ = _by_time(tx, run, config, detail, certificate, desk)
        case TooMany(count):
            words, kept = _by_time(tx, run, config, absence.detail, certificate, desk)
            unproven, why = count - kept, Code.FEED_MANY_MISSING
        case _:
            assert_never(absence)
    tx.absences.say(run.tenant_id, run.run_id, words, unproven, why if unproven else None)


def _note(tx: Transaction, run: Run) -> None:
    """Remember who is missing, and since when; a proposal's plan would let what is known begin anew."""
    if not is_of_a_proposal(tx, run):
        tx.absences.note(run.tenant_id, run.run_id)


def _missing_before(tx: Transaction, run: Run, config: Configuration) -> Sequence[AbsentSince]:
    """List people with an open account whom an earlier certified feed lacked too, an interval before."""
    return tx.absences.earlier(run.tenant_id, run.run_id, _apart(run, config))


def _apart(run: Run, config: Configuration) -> timedelta:
    return apart(config.schedule, run.first_page_asked_at or run.created_at)


def _by_time(
    tx: Transaction, run: Run, config: Configuration, why: str, certificate: str, desk: Desk
) -> tuple[str, int]:
    """Plan to close the accounts of people whom an earlier certified feed lacked too.

    Returns what to say of it, and how many of these a human wants to keep.
    """
    earlier = _missing_before(tx, run, config)
    proofs = {before.person_id: evidence_by_time(before, why, run.run_id, certificate) for before in earlier}
    kept = _plan(tx, run, proofs, desk)
    if earlier:
        return f"{len(earlier)} missing in an earlier certified feed too; {why}{_as_decided(kept)}", kept
    return f"not judged: {why}; a second certified feed, {_apart(run, config)} later, would prove it", kept


def _as_decided(kept: int) -> str:
    """Say of how many people the account stays open all the same, so that nobody looks for their change."""
    return f"; {kept} of them stay as they are, as a human decided" if kept else ""


def _plan(
    tx: Transaction,
    run: Run,
    proofs: Mapping[PersonId, Mapping[str, Scalar]],
    desk: Desk,
) -> int:
    """Plan the closings that are proven, and return of how many people a human said that they stay."""
    people: Sequence[PersonId] = list(proofs)
    links = tx.links.get(run.tenant_id, people)
    config = tx.tenants.configuration(run.tenant_id, run.config_version)
    fixed = tx.overrides.of(run.tenant_id, people) if config else {}
    wishes: list[tuple[ChangeId, Wish]] = []
    held: dict[ChangeId, str] = {}
    for person_id, link in links.items():
        asked = removal(link, proofs[person_id])
        standing = fixed.get(person_id, ())
        result = overridden(person_id, (asked,), link, standing, config) if config else Overridden((asked,))
        made = [(ChangeId(desk.ids.new()), wish) for wish in result.wishes]
        wishes += made
        held |= {change_id: result.held_until for change_id, _ in made if result.held_until}
    snapshots = tx.people.digests(run.tenant_id, people)
    tx.changes.plan(run.tenant_id, run.run_id, wishes, run.config_version, snapshots)
    hold_back(tx, run.tenant_id, held)
    decided = tx.decisions.matching(run.tenant_id, wishes, run.config_version)
    return len(links) - len(wishes) + sum(each.kind in HUMAN for each in decided.values())
