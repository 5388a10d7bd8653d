"""One run of one cell: in a new house a first sync, an unchanged one, a changed one, and the bare loops."""

from adapters.http import split_url
from benchmarks.bare import Sender, comparing, read_pages, sender
from benchmarks.company import change_one_per_cent
from benchmarks.figures import ACTIVATION, CHANGED, COMPARED, FIRST, PLAN, UNCHANGED, Cell, Measured, Step
from benchmarks.house import CONFIG, TOKEN, Bench, Done, built
from benchmarks.rehearsal import Script, rehearse
from domain.run import Run
from workers.looking import worth_listing


def measure(cell: Cell, number: int, commit: str) -> Measured:
    """Measure one run in an empty house."""
    with (
        built(cell) as bench,
        sender(bench.bare_url, bench.in_flight, {"authorization": f"Bearer {TOKEN}"}) as bare,
    ):
        steps = _steps(bench, bare)
        return Measured(
            commit=commit,
            cell=cell,
            number=number,
            steps=steps,
            peaks=bench.peaks(),
            in_flight=bench.in_flight,
        )


def _steps(bench: Bench, bare: Sender) -> dict[str, Step]:
    planned = bench.sync("plan")
    activated = bench.activate()
    unchanged = bench.sync("unchanged")
    reading = read_pages(bench.personio, CONFIG)
    looking = read_pages(bench.personio, CONFIG, comparing(CONFIG))
    writing, sent = bare.play(_scripts(bench, activated.run, listed=True))
    plan = Step(ours=planned.seconds, bare=reading)
    activation = _step(activated, writing, sent)
    change_one_per_cent(bench.personio, bench.cell.people)
    changed = bench.sync("changed")
    rewriting, resent = _play_again(bench, bare, changed)
    return {
        FIRST: _step(activated, reading + writing, sent, planned.seconds),
        PLAN: plan,
        ACTIVATION: activation,
        UNCHANGED: Step(ours=unchanged.seconds, bare=reading),
        COMPARED: Step(ours=unchanged.seconds, bare=looking),
        CHANGED: _step(changed, reading + rewriting, resent),
    }


def _play_again(bench: Bench, bare: Sender, changed: Done) -> tuple[float, int]:
    """Send what a later sync sent; where it listed the target first, so does the bare loop."""
    creates = changed.figures.actions.get("create", 0)
    listed = worth_listing(creates, bench.links() - creates, bench.house.desk.limits.list_from)
    _, base_path = split_url(bench.app_url)
    listing, asked = bare.list_accounts(TOKEN, base_path, CONFIG) if listed else (0.0, 0)
    writing, sent = bare.play(_scripts(bench, changed.run, listed=listed))
    return listing + writing, asked + sent


def _scripts(bench: Bench, run: Run, *, listed: bool) -> list[Script]:
    _, base_path = split_url(bench.app_url)
    return rehearse(bench.rows(run), CONFIG, TOKEN, base_path, listed=listed)


def _step(done: Done, bare: float, sent: int, before: float = 0.0) -> Step:
    return Step(
        ours=before + done.seconds,
        bare=bare,
        requests=done.figures.target_requests,
        bare_requests=sent,
    )
