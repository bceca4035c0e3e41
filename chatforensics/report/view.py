"""All sections of the report as plain values for the template: it only lays out, it never computes."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from chatforensics.report.agreement import view_confirmations
from chatforensics.report.bases import find_bases
from chatforensics.report.clusters import view_clusters
from chatforensics.report.concerned import find_concerned
from chatforensics.report.contents import view_contents
from chatforensics.report.doubts import view_namesakes, view_readings
from chatforensics.report.excerpts import find_near, view_excerpts
from chatforensics.report.found import view_headlines, view_instructions
from chatforensics.report.front import view_front
from chatforensics.report.interpretations import view_interpretations
from chatforensics.report.language import say
from chatforensics.report.likenesses import view_likenesses
from chatforensics.report.observations import view_indicators
from chatforensics.report.otherway import view_other_way
from chatforensics.report.pictures import group_figures, view_figures
from chatforensics.report.received import view_received
from chatforensics.report.replies import mark_replies, view_replies
from chatforensics.report.sensitivity import view_sensitivity
from chatforensics.report.sightings import Row, place_messages
from chatforensics.report.spread import view_spread
from chatforensics.report.weighing import view_agreement, view_pairs
from chatforensics.report.words import (
    CONFLICT_CAUSES,
    DECISION_MEANINGS,
    LABEL_MEANINGS,
    LIMITS,
    PAIR_CAUSES,
    STATUS_MEANINGS,
)
from chatforensics.schema import TABLES, empty
from chatforensics.tables import put_together

if TYPE_CHECKING:
    from chatforensics.figures.drawing import Drawing


# Of messages that are counted; those that are printed with their bytes are read again (see `find_near`).
_UNPRINTED = ("group_id", "byte_end", "deleted_by", "dst")
SECTIONS = (
    ("received", say("What was received")),
    ("found", say("What was found")),
    ("spread", say("How the texts spread")),
    ("figures", say("Figures")),
    ("coordination", say("Sent close in time")),
    ("agreement", say("Where exports disagree")),
    ("other-way", say("What speaks the other way")),
    ("sensitivity", say("How the results move")),
    ("limits", say("What this cannot show")),
    ("interpretations", say("What named analysts say")),
    ("appendix", say("Cited messages")),
)


def build_view(
    tables: Mapping[str, pl.DataFrame],
    *,
    drawings: Sequence["Drawing"],
    run: Mapping[str, object],
    summary: Mapping[str, object],
    pictures: Mapping[str, bytes],
) -> Row:
    """Return everything that the report prints; a table that is not given counts as empty."""
    known = put_together(tables, {name: empty(name) for name in TABLES if name not in tables})
    placed = place_messages(known, only=find_concerned(known), without=_UNPRINTED)
    received = view_received(known, run=run, summary=summary)
    instructions = view_instructions(known, placed=placed, images=pictures)
    numbers = instructions["numbers"]
    sections: dict[str, Row] = {
        "instructions": instructions,
        "spread": view_spread(known, numbers=numbers),
        "likenesses": view_likenesses(known, placed=placed),
        "agreement": view_agreement(known, placed=placed),
        "indicators": view_indicators(known, placed=placed),
        "other_way": view_other_way(known, placed=placed),
        "pairs": view_pairs(known, window_s=_read_window(run)),
        "clusters": view_clusters(known, placed=placed, numbers=numbers),
        "sensitivity": view_sensitivity(known),
        "readings": view_readings(known),
        "contents": view_contents(known, placed=placed),
        "interpretations": view_interpretations(run),
    }
    replies = view_replies(known, run=run)
    for finding in (*instructions["texts"], *sections["clusters"]["rows"]):
        finding["reply"] = mark_replies(replies, finding["person_ids"])
    outline = _outline(sections["interpretations"])
    figures = view_figures(drawings, tables=known, foremost=set(_gather_cited(sections.values())))
    cited = _gather_cited([*sections.values(), *figures])
    near = place_messages(known, only=find_near(known, cited=cited))
    return {
        **sections,
        "confirmations": view_confirmations(known),
        "figures": figures,
        "figure_kinds": group_figures(figures),
        "front": view_front(known, summary=summary, spread=sections["spread"], received=received),
        "namesakes": view_namesakes(known),
        "received": received,
        "replies": replies,
        "outline": outline,
        "sec": {row["id"]: row["number"] for row in outline},
        "headlines": view_headlines(summary, bases=find_bases(known, summary)),
        "appendix": view_excerpts(near, cited=cited),
        "method": _view_method(run),
        "words": _view_words(),
    }


def _outline(interpretations: Row) -> list[Row]:
    """Return the sections with their anchors and numbers; interpretations stand only where somebody gave one."""
    shown = [entry for entry in SECTIONS if entry[0] != "interpretations" or any(interpretations.values())]
    return [{"id": key, "title": title, "number": place} for place, (key, title) in enumerate(shown, 1)]


def _read_window(run: Mapping[str, object]) -> float | None:
    """Return the window of the run in seconds, if the run record has it."""
    parameters = run.get("parameters")
    window = parameters.get("window_s") if isinstance(parameters, Mapping) else None
    return float(window) if isinstance(window, int | float) else None


def _gather_cited(sections: Iterable[Row]) -> list[int]:
    """Return the message ids that the sections point to, in their order."""
    return [message_id for section in sections for message_id in section["cited"]]


def _view_method(run: Mapping[str, object]) -> Row:
    """Return version, parameters and model of the run; its times are left out, so that a rerun gives the same bytes."""
    return {
        "version": str(run.get("version", "unknown")),
        "parameters": flatten(run.get("parameters")),
        "link_model": flatten(run.get("link_model")),
        "model": flatten(run.get("model")),
        "programs": flatten({key: run[key] for key in ("python", "packages") if key in run}),
    }


def flatten(value: object, *, name: str = "") -> list[tuple[str, str]]:
    """Return nested settings as sorted pairs of a dotted name and a printed value."""
    if isinstance(value, Mapping):
        pairs = [flatten(value[key], name=f"{name}.{key}" if name else str(key)) for key in sorted(value, key=str)]
        return [pair for part in pairs for pair in part]
    if not name:
        return []
    plain = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return [(name, plain)]


def _view_words() -> Row:
    """Return the fixed explanations."""
    return {
        "labels": list(LABEL_MEANINGS.items()),
        "decisions": list(DECISION_MEANINGS.items()),
        "statuses": STATUS_MEANINGS,
        "limits": LIMITS,
        "pair_causes": PAIR_CAUSES,
        "conflict_causes": CONFLICT_CAUSES,
    }
