"""Say what activating a tenant sends, and what of its plan stays behind."""

from collections.abc import Iterator

from bootstrap.cli.changes_view import causes
from bootstrap.cli.voice import Data, counted
from domain.causes import FOR_A_HUMAN
from domain.codes import Code
from producers.activate import Activated


def activation_data(done: Activated) -> Data:
    """Write down how many changes go, and why others do not."""
    staying = causes({code.value: count for code, count in done.staying.items()})
    return {"rows": done.rows, "going": done.going, "staying": staying}


def activation_words(done: Activated) -> Iterator[str]:
    """Say what is sent and, each with its reason, what is not."""
    name, rows = done.run.tenant_id, counted(done.rows, "change")
    of = rows if done.going == done.rows else f"{done.going} of {rows}"
    yield f"{name} is active; run {done.run.run_id} applies {of}."
    for each in activation_data(done)["staying"]:
        held = Code(each["code"]) in FOR_A_HUMAN
        look = f" See who, and decide: staffetta holds {name}" if held else ""
        yield f"{each['count']} {'held' if held else 'waiting'}: {each['sentence']}{look}"
