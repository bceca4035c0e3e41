"""From a case, or from exports alone, to an evidence package: chosen, redacted, written, checked for leaks, signed."""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from chatforensics.casefile import (
    By,
    Case,
    append,
    head,
    list_answers,
    list_originals,
    list_replies,
    locked,
    log_lines,
)
from chatforensics.errors import ChatForensicsError, UsageError
from chatforensics.package.choosing import Choice, Papers, build_dossier, choose_by_word
from chatforensics.package.dossier import Dossier
from chatforensics.version import __version__
from chatforensics.workflow.run import Outcome, Report, Settings, Tables, silent
from chatforensics.workflow.wanted import KINDS, Order, Packed, To, check_order, withhold

if TYPE_CHECKING:
    from chatforensics.package.hidden import Secrets
    from chatforensics.package.redaction import Rules
    from chatforensics.workflow.adding import Adding

Files = dict[str, bytes]


def pack_case(  # noqa: PLR0913 - a case, what, where, by whom
    case: Case, order: Order, *, to: To, by: By, settings: Settings | None = None, report: Report = silent
) -> Packed:
    """Make an evidence package from a case: analysed, chosen, redacted, written, signed and entered in the custody log.

    Nothing is written where a word that was taken out is found anywhere in the package. The same case, the same order
    and the same time give the same bytes, but for the sealed file.

    Args:
        case: the case; its key makes the pseudonyms.
        order: what is to be packed.
        to: where it goes, the key that signs it, and for whom it is sealed.
        by: who packs it, and when.
        settings: of the analysis; without it those of the case's last run.
        report: told of progress.

    Raises:
        CaseError: another run holds the case, it is empty, or what it kept is not what its originals say.
        UsageError: an id is not in the case, one to withhold not in the package, or two wishes exclude each other.
        ChatForensicsError: a word that was taken out would be readable in the package.
    """
    from chatforensics.workflow.casework import load_outcome
    from chatforensics.workflow.holding import hold_records

    check_order(order, to)
    with locked(case):
        outcome = load_outcome(case, settings, report)
        whole = choose(case, outcome, order, by=by)
        hold_records(case, whole, settings)
        dossier, secrets = _redact(whole, outcome.tables, case.key, order)
        sha256 = _write(case, dossier, secrets, order=order, to=to)
        _enter(case, whole, order, to=to, sha256=sha256, by=by)
    sealed = _seal(to) if to.sealing else None
    return Packed(to.out, sha256, dossier, secrets, tuple(outcome.warnings), sealed)


def _write(case: Case, dossier: Dossier, secrets: "Secrets", *, order: Order, to: To) -> str:
    """Write the folder, after nothing that was taken out was found in anything that goes into it."""
    from chatforensics.package.bag import write_bag
    from chatforensics.package.frontsheet import NAME, write_front_sheet
    from chatforensics.workflow.leaking import hold_back

    files = write_files(dossier, order)
    tags = {NAME: write_front_sheet(dossier, files=files, public_key=to.sign.public_key if to.sign else None)}
    agent = f"chatforensics {__version__}"
    date = f"{dossier.made_at:%Y-%m-%d}"
    info = {"Bag-Software-Agent": agent, "Bagging-Date": date, "External-Description": dossier.title}
    named = {f"data/{name}": content for name, content in files.items()}
    hold_back({**named, **tags, "bag-info.txt": "\n".join(info.values()).encode()}, secrets)
    payload: dict[str, bytes | Path] = {**files, **(_list_files(case, dossier) if order.originals else {})}
    return write_bag(to.out, payload=payload, tags=tags, info=info, sign=to.sign)


@contextmanager
def case_of_exports(
    paths: Sequence[Path], *, key: bytes, title: str, by: By, beside: Path | None = None
) -> "Iterator[tuple[Case, Adding]]":
    """Keep exports as a case for as long as it takes to pack them, in a folder that only its owner can read.

    With another key each time, the pseudonyms differ from package to package, so that two packages cannot be laid
    side by side. A run that is ended by force leaves that folder behind: `beside` names a place where its owner will
    see it, and where people's words are expected; else it is the system's place for temporary files.

    Yields:
        The case, and what became of the exports: which could not be taken into it, and why.

    Raises:
        UsageError: not one export could be read.
    """
    from chatforensics.casefile import new_case
    from chatforensics.casefile.originals import remove_tree
    from chatforensics.workflow.adding import add_exports

    try:
        if beside is not None:
            beside.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="chatforensics-unfinished-", dir=beside))
    except OSError as error:
        raise UsageError(f"{beside}: cannot be written to ({error.strerror}).", hint="Name another place.") from error
    try:
        case = new_case(folder / "case", title=title, by=by, key=key)
        adding = add_exports(case, paths, by=by)
        if not adding.added:
            raise UsageError(f"No export could be read: {'; '.join(adding.failures[:3]) or 'none was found'}")
        yield case, adding
    finally:
        remove_tree(folder)


def choose(case: Case, outcome: Outcome, order: Order, *, by: By) -> Dossier:
    """Return what the package will say, before anything is taken out of it."""
    from chatforensics.workflow.replying import match_replies

    tables, run = outcome.tables, dict(outcome.run)
    for kept_elsewhere in ("replies", "custody"):
        run.pop(kept_elsewhere, None)
    person_id = None
    if order.reply_for is not None:
        from chatforensics.package.replypack import choose_for, describe_person, find_person

        person_id = find_person(tables, order.reply_for)
        run["reply_for"] = describe_person(tables, person_id=person_id)
        ids, said = tuple(choose_for(tables, person_id=person_id)), "reply pack"
        if not ids:
            raise UsageError(f"--reply-for {order.reply_for}: no finding rests on a message of this person.")
    elif isinstance(order.messages, str):
        ids, said = choose_by_word(tables, order.messages), order.messages
    else:
        ids, said = order.messages, "ids"
    told = {row["source_id"]: withhold(row) if order.hides_makers else row for row in list_answers(case)}
    minimised = {each.source_id: each.minimised for each in list_originals(case)}
    papers = Papers(
        title=case.title,
        made_at=by.at,
        run=run,
        answers=tuple({**row, "minimised": minimised.get(key)} for key, row in told.items()),
        log=() if order.hides_makers else tuple(log_lines(case)),
        head=head(case) if order.hides_makers else None,
        replies=tuple(
            {"person_id": row["person_id"], "label": row["label"], **entry}
            for row in match_replies(tables, list_replies(case))
            if person_id is None or row["person_id"] == person_id  # what others answered is not for this person
            for entry in _entries(row)
        ),
    )
    return build_dossier(tables, choice=Choice(ids, order.context, said, person_id), papers=papers)


def find_earlier_key(case: Case) -> str | None:
    """Return the id of the key that signed the last signed package of a case, as its custody log has it; else None."""
    for line in reversed(log_lines(case)):
        entry = json.loads(line)
        if entry["action"] == "bundle" and (key := entry["details"].get("key")):
            return str(key)
    return None


def _name_key(public_key: str) -> str:
    """Return the id of a minisign public key, as minisign prints it."""
    from chatforensics.package.checker import name_key, read_key

    return name_key(read_key(public_key))


def _entries(row: Mapping[str, object]) -> list[Mapping[str, object]]:
    entries = row.get("entries")
    return [entry for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list) else []


def write_files(dossier: Dossier, order: Order) -> Files:
    """Return every file below `data/` that is written from the dossier, by name."""
    from chatforensics.package.exhibit import write_exhibit
    from chatforensics.package.forms import write_forms
    from chatforensics.package.method import write_method
    from chatforensics.package.records import write_records
    from chatforensics.package.replypack import write_reply_pack
    from chatforensics.package.rsmf import write_rsmf
    from chatforensics.package.uco import write_uco

    writers: list[Callable[[Dossier], Mapping[str, bytes]]] = [write_exhibit, write_records, write_method, write_forms]
    writers += [write_reply_pack] if dossier.reply_for is not None else []
    writers += [write_uco] if order.uco else []
    writers += [write_rsmf] if order.rsmf else []
    files: Files = {}
    for write in writers:
        made = write(dossier)
        if twice := sorted(files.keys() & made.keys()):
            raise ChatForensicsError(f"Two writers made {twice[0]}.", hint="Please report it.")
        files |= made
    return files


def _redact(whole: Dossier, tables: Tables, key: bytes, order: Order) -> "tuple[Dossier, Secrets]":
    """Take out what is to be hidden; where everybody is shown by name and nothing is listed, that is nothing."""
    from chatforensics.package.hidden import Secrets
    from chatforensics.package.redaction import redact_dossier
    from chatforensics.package.withholding import find_withheld

    if not order.hiding.names and not order.hiding.manual:
        return whole, Secrets()
    manual = find_withheld(order.hiding.manual, packed=whole.tables["messages"], case=tables["messages"])
    return redact_dossier(whole, replace(_make_rules(whole, tables, key, order), manual=manual))


def _make_rules(whole: Dossier, tables: Tables, key: bytes, order: Order) -> "Rules":
    """Return whom a package shows by name: the parties and those named, unless it is a reply pack for one person."""
    from chatforensics.package.redaction import Rules
    from chatforensics.package.replypack import find_person
    from chatforensics.workflow.leaking import find_bearers

    hiding, own = order.hiding, whole.tables
    shown = {find_person(tables, name) for name in hiding.shown}
    if whole.reply_for is not None:
        shown.add(whole.reply_for)
    elif hiding.parties:
        ticked = own["messages"].filter(own["messages"]["message_id"].is_in(list(whole.ticked)))
        shown |= {*ticked["person_id"].drop_nulls(), *own["sources"]["custodian_id"].drop_nulls()}
        shown = shown.union(*find_bearers(tables, hiding.acting).values())
    if not hiding.names:
        shown = set(tables["people"]["person_id"])
    keep = hiding.keep if hiding.names else frozenset(KINDS)
    return Rules(key=key, parties=frozenset(shown), keep=keep, manual=hiding.manual, reviewer=hiding.reviewer)


def _list_files(case: Case, dossier: Dossier) -> dict[str, Path]:
    """Return the exports of the package as received, and the media that came beside their text."""
    from chatforensics.package.bag import safe_name

    shown = set(dossier.tables["sources"]["source_id"])
    files: dict[str, Path] = {}
    for original in list_originals(case):
        if original.source_id in shown and original.path is not None:
            for name in (original.path.name, *sorted(original.files)):
                files[f"originals/{original.source_id}/{safe_name(name)}"] = original.path.with_name(name)
    return files


def _enter(case: Case, whole: Dossier, order: Order, *, to: To, sha256: str, by: By) -> None:  # noqa: PLR0913
    """Enter the package in the custody log; a reply pack also among what its person was offered."""
    package = whole.run["package"]
    told = (
        {key: package[key] for key in ("chosen_by", "context", "n_ticked", "n_records")}
        if isinstance(package, dict)
        else {}
    )
    options = {name: getattr(order, name) for name in ("uco", "rsmf", "originals")}
    hiding = {"pseudonyms": order.hiding.names, "keep": sorted(order.hiding.keep), "n_manual": len(order.hiding.manual)}
    signed = {"key": _name_key(to.sign.public_key)} if to.sign else {}
    inputs = sorted(whole.tables["sources"]["sha256"])
    append(case, "bundle", by=by, details={**told, **options, **hiding, **signed}, inputs=inputs, outputs=[sha256])
    if whole.reply_for is not None:
        from chatforensics.casefile import record_reply

        people = whole.tables["people"]
        labels = people.filter(people["person_id"] == whole.reply_for)["labels"].explode().drop_nulls()
        label = str(labels[0]) if labels.len() else whole.reply_for
        record_reply(case, person=(whole.reply_for, label), status="pack made", by=by)


def _seal(to: To) -> Path:
    from chatforensics.package.sealing import seal_folder

    seal_folder(to.out, to.sealed, recipients=to.sealing.recipients, passphrase=to.sealing.passphrase)
    return to.sealed
