"""`check`: what in single exports may show that they were altered, and what else explains it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatforensics.cli.options import DATES, OUT, ZONE, check_out, check_zone, tell, write_output, write_table
from chatforensics.errors import UsageError

if TYPE_CHECKING:
    from chatforensics.workflow import Checks

EXAMPLE = "Example: chatforensics check 'WhatsApp Chat with Choir.txt' --tz Europe/London"
KINDS = ("text", "jsonl", "csv")
SUFFIXES = {".jsonl": "jsonl", ".csv": "csv"}
PARTIAL = 3


def run(
    exports: Annotated[
        list[Path], typer.Argument(help="Exports (.txt, .zip) and folders of them; '-' reads standard input.")
    ],
    *,
    tz: Annotated[str | None, ZONE] = None,
    dates: Annotated[str | None, DATES] = None,
    year: Annotated[
        int | None, typer.Option(min=2009, max=2199, help="Year of the first message, for exports that print none.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Explain each piece of information too.")] = False,
    file_format: Annotated[str | None, typer.Option("--format", help="text, jsonl or csv.")] = None,
    out: Annotated[Path | None, OUT] = None,
) -> None:
    """Look at single exports for signs of alteration, each printed with its innocent explanations.

    No observation shows that an export was altered, and none at all does not show that it was not.
    """
    check_out(out, *exports)
    kind = file_format or SUFFIXES.get(out.suffix.lower() if out else "", "text")
    if kind not in KINDS:
        raise UsageError(f"--format: '{kind}' is not offered.", hint="Use text, jsonl or csv.")
    if Path("-") in exports and len(exports) > 1:
        raise UsageError("'-' was given beside other exports.", hint="Give it alone.")
    from chatforensics.workflow import Declared, check_exports

    stdin = sys.stdin.buffer if exports == [Path("-")] else None
    declared = Declared(dates, check_zone(tz) if tz else None, year)
    checks = check_exports(exports, declared, stdin=stdin)
    _write(checks, kind=kind, everything=everything, out=out)
    tell("Not read", checks.failures)
    tell("Warning", checks.warnings)
    if checks.failures:
        sys.exit(PARTIAL)


def _write(checks: "Checks", *, kind: str, everything: bool, out: Path | None) -> None:
    """Write the observations as text for a person, else as rows of the table `indicators`."""
    if kind == "text":
        from chatforensics.cli.observations import describe_checks

        write_output(describe_checks(checks.checked, everything=everything).encode(), out=out)
        return
    import polars as pl

    write_table(pl.concat([one.indicators for one in checks.checked]), out=out, kind=kind)
