"""The first look at one export that was just added: what it is, and which of its messages look like instructions.

It does not join the export with others, opens no pictures and compares nothing: that is what the analysis of the case
does afterwards, which uses again what was read here.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl

from chatforensics.casefile import Case, Original, hold_original, list_originals, locked, open_derived
from chatforensics.casefile.made import read_looks, write_look
from chatforensics.errors import CaseError
from chatforensics.schema import SLATE_LABEL, Messages, Pictures, empty
from chatforensics.workflow.casework import give_original, name_originals
from chatforensics.workflow.corrected import correct_labels, read_stated, settings_with_corrections
from chatforensics.workflow.gathered import gather_parsed
from chatforensics.workflow.inputs import Intake, read_alone
from chatforensics.workflow.joined import join_parsed
from chatforensics.workflow.lookwords import describe_received
from chatforensics.workflow.remembered import hold_words, settings_of
from chatforensics.workflow.run import Report, Settings, silent
from chatforensics.workflow.viewrows import Item, make_item, message_columns, plain_labels

if TYPE_CHECKING:
    from chatforensics.joining import Joined
    from chatforensics.parsing import Parsed

MOST_ITEMS = 500
AROUND = 5
STEPS = 3
_SAMPLE = b"01/02/2031, 10:00 - A: the ballot is on Friday, vote for B and C\n13/02/2031, 10:05 - B: thank you\n"


def look(
    case: Case, source_id: str, *, settings: Settings | None = None, report: Report = silent, wait: bool = True
) -> dict[str, Any]:
    """Look at one export of a case by itself, and keep what was seen on the desk of the case.

    Its messages are decided as the analysis of a case with this export alone would decide them, but for words in
    pictures, which are not read yet, and for statements of who is who.

    Args:
        case: the case.
        source_id: which export.
        settings: what was chosen; without them, what was chosen for the last run.
        report: told of progress.
        wait: wait where another run holds the case.

    Returns:
        `received` (what the export is), `items` (at most 500 messages, those flagged first, each with five records
        before and after), `n_flagged`, `n_review`.

    Raises:
        CaseError: the case has no such export, or another run holds it.
        EvidenceError: it cannot be read.
        HashMismatch: it is not what was added.
    """
    with locked(case, wait=wait):
        settings = settings_with_corrections(case, hold_words(settings or settings_of(case) or Settings()))
        original, name = _find(case, source_id)
        hold_original(original)
        intake = Intake(open_derived(case))
        read_alone(give_original(original, name), intake, settings)
        report("looking", 1, STEPS)
        found = _look(intake, original, settings, report)
        write_look(case, source_id, found)
    report("looking", STEPS, STEPS)
    return found


def prepare() -> None:
    """Load what a first look needs, so that the first export of a person does not wait for it."""
    from chatforensics.intake import chat_from_bytes
    from chatforensics.integrity.members import build_members
    from chatforensics.labelling import label_messages
    from chatforensics.labelling.cues import prepare as prepare_cues
    from chatforensics.parsing import parse_export
    from chatforensics.workflow.checks import observe

    prepare_cues()
    chat = chat_from_bytes(_SAMPLE, name="WhatsApp Chat with Somebody.txt")
    parsed = parse_export(chat)
    observe(chat, parsed, build_members(chat), timezone=None)
    label_messages(_join_alone(parsed, Settings()).messages)


def list_looks(case: Case) -> list[dict[str, Any]]:
    """Return the first looks at the exports of a case, in the order of their paths, numbered as these are now."""
    looks = read_looks(case)
    originals = sorted(list_originals(case), key=lambda each: (each.shown, each.source_id))
    numbered = {each.source_id: f"S{place}" for place, each in enumerate(originals, start=1)}
    return [_number(looks[key], source) for key, source in numbered.items() if key in looks]


def _number(found: dict[str, Any], source: str) -> dict[str, Any]:
    for item in found["items"]:
        for each in (item, *item["before"], *item["after"]):
            each["source"] = source
    found["received"]["source"] = source
    return found


def _find(case: Case, source_id: str) -> tuple[Original, str]:
    held = [original for original in list_originals(case) if original.path is not None]
    for name, original in name_originals(held):
        if original.source_id == source_id:
            return original, name
    raise CaseError(f"{source_id}: no such export that can be read.", hint="See: chatforensics case list.")


def _look(intake: Intake, original: Original, settings: Settings, report: Report) -> dict[str, Any]:
    parsed = intake.all().parsed()
    joined = _join_alone(parsed, settings)
    report("looking", 2, STEPS)
    decided, labels, doubts = _label(joined, settings)
    counts = dict(decided.group_by("decision").len().iter_rows())
    notes = [*intake.warnings, *doubts]
    return {
        "received": describe_received(original, parsed, joined, notes=notes, seen=intake.received()["indicators"]),
        "items": _list_items(joined, labels, decided),
        "n_flagged": counts.get("flag", 0),
        "n_review": counts.get("review", 0),
    }


def _label(joined: "Joined", settings: Settings) -> tuple[pl.DataFrame, pl.DataFrame, list[str]]:
    """Return what is decided of messages, flag or review; the labels of those that are shown; and what to beware of.

    Why a label was decided is sought for those alone that are shown.
    """
    from chatforensics.labelling.stage import decide_messages, label_messages
    from chatforensics.labelling.units import keep_units_of

    messages, nothing = joined.messages, Pictures(empty("pictures"))
    stated = [int(each.what["message_id"]) for each in read_stated(settings.corrections, "label")]
    own = decide_messages(messages)
    most = _order(own, messages).head(MOST_ITEMS + len(stated))["message_id"].to_list()
    chosen = pl.DataFrame({"message_id": pl.Series([*most, *stated], dtype=pl.Int64)})
    found = label_messages(keep_units_of(messages, chosen))
    labels, effect = correct_labels(found, messages, joined.sources, nothing, settings.corrections)
    told = labels.filter(pl.col("label") == SLATE_LABEL).select("message_id", "decision")
    decided = pl.concat([own.join(told, on="message_id", how="anti"), told.filter(pl.col("decision") != "none")])
    return _order(decided, messages), labels, effect.notes


def _order(decided: pl.DataFrame, messages: Messages) -> pl.DataFrame:
    """Return what is decided, the flagged first, in the order of lines."""
    placed = decided.join(messages.select("message_id", "byte_start"), on="message_id")
    return placed.sort("decision", "byte_start", "message_id")  # "flag" stands before "review"


def _join_alone(parsed: "Parsed", settings: Settings) -> "Joined":
    """Return an export joined with nothing: who posts, what was written in one go, and when.

    Texts are left out meanwhile: joining compares them between exports only.
    """
    bare = Messages(parsed.messages.with_columns(text=pl.lit(None, pl.String)))
    joined = join_parsed(gather_parsed([replace(parsed, messages=bare)]), timezone=settings.timezone)
    texts = parsed.messages.select("message_id", "text")
    whole = joined.messages.drop("text").join(texts, on="message_id", how="left", maintain_order="left")
    return replace(joined, messages=Messages(whole.select(joined.messages.columns)))


def _list_items(joined: "Joined", labels: pl.DataFrame, decided: pl.DataFrame) -> list[Item]:
    """Return the messages that are flagged, then those to be reviewed, in the order of their lines."""
    ordered = joined.messages.sort("byte_start", "message_id").with_row_index("row")
    ordered = ordered.join(decided.select("message_id", "decision"), on="message_id", how="left", maintain_order="left")
    known = decided.head(MOST_ITEMS).join(ordered.select("message_id", "row"), on="message_id", maintain_order="left")
    chosen = known["row"].to_list()
    near = sorted({at for row in chosen for at in _around(row, ordered.height)})
    items = _make_items(joined, ordered.filter(pl.col("row").is_in(near)), labels)
    return [_in_context(items, row, ordered.height) for row in chosen]


def _around(row: int, n: int) -> range:
    return range(max(0, row - AROUND), min(n, row + AROUND + 1))


def _make_items(joined: "Joined", rows: pl.DataFrame, labels: pl.DataFrame) -> dict[int, Item]:
    """Return messages by their row; each dictionary is used as often as the message stands beside another one."""
    sources = joined.sources.select("source_id", "path", "clock_step_s")
    chats = joined.chats.select("chat_id", chat=pl.coalesce("title", "chat_id"))
    placed = rows.join(sources, on="source_id", how="left").join(chats, on="chat_id", how="left", maintain_order="left")
    shown = placed.select("row", "chat", "path", "decision", pl.lit("S1").alias("source"), *message_columns())
    by_message: dict[int, list[Mapping[str, Any]]] = {}
    for label in plain_labels(labels.join(rows.select("message_id"), on="message_id", how="semi")):
        by_message.setdefault(label["message_id"], []).append(label)
    return {row["row"]: make_item(row, by_message.get(row["message_id"], ())) for row in shown.iter_rows(named=True)}


def _in_context(items: Mapping[int, Item], row: int, n: int) -> Item:
    near = _around(row, n)
    before, after = ([items[at] for at in part] for part in (range(near.start, row), range(row + 1, near.stop)))
    return {**items[row], "before": before, "after": after}
