"""The zip that an export came in: who packed it, what else lies in it, and what is odd about its structure.

Which fields a phone's own zip has was not measured on enough verified exports, so nothing is compared with such a
profile: the fields are told, and only what contradicts itself inside one zip is unexplained.
"""

from collections.abc import Iterator, Mapping

import polars as pl

from chatforensics.integrity.evidence import INFO, UNEXPLAINED, Evidence, Indicator, Observation
from chatforensics.integrity.telling import first_lines, say_count, say_labels

# Extra fields with times, owners and rights: a packer writes them for all files or for none.
_PACKERS_FIELDS = (0x000A, 0x5455, 0x5855, 0x7855, 0x7875)
_METHODS = {0: "stored", 8: "deflate"}
_MOST_PROFILES = 5
_BYTE_ODDITIES = {
    "comment": (INFO, "The zip carries a comment of {}."),
    "stray": (UNEXPLAINED, "Between the files of the zip lie {} that belong to none of them."),
    "behind": (UNEXPLAINED, "Behind the end of the zip stand {}."),
}
_FILE_ODDITIES = {
    "outside": (UNEXPLAINED, "Files whose name points outside of the zip: {}."),
    "strange_name": (INFO, "Files whose name has backslashes, controls or direction marks: {}."),
    "namesake": (INFO, "Files that share their name with another: {}."),
    "time_differs": (UNEXPLAINED, "Files before which another time stands than in the zip's directory: {}."),
    "version_differs": (INFO, "Files before which another version stands than in the zip's directory: {}."),
    "flags_differ": (INFO, "Files before which other flags stand than in the zip's directory: {}."),
}
_DAMAGE = r"^damaged zip"


def _is_packed(evidence: Evidence) -> bool:
    return evidence.members["create_system"].null_count() < evidence.members.height


def _packed(evidence: Evidence) -> pl.DataFrame:
    """Return the files inside the zip, folders left out; none where the export is a plain text."""
    if not _is_packed(evidence):
        return evidence.members.clear()
    return evidence.members.filter(pl.col("create_system").is_not_null() & (pl.col("role") != "folder"))


def tell_packer(evidence: Evidence) -> Iterator[Observation]:
    """Tell what the zip's files state about the program that packed them (I-29)."""
    files = _packed(evidence)
    if not files.height:
        return
    kinds = ["create_system", "create_version", "extract_version", "method", "flags", "extra_ids"]
    profiles = files.group_by(kinds, maintain_order=True).len().sort("len", descending=True, maintain_order=True)
    told = "; ".join(_say_profile(row) for row in profiles.head(_MOST_PROFILES).iter_rows(named=True))
    more = f"; and {profiles.height - _MOST_PROFILES} more" if profiles.height > _MOST_PROFILES else ""
    mixture = _say_mixture(files)
    yield Observation(UNEXPLAINED if mixture else INFO, f"{told}{more}.{mixture}")


def _say_mixture(files: pl.DataFrame) -> str:
    """Say that files were packed in several ways, and which in the rarest; nothing where all were packed alike."""
    fields = pl.col("extra_ids").list.set_intersection(list(_PACKERS_FIELDS)).list.sort()
    ours = files.filter(pl.col("role") != "added").with_columns(fields=fields)
    ways = ours.group_by("create_system", "fields", maintain_order=True).agg("name", n=pl.len())
    if ways.height == 1:
        return ""
    rarest = ways.sort("n", maintain_order=True)["name"][0].to_list()
    return f" These are {ways.height} ways of packing in one zip; the rarest was used for {say_labels(rarest, most=3)}."


def _say_profile(row: Mapping[str, object]) -> str:
    extra_ids = row["extra_ids"]
    fields = (
        ", ".join(f"0x{number:04x}" for number in extra_ids) if isinstance(extra_ids, list) and extra_ids else "none"
    )
    method = row["method"]
    return (
        f"{say_count(int(str(row['len'])), 'file')} by system {row['create_system']}, version {row['create_version']} "
        f"(to unpack {row['extract_version']}), {_METHODS.get(int(str(method)), f'method {method}')}, "
        f"flags 0x{row['flags']:04x}, extra fields {fields}"
    )


def find_foreign(evidence: Evidence) -> Iterator[Observation]:
    """Find files in the zip that no phone puts there (I-30)."""
    if not _is_packed(evidence):
        return
    packed = evidence.members.filter(pl.col("create_system").is_not_null())
    named = evidence.attachments.drop_nulls("message_id")["file"].to_list()
    second = packed.filter((pl.col("role") == "text") & ~pl.col("name").is_in(named))
    for level, found, one, many in (
        (
            INFO,
            packed.filter(pl.col("role") == "added"),
            "file was added by a computer",
            "files were added by a computer",
        ),
        (INFO, packed.filter(pl.col("role") == "folder"), "folder lies in the zip", "folders lie in the zip"),
        (
            UNEXPLAINED,
            second,
            "further text has a phone's name for an export, and no message names it",
            "further texts have a phone's name for an export, and no message names them",
        ),
    ):
        if found.height:
            names = say_labels(found["name"].to_list(), most=3)
            yield Observation(level, f"{say_count(found.height, one, many)}: {names}.")


def find_oddities(evidence: Evidence) -> Iterator[Observation]:
    """Find oddities of the zip's structure and of the names in it (I-33)."""
    if not any(evidence.members["oddities"].to_list()):
        return
    odd = evidence.members.select("oddities").explode("oddities").drop_nulls().unnest("oddities")
    counts = dict(odd.group_by("kind").agg(pl.col("n").sum()).iter_rows())
    for kind, (level, words) in _BYTE_ODDITIES.items():
        if kind in counts:
            yield Observation(level, words.format(say_count(counts[kind], "byte")))
    for kind, (level, words) in _FILE_ODDITIES.items():
        if kind in counts:
            yield Observation(level, words.format(f"{counts[kind]:,}"))


def find_damage(evidence: Evidence) -> Iterator[Observation]:
    """Find files that are not what the zip states of them, that could not be read, or that are empty (I-34)."""
    members = evidence.members
    if members["unread"].null_count() == members.height and not (members["size_bytes"] == 0).any():
        return
    named = evidence.attachments.join(evidence.messages.select("message_id", "line"), on="message_id")
    lines = named.group_by("file").agg("line")
    files = evidence.members.join(lines, left_on="name", right_on="file", how="left", maintain_order="left")
    damaged = pl.col("unread").str.contains(_DAMAGE)
    hollow = (pl.col("size_bytes") == 0) & pl.col("role").is_in(["sent", "other"])
    for level, rows, one, many in (
        (UNEXPLAINED, files.filter(damaged), "file is damaged or cut short", "files are damaged or cut short"),
        (INFO, files.filter(~damaged), "file was not read", "files were not read"),
        (INFO, files.filter(hollow), "file is empty", "files are empty"),
    ):
        if rows.height:
            reasons = "; ".join(rows["unread"].drop_nulls().unique().sort())
            value = f"{say_count(rows.height, one, many)}{': ' if reasons else ''}{reasons}."
            yield Observation(level, value, first_lines(rows.explode("line")))


CONTAINER: Mapping[str, Indicator] = {
    "I-29": Indicator(
        "Who packed the zip",
        tell_packer,
        "Each file in a zip states the kind of system and program that packed it. Files packed in different ways in "
        "one zip show that something was put in or replaced after the first packing.",
        "People pack exports again to send them, and mail or cloud services do so on their own. One program may "
        "describe small and large files differently; too few zips straight from phones were looked at to know.",
        "Ask for the zip as the phone made it, and for a new export from the same phone to compare the fields.",
    ),
    "I-30": Indicator(
        "Files in the zip that do not come from the phone",
        find_foreign,
        "A phone packs the chat text and what was sent. Other files show that a computer packed the zip again, so it "
        "is not the file that the phone made; a second chat text leaves open which of the two is the export.",
        "Opening and packing a folder on a computer adds such files by itself, without anybody changing the text.",
        "Ask who packed it again and why, and for the zip as the phone made it; compare the chat texts byte by byte.",
    ),
    "I-33": Indicator(
        "Oddities in the zip's structure",
        find_oddities,
        "Bytes that belong to no file, names that point elsewhere, or two accounts of one file do not come about by "
        "packing alone: something was hidden, added or changed with special programs.",
        "Some mail and cloud services and packing programs add bytes or comments; people name the documents they send "
        "as they like, with any letters in the name and the same name twice.",
        "Ask for the zip as the phone made it; let an examiner look at the bytes.",
    ),
    "I-34": Indicator(
        "Damaged or unread files",
        find_damage,
        "The zip states size and check sum of each file. Where the content differs it was damaged or changed after "
        "packing; what could not be read was not looked at.",
        "Interrupted transfers and full disks cut files short. Encrypted or very large files are lawful.",
        "Ask for the zip again by another way of transfer, and compare its hash with that of the first.",
    ),
}
