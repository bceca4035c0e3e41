"""`timestamp`: a third party's word for when a package was there, asked for by hand and attached."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

EXAMPLE = "Example: chatforensics timestamp package-folder --reply reply.tsr --ca authority.pem"


def run(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="The folder of a package.")],
    *,
    reply: Annotated[Path | None, typer.Option(help="The authority's reply, to be checked and attached.")] = None,
    ca: Annotated[
        Path | None, typer.Option("--ca", help="The authority's certificates (PEM), to check its signature.")
    ] = None,
) -> None:
    """Write a timestamp request for a package (RFC 3161) or, with --reply, attach the answer.

    Nothing is sent: you choose the authority and send the request yourself. It holds a hash, and nothing of the
    evidence. With --ca alone, the reply that is attached is checked again.
    """
    from chatforensics.package.checker import REPLY
    from chatforensics.package.timestamps import attach_reply, write_request
    from chatforensics.text import show_controls

    if reply is None and ca is None:
        typer.echo(show_controls("\n".join(_explain(write_request(bundle), bundle))))
        return
    stamp = attach_reply(bundle, reply or bundle / REPLY, ca=ca)
    typer.echo(
        f"Attached: the package was there at {stamp.at:%Y-%m-%dT%H:%M:%SZ}, says the authority (no. {stamp.serial})."
    )
    if stamp.checked:
        typer.echo(f"Its signature agrees with {ca}. Whether that authority is to be believed is for you to judge.")
    else:
        typer.echo("Its signature was not checked, so anybody may have written it: give --ca to check.")


def _explain(request: Path, bundle: Path) -> list[str]:
    """Return what to do with a request."""
    sent = f"curl -H 'Content-Type: application/timestamp-query' --data-binary @{shlex.quote(str(request))}"
    return [
        f"Wrote {request}: a hash and a random number, nothing of the evidence.",
        "Send it to a timestamp authority that the other side will accept, with AUTHORITY being its address:",
        f"    {sent} --output reply.tsr AUTHORITY",
        "Then attach what comes back, with the authority's certificates as a PEM file:",
        f"    chatforensics timestamp {shlex.quote(str(bundle))} --reply reply.tsr --ca authority.pem",
    ]
