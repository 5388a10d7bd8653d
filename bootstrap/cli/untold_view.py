"""Name the attributes that a configuration reads and its credentials may not, with the cure."""

from collections.abc import Iterable, Mapping

from rich.console import RenderableType

from bootstrap.cli.changes_view import cause_data
from bootstrap.cli.voice import Data, line
from domain.attributes import Loss, Lost, Normal, deciding
from domain.config import Configuration, personio_key
from domain.ports import Transaction
from domain.run import Run


def untold_data(tx: Transaction, run: Run) -> list[Data]:
    """Write down what a run's version reads and Personio did not tell: the filter's first."""
    config = tx.tenants.configuration(run.tenant_id, run.config_version)
    if config is None or not run.blind:
        return []
    universal, known = run.universal or {}, tx.attributes.normal(run.tenant_id)
    rows = (_untold(key, config, universal, known) for key in run.blind)
    told = [row for row in rows if row["decides"] or row["paths"]]
    return sorted(told, key=lambda row: (not row["decides"], row["attribute"]))


def _untold(
    key: str, config: Configuration, universal: Mapping[str, str], known: Mapping[str, Normal]
) -> Data:
    lost = Lost(key, Loss.BLIND, known[key].label if key in known else "")
    lines = [
        each
        for each in config.lines
        if any(personio_key(source, universal) == key for source in each.sources)
    ]
    return {
        "attribute": key,
        "label": lost.label,
        "decides": key in deciding(config, universal),
        "paths": [each.path for each in lines],
    } | (cause_data(lost.code, lost.named) or {})


def draw_untold(rows: list[Data]) -> Iterable[RenderableType]:
    """Draw them, with the cure once."""
    yield from (line(each, "yellow") for each in untold_words(rows))


def untold_words(rows: list[Data]) -> Iterable[str]:
    """Say each attribute with what depends on it, then what to do."""
    for row in rows:
        yield f"{row['sentence']} {_purpose(row)}"
    yield from (f"→ {cure}" for cure in dict.fromkeys(row["cure"] for row in rows))


def _purpose(row: Data) -> str:
    paths = ", ".join(row["paths"])
    goes = f"It goes to {paths}, which stays as it is." if paths else ""
    decides = "It decides who has an account; nobody can be judged by it." if row["decides"] else ""
    return " ".join(part for part in (decides, goes) if part)
