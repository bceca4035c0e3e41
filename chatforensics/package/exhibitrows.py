"""The ticked messages as numbered exhibits, each in its place between its neighbours in the export."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import polars as pl

from chatforensics.package.dossier import Dossier
from chatforensics.package.edges import read_thresholds, tell_edge
from chatforensics.package.measured import tell_briefly, tell_measured
from chatforensics.package.moments import tell_moment
from chatforensics.package.sheets import Row, Tables, fill_tables, find_redactions
from chatforensics.report.language import say
from chatforensics.report.marks import Span, clip_text, mark_spans
from chatforensics.report.sightings import place_messages
from chatforensics.report.words import LABEL_MEANINGS, LABEL_ORDER, STANCE_WORDS, STATUS_MEANINGS
from chatforensics.schema import CONFLICT_STATUSES, SLATE_LABEL

TICKED_CHARACTERS = 65_536
CONTEXT_CHARACTERS = 1_500
FIRST_WORDS = 90
EXHIBIT_LIMIT = 500
_COUNTED = frozenset({"flag", "review"})


def number_exhibits(dossier: Dossier) -> dict[int, str]:
    """Return for each ticked message its number, E1 and on, in the order of the exports and of the file in each.

    The number says where a message stands in this package, never how much it weighs.
    """
    placed = place_messages(fill_tables(dossier.tables))
    ticked = placed.filter(pl.col("message_id").is_in(list(dossier.ticked)))["message_id"]
    return {message_id: f"E{number}" for number, message_id in enumerate(ticked.to_list(), 1)}


def view_exhibits(dossier: Dossier) -> Row:
    """Return the stretches of the exports that hold a ticked message, its details with it, and the list of exhibits."""
    tables = fill_tables(dossier.tables)
    placed = place_messages(tables)
    ticked = number_exhibits(dossier)
    numbers = dict([*ticked.items()][:EXHIBIT_LIMIT])
    stretches = [own for own in _part_stretches(placed.to_dicts()) if any(row["message_id"] in numbers for row in own)]
    teller = _Teller(tables, placed=placed, numbers=numbers, run=dossier.run)
    shown = [_view_stretch(own, teller) for own in stretches]
    exhibits = [row for part in shown for row in part["rows"] if row["number"]]
    _mark_first(exhibits)
    n_printed = sum(len(own) for own in stretches)
    return {
        "stretches": shown,
        "exhibits": exhibits,
        "n_context": n_printed - len(exhibits),
        "n_unprinted": placed.height - n_printed,
        "n_more": len(ticked) - len(numbers),
        "n_unknown": len(set(dossier.ticked) - set(ticked)),
        "numbers": numbers,
        "labels_seen": _list_labels(exhibits),
        **_list_doubts(exhibits),
        "senders": list(dict.fromkeys((row["person_id"], row["sender_label"]) for row in exhibits)),
    }


def _mark_first(exhibits: Sequence[Row]) -> None:
    """Mark the first exhibit of each sender, beside which the reply is printed in full."""
    seen: set[object] = set()
    for row in exhibits:
        sender = row["person_id"] or row["sender_label"]
        row["is_first_of_sender"] = sender not in seen
        seen.add(sender)


def _list_labels(exhibits: Sequence[Row]) -> list[Row]:
    """Return each label that an exhibit bears, once, in the codebook's order."""
    seen = {label["label"]: label for row in exhibits for label in row["labels"]}
    return _sort_labels([*seen.values()])


def _list_doubts(exhibits: Sequence[Row]) -> Row:
    """Return the exhibits of which the tables themselves say something that weakens them."""
    known = [row for row in exhibits if row["agreement"]]
    alone = ("single_source", "outside_window", None)
    return {
        "turned_down": [
            row | {"probability": label["probability"], "edge": label["edge"]}
            for row in exhibits
            for label in row["turned_down"]
            if label["label"] == SLATE_LABEL
        ],
        "unsure": [row for row in exhibits if {label["decision"] for label in row["labels"]} == {"review"}],
        "near": [row | {"label": label} for row in exhibits for label in row["labels"] if label["edge"]],
        "lacking": [row for row in known if row["agreement"]["lacking"]],
        "in_conflict": [row for row in known if row["agreement"]["status"] in CONFLICT_STATUSES],
        "unconfirmed": [row for row in exhibits if not row["agreement"] or row["agreement"]["status"] in alone],
    }


def _part_stretches(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Give the records in runs in which each begins where the one before ends."""
    own: list[Row] = []
    for row in rows:
        is_next = own and row["source_id"] == own[-1]["source_id"] and row["byte_start"] == own[-1]["byte_end"]
        if own and not is_next:
            yield own
            own = []
        own.append(row)
    if own:
        yield own


def _view_stretch(own: list[Row], teller: "_Teller") -> Row:
    first, last = own[0], own[-1]
    return {
        "source": first["source"],
        "chat": first["chat"],
        "lines": (first["line"], last["line"]),
        "bytes": (first["byte_start"], last["byte_end"]),
        "rows": [teller.tell(row) for row in own],
    }


class _Teller:
    """Tells one record: what its export shows, and for a ticked one what was computed of it."""

    def __init__(
        self, tables: Tables, *, placed: pl.DataFrame, numbers: dict[int, str], run: Mapping[str, object]
    ) -> None:
        self._numbers = numbers
        self._names = dict(placed.select("source_id", "source").unique().iter_rows())
        self._names |= _name_sources(tables)
        ids = [*numbers]
        self._labels = _gather(tables["labels"], ids)
        self._slates = _gather(tables["slates"].sort("step", "start", "name", nulls_last=True), ids)
        self._files = _gather(tables["attachments"].sort("file", nulls_last=True), ids)
        self._pictures = _gather(tables["pictures"].sort("file", "sha256", nulls_last=True), ids)
        self._clocks = _gather(tables["clocks"].sort("from_local", nulls_last=False), None, by="source_id")
        self._agreement = _gather(tables["corroboration"], None, by="canonical_id")
        self._copies = _gather(placed.filter(pl.col("canonical_id").is_not_null()), None, by="canonical_id")
        ordered = tables["indicators"].with_columns(at=pl.col("source_ids").list.join(" "))
        self._indicators = ordered.sort("indicator", "at", "value", nulls_last=True).to_dicts()
        model = run.get("model")
        self._thresholds = model.get("thresholds", {}) if isinstance(model, Mapping) else {}
        self._near = read_thresholds(run)

    def tell(self, row: Row) -> Row:
        """Return a record as the page shows it."""
        number = self._numbers.get(row["message_id"])
        limit = TICKED_CHARACTERS if number else CONTEXT_CHARACTERS
        text, left_out = clip_text(row["text"] or "", limit=limit)
        keys: tuple[str, ...] = (
            "message_id",
            "source",
            "line",
            "byte_start",
            "byte_end",
            "sender_label",
            "person_id",
            "kind",
        )
        keys += ("attachment", "edited", "deleted_by", "chat")
        moment = tell_moment(row, self._clocks.get(row["source_id"], []))
        moment["basis"] = self._rename(moment.get("basis"))
        shown = {key: row[key] for key in keys} | {"number": number, "text": text, "left_out": left_out, "at": moment}
        return shown | self._tell_ticked(row, text) if number else shown

    def _tell_ticked(self, row: Row, text: str) -> Row:
        """Return what was computed of a ticked message: labels, names, copies, observations, files."""
        message_id = row["message_id"]
        labels = [self._tell_label(label) for label in _sort_labels(self._labels.get(message_id, []))]
        slate = [
            each | {"words": STANCE_WORDS.get(each["stance"], each["stance"])}
            for each in self._slates.get(message_id, [])
        ]
        return {
            "first_words": _clip_words(" ".join(text.split())),
            "pieces": _cut_pieces(text, labels, slate),
            "labels": [label for label in labels if label["decision"] in _COUNTED],
            "turned_down": [label for label in labels if label["decision"] not in _COUNTED],
            "slate": slate,
            "pictures": self._pictures.get(message_id, []),
            "files": self._files.get(message_id, []),
            "agreement": self._tell_agreement(row),
            "observations": [self._tell_indicator(each, row) for each in self._indicators if _is_at(each, row)],
        }

    def _tell_label(self, label: Row) -> Row:
        review, flag = [*self._thresholds.get(label["label"], ()), None, None][:2]
        meaning = LABEL_MEANINGS.get(label["label"], "")
        told = {"measured": tell_measured(label["label"]), "measured_briefly": tell_briefly(label["label"])}
        edge = tell_edge(label, self._near)
        return label | told | {"meaning": meaning, "review": review, "flag": flag, "edge": edge}

    def _tell_agreement(self, row: Row) -> Row | None:
        """Return which exports hold the message and which do not, with the copies that are in this package."""
        found = next(iter(self._agreement.get(row["canonical_id"], [])), None)
        copies = [each for each in self._copies.get(row["canonical_id"], []) if each["message_id"] != row["message_id"]]
        if found is None and not copies:
            return None
        told = found or {"status": None, "conflicts": [], "source_ids": [], "lacking": [], "detail": None}
        return {
            "status": told["status"],
            "meaning": STATUS_MEANINGS.get(told["status"] or "", ""),
            "n_independent": told.get("n_independent"),
            "holding": self._list_sources(told["source_ids"]),
            "lacking": self._list_sources(told["lacking"]),
            "conflicts": [each for each in told["conflicts"] or [] if each != told["status"]],
            "detail": self._rename(told["detail"]),
            "copies": [self._tell_copy(each, row) for each in copies],
        }

    def _tell_copy(self, copy: Row, row: Row) -> Row:
        text, left_out = clip_text(copy["text"] or "", limit=CONTEXT_CHARACTERS)
        keys = ("message_id", "source", "line", "sender_label", "kind", "edited", "attachment")
        return {key: copy[key] for key in keys} | {
            "number": self._numbers.get(copy["message_id"]),
            "at": tell_moment(copy, self._clocks.get(copy["source_id"], [])),
            "is_same": copy["text"] == row["text"],
            "text": text,
            "left_out": left_out,
        }

    def _tell_indicator(self, indicator: Row, row: Row) -> Row:
        first = next(iter(indicator["source_ids"] or []), None)
        is_here = first == row["source_id"] and row["line"] in (indicator["lines"] or [])
        keys = ("indicator", "level", "title", "innocent", "resolve")
        return {key: indicator[key] for key in keys} | {"value": self._rename(indicator["value"]), "is_here": is_here}

    def _list_sources(self, source_ids: Sequence[str] | None) -> list[str]:
        names = [self._names.get(source_id, source_id) for source_id in source_ids or []]
        return sorted(names, key=lambda name: (len(name), name))

    def _rename(self, words: str | None) -> str | None:
        """Return words with the short names of the exports in the place of their ids."""
        for source_id, name in self._names.items() if words else ():
            words = (words or "").replace(source_id, name)
        return words


def _name_sources(tables: Tables) -> dict[str, str]:
    from chatforensics.report.sightings import number_sources

    return dict(number_sources(tables["sources"]).select("source_id", "source").iter_rows())


def _gather(table: pl.DataFrame, ids: list[int] | None, *, by: str = "message_id") -> dict[object, list[Row]]:
    """Return the rows of a table by what they are about."""
    rows = table if ids is None else table.filter(pl.col(by).is_in(ids))
    found: dict[object, list[Row]] = {}
    for row in rows.iter_rows(named=True):
        found.setdefault(row[by], []).append(row)
    return found


def _clip_words(words: str) -> tuple[str, int]:
    """Return the first words, with a mark of redaction whole where it would be cut."""
    cut = next((found for found in find_redactions(words) if found.start() < FIRST_WORDS < found.end()), None)
    return clip_text(words, limit=cut.end() if cut else FIRST_WORDS)


def _sort_labels(labels: Sequence[Row]) -> list[Row]:
    return sorted(labels, key=lambda row: (LABEL_ORDER.get(row["label"], len(LABEL_ORDER)), row["label"]))


def _is_at(indicator: Row, row: Row) -> bool:
    """Tell whether an observation is about the very line of a message."""
    first = next(iter(indicator["source_ids"] or []), None)
    return first == row["source_id"] and row["line"] in (indicator["lines"] or [])


def _cut_pieces(text: str, labels: Sequence[Row], slate: Sequence[Row]) -> list[Row]:
    """Cut the words where a label, a name or a redaction begins or ends."""
    cues = [
        Span(span["start"], span["end"], f"{label['label']}: {span['cue']}")
        for label in labels
        if label["decision"] in _COUNTED
        for span in label["spans"] or ()
    ]
    names = [
        Span(row["start"] or 0, row["end"] or 0, say("name: {stance}", stance=row["words"]), is_name=True)
        for row in slate
    ]
    marks = [(found.start(), found.end()) for found in find_redactions(text)]
    gone = [Span(start, end, "") for start, end in marks]
    pieces = mark_spans(text, [*cues, *names, *gone])
    ends = [0]
    for piece in pieces:
        ends.append(ends[-1] + len(piece.text))
    return [
        {
            "text": piece.text,
            "cues": piece.cues,
            "is_name": piece.is_name,
            "is_redacted": any(start <= begin and end <= stop for start, stop in marks),
        }
        for piece, (begin, end) in zip(pieces, pairwise(ends), strict=True)
    ]
