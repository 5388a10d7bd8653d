"""Say what a plan sends once it counts, and what of it stays behind."""

from collections.abc import Iterator

from bootstrap.cli.changes_view import causes
from bootstrap.cli.voice import Data, counted
from domain.causes import FOR_A_HUMAN
from domain.codes import Code
from producers.sent import Sent


def sent_data(done: Sent) -> Data:
    """Write down how many changes go, and why others do not."""
    staying = causes({code.value: count for code, count in done.staying.items()})
    return {"rows": done.rows, "going": done.going, "staying": staying}


def sent_words(begins: str, done: Sent) -> Iterator[str]:
    """Say what is sent, after what has begun by it, and what is not, each with its reason."""
    name, rows = done.run.tenant_id, counted(done.rows, "change")
    of = rows if done.going == done.rows else f"{done.going} of {rows}"
    yield f"{begins}; run {done.run.run_id} applies {of}."
    for each in sent_data(done)["staying"]:
        held = Code(each["code"]) in FOR_A_HUMAN
        look = f" See who, and decide: staffetta holds {name}" if held else ""
        yield f"{each['count']} {'held' if held else 'waiting'}: {each['sentence']}{look}"
