"""The wordings of a family held against each other: which are nearest, and which words differ."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import polars as pl

from chatforensics.families.bubbles import JOINED
from chatforensics.families.nearest import find_parents
from chatforensics.families.similar import find_families
from chatforensics.families.tokens import BREAK, Tokens, cut_tokens
from chatforensics.schema import TABLES, AnyMessages, Families, VariantChanges, Variants, check, empty

Row: TypeAlias = dict[str, object]
Span: TypeAlias = tuple[int, int]
Run: TypeAlias = tuple[slice, slice]

FAMILY = ["family_id", "variant_id"]
PLACE = ["parent_variant_id", "n_edits", "similarity"]
ORDER = ["family_id", "first_at", "n_messages", "variant_id"]


def build_variants(messages: AnyMessages, families: Families) -> tuple[Variants, VariantChanges]:
    """Hang the wordings of each tracked family into a tree of nearest wordings, and list the words that differ.

    A wording hangs from the one that differs from it in the fewest tokens (words, emoji, line breaks) among those not
    sent later; within a minute, clocks leave the order open, and either may hang from the other. Of equally near ones
    the earliest is taken. This is a minimum spanning arborescence (Chu and Liu 1965, Edmonds 1967) of edit distances
    (Levenshtein 1966), rooted at the earliest wording in the evidence; in families of more than 300 wordings each is
    held against the 40 that have the most tokens in common with it, and against the root.

    The tree shows which wordings are nearest, not who copied whom: the text somebody had before them may not be in the
    evidence, two people may make the same change by themselves, and whoever changes a text back leaves no trace.
    Capitals, emphasis and punctuation count for nothing. Words that were moved are dropped in one place and added in
    another.

    Args:
        messages: The texts from which the families were built.
        families: Whose tracked rows are taken.

    Returns:
        `variants`: one row per wording, in order of `family_id`, then of time: `n_messages` (copies in several exports
        count once), its `text` as first sent, `parent_variant_id` (null at the root), `n_edits` (tokens to add, drop or
        replace) and `similarity` (1 less the edits by the tokens of the longer text). `variant_changes`: one row per
        difference from the parent, `position` from 1 in the order of the text, `change` added, dropped or replaced, and
        both spans in code points; what was added has an empty span at its place in the parent's text, and what was
        dropped one in the wording's own.
    """
    listed = _list_wordings(messages, families)
    rows: list[Row] = []
    changes: list[Row] = []
    for family in listed.partition_by("family_id", maintain_order=True):
        for place, own in _align_family(family.select("variant_id", "text", "rank").to_dicts()):
            rows.append(place)
            changes.extend(change | {"family_id": family["family_id"][0]} for change in own)
    placed = pl.DataFrame(rows, schema={name: TABLES["variants"][name] for name in PLACE})
    variants = pl.concat([listed.drop("rank"), placed], how="horizontal")
    made = pl.DataFrame(changes, schema=dict(TABLES["variant_changes"]))
    return (
        Variants(check(variants.select(empty("variants").columns), table="variants")),
        VariantChanges(check(made, table="variant_changes")),
    )


def _list_wordings(messages: AnyMessages, families: Families) -> pl.DataFrame:
    """Return one row per wording of a tracked family, in order of time, with its messages and its text."""
    said = (
        messages.lazy()
        .select(
            *("message_id", "source_id", "byte_start", "text", "sent_at", "group_id"),
            canonical_id=pl.coalesce("canonical_id", "message_id"),
        )
        .join(families.lazy().filter("tracked").select("message_id", *FAMILY), on="message_id")
        .collect()
        .sort("source_id", "byte_start", "message_id")
    )
    counted = said.group_by(FAMILY).agg(
        n_messages=pl.col("canonical_id").n_unique().cast(pl.Int64),
        first_at=pl.col("sent_at").min(),
        message_ids=pl.col("message_id").sort(),
    )
    listed = counted.join(_first_texts(said), on=FAMILY)
    listed = listed.sort(ORDER, descending=[False, False, True, False], nulls_last=True)
    minute = pl.col("first_at").dt.truncate("1m")
    return listed.with_columns(rank=minute.rle_id().over("family_id"))


def _first_texts(said: pl.DataFrame) -> pl.DataFrame:
    """Return each wording's text as it was first sent.

    The bubbles of a message group are one text, or each is a text of its own; the id of the wording, which is made
    from its words, tells which. Where it fits neither, they are taken as one.
    """
    unit = pl.coalesce("group_id", pl.col("canonical_id").cast(pl.String))
    sent = said.select(*FAMILY, "source_id", "text", "sent_at", "message_id", unit=unit).drop_nulls("text")
    groups = sent.group_by(*FAMILY, "source_id", "unit", maintain_order=True).agg(
        JOINED, pl.col("sent_at").min(), pl.col("message_id").first(), n=pl.len()
    )
    several = groups.filter(pl.col("n") > 1)
    bubbles = sent.join(several, on=[*FAMILY, "source_id", "unit"], how="semi", maintain_order="left")
    doubtful = pl.concat([several.drop("n"), bubbles.select(several.drop("n").columns)])
    fits = doubtful.join(_name_wordings(doubtful["text"]), on="text", maintain_order="left")
    fits = fits.with_columns(fits=pl.col("named") == pl.col("variant_id")).drop("named")
    sure = groups.filter(pl.col("n") == 1).drop("n").with_columns(fits=pl.lit(value=True))
    order = ["fits", "sent_at", "message_id"]
    return (
        pl.concat([sure, fits.select(sure.columns)])
        .sort(order, descending=[True, False, False], nulls_last=True, maintain_order=True)
        .unique(FAMILY, keep="first", maintain_order=True)
        .select(*FAMILY, "text")
    )


def _name_wordings(texts: pl.Series) -> pl.DataFrame:
    """Return each text with the id that its wording has."""
    distinct = texts.unique(maintain_order=True)
    found = find_families(pl.DataFrame({"id": distinct, "text": distinct}))
    return found.select(text="id", named="variant_id")


def _align_family(wordings: Sequence[Row]) -> Iterator[tuple[Row, list[Row]]]:
    """Yield each wording's place in the tree, and its differences from its parent."""
    cut = [cut_tokens(str(row["text"])) for row in wordings]
    parents = find_parents([tokens.keys for tokens in cut], [int(str(row["rank"])) for row in wordings])
    for number, parent in enumerate(parents):
        if parent is None:
            yield {"parent_variant_id": None, "n_edits": None, "similarity": None}, []
            continue
        ids = {"variant_id": wordings[number]["variant_id"], "parent_variant_id": wordings[parent]["variant_id"]}
        runs = _differing_runs(cut[parent].keys, cut[number].keys)
        n_edits = sum(max(old.stop - old.start, new.stop - new.start) for old, new in runs)
        longer = max(len(cut[parent].keys), len(cut[number].keys), 1)
        place = {"n_edits": n_edits, "similarity": 1 - n_edits / longer}
        texts = str(wordings[parent]["text"]), str(wordings[number]["text"])
        spans = [(_cut_span(cut[parent], old), _cut_span(cut[number], new)) for old, new in runs]
        yield ids | place, [ids | row for row in _describe_changes(texts, spans)]


def _differing_runs(old: list[str], new: list[str]) -> list[Run]:
    """Return the runs of tokens in which two texts differ, by an alignment with the fewest edits.

    Whole lines beside a changed one are added or dropped by themselves.
    """
    from rapidfuzz.distance import Levenshtein

    runs: list[Run] = []
    for step in Levenshtein.opcodes(old, new):
        if step.tag == "equal":
            continue
        if runs and runs[-1][0].stop == step.src_start and runs[-1][1].stop == step.dest_start:
            before = runs.pop()
            runs.append((slice(before[0].start, step.src_end), slice(before[1].start, step.dest_end)))
        else:
            runs.append((slice(step.src_start, step.src_end), slice(step.dest_start, step.dest_end)))
    return [part for run in runs for part in _split_lines(old, new, run)]


def _split_lines(old: list[str], new: list[str], run: Run) -> list[Run]:
    """Return a run that is several lines on one side as the line most like the other side and the lines around it."""
    was, now = run
    if BREAK in new[now] and BREAK not in old[was]:
        return [(some, line) for line, some in _pick_line(new, old, (now, was))]
    if BREAK in old[was] and BREAK not in new[now]:
        return _pick_line(old, new, run)
    return [run]


def _pick_line(lines: list[str], words: list[str], run: Run) -> list[Run]:
    """Return the run, many lines against some words, as up to three: what stands before, the likest line, the rest.

    The line has as many tokens as the words at least, so that no more edits are told than there are. Where only a line
    break would stand alone, nothing is parted.
    """
    from rapidfuzz.distance import Levenshtein

    many, few = run
    marks = [at for at in range(many.start, many.stop) if lines[at] == BREAK]
    spans = zip([many.start, *(at + 1 for at in marks)], [*marks, many.stop], strict=True)
    wide = [slice(*span) for span in spans if span[1] - span[0] >= few.stop - few.start > 0]
    if not wide:
        return [run]
    said = " ".join(words[few])
    line = max(wide, key=lambda span: Levenshtein.normalized_similarity(" ".join(lines[span]), said))
    before, behind = slice(few.start, few.start), slice(few.stop, few.stop)
    parts = [(slice(many.start, line.start), before), (line, few), (slice(line.stop, many.stop), behind)]
    kept = [part for part in parts if part[0].start < part[0].stop]
    return [run] if any(lines[part[0]] == [BREAK] for part in kept) else kept


def _cut_span(tokens: Tokens, run: slice) -> tuple[int, int]:
    """Return where a run of tokens stands in its text; a run of none stands behind the token before it."""
    if run.start < run.stop:
        return tokens.starts[run.start], tokens.ends[run.stop - 1]
    place = tokens.ends[run.start - 1] if run.start else 0
    return place, place


def _describe_changes(texts: tuple[str, str], spans: Sequence[tuple[Span, Span]]) -> Iterator[Row]:
    """Yield one row per difference, with the words in both texts."""
    for position, (old, new) in enumerate(spans, start=1):
        change = "added" if old[0] == old[1] else "dropped" if new[0] == new[1] else "replaced"
        yield {
            "position": position,
            "change": change,
            "start": new[0],
            "end": new[1],
            "text": texts[1][slice(*new)],
            "parent_start": old[0],
            "parent_end": old[1],
            "parent_text": texts[0][slice(*old)],
        }
