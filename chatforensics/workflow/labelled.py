"""Labels and slates of the messages; a case keeps the labels of each text, so that no text is labelled twice."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl

from chatforensics.casefile import Kept, Store
from chatforensics.engine import HERE, Engine
from chatforensics.schema import Pictures, Sources
from chatforensics.tables import scan
from chatforensics.workflow.corrected import correct_labels
from chatforensics.workflow.run import Settings
from chatforensics.workflow.statements import read_candidates

if TYPE_CHECKING:
    from chatforensics.labelling.stage import LabelSome, MapTexts

TEXTS = "texts"  # the stage that keeps what texts say; each run adds those that are new
_Rows = dict[str, list[dict[str, Any]]]
_KNOWN = {"text": pl.String, "rows": pl.String}
_ROW = {"label", "probability", "decision", "spans", "explanation"}


def label(joined: Kept, pictures: Kept, settings: Settings, map_texts: "MapTexts") -> Kept:
    """Label the messages, and find the slates in them and in their pictures: a stage."""
    from chatforensics.labelling import extract_slates, label_messages
    from chatforensics.pictures import match_pictures

    messages, seen = scan(joined.tables, "messages"), Pictures(pictures.tables["pictures"])
    own = label_messages(messages, seen, map_texts=map_texts)
    labels, effect = correct_labels(own, messages, Sources(joined.tables["sources"]), seen, settings.corrections)
    slates = extract_slates(messages, labels, seen, candidates=read_candidates(settings.candidates))
    tables = {"labels": labels, "slates": slates, "picture_links": match_pictures(seen, messages)}
    return Kept(tables, effect.as_facts())


def map_texts(
    engine: Engine, store: Store, label_some: "LabelSome", portions: Sequence[Sequence[str]]
) -> Iterator[_Rows]:
    """Yield what texts say, some at a time: what the store has is taken from there, the rest is for the engine.

    What is labelled is kept at once, so that a run that is killed has not worked for nothing.
    """
    left = portions
    if store.keeps:
        read, left = _find_known(store, portions)
        yield read
    at, made = engine if len(left) > 1 else HERE, list[pl.DataFrame]()
    for texts, rows in zip(left, at.map(label_some, left, lost=label_some), strict=True):
        if store.keeps:
            stage = store.keep(TEXTS, {"texts": _digest(texts)}, partial(_keep_texts, texts, rows))
            made += [stage.tables[TEXTS]] if store.compares else []
        yield rows
    store.compare(TEXTS, TEXTS, made)


def _find_known(store: Store, portions: Sequence[Sequence[str]]) -> tuple[_Rows, list[Sequence[str]]]:
    """Return what the store has of texts, and the others in portions."""
    from chatforensics.labelling.stage import cut_portions

    kept = (each.tables[TEXTS] for each in store.find_all(TEXTS, is_known=_is_of_texts))
    known = pl.concat([pl.DataFrame(schema=_KNOWN), *kept])
    wanted = pl.DataFrame({"text": [text for some in portions for text in some]}, schema={"text": pl.String})
    found = known.join(wanted, on="text", how="semi").drop_nulls("rows")
    read = {text: own for text, told in found.iter_rows() if (own := _read_rows(told)) is not None}
    odd = [text for text in found["text"] if text not in read]
    sound = known.filter(~pl.col("text").is_in(odd))
    return read, cut_portions(wanted.join(sound, on="text", how="anti")["text"].sort().to_list())


def _is_of_texts(kept: Kept) -> bool:
    return TEXTS in kept.tables and dict(kept.tables[TEXTS].schema) == _KNOWN


def _read_rows(told: str) -> list[dict[str, Any]] | None:
    """Return what a text says; None where what is kept of it is nothing that this program wrote."""
    with suppress(ValueError, RecursionError):
        rows = json.loads(told)
        if isinstance(rows, list) and all(isinstance(row, dict) and row.keys() == _ROW for row in rows):
            return rows
    return None


def _digest(texts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for text in texts:
        digest.update(hashlib.sha256(text.encode()).digest())
    return digest.hexdigest()


def _keep_texts(texts: Sequence[str], rows: Mapping[str, list[dict[str, Any]]]) -> Kept:
    """Return a table with each text and what it says, as JSON; nothing where it says nothing."""
    said = [json.dumps(rows[text], ensure_ascii=False) if text in rows else None for text in texts]
    return Kept({TEXTS: pl.DataFrame({"text": texts, "rows": said}, schema=_KNOWN)})
