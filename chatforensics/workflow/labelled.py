"""Labels and slates of the messages; a case keeps the labels of each text, so that no text is labelled twice."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl

from chatforensics.casefile import Kept, Store
from chatforensics.engine import HERE, Engine
from chatforensics.schema import Pictures, Sources
from chatforensics.storage import scan
from chatforensics.workflow.corrected import correct_labels
from chatforensics.workflow.run import Settings
from chatforensics.workflow.statements import read_candidates

if TYPE_CHECKING:
    from chatforensics.labelling.stage import LabelSome, MapTexts

TEXTS = "texts"  # the stage that keeps what texts say; each run adds those that are new
_Rows = dict[str, list[dict[str, Any]]]
_KNOWN = {"text": pl.String, "rows": pl.String}


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
        from chatforensics.labelling.stage import cut_portions

        known = pl.concat([pl.DataFrame(schema=_KNOWN), *(kept.tables[TEXTS] for kept in store.find_all(TEXTS))])
        wanted = pl.DataFrame({"text": [text for some in portions for text in some]}, schema={"text": pl.String})
        found = known.join(wanted, on="text", how="semi").drop_nulls("rows")
        yield {text: json.loads(rows) for text, rows in found.iter_rows()}
        left = cut_portions(wanted.join(known, on="text", how="anti")["text"].sort().to_list())
    at = engine if len(left) > 1 else HERE
    for texts, rows in zip(left, at.map(label_some, left, lost=label_some), strict=True):
        if store.keeps:
            store.keep(TEXTS, {"texts": _digest(texts)}, partial(_keep_texts, texts, rows))
        yield rows


def _digest(texts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for text in texts:
        digest.update(hashlib.sha256(text.encode()).digest())
    return digest.hexdigest()


def _keep_texts(texts: Sequence[str], rows: Mapping[str, list[dict[str, Any]]]) -> Kept:
    """Return a table with each text and what it says, as JSON; nothing where it says nothing."""
    said = [json.dumps(rows[text], ensure_ascii=False) if text in rows else None for text in texts]
    return Kept({TEXTS: pl.DataFrame({"text": texts, "rows": said}, schema=_KNOWN)})
