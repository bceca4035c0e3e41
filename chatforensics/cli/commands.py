"""All commands, and what becomes of their errors. Exit codes are those of the contract."""

import errno
import io
import os
import sys
from contextlib import suppress
from typing import Any, cast

import typer

from chatforensics.cli import (
    analyse,
    bundle,
    case,
    check,
    classify,
    compare,
    coordinate,
    demo,
    families,
    parse,
    serve,
    tables,
    timestamp,
    verify,
)
from chatforensics.cli.ending import Interrupted
from chatforensics.cli.options import tell
from chatforensics.errors import ChatForensicsError, MissingDependency, PrecisionError, UsageError
from chatforensics.version import __version__

# typer's error for any words that are no command, option or value; it has no public name
_WRONG_USE = cast("type[Exception]", typer.BadParameter.__mro__[1])


class _Commands(typer.core.TyperGroup):
    """Let an interruption through, of which Typer would keep the code only."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - as its parent has it, of a class without a public name
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise Interrupted(error) from error


app = typer.Typer(
    name="chatforensics",
    cls=_Commands,
    help="Turn WhatsApp chat exports into evidence that a stranger can check. Nothing leaves this machine.",
    epilog="Example: chatforensics demo --out demo-report",
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help: quick to start, and right for screen readers
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
COMMANDS = (
    demo, serve, analyse, parse, check, compare, classify, families, coordinate, tables, bundle, verify, timestamp,
)  # fmt: skip
for module in COMMANDS:
    name = module.__name__.rsplit(".", 1)[-1]
    app.command(name, epilog=module.EXAMPLE)(module.run)
app.add_typer(case.app, name="case")


def _print_version(*, value: bool) -> None:
    if value:
        typer.echo(f"chatforensics {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    *,
    debug: bool = typer.Option(False, "--debug", help="Show the traceback of an error."),
    version: bool = typer.Option(  # noqa: ARG001 - the callback prints it
        False, "--version", help="Print the version.", callback=lambda value: _print_version(value=value), is_eager=True
    ),
) -> None:
    context.obj = {"debug": debug}


def run_command() -> int:
    """Run the command that was asked for, and return the contract's code.

    Raises:
        Interrupted: somebody asked it to end.
    """
    debug = "--debug" in sys.argv
    try:
        code = app(standalone_mode=False)
        sys.stdout.flush()
    except _WRONG_USE as error:
        return _tell_wrong_use(error)
    except typer.Abort:
        tell("Aborted", ["Nothing more was done."])
        return 1
    except ChatForensicsError as error:
        if debug:
            raise
        tell(type(error).__name__, [str(error)])
        return _exit_code(error)
    except BrokenPipeError:  # the reader of our output has had enough, which is no fault of ours
        _forget_output()
        return 0
    except OSError as error:
        if error.errno != errno.ENOSPC or debug:
            raise
        tell("No room", ["the disk is full, or what standard output goes to. Make room, and run this again."])
        _forget_output()
        return 1
    return code if isinstance(code, int) else 0


def _forget_output() -> None:
    """Let what was not printed yet go nowhere: when the process ends, it would fail once more."""
    with suppress(OSError, ValueError):  # there is no file behind it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _tell_wrong_use(error: Exception) -> int:
    """Say what cannot be, with the words of the command made safe for a terminal: some are the names of files."""
    from chatforensics.text import show_controls

    said = io.StringIO()
    error.show(said)  # type: ignore[attr-defined]  # of a class without a public name
    typer.echo(show_controls(said.getvalue()), nl=False, err=True)
    return 2


def _exit_code(error: ChatForensicsError) -> int:
    return 2 if isinstance(error, (UsageError, PrecisionError, MissingDependency)) else 1
