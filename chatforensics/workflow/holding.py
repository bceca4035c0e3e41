"""What is about to be packed held to the originals: kept tables may have been changed since they were made."""

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from chatforensics.casefile import Case, Original, check_records, list_originals
from chatforensics.errors import CaseError, EvidenceError
from chatforensics.intake import read_export
from chatforensics.package.choosing import find_kept
from chatforensics.package.dossier import Dossier
from chatforensics.parsing import Parsed
from chatforensics.workflow.casework import dates_of, name_originals
from chatforensics.workflow.corrected import read_export_corrections
from chatforensics.workflow.declared import read_declarations
from chatforensics.workflow.remembered import settings_of
from chatforensics.workflow.run import Settings
from chatforensics.workflow.single import Declared, parse_received

_FIELDS = {
    "source_id": "export", "line": "place", "byte_start": "place", "byte_end": "place", "sent_local": "local time",
    "sender_label": "sender", "kind": "kind", "text": "text", "attachment": "attachment", "edited": "edited",
    "deleted_by": "deleted by",
}  # fmt: skip
_BESIDE = {"attachments": "attachment", "events": "notice"}
_REMEDY = "Take the folder derived out of the case and analyse it once more; see: chatforensics verify CASE --rerun."


def hold_records(case: Case, dossier: Dossier, settings: Settings | None = None) -> None:
    """Read the packed records once more from the originals, and hold what a package would say of them to that.

    It covers place, local time, sender, kind, words, attachments and notices, that no record is missing beside a
    chosen one, and what the case has on record of exports, answers and replies. It does not cover what is computed of
    them: labels, people, corroboration, spread. For these there is `verify CASE --rerun`.

    Args:
        case: the case, held to be unchanged meanwhile.
        dossier: what is to be packed, before anything is taken out of it.
        settings: of the analysis; without it those of the case's last run.

    Raises:
        CaseError: something differs; it names the message.
    """
    if faults := check_records(case):
        raise CaseError(f"{case.folder}: {faults[0]}", hint="Restore the case from a copy; nothing was written.")
    packed = dossier.tables["messages"]
    exports = list(_read_exports(case, set(packed["source_id"]), settings or settings_of(case) or Settings()))
    found = pl.concat([parsed.messages for parsed in exports]) if exports else packed.clear()
    _hold_fields(case, packed, found)
    _hold_beside(case, dossier, exports)
    _hold_whole(case, dossier, found)


def _read_exports(case: Case, source_ids: set[str], settings: Settings) -> Iterator[Parsed]:
    """Read each export once, with what was declared of it."""
    declared, corrected = read_declarations(settings.declare), read_export_corrections(settings.corrections)
    held = [original for original in list_originals(case) if original.path is not None]
    for name, original in name_originals(held):
        if original.source_id in source_ids:
            stated = declared.get(original.source_id) or declared.get(name) or Declared()
            stated = replace(stated, dates=stated.dates or dates_of(original))
            try:
                yield _read(original, corrected.apply(original.source_id, stated))
            except EvidenceError:  # as the analysis does: what cannot be read as corrected is read without that
                yield _read(original, stated)


def _read(original: Original, stated: Declared) -> Parsed:
    chat = read_export(original.export())
    if chat.sha256 != original.sha256:
        raise CaseError(f"{original.shown}: not the file that was added.", hint="Restore it from a copy.")
    return parse_received(chat, stated)


def _hold_fields(case: Case, packed: pl.DataFrame, found: pl.DataFrame) -> None:
    fields = list(_FIELDS)
    both = packed.select("message_id", *fields).join(
        found.select("message_id", *fields, there=True), on="message_id", how="left", suffix="_found"
    )
    for row in both.sort("message_id").iter_rows(named=True):
        if not row["there"]:
            raise _differ(case, row["message_id"], "its export has no such record")
        if names := sorted({_FIELDS[name] for name in fields if row[name] != row[f"{name}_found"]}):
            raise _differ(case, row["message_id"], f"not as in its export: {', '.join(names)}")


def _hold_beside(case: Case, dossier: Dossier, exports: list[Parsed]) -> None:
    """Compare what came with a record, and what a notice was read as."""
    ids = dossier.tables["messages"]["message_id"].implode()
    for name, what in _BESIDE.items():
        there = pl.concat([getattr(parsed, name) for parsed in exports]) if exports else dossier.tables[name].clear()
        said, known = (_group(frame.filter(pl.col("message_id").is_in(ids))) for frame in (dossier.tables[name], there))
        for number in sorted(said.keys() | known.keys()):
            if said.get(number) != known.get(number):
                raise _differ(case, number, f"not as in its export: {what}")


def _group(frame: pl.DataFrame) -> dict[int, list[str]]:
    """Return the rows of each message, in an order of their own."""
    rows: dict[int, list[str]] = {}
    for row in frame.select(sorted(frame.columns)).iter_rows(named=True):
        rows.setdefault(row["message_id"], []).append(repr(sorted(row.items())))
    return {number: sorted(each) for number, each in rows.items()}


def _hold_whole(case: Case, dossier: Dossier, found: pl.DataFrame) -> None:
    """Hold the records to the context that was asked for: none beside a chosen one may be missing."""
    packed, package = dossier.tables["messages"], dossier.run["package"]
    context = int(str(package["context"])) if isinstance(package, dict) else 0
    same = packed.select("message_id", "canonical_id")
    placed = found.drop("canonical_id").join(same, on="message_id", how="left")
    kept = find_kept(placed, dossier.ticked, context=context)
    if odd := sorted(kept.included ^ set(packed["message_id"])):
        raise _differ(case, odd[0], "what stands beside a chosen record in its export is not what the case has")


def _differ(case: Case, number: int, what: str) -> CaseError:
    return CaseError(f"{case.folder}: message {number}: {what}. Nothing was written.", hint=_REMEDY)
