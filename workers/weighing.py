"""Weigh a feed by its attributes: what was lost is taken out of the plan, and what was judged by it waits."""

from collections.abc import Mapping, Sequence
from typing import assert_never

from domain.attributes import Loss, Lost, deciding, judge, required
from domain.changes import ChangeState
from domain.compare import Wish
from domain.config import Configuration
from domain.distrust import LeftOut, Untouched, Withheld, weigh
from domain.ids import ChangeId
from domain.ports import Store, Transaction
from domain.run import Run, RunKind
from workers.proposals import is_of_a_proposal
from workers.version import readable_version

EVERY_ROW = 10_000_000


def untrusted_by(store: Store, run: Run) -> frozenset[str]:
    """Tell which attributes this run must not believe, whatever its records say.

    A feed run reads what earlier ones lost: only so does it notice that the attribute is told again. A run
    for one person cannot notice that, and believes the newest feed.
    """
    if run.kind is RunKind.FEED:
        return frozenset(run.blind)
    with store.read() as tx:
        return frozenset(run.blind) | {each.key for each in tx.attributes.standing(run.tenant_id)}


def unheard_by(tx: Transaction, run: Run) -> Sequence[Lost]:
    """List the lost attributes of which a human must hear when this run ends.

    What the newest feed lost, and for a run of one what it could not do without and may not read: no feed
    may have noticed that yet.
    """
    standing = tx.attributes.standing(run.tenant_id)
    config = readable_version(tx, run) if run.kind is RunKind.PERSON else None
    if config is None:
        return standing
    universal, known = run.universal or {}, tx.attributes.normal(run.tenant_id)
    needed = (deciding(config, universal) | required(config, universal)) & set(run.blind)
    news = sorted(needed - {each.key for each in standing})
    return [*standing, *(Lost(key, Loss.BLIND, known[key].label if key in known else "") for key in news)]


def weigh_attributes(tx: Transaction, run: Run, config: Configuration, *, certified: bool) -> Sequence[Lost]:
    """Compare what this feed counted with what is normal, and take what was lost out of its plan.

    What is normal moves with certified feeds only, and never for an attribute that was lost. The plan of a
    proposal moves nothing, and what stands stays: people are judged by the configuration that counts.
    """
    universal = run.universal or {}
    counted = tx.runs.counted(run.tenant_id, run.run_id)
    read, blind = config.source_keys_with(universal), frozenset(run.blind)
    needed = deciding(config, universal) | required(config, universal)
    lost = judge(counted, tx.attributes.normal(run.tenant_id), read, blind, needed)
    counts = not is_of_a_proposal(tx, run)
    tx.attributes.lose(run.tenant_id, run.run_id, lost, standing=counts)
    if certified and counts:
        steady = read - blind - {each.key for each in lost}
        tx.attributes.settle(run.tenant_id, run.run_id, counted, sorted(steady))
    _take_out(tx, run, config, universal, [each for each in lost if each.how is not Loss.BLIND])
    return lost


def _take_out(
    tx: Transaction, run: Run, config: Configuration, universal: Mapping[str, str], lost: Sequence[Lost]
) -> None:
    """Go through the plan row by row; to what was blind from the beginning no row has anything to say."""
    if not lost:
        return
    rewritten: list[tuple[ChangeId, Wish]] = []
    withheld: dict[Withheld, list[ChangeId]] = {}
    rows = tx.changes.rows(run.tenant_id, run_id=run.run_id, states=[ChangeState.PLANNED], limit=EVERY_ROW)
    for change in rows:
        weighed = weigh(change, lost, config, universal)
        match weighed:
            case Untouched():
                pass
            case LeftOut(wish):
                rewritten.append((change.change_id, wish))
            case Withheld():
                withheld.setdefault(weighed, []).append(change.change_id)
            case _:
                assert_never(weighed)
    tx.changes.rewrite(run.tenant_id, run.run_id, rewritten, run.config_version)
    for why, change_ids in withheld.items():
        tx.changes.hold(run.tenant_id, change_ids, why.code, ", ".join(why.keys))
