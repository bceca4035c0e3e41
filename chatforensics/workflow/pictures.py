"""Pictures of a run: which files are pictures, each distinct one read once on all cores, a few drawn small to show."""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import partial
from typing import TYPE_CHECKING, cast

import polars as pl

from chatforensics import schema
from chatforensics.casefile import Kept, Store
from chatforensics.intake import AttachedFile, ExportFile, read_attached
from chatforensics.schema import SLATE_LABEL, AnyMessages, Labels, Pictures
from chatforensics.workflow.run import Report, Settings, Tables

if TYPE_CHECKING:
    from chatforensics.pictures import Examined, Reader
    from chatforensics.workflow.inputs import Intake

MOST_SHOWN = 60
PICTURE = "picture"  # the stage that keeps what was found in one picture
_ENDINGS = ("jpg", "jpeg", "png", "webp", "gif")
_INSTALL = "Install Tesseract with the language data eng, urd, ben, pan and hin, and run again."


def read_pictures(intake: "Intake", settings: Settings, report: Report) -> Kept:
    """Read the words in the pictures that came with the exports; each distinct file is read once.

    Pictures are told by their first bytes, not by their names. What cannot be read says why. The store keeps what was
    found in each picture, so that a picture is not read again because another came.

    Returns:
        The table `pictures`.
    """
    attachments = intake.all().tables["attachments"]
    wanted = _choose(attachments, intake.received()["members"])
    if settings.pictures == "none" or wanted.is_empty():
        return Kept({"pictures": schema.empty("pictures")})
    key = {"of": intake.kept, **_describe_reader()}
    return intake.store.keep("pictures", key, partial(_read_wanted, wanted, attachments, intake, report))


def _read_wanted(wanted: pl.DataFrame, attachments: pl.DataFrame, intake: "Intake", report: Report) -> Kept:
    from chatforensics.pictures import build_pictures

    hashes = wanted["sha256"].drop_nulls().unique(maintain_order=True).to_list()
    found = {sha256: seen for sha256 in hashes if (seen := _find_examined(sha256, intake.store)) is not None}
    left = [sha256 for sha256 in hashes if sha256 not in found]
    files = _read_files(left, attachments, exports=intake.exports)
    found |= _examine_all(files, n_files=len(left), store=intake.store, report=report)
    return Kept({"pictures": build_pictures(wanted, found)})


def _describe_reader() -> dict[str, object]:
    reader = _reader()
    return {"reader": reader.version if reader else None, "languages": list(reader.languages) if reader else []}


def _find_examined(sha256: str, store: Store) -> "Examined | None":
    from chatforensics.pictures import Examined

    kept = store.find(PICTURE, {"sha256": sha256, **_describe_reader()})
    if kept is None:
        return None
    facts = dict(kept.facts)
    languages = cast("list[str] | None", facts.pop("languages"))
    return Examined(**facts, languages=tuple(languages) if languages is not None else None)  # type: ignore[arg-type]


def _choose(attachments: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Return the attachments of messages that are pictures by their first bytes, or bear the ending of one."""
    from chatforensics.pictures import is_picture

    facts = members.filter(pl.col("position") > 0).select("source_id", "magic", "unread", file="name")
    facts = facts.unique(["source_id", "file"], keep="first", maintain_order=True)
    known = attachments.join(facts, on=["source_id", "file"], how="left", maintain_order="left")
    heads = known.filter(pl.col("sha256").is_not_null() & pl.col("magic").is_not_null())
    told = heads.unique("sha256", keep="first", maintain_order=True).select("sha256", head="magic")
    told = told.filter(pl.Series([is_picture(bytes.fromhex(head)) for head in told["head"]], dtype=pl.Boolean))
    named = pl.col("file").str.to_lowercase().str.extract(r"\.([a-z]+)$").is_in(_ENDINGS)
    chosen = pl.col("sha256").is_in(told["sha256"].implode()) | named
    there = pl.col("message_id").is_not_null() & (pl.col("status") != "missing")
    return known.filter(there & chosen.fill_null(value=False)).select(
        "message_id", "source_id", "file", "sha256", "unread"
    )


def _read_files(
    hashes: Sequence[str], attachments: pl.DataFrame, *, exports: Mapping[str, ExportFile]
) -> Iterator[AttachedFile]:
    """Yield each distinct file once, from the first export that still has it as it was."""
    from chatforensics.pictures import MAX_BYTES

    left = set(hashes)
    rows = attachments.filter(pl.col("sha256").is_in(hashes)).select("source_id", "file", "sha256")
    for source_id, *_ in rows.unique("source_id", maintain_order=True).iter_rows():
        names = {
            file: sha256
            for file, sha256 in rows.filter(pl.col("source_id") == source_id).select("file", "sha256").iter_rows()
            if sha256 in left
        }
        for found in read_attached(exports[source_id].path, names, most_bytes=MAX_BYTES) if names else ():
            left -= {found.sha256} if found.content is not None else set()
            yield found


def _examine_all(files: Iterator[AttachedFile], *, n_files: int, store: Store, report: Report) -> "dict[str, Examined]":
    """Look at every file, as many at a time as there are cores; the work is done in processes of their own."""
    from chatforensics.pictures import Examined, examine_picture, find_reader

    reader = find_reader()
    found: dict[str, Examined] = {}
    waiting: dict[Future[Examined], str] = {}
    n_cores = os.cpu_count() or 1

    def harvest(*, most: int) -> None:
        while len(waiting) > most:
            for done in wait(waiting, return_when=FIRST_COMPLETED).done:
                sha256, seen = waiting.pop(done), done.result()
                found[sha256] = seen
                key = {"sha256": sha256, **_describe_reader()}
                store.keep(PICTURE, key, partial(_keep_examined, seen))
                report("pictures", len(found), n_files)

    with ThreadPoolExecutor(n_cores) as pool:
        for file in files:
            if file.content is None:
                found.setdefault(file.sha256, Examined(reason=file.unread))
                continue
            waiting[pool.submit(examine_picture, file.content, reader=reader)] = file.sha256
            harvest(most=2 * n_cores)  # few files are held in memory at a time
        harvest(most=0)
    return found


def _keep_examined(seen: "Examined") -> Kept:
    return Kept(facts=vars(seen))


def add_picture_texts(messages: AnyMessages, pictures: Pictures) -> AnyMessages:
    """Return the messages with the words read in their pictures behind their own, for what compares words."""
    from chatforensics.labelling.units import picture_texts

    seen = picture_texts(messages, pictures)
    if seen.is_empty():
        return messages
    joined = messages.lazy().join(seen.lazy(), on="message_id", how="left", maintain_order="left")
    words = pl.concat_str("text", "picture_text", separator="\n", ignore_nulls=True)
    told = pl.when(pl.col("picture_text").is_null()).then("text").otherwise(words)
    return joined.with_columns(text=told).drop("picture_text")


def draw_small(tables: Tables, intake: "Intake") -> dict[str, bytes]:
    """Draw small copies of the pictures of flagged and doubtful messages, by SHA-256: at most 60, the flagged first."""
    from chatforensics.pictures import MAX_BYTES, shrink_picture

    order = _instructing(Labels(tables["labels"]))
    chosen = tables["pictures"].join(order, on="message_id").filter(pl.col("perceptual_hash").is_not_null())
    hashes = chosen.sort("decision", "message_id")["sha256"].unique(maintain_order=True).head(MOST_SHOWN).to_list()
    files = _read_files(hashes, tables["attachments"], exports=intake.exports)
    small = {
        file.sha256: shrink_picture(file.content) for file in files if file.content and len(file.content) <= MAX_BYTES
    }
    return {sha256: drawn for sha256, drawn in small.items() if isinstance(drawn, bytes)}


def _instructing(labels: Labels) -> pl.DataFrame:
    chosen = (pl.col("label") == SLATE_LABEL) & pl.col("decision").is_in(["flag", "review"])
    return labels.filter(chosen).select("message_id", "decision").unique("message_id", keep="first")


def describe_pictures(pictures: pl.DataFrame, *, n_media: int, settings: Settings) -> dict[str, object]:
    """Say for run.json how many pictures there were, what became of them, and what read them."""
    counts = dict(pictures.group_by("status").len().iter_rows())
    reader = _reader() if settings.pictures == "all" and pictures.height else None
    return {
        "chosen": settings.pictures,
        "reader": reader.version if reader else None,
        "languages": list(reader.languages) if reader else [],
        "n_media": n_media,
        "n_pictures": pictures.height,
        "n_distinct": pictures["sha256"].drop_nulls().n_unique(),
        **{f"n_{status}": counts.get(status, 0) for status in ("read", "no_text", "not_read")},
    }


def assume_of_pictures(pictures: pl.DataFrame, *, n_media: int, settings: Settings) -> str:
    """Say in the assumptions of a run what was read of its media."""
    told = describe_pictures(pictures, n_media=n_media, settings=settings)
    if settings.pictures == "none":
        return f"Media (messages with them: {n_media:,}) were not opened: words in pictures are not read or labelled."
    return (
        f"Media (messages with them: {n_media:,}): of pictures ({told['n_pictures']:,}) words were read in "
        f"{told['n_read']:,}, none were found in {told['n_no_text']:,}, and {told['n_not_read']:,} were not read. "
        "Words are as a machine read them. Sound, video and documents were not opened."
    )


def warn_of_pictures(pictures: pl.DataFrame, settings: Settings) -> Iterator[str]:
    """Say which pictures were not read, and why."""
    if settings.pictures == "none" or pictures.is_empty():
        return
    from chatforensics.pictures import NO_READER
    from chatforensics.pictures.read import LANGUAGES

    unread = pictures.filter(pl.col("status") == "not_read").group_by("reason").len().sort("reason")
    for reason, n in unread.iter_rows():
        yield f"Pictures whose words were not read: {n:,} ({reason})." + (f" {_INSTALL}" if reason == NO_READER else "")
    reader = _reader()
    lacking = sorted(set(LANGUAGES) - set(reader.languages)) if reader else []
    if lacking:
        yield f"Pictures were read without the languages {', '.join(lacking)}, which Tesseract lacks here. {_INSTALL}"


def _reader() -> "Reader | None":
    from chatforensics.pictures import find_reader

    return find_reader()
