"""`compare`: two or more exports of a chat side by side."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from chatforensics.cli.options import OUT, ZONE, check_out, check_zone, tell, write_output, write_table
from chatforensics.cli.progress import MODE, QUIET, reporting
from chatforensics.errors import UsageError

EXAMPLE = "Example: chatforensics compare ama/chat.zip ben/chat.txt --tz Europe/London"
KINDS = ("text", "jsonl", "csv")
SUFFIXES = {".jsonl": "jsonl", ".csv": "csv"}
PARTIAL = 3


def run(
    exports: Annotated[list[Path], typer.Argument(help="Two or more exports (.txt, .zip), or folders of them.")],
    *,
    tz: Annotated[str, ZONE] = "UTC",
    declare: Annotated[
        Path | None, typer.Option(help="TOML: zone, date order, year, custodian or chat of single exports.")
    ] = None,
    people: Annotated[Path | None, typer.Option(help="TOML that corrects who is who.")] = None,
    file_format: Annotated[
        str | None, typer.Option("--format", help="text; jsonl or csv: a row per disagreement.")
    ] = None,
    out: Annotated[Path | None, OUT] = None,
    progress: Annotated[str, MODE] = "none",
    quiet: Annotated[bool, QUIET] = False,
) -> None:
    """Put exports of a chat side by side: clocks, who is who, agreements, conflicts, what is in one of them only.

    Agreement shows that files agree, not that a message is true; a conflict does not show which file is right.
    """
    check_out(out, *exports)
    kind = file_format or SUFFIXES.get(out.suffix.lower() if out else "", "text")
    if kind not in KINDS:
        raise UsageError(f"--format: '{kind}' is not offered.", hint="Use text, jsonl or csv.")
    from chatforensics.workflow import Settings, compare_exports

    settings = Settings(timezone=check_zone(tz), declare=declare, people=people)
    with reporting("quiet" if quiet else progress) as report:
        compared = compare_exports(exports, settings=settings, report=report)
    if kind == "text":
        from chatforensics.cli.comparison import describe_comparison

        write_output(describe_comparison(compared).encode("utf-8", "replace"), out=out)
    else:
        write_table(compared.disagreements, out=out, kind=kind)
    tell("Not read", (failure["reason"] for failure in compared.failures))
    tell("Warning", compared.warnings)
    if compared.failures:
        sys.exit(PARTIAL)
