"""Prove absence: ask the source for everybody whom a certified feed lacks, before anything is concluded."""

from domain.absence import MOST_PROBED, Absence, Proven, Unproven, judge_absence, removal
from domain.config import Configuration, Removal
from domain.errors import FeedBrokenError, TemporaryError
from domain.ids import ChangeId, PersonId
from domain.ports import Transaction
from domain.run import Run
from workers.desk import Desk, count_requests


def prove_absences(run: Run, config: Configuration, certificate: str, token: str, desk: Desk) -> bool:
    """Plan to close the accounts of people who are proven gone; False if the turn was lost meanwhile.

    Whoever is missing without proof keeps everything: the certificate says that absence was not judged.
    """
    if config.policy.not_seen is Removal.NOTHING:
        return True
    with desk.store.read() as tx:
        missing = tx.runs.absent(run.tenant_id, run.run_id, MOST_PROBED + 1)
        control = tx.runs.control(run.tenant_id, run.run_id)
    if not missing or control is None:
        return True
    absence = _ask(run, tuple(missing), control, token, desk)
    with desk.store.write() as tx:
        if not tx.runs.keep_turn(run.tenant_id, run.run_id, token, desk.limits.page_lease):
            return False
        count_requests(tx, run.tenant_id, run.run_id, desk)
        if isinstance(absence, Unproven):
            detail = f"drifted: {absence.detail}"
            tx.runs.certify(run.tenant_id, run.run_id, detail)
        else:
            _plan(tx, run, absence, certificate, desk)
    return True


def _ask(run: Run, missing: tuple[PersonId, ...], control: PersonId, token: str, desk: Desk) -> Absence:
    """Ask by id, one after the other, and keep the turn while that takes long."""
    if len(missing) > MOST_PROBED:
        return Unproven(f"more than {MOST_PROBED} people with an account are missing at once")
    source = desk.accounts.source(run.tenant_id)
    try:
        found = source.person(control) is not None
        if not _keep(run, token, desk):
            return Unproven("the turn was lost to another worker")
        answers: dict[PersonId, bool] = {}
        for person_id in missing if found else ():
            answers[person_id] = source.person(person_id) is not None
            if not _keep(run, token, desk):
                return Unproven("the turn was lost to another worker")
    except (FeedBrokenError, TemporaryError) as error:
        return Unproven(f"people could not be asked for by id: {error.code}")
    return judge_absence(answers, control, control_found=found)


def _keep(run: Run, token: str, desk: Desk) -> bool:
    with desk.store.write() as tx:
        return tx.runs.keep_turn(run.tenant_id, run.run_id, token, desk.limits.page_lease)


def _plan(tx: Transaction, run: Run, proof: Proven, certificate: str, desk: Desk) -> None:
    links = tx.links.get(run.tenant_id, proof.people)
    wishes = [
        (ChangeId(desk.ids.new()), removal(link, proof, run.run_id, certificate)) for link in links.values()
    ]
    snapshots = tx.people.digests(run.tenant_id, proof.people)
    tx.changes.plan(run.tenant_id, run.run_id, wishes, run.config_version, snapshots)
