"""`serve`: the local page, in the browser of this machine and for nobody else."""

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

EXAMPLE = "Example: chatforensics serve ward-case"
PLACE = "chatforensics"  # in the user's own folder


def run(
    case: Annotated[
        Path | None, typer.Argument(help="A case folder; without it, the page asks where to keep one.")
    ] = None,
    *,
    place: Annotated[
        Path | None, typer.Option(help="Folder in which new cases are made.  [chatforensics in your own folder]")
    ] = None,
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.", min=0, max=65535)] = 0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the browser.")] = True,
) -> None:
    """Open the page on this machine: from a phone's export to a package, without a command line.

    It listens on 127.0.0.1 only, asks nothing of any network, and ends with Ctrl+C or its button.
    """
    from chatforensics.web.server import serve

    def tell(address: str) -> None:
        typer.echo(f"The page is at {address}")
        typer.echo("This address opens it once. Stop it with Ctrl+C, or with the button on the page.")
        if browser:
            webbrowser.open(address)

    serve(place=(place or Path.home() / PLACE).absolute(), case=case, port=port, when_ready=tell)
