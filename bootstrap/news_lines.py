"""Write the log lines of what has committed: a run's beginning and end, and what became of each row."""

from collections.abc import Mapping, Sequence
from typing import assert_never

from bootstrap.logging import log_event
from domain.news import News, RowsSettled, RunBegan, RunEnded
from domain.records import Done, Outdated, Postponed, Refused, Removed, Returned, Settlement
from domain.run import WENT_WELL, Figures, Outcome, Run
from schemas.log_line import Action, Fields, OutcomeWord


def log_news(news: Sequence[News]) -> None:
    """Write what one transaction brought, in its order."""
    for each in news:
        match each:
            case RunBegan():
                _began(each)
            case RunEnded():
                _ended(each)
            case RowsSettled():
                _settled(each)
            case _:
                assert_never(each)


def _began(news: RunBegan) -> None:
    log_event(Action.RUN_STARTED, **_of_run(news.run))


def _ended(news: RunEnded) -> None:
    """Write a run's one line with all its counts, and one line for each cause of a skip or of a hold."""
    run, line = news.run, _of_run(news.run)
    line["outcome"], line["reason"] = _outcome(news.outcome), news.outcome.value
    line["duration_ns"] = max(0, int((news.at - run.created_at).total_seconds() * 1e9))
    line["counts"] = counts_of(news.figures)
    if news.code is not None:
        line["error_code"] = news.code.value
    log_event(Action.RUN_ENDED, **line)
    tenant_id, run_id = run.tenant_id, run.run_id
    for cause, count in sorted(news.figures.skipped.items()):
        log_event(Action.ITEM_SKIPPED, tenant_id=tenant_id, run_id=run_id, reason=cause, count=count)
    for code, count in sorted(news.held.items()):
        log_event(Action.ITEM_HELD, tenant_id=tenant_id, run_id=run_id, reason=code.value, count=count)


def _of_run(run: Run) -> Fields:
    return Fields(
        tenant_id=run.tenant_id,
        run_id=run.run_id,
        run_kind=run.kind.value,
        config_version=run.config_version,
        user_id="_".join(run.by.split()),
    )


def counts_of(figures: Figures) -> Mapping[str, int]:
    """Name the counts of a run: people, then done rows by lane, then all rows by state."""
    people = {"people": figures.people, "pages": figures.pages, "unchanged": figures.unchanged}
    asked = {"source-requests": figures.source_requests, "target-requests": figures.target_requests}
    skipped = {"skipped": sum(figures.skipped.values())}
    return people | skipped | dict(figures.actions) | dict(figures.states) | asked


def _outcome(outcome: Outcome) -> OutcomeWord:
    if outcome is Outcome.FAILED:
        return "failure"
    return "success" if outcome in WENT_WELL | {Outcome.PLANNED} else "unknown"


def _settled(news: RowsSettled) -> None:
    """Write a line for each row; those that went well are told at debug: the envelope has their counts."""
    changes = {job.change.change_id: job.change for job in news.jobs}
    for settled in news.settled:
        change = changes[settled.change_id]
        row = Fields(tenant_id=news.tenant_id, run_id=news.run_id, item_ref=change.person_id)
        row["item_action"] = change.action.value
        _row(settled, row)


def _row(settled: Settlement, row: Fields) -> None:
    match settled:
        case Done(state=state) | Removed(state=state):
            row["outcome"], row["reason"] = "success", state.value
            log_event(Action.ITEM_APPLIED, **row)
        case Postponed(code=code):
            row["outcome"], row["error_code"] = "unknown", code.value
            log_event(Action.ITEM_POSTPONED, **row)
        case Refused(code=code):
            row["outcome"], row["error_code"] = "failure", code.value
            log_event(Action.ITEM_DEADLETTERED, **row)
        case Outdated(code=code):
            row["outcome"], row["error_code"] = "unknown", code.value
            log_event(Action.ITEM_OUTDATED, **row)
        case Returned():
            pass
        case _:
            assert_never(settled)
