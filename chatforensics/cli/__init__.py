"""The command line: options in, one call, print. Exit codes are those of the contract."""

import io
import os
import sys
from typing import cast

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
from chatforensics.cli.options import tell
from chatforensics.errors import ChatForensicsError, MissingDependency, PrecisionError, UsageError
from chatforensics.version import __version__

# typer's error for any words that are no command, option or value; it has no public name
_WRONG_USE = cast("type[Exception]", typer.BadParameter.__mro__[1])
app = typer.Typer(
    name="chatforensics",
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


def main() -> None:
    """Run the command line and exit with the contract's code."""
    debug = "--debug" in sys.argv
    os.umask(0o077)  # what is written holds people's words: for its owner only, until the owner shares it
    try:
        sys.exit(app(standalone_mode=False))
    except _WRONG_USE as error:
        sys.exit(_tell_wrong_use(error))
    except typer.Abort:
        tell("Aborted", ["Nothing more was done."])
        sys.exit(1)
    except ChatForensicsError as error:
        if debug:
            raise
        tell(type(error).__name__, [str(error)])
        sys.exit(_exit_code(error))
    except BrokenPipeError:  # the reader of our output has had enough, which is no fault of ours
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)


def _tell_wrong_use(error: Exception) -> int:
    """Say what cannot be, with the words of the command made safe for a terminal: some are the names of files."""
    from chatforensics.text import show_controls

    said = io.StringIO()
    error.show(said)  # type: ignore[attr-defined]  # of a class without a public name
    typer.echo(show_controls(said.getvalue()), nl=False, err=True)
    return 2


def _exit_code(error: ChatForensicsError) -> int:
    return 2 if isinstance(error, (UsageError, PrecisionError, MissingDependency)) else 1
