"""`bundle`: chosen messages, with what stands around them and what is known of them, as a package anybody can check."""

import os
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatforensics.cli.options import ZONE, check_zone, read_input, tell
from chatforensics.cli.packing import find_case, read_messages, read_signer
from chatforensics.cli.progress import MODE, QUIET, reporting
from chatforensics.errors import UnreadableExport, UsageError

if TYPE_CHECKING:
    from chatforensics.casefile import By, Case
    from chatforensics.cli.progress import Report
    from chatforensics.workflow import Settings
    from chatforensics.workflow.wanted import Hiding, Order, Packed, Sealing, To

EXAMPLE = (
    "Example: chatforensics bundle ward-case --messages messages.txt --out package --sign ward.key --by 'Ama Boateng'"
)
PARTIAL = 3
PASSPHRASE = "CHATFORENSICS_PASSPHRASE"  # noqa: S105 - the name of the variable, not what it holds
TITLE = "Messages from WhatsApp exports"
_FOR_ONCE = (
    "Exports given without a case: the key of these pseudonyms is gone, and another package of the same exports will "
    "have others. To keep one key, make a case: chatforensics case new."
)


def run(
    paths: Annotated[list[Path], typer.Argument(help="A case folder; or exports (.txt, .zip) and folders of them.")],
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="A new folder for the package.", show_default=False)],
    messages: Annotated[
        str | None,
        typer.Option(
            help="What to pack: a file of ids as the report's page saves it, - for standard input, ids with commas, or "
            "flagged, review (flagged and to be reviewed) or all.",
            show_default=False,
        ),
    ] = None,
    reply_for: Annotated[
        str | None, typer.Option(help="Pack what findings say of this person, for that person to answer.")
    ] = None,
    context: Annotated[int, typer.Option(help="Records before and after each message, 0 to 1000.")] = 10,
    redact: Annotated[
        Path | None, typer.Option(help="CSV of words and messages to take out: words,message_id,reason.")
    ] = None,
    name: Annotated[
        list[str] | None, typer.Option(help="Show this person by name, too; may be given again.", show_default=False)
    ] = None,
    pseudonymise_all: Annotated[
        bool, typer.Option("--pseudonymise-all", help="Hide also who sent the messages and who made the exports.")
    ] = False,
    no_pseudonyms: Annotated[
        bool, typer.Option("--no-pseudonyms", help="Show everybody by name and mask no number.")
    ] = False,
    keep: Annotated[
        list[str] | None,
        typer.Option(help="Do not mask phones, emails, urls or postcodes; may be given again.", show_default=False),
    ] = None,
    reviewer: Annotated[str | None, typer.Option(help="Who looked through what is hidden, as printed.")] = None,
    sign: Annotated[
        Path | None, typer.Option(help="Secret minisign key; where there is no such file, a key is made.")
    ] = None,
    new_key: Annotated[
        bool, typer.Option("--new-key", help="Make a key though this case was signed with another before.")
    ] = False,
    encrypt_to: Annotated[
        list[str] | None,
        typer.Option(help="Seal the package for this age or SSH key; may be given again.", show_default=False),
    ] = None,
    passphrase: Annotated[
        bool, typer.Option("--passphrase", help=f"Seal it with a passphrase, asked for or in {PASSPHRASE}.")
    ] = False,
    uco: Annotated[bool, typer.Option("--uco", help="Write CASE/UCO (JSON-LD), too.")] = False,
    rsmf: Annotated[bool, typer.Option("--rsmf", help="Write RSMF for e-disclosure, too.")] = False,
    originals: Annotated[
        bool, typer.Option("--originals", help="Put the exports in as received; needs --no-pseudonyms.")
    ] = False,
    by: Annotated[str, typer.Option("--by", help="Your name, as it is to stand in the custody log.")] = "unknown",
    tz: Annotated[str | None, ZONE] = None,
    progress: Annotated[str, MODE] = "auto",
    quiet: Annotated[bool, QUIET] = False,
) -> None:
    """Pack messages with their context into a folder that anybody can check: exhibit, tables, method, custody, hashes.

    People who neither sent a chosen message nor made an export get pseudonyms; numbers, e-mail addresses, links and
    postcodes are masked. Nothing is written where something that is to be hidden would be readable anywhere.
    """
    from chatforensics.casefile import By
    from chatforensics.workflow import now
    from chatforensics.workflow.doubts import list_doubts
    from chatforensics.workflow.wanted import Order, To, check_order

    if (messages is None) == (reply_for is None):
        raise UsageError("Say what to pack.", hint="Give --messages or --reply-for, one of the two.")
    if no_pseudonyms and (pseudonymise_all or name):
        raise UsageError("--no-pseudonyms shows everybody by name.", hint="Leave out --name and --pseudonymise-all.")
    hiding = _read_hiding(redact, shown=name, parties=not pseudonymise_all, names=not no_pseudonyms, keep=keep)
    order = Order(
        messages=read_messages(messages) if messages is not None else (),
        context=context,
        reply_for=reply_for,
        hiding=_with_reviewer(hiding, reviewer),
        uco=uco,
        rsmf=rsmf,
        originals=originals,
    )
    to = To(out, sealing=_read_sealing(encrypt_to, passphrase=passphrase))
    check_order(order, to)
    case = find_case(paths)
    to = To(out, read_signer(sign, case=case, new=new_key) if sign else None, to.sealing)
    with reporting("quiet" if quiet else progress) as report:
        packed, failures = _pack(case or paths, order, to, by=By(by, now()), tz=tz, report=report)
    tell("Not read", failures)
    tell("Warning", packed.warnings)
    tell("Look at", list_doubts(packed.secrets, packed.out))
    if not quiet:
        _print(packed, to)
    if failures:
        sys.exit(PARTIAL)


def _pack(
    given: "Case | list[Path]", order: "Order", to: "To", *, by: "By", tz: str | None, report: "Report"
) -> "tuple[Packed, list[str]]":
    from chatforensics.workflow.packing import case_of_exports, pack_case

    if not isinstance(given, list):
        return pack_case(given, order, to=to, by=by, settings=_settings_in(given.folder, tz), report=report), []
    key = secrets.token_bytes(32)
    with case_of_exports(given, key=key, title=TITLE, by=by, beside=to.out.absolute().parent) as (case, adding):
        packed = pack_case(case, order, to=to, by=by, settings=_settings(tz), report=report)
    tell("Note", [*adding.notes, *([_FOR_ONCE] if order.hiding.names else [])])
    return packed, adding.failures


def _settings(tz: str | None) -> "Settings":
    from chatforensics.workflow import Settings

    return Settings(timezone=check_zone(tz)) if tz else Settings()


def _settings_in(folder: Path, tz: str | None) -> "Settings | None":
    """Return the settings of the case's last run in another zone; None: as they are."""
    if tz is None:
        return None
    from dataclasses import replace

    from chatforensics.casefile import open_case
    from chatforensics.workflow.remembered import settings_of

    return replace(settings_of(open_case(folder)) or _settings(None), timezone=check_zone(tz))


def _read_hiding(
    redact: Path | None, *, shown: list[str] | None, parties: bool, names: bool, keep: list[str] | None
) -> "Hiding":
    from chatforensics.package.redactfile import read_redact_file
    from chatforensics.workflow.wanted import Hiding

    manual = read_redact_file(_read_list(redact), name=str(redact)) if redact else ()
    return Hiding(tuple(shown or ()), parties, names, frozenset(keep or ()), manual)


def _read_list(path: Path) -> bytes:
    """Read the list of what to take out.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        return read_input(path)
    except UnreadableExport as error:
        raise UsageError(f"--redact: {error.args[0]}", hint=error.hint) from error


def _with_reviewer(hiding: "Hiding", reviewer: str | None) -> "Hiding":
    from dataclasses import replace

    return replace(hiding, reviewer=reviewer)


def _read_sealing(recipients: list[str] | None, *, passphrase: bool) -> "Sealing":
    """Read for whom to seal, so that a slip in a key is told before the work is done."""
    from chatforensics.workflow.wanted import Sealing

    if recipients and passphrase:
        raise UsageError("A package is sealed for keys or with a passphrase.", hint="Give one of the two.")
    if recipients:
        from chatforensics.package.sealing import read_recipients

        read_recipients(recipients)
    return Sealing(tuple(recipients or ()), _ask(PASSPHRASE, "Passphrase") if passphrase else None)


def _ask(variable: str, what: str) -> str:
    """Return a secret from the environment, else typed twice without showing it."""
    if given := os.environ.get(variable):
        return given
    if not sys.stdin.isatty():
        raise UsageError(f"No {what.lower()}.", hint=f"Set {variable}, or run this on a terminal to be asked.")
    return str(typer.prompt(what, hide_input=True, confirmation_prompt=True, err=True))


def _print(packed: "Packed", to: "To") -> None:
    """Say in a few lines what was packed, what was hidden, what stayed, and how it can be checked."""
    from chatforensics.cli.observations import show

    counts = packed.counts
    key = f" --key {to.sign.public_key}" if to.sign else ""
    lines = {
        "Packed": f"chosen: {counts['n_ticked']:,}; copies of them in other exports: {counts['n_copies']:,}; around "
        f"them: {counts['n_context']:,}; left out: {counts['n_records_of_case'] - counts['n_records']:,} records.",
        "Hidden": f"{packed.describe_hidden()}.",
        "Folder": f"{packed.out} (read READ-ME-FIRST.txt in it).",
        "SHA-256": f"{packed.sha256} of tagmanifest-sha256.txt: note it, and pass it on by another way.",
        "Check": f"chatforensics verify {packed.out}{key}, or: python3 -I {packed.out / 'verify.py'}{key} "
        "(on Windows: python).",
    }
    if packed.sealed:
        lines["Sealed"] = f"{packed.sealed}; the folder beside it is not sealed: delete it if it is not to stay."
    for head, words in lines.items():
        typer.echo(show(f"{head:<8} {words}"))
