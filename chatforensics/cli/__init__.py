"""The command line: options in, one call, print. The commands are loaded when one is asked for."""

import os
import sys
from typing import TYPE_CHECKING

from chatforensics.cli.ending import Interrupted, ending_in_order, tell_interrupted

if TYPE_CHECKING:
    from chatforensics.cli.commands import app

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line and exit with the contract's code."""
    os.umask(0o077)  # what is written holds people's words: for its owner only, until the owner shares it
    loaded = False
    try:
        with ending_in_order():
            from chatforensics.cli.commands import run_command

            loaded = True
            code = run_command()
    except (KeyboardInterrupt, Interrupted) as error:
        code = tell_interrupted(error, sys.argv[1:], loaded=loaded)
    sys.exit(code)


def __getattr__(name: str) -> object:
    """Load the commands when somebody asks for them."""
    if name != "app":
        raise AttributeError(f"module 'chatforensics.cli' has no attribute '{name}'")
    from chatforensics.cli.commands import app

    return app
