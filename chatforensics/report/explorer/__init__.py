"""The data behind the page's linked views and its reader, packed to lie inside the page."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from chatforensics.report.explorer import entities, marks
from chatforensics.report.explorer.choosing import Chosen, choose_messages
from chatforensics.report.explorer.layout import lay_out
from chatforensics.report.explorer.packing import pack
from chatforensics.report.explorer.rows import (
    CHUNK_ROWS,
    KINDS,
    STATUSES,
    list_shown,
    number_rows,
    pack_json,
    write_chunks,
)
from chatforensics.report.found import instruct
from chatforensics.report.language import ENGLISH, Language, select_script_words
from chatforensics.report.sightings import Tables

__all__ = ["Islands", "build_islands", "view_all"]


@dataclass(frozen=True)
class Islands:
    """What lies inside the page: the views' tables, and the reader's messages in chunks; compressed, in base64.

    `chosen` says which messages these are, where the page cannot hold all.
    """

    catalogue: str
    tables: str
    chunks: Sequence[str]
    chosen: Chosen | None = None

    def named(self) -> Mapping[str, str]:
        """Return the two islands that stand alone, by their names."""
        return {"catalogue": self.catalogue, "tables": self.tables}


def build_islands(
    tables: Tables,
    *,
    run: Mapping[str, Any],
    numbers: Mapping[str, int],
    language: Language = ENGLISH,
    cited: Iterable[int] = (),
) -> Islands:
    """Return the data of the linked views.

    They hold every message once, with every copy's file, line and bytes; of more than 300,000 messages those that tell
    something (see `choosing`), while counts stay those of all. The views draw at most 20,000 shares, 50,000 labelled
    messages and 25,000 pairs, and say how many there are.

    Args:
        tables: all tables by their contract names.
        run: the run record: its zone and the dates that the user passed.
        numbers: the number of each text in the written report, by family id.
        language: of the views' own words; their English stands in the scripts themselves.
        cited: messages that the written report cites.
    """
    drawn = entities.choose_families(tables, decisions=instruct(tables["labels"]), numbers=numbers)
    chosen = choose_messages(tables, families=drawn.select("family_id", "family"), cited=cited)
    words = select_script_words(language)
    if chosen is None:
        numbered = counted = number_rows(tables)
    else:
        numbered, counted = number_rows(tables, only=chosen.message_ids), list_shown(tables)
        words |= {english: language.tell(other) for english, other in chosen.script_words().items()}
    return Islands(
        catalogue=_write_words(words),
        tables=pack(pack_json(view_all(tables, numbered=numbered, counted=counted, run=run, numbers=numbers))),
        chunks=[pack(chunk) for chunk in write_chunks(numbered)],
        chosen=chosen,
    )


def _write_words(words: Mapping[str, str]) -> str:
    """Return the words of the scripts as JSON that no browser reads as markup."""
    return json.dumps(words, sort_keys=True).replace("<", "\\u003c")


def view_all(
    tables: Tables,
    *,
    numbered: pl.DataFrame,
    run: Mapping[str, Any],
    numbers: Mapping[str, int],
    counted: pl.DataFrame | None = None,
) -> dict[str, Any]:
    """Return the tables of the linked views as plain values; see `build_islands`.

    Args:
        tables: all tables.
        numbered: the records that the reader holds, as `number_rows` returns them.
        run: the run record.
        numbers: the number of each text in the written report.
        counted: what is counted by people and days, as `list_shown` returns it, where the reader does not hold all.
    """
    counted = numbered if counted is None else counted
    where, behind = entities.Places(tables), entities.Behind(numbered)
    families = entities.choose_families(tables, decisions=instruct(tables["labels"]), numbers=numbers)
    variants = entities.order_variants(tables, families=families)
    shares, share_places = marks.view_shares(tables, families=families, variants=variants, where=where, behind=behind)
    parameters = run.get("parameters", {})
    views = {
        "sources": entities.view_sources(tables, places=where),
        "chats": entities.view_chats(tables, rows=numbered, places=where),
        "people": entities.view_people(tables, rows=counted),
        "families": entities.view_families(families, variants=variants),
        "variants": entities.view_variants(variants, behind=behind),
        "changes": _view_changes(tables, variants=variants),
        "shares": shares,
        "links": marks.view_links(tables, shares=share_places),
        "pairs": marks.view_pairs(tables, where=where),
        "clusters": marks.view_clusters(tables, where=where),
        "labelled": marks.view_labelled(tables, numbered=numbered, families=families, where=where),
        "spans": marks.view_spans(tables, numbered=numbered),
        "conflicts": marks.view_conflicts(tables, numbered=numbered, where=where),
        "statuses": marks.view_statuses(tables, where=where),
        "comparisons": marks.view_comparisons(tables, where=where),
        "days": marks.view_days(counted, where=where),
        "events": marks.view_events(parameters.get("events", ()), zone=str(parameters.get("timezone", "UTC"))),
    }
    rows = {"n_rows": numbered["row"].n_unique(), "chunk_rows": CHUNK_ROWS, "kinds": KINDS, "status_kinds": STATUSES}
    return {**views, **rows, "layout": lay_out(views)}


def _view_changes(tables: Tables, *, variants: pl.DataFrame) -> dict[str, Any]:
    places = variants.select("family_id", "variant_id", pl.col("variant").cast(pl.Int64))
    known = tables["variant_changes"].join(places, on=["family_id", "variant_id"], how="inner")
    kept = ("variant", "change", "start", "end", "text", "parent_start", "parent_end", "parent_text")
    return entities.columns_of(known.sort("variant", "position").select(kept))
