"""The files that were sent in the chat: present or not, what they are, and which came several times."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta

import polars as pl

from chatforensics.integrity.evidence import INFO, UNEXPLAINED, Evidence, Indicator, Observation
from chatforensics.integrity.signatures import KINDS_OF, MEDIA_KINDS, ending_of, tell_kind
from chatforensics.integrity.telling import first_lines, say_count, say_label, say_labels

_ZONES_APART = timedelta(hours=26)


def match_files(evidence: Evidence) -> Iterator[Observation]:
    """Compare the files that messages name with those that came with the text (I-35)."""
    if evidence.attachments.is_empty():
        return
    placed = evidence.placed
    named = placed.filter(pl.col("message_id").is_not_null())
    missing = named.filter(pl.col("status") == "missing")
    ambiguous = named.filter(pl.col("status") == "ambiguous")
    orphans = placed.filter(pl.col("status") == "orphan")
    if missing.height:
        of = say_count(named.height, "file that a message names", "files that messages name")
        yield Observation(INFO, f"{missing.height:,} of {of} did not come with the text.", first_lines(missing))
    if ambiguous.height:
        told = f"{say_count(ambiguous.height, 'message names a file', 'messages name files')} that"
        value = f"{told} several messages name or several files could be."
        yield Observation(INFO, value, first_lines(ambiguous))
    if orphans.height:
        told = say_count(orphans.height, "file came", "files came")
        yield Observation(INFO, f"{told} that no message names ({say_labels(orphans['file'].to_list(), most=3)}).")


def compare_kinds(evidence: Evidence) -> Iterator[Observation]:
    """Compare what files are by their first bytes with what their endings say (I-38)."""
    if evidence.members["magic"].null_count() == evidence.members.height:
        return
    rows = evidence.members.filter(pl.col("magic").is_not_null() & (pl.col("size_bytes") > 0))
    lines = evidence.placed.select("file", "line").drop_nulls()
    found: dict[str, list[tuple[str, str]]] = {INFO: [], UNEXPLAINED: []}
    unknown: list[str] = []
    for name, role, magic in rows.select("name", "role", "magic").iter_rows():
        kind, expected = tell_kind(bytes.fromhex(magic)), KINDS_OF.get(ending_of(name))
        if expected is not None and kind is None:
            unknown.append(name)
        elif expected is not None and kind is not None and kind not in expected:
            disguised = role == "sent" and expected[0] in MEDIA_KINDS and kind not in MEDIA_KINDS
            found[UNEXPLAINED if disguised else INFO].append((name, f"{ending_of(name)} that begins as {kind}"))
    for level, misnamed in found.items():
        if misnamed:
            counts = Counter(what for _, what in misnamed).most_common(5)
            told = "; ".join(f"{what} ({n:,})" for what, n in counts)
            value = f"{say_count(len(misnamed), 'file')} of another kind than the ending says: {told}."
            yield Observation(level, value, _lines_of([name for name, _ in misnamed], lines))
    if unknown:
        told = say_count(len(unknown), "file begins", "files begin")
        yield Observation(
            INFO, f"{told} as no kind that the ending allows and is known here.", _lines_of(unknown, lines)
        )


def _lines_of(names: list[str], lines: pl.DataFrame) -> list[int]:
    return first_lines(lines.filter(pl.col("file").is_in(names)))


def read_pictures(evidence: Evidence) -> Iterator[Observation]:
    """Tell which pictures say what software made them, and when they were taken (I-39)."""
    if evidence.members["exif"].null_count() == evidence.members.height:
        return
    jpegs = evidence.members.filter(pl.col("exif").is_not_null())
    told = jpegs.filter(pl.col("exif")).join(
        evidence.placed.select("line", "sent_local", name="file").drop_nulls("line"),
        on="name", how="left", maintain_order="left",
    )  # fmt: skip
    if not told.height:
        return
    n_told = told["name"].n_unique()
    software = told.unique("name", maintain_order=True)["software"].drop_nulls()
    counts = sorted(Counter(software.to_list()).items(), key=lambda item: (-item[1], item[0]))
    named = ", ".join(f"{say_label(name)} ({n:,})" for name, n in counts[:5])
    value = (
        f"{n_told:,} of {say_count(jpegs.height, 'JPEG picture')} carry an Exif block; {len(software):,} name software"
    )
    yield Observation(INFO, f"{value}{': ' + named if named else ''}.", first_lines(told))
    later = told.filter(pl.col("taken_local") > pl.col("sent_local") + _ZONES_APART)
    if later.height:
        value = f"{say_count(later.height, 'picture is', 'pictures are')} dated more than 26 hours after the message."
        yield Observation(INFO, value, first_lines(later))


def find_copies(evidence: Evidence) -> Iterator[Observation]:
    """Find files that several messages hold byte for byte (I-40)."""
    if evidence.attachments["sha256"].null_count() == evidence.attachments.height:
        return
    held = evidence.placed.filter(
        pl.col("line").is_not_null() & pl.col("sha256").is_not_null() & (pl.col("size_bytes") > 0)
    )
    copies = held.filter(pl.col("message_id").n_unique().over("sha256") > 1)
    if copies.height:
        n_files = copies["sha256"].n_unique()
        most = max(copies.group_by("sha256").len()["len"].to_list())
        told = f"{say_count(n_files, 'file is', 'files are')} held by several messages, byte for byte"
        value = f"{told}: {say_count(copies.height, 'message')}, up to {most} for one file."
        yield Observation(INFO, value, first_lines(copies))


MEDIA: Mapping[str, Indicator] = {
    "I-35": Indicator(
        "Files named and files present",
        match_files,
        "What a message names and what came with the text can be compared. A missing file may have been left out, a "
        "file that no message names may belong to a message that was taken out.",
        "Exports without media, or with the newest media only, are common; files are deleted on the phone to make "
        "room, viewed once, or never downloaded; a text is passed on alone; some phones drop the line that names a "
        "file.",
        "Ask for an export with media from the same phone, and from another member of the chat.",
    ),
    "I-38": Indicator(
        "Kind of file against its ending",
        compare_kinds,
        "The phone writes the ending of what it takes or receives. Other bytes behind it show that the file was "
        "renamed, replaced or converted.",
        "Programs give wrong endings to pictures that they convert; senders name documents as they like; rare forms of "
        "ordinary files are not known here.",
        "Compare the file with the one on the phone, or in the export of another member, by its hash.",
    ),
    "I-39": Indicator(
        "What pictures say of their making",
        read_pictures,
        "Pictures sent as photos usually lose what the camera wrote; where it is left, or names a program for editing, "
        "the file came another way. Only the beginning of JPEG files is read, and no place.",
        "Pictures sent as documents keep it; phones name their own system as the software; editing before sending is "
        "common (cropping, filters); cameras have wrong clocks.",
        "Compare with the file on the sender's phone and on another member's, by hash.",
    ),
    "I-40": Indicator(
        "The same file in several messages",
        find_copies,
        "Equal files show that something was sent again; equal hashes leave no doubt that they are the same bytes.",
        "Stickers, greetings and forwards are sent again every day.",
        "Look at the messages; each stands at the line given.",
    ),
}
