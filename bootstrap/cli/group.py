"""The frame around every command: failures become words and an exit code, help begins with examples."""

import contextlib
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import typer
from rich.text import Text
from typer.core import TyperCommand, TyperGroup

from bootstrap.cli.exits import ExitCode
from bootstrap.cli.failures import trouble_of
from bootstrap.cli.rooms import end_log, log_file_of, options_of, settings_of, start_log, was_handed_over
from bootstrap.cli.voice import Voice, console_on
from bootstrap.logging import log_event
from bootstrap.settings import Settings, SettingsError
from bootstrap.streams import NobodyReadsError, while_somebody_reads
from schemas.log_line import Action

Command = Callable[..., None]

MaybeTenant = Annotated[str | None, typer.Argument(metavar="TENANT", help="The tenant's id, such as acme.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer with JSON on standard output.")]
TenantName = Annotated[str, typer.Argument(metavar="TENANT", help="The tenant's id, such as acme.")]


WORK_GOES_ON = "What was asked for goes on; look with: staffetta runs --all"
NOTHING_GOES_ON = "No work was handed over, so nothing goes on; type the command again to finish it."


class Frame(TyperGroup):
    """A group of commands none of which ever ends with a traceback that nobody asked for."""

    def make_context(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  as below
        """Read what was typed; help is written here already."""
        with _until_nobody_reads():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401  the types of typer's inner click are private
        """Run the command; whatever goes wrong is told in two lines."""
        with _until_nobody_reads():
            return self._invoke(ctx)

    def _invoke(self, ctx: Any) -> Any:  # noqa: ANN401  as above
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            console_on(sys.stderr).show_cursor(True)  # one that came while a bar began would leave it hidden
            Voice().complain("Interrupted.", WORK_GOES_ON if was_handed_over() else NOTHING_GOES_ON)
            raise typer.Exit(ExitCode.INTERRUPTED) from None
        except (typer.Exit, typer.Abort, typer.TyperException, BrokenPipeError):
            raise
        except Exception as error:  # noqa: BLE001  whatever it is, an operator reads two lines
            raise typer.Exit(_told(ctx, error)) from None


class Plain(TyperCommand):
    """A command whose usage shows what must be typed bare, and what may be left out in brackets, once."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:  # noqa: ANN401  as above
        """Take off braces, and the dots of what is several words anyway."""
        bare = [piece.replace("{", "").replace("}", "") for piece in super().collect_usage_pieces(ctx)]
        return [piece.removesuffix("...") if " " in piece else piece for piece in bare]


@contextlib.contextmanager
def _until_nobody_reads() -> Iterator[None]:
    try:
        with while_somebody_reads():
            yield
    except NobodyReadsError:
        raise typer.Exit(ExitCode.UNREAD) from None


def _told(ctx: typer.Context, error: Exception) -> ExitCode:
    trouble = trouble_of(error)
    if options_of(ctx).debug:
        console_on(sys.stderr).print(Text("".join(traceback.format_exception(error))), soft_wrap=True)
    if trouble is not None:
        Voice().complain(trouble.what, trouble.cure)
        return trouble.code
    where = ""
    with contextlib.suppress(OSError, SettingsError):
        where = _logged(settings_of(options_of(ctx)), error)
    what = f"Something unexpected went wrong ({type(error).__name__}){where}."
    Voice().complain(what, "See it at once with: staffetta --debug … and tell the developers")
    return ExitCode.FAILED


def _logged(settings: Settings, error: Exception) -> str:
    log = start_log(settings)
    if log is None:
        return ""
    log_event(Action.ERROR_UNCAUGHT, failure=error)
    end_log(log)
    return f"; the log says where: {log_file_of(settings)}"


def add(app: typer.Typer, name: str, run: Command, *, says: str, examples: tuple[str, ...]) -> None:
    """Give the app a command whose help shows examples first."""
    shown = "\n".join(f"  staffetta {example}" for example in examples)
    app.command(
        name,
        cls=Plain,
        help=f"\b\nExamples:\n{shown}\n\n{says}",
        short_help=says.partition(". ")[0].rstrip(".") + ".",
    )(run)


def new_app(help_text: str, frame: type[Frame] = Frame) -> typer.Typer:
    """Make an empty app in this frame."""
    return typer.Typer(
        cls=frame,
        help=help_text,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        suggest_commands=True,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
