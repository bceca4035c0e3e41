"""`case`: the case folder and what is done with it."""

import json
import secrets
import shlex
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatforensics.cli.custody import record_answers
from chatforensics.cli.options import tell, write_output
from chatforensics.errors import CaseError, UsageError

if TYPE_CHECKING:
    from chatforensics.casefile import By, Case

EXAMPLE = "Example: chatforensics case new ward-case --title 'Ward selection' --by 'Ama Boateng'"
PARTIAL = 3
ACTOR = typer.Option("--by", help="Your name, as it is to stand in the custody log.", show_default=False)
WAIT = typer.Option("--wait", help="Wait where another run holds the case.")
FOLDER = typer.Argument(help="The case folder.")

app = typer.Typer(
    help="Keep a case: the originals by hash, what is known about them, and a log of all that was done.",
    epilog=EXAMPLE,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.command("new", epilog=EXAMPLE)
def make(
    case: Annotated[Path, FOLDER],
    *,
    title: Annotated[str, typer.Option(help="What people call the case; printed on packages.")] = "",
    by: Annotated[str, ACTOR] = "unknown",
    expires: Annotated[str | None, typer.Option(help="The day after which it should be purged: 2027-01-31.")] = None,
) -> None:
    """Make a case in a new folder, readable by you only."""
    from chatforensics.casefile import new_case

    made = new_case(
        case,
        title=title or case.name,
        by=_by(by),
        key=secrets.token_bytes(32),
        expires=read_day(expires, where="--expires"),
    )
    tell_out(f"Made {made.folder}. It will hold personal data in plain form: keep it on an encrypted disk.")


@app.command("add", epilog="Example: chatforensics case add ward-case phones/ --answers custody.toml")
def add(
    case: Annotated[Path, FOLDER],
    paths: Annotated[list[Path], typer.Argument(help="Exports (.txt, .zip) and folders of them.")],
    *,
    answers: Annotated[
        Path | None, typer.Option(help="TOML with answers to the custody questions, for all or per path.")
    ] = None,
    ask: Annotated[bool | None, typer.Option("--ask/--no-ask", help="Ask the custody questions now.")] = None,
    mode: Annotated[
        str, typer.Option(help="full: the whole file; evidence: instructions and context; triage: counts only.")
    ] = "full",
    since: Annotated[str | None, typer.Option("--from", help="Keep records from this day on: 2026-03-01.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Keep records up to this day.")] = None,
    chat: Annotated[list[str] | None, typer.Option(help="Take only chats with this in their title.")] = None,
    drop_media: Annotated[bool, typer.Option("--drop-media", help="Keep the text, not the media.")] = False,
    by: Annotated[str, ACTOR] = "unknown",
    wait: Annotated[bool, WAIT] = False,
) -> None:
    """Take exports into a case: copied and hashed before anything in them is opened, read-only from then on."""
    from chatforensics.casefile import open_case
    from chatforensics.workflow.adding import Limits, add_exports

    opened = open_case(case)
    limits = Limits(
        mode=mode,
        since=read_day(since, where="--from"),
        until=read_day(until, where="--to"),
        titles=tuple(chat or ()),
        drop_media=drop_media,
    )
    outcome = add_exports(opened, paths, limits=limits, by=_by(by), wait=wait)
    tell("Not added", outcome.failures)
    tell("Note", outcome.notes)
    for added in outcome.added:
        tell_out(f"{added.source_id}  {'again' if added.again else 'added'}  {added.shown}")
    record_answers(opened, [x.source_id for x in outcome.added if not x.again], answers=answers, ask=ask, by=_by(by))
    if outcome.failures:
        sys.exit(PARTIAL)


@app.command("list", epilog="Example: chatforensics case list ward-case")
def show(
    case: Annotated[Path, FOLDER], *, as_json: Annotated[bool, typer.Option("--json", help="As JSON lines.")] = False
) -> None:
    """List the exports of a case with what is known of their custody, and which the last analysis could not read."""
    from chatforensics.casefile import QUESTIONS, UNKNOWN, list_answers, list_originals
    from chatforensics.workflow.superseded import list_unread

    opened = open_and_remind(case)
    told, unread = {row["source_id"]: row for row in list_answers(opened)}, list_unread(opened)
    for original in list_originals(opened):
        answers = {question: told[original.source_id][question] for question in QUESTIONS}
        if as_json:
            row = {"source_id": original.source_id, "sha256": original.sha256, "path": original.shown, **answers}
            row["unread"] = unread.get(original.source_id, "")
            write_output((json.dumps(row, ensure_ascii=False) + "\n").encode(), out=None)
            continue
        unknown = [question for question, said in answers.items() if said == UNKNOWN]
        whole = "kept whole" if original.minimised is None else f"kept in part ({original.minimised.get('mode')})"
        state = ", ".join([whole, *([unread[original.source_id]] if original.source_id in unread else [])])
        tell_out(f"{original.source_id}  {original.size_bytes:>12,} bytes  {state}  {original.shown}")
        tell_out(f"    unknown: {', '.join(unknown)}" if unknown else "    all custody questions answered")


@app.command("log", epilog="Example: chatforensics case log ward-case")
def log(
    case: Annotated[Path, FOLDER],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="The lines as hashed.")] = False,
) -> None:
    """Print the custody log: what was done, by whom, when; and its head, to be written down elsewhere."""
    from chatforensics.casefile import check_chain, head, log_lines

    opened = open_and_remind(case)
    lines = log_lines(opened)
    for line in lines:
        if as_json:
            write_output(f"{line}\n".encode(), out=None)
            continue
        tell_out(_describe_line(line))
    n_lines, sha256 = head(opened)
    if not as_json:
        typer.echo(f"Head after {n_lines} lines: {sha256}")
    if fault := check_chain(lines):
        raise CaseError(fault, hint=f"Somebody changed {case}/case.sqlite: compare with a package made from it.")


def _describe_line(line: str) -> str:
    """Return a line of the custody log for reading; one that somebody put there by other means, by its beginning."""
    try:
        entry = json.loads(line)
        return f"{entry['seq']:>4}  {entry['at']}  {entry['action']:<8}  {entry['actor']}"
    except (ValueError, TypeError, KeyError, RecursionError):
        return f"   ?  {line[:80]}"


@app.command("answer", epilog="Example: chatforensics case answer ward-case --answers custody.toml")
def reask(
    case: Annotated[Path, FOLDER],
    *,
    answers: Annotated[
        Path | None, typer.Option(help="TOML with answers to the custody questions, for all or per path.")
    ] = None,
    by: Annotated[str, ACTOR] = "unknown",
) -> None:
    """Answer the custody questions that are open; earlier answers are kept."""
    from chatforensics.casefile import list_originals

    opened = open_and_remind(case)
    ids = [original.source_id for original in list_originals(opened)]
    record_answers(opened, ids, answers=answers, ask=answers is None, by=_by(by))


@app.command("reply", epilog="Example: chatforensics case reply ward-case 'Wiktor Zielinski' --text reply.txt")
def reply(
    case: Annotated[Path, FOLDER],
    person: Annotated[str, typer.Argument(help="The name as an export prints it, or the id of the person.")],
    *,
    offered: Annotated[str | None, typer.Option(help="The day on which they were given their pack.")] = None,
    text: Annotated[Path | None, typer.Option(help="A text file with their reply, in their words.")] = None,
    declined: Annotated[bool, typer.Option("--declined", help="They said that they do not wish to reply.")] = False,
    on: Annotated[str | None, typer.Option(help="The day on which they answered or declined: 2026-04-09.")] = None,
    how: Annotated[str | None, typer.Option(help="How it was offered or came: by post, in person.")] = None,
    by: Annotated[str, ACTOR] = "unknown",
) -> None:
    """Record that a person named was offered the chance to answer, answered, or declined.

    From then on it is printed beside the findings in every report and package of the case.
    """
    from chatforensics.storage import read_file
    from chatforensics.workflow.replying import Answer, add_reply

    if sum([offered is not None, text is not None, declined]) != 1:
        raise UsageError("Nothing to record, or too much.", hint="Give one of --offered, --text and --declined.")
    if offered is not None and on is not None and on != offered:
        raise UsageError("--offered and --on name two days.", hint="Give the day once, as --offered DAY.")
    words = read_file(text, where="--text").decode("utf-8-sig", errors="replace") if text else None
    status = "replied" if text else "declined" if declined else "offered"
    day = read_day(on, where="--on") if offered is None else read_day(offered, where="--offered")
    _, label = add_reply(case, person=person, answer=Answer(status, words, day, how), by=_by(by))
    tell_out(f"Recorded for {label}: {status}{f', {day}' if day else ''}.")
    again = shlex.quote(str(case))
    tell_out(f"So that the report prints it: chatforensics analyse --case {again}")


@app.command(
    "purge", epilog="Example: chatforensics case purge ward-case --certificate gone.txt --reason 'panel ended'"
)
def purge(
    case: Annotated[Path, FOLDER],
    *,
    certificate: Annotated[Path, typer.Option(help="Where to write the certificate, outside of the case.")],
    reason: Annotated[str, typer.Option(help="Why, in words that may be printed.")],
    by: Annotated[str, ACTOR] = "unknown",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Destroy what a case holds, its key too, and write a certificate of what it was. It cannot be undone."""
    from chatforensics.casefile import describe_purge, locked, open_case, purge_case
    from chatforensics.cli.observations import show as safe
    from chatforensics.storage import write_bytes

    opened = open_case(case)
    if certificate.exists() or certificate.resolve().is_relative_to(case.resolve()):
        raise UsageError(f"--certificate: {certificate} cannot be used.", hint="Name a new file outside of the case.")
    if not yes and not typer.confirm(safe(f"Destroy {case}: {describe_purge(opened)} Go on?")):
        raise UsageError("Nothing was destroyed.")
    write_bytes(certificate, b"")  # a place that cannot be written to should be known before
    with locked(opened):
        words = purge_case(opened, reason=reason, by=_by(by))
    write_bytes(certificate, words.encode())
    tell_out(f"Destroyed. The certificate is {certificate}.")


def open_and_remind(folder: Path) -> "Case":
    """Open a case and print the reminder of its end, if it is due."""
    from chatforensics.casefile import expiry_warning, open_case
    from chatforensics.workflow.clock import now

    opened = open_case(folder)
    if reminder := expiry_warning(opened, today=now().date()):
        tell("Warning", [reminder])
    return opened


def tell_out(words: str) -> None:
    """Print one line on standard output, safe on any terminal: it may hold the name of a stranger's file."""
    from chatforensics.cli.observations import show

    typer.echo(show(words))


def read_day(given: str | None, *, where: str) -> date | None:
    """Return a day.

    Raises:
        UsageError: it is none.
    """
    if given is None:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError as error:
        raise UsageError(f"{where}: '{given}' is no day.", hint="Write it as 2027-01-31.") from error


def _by(actor: str) -> "By":
    from chatforensics.casefile import By
    from chatforensics.workflow.clock import now

    return By(actor, now())
