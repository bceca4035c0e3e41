"""Measure how many sightings of notices and of media wordings are typed as what they are, per language and event.

    python benchmarks/notice_recall.py --file sightings.tsv --language de --missed
    python benchmarks/notice_recall.py --file held_out.tsv --aggregate

The file has the columns language, event and phrase_pattern; places for names are %s, %@ or %1$s and get invented ones.
Expressions (re:) and fragments are no sightings and are left out. `--aggregate` prints counts only, never a wording,
for data that nobody who writes wordings may see.
"""

import argparse
import csv
import gzip
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import polars as pl

from chatforensics.parsing.bodies import read_body
from chatforensics.parsing.notices import read_notices

SIGHTINGS = Path(__file__).resolve().parents[2] / "shared" / "acceptance" / "notices" / "notices.tsv.gz"
NAMES = ("Ama Owusu", "Zoë Brandt", "Li Wei")
PHOTO = "00000042-PHOTO-2024-06-05-18-30-00.jpg"
LINK = "https://maps.google.com/?q=48.2,16.4"
# What the data calls it, and what we do: notices, and bodies (kinds, `edited`).
NOTICES = {
    "added": {"added"},
    "added_via_community": {"added", "joined"},
    "admin_demoted": {"admin_changed"},
    "admin_promoted": {"admin_changed"},
    "blocked": {"blocked"},
    "broadcast_recipient_added": {"added"},
    "broadcast_recipient_removed": {"removed"},
    "business_notice": {"business_changed", "encryption"},
    "community": {"community_changed"},
    "description_changed": {"description_changed"},
    "disappearing_off": {"disappearing_changed"},
    "disappearing_on": {"disappearing_changed"},
    "encryption_notice": {"encryption"},
    "encryption_notice_legacy": {"encryption"},
    "group_created": {"created"},
    "group_settings_changed": {"settings_changed"},
    "icon_changed": {"icon_changed"},
    "icon_removed": {"icon_changed"},
    "invite_link_reset": {"settings_changed"},
    "joined_from_community": {"joined"},
    "joined_via_link": {"joined"},
    "left": {"left"},
    "message_timer_updated": {"disappearing_changed"},
    "number_changed": {"number_changed"},
    "removed": {"removed"},
    "security_code_changed": {"security_code_changed"},
    "subject_changed": {"subject_changed"},
}
BODIES = {
    "attached_marker_android": {"media"},
    "attached_marker_ios": {"media"},
    "edited_marker": {"edited"},
    "live_location_shared": {"location"},
    "location_prefix": {"location"},
    "media_omitted": {"media"},
    "message_deleted": {"deleted"},
    "message_deleted_by_admin": {"deleted"},
    "you_deleted_message": {"deleted"},
    "omitted_audio": {"media"},
    "omitted_contact": {"contact"},
    "omitted_document": {"media"},
    "omitted_gif": {"media"},
    "omitted_image": {"media"},
    "omitted_product_image": {"media"},
    "omitted_sticker": {"media"},
    "omitted_video": {"media"},
}
# Printed as a notice on one phone and in somebody's mouth on another.
EITHER = {
    "call": {"call"},
    "missed_video_call": {"call"},
    "missed_voice_call": {"call"},
    "view_once": {"view_once", "waiting"},
    "waiting_for_message": {"waiting"},
}
CORE = frozenset(
    {"group_created", "added", "joined_via_link", "left", "removed", "encryption_notice", "encryption_notice_legacy"}
    | {"media_omitted", "attached_marker_android", "attached_marker_ios", "message_deleted", "you_deleted_message"}
    | {f"omitted_{kind}" for kind in ("audio", "contact", "document", "gif", "image", "sticker", "video")}
)
# Sightings under this key say how much of something is left, which no notice says.
REMAINING = "#fOf6t "
PLACE = re.compile(r"%(?:(\d)\$)?(?:[@s]|l?[ud])")


class Sighting(NamedTuple):
    """One wording as somebody saw it, filled with names, and what it should be read as."""

    language: str
    event: str
    text: str
    want: frozenset[str]


def read_sightings(path: Path) -> Iterator[Sighting]:
    """Yield the sightings that a phone could have printed."""
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    for row in csv.DictReader(io.StringIO(raw.decode("utf-8"), newline=""), delimiter="\t"):
        event, pattern = row["event"], row["phrase_pattern"]
        want = NOTICES.get(event) or BODIES.get(event) or EITHER.get(event)
        if want and pattern and not pattern.startswith("re:") and REMAINING not in row["source"]:
            yield Sighting(name_language(row["language"]), event, fill(pattern, event=event), frozenset(want))


def name_language(tag: str) -> str:
    """Return the language tag in its usual form (`pt-rBR` is `pt-BR`)."""
    tag = {"germanandroid": "de", "germanios": "de", "englishandroid": "en", "englishios": "en"}.get(tag, tag)
    return re.sub(r"-v\d+$", "", tag.replace("-r", "-"))


def fill(pattern: str, *, event: str) -> str:
    """Put names, numbers and file names where the pattern has places for them."""
    pattern = re.sub(r"\\$", '"', pattern.replace('\\"', '"').replace("\\'", "'"))
    if event == "edited_marker":
        return "See you at the well " + pattern
    if event == "location_prefix":
        return PLACE.sub(LINK, pattern)
    if event.startswith("attached"):
        return PLACE.sub(PHOTO, pattern)
    order = iter(NAMES)

    def name(place: re.Match[str]) -> str:
        if place[0].endswith(("u", "d")):
            return "7"
        return NAMES[int(place[1]) - 1] if place[1] else next(order)

    return PLACE.sub(name, pattern)


def read_all(sightings: list[Sighting]) -> list[str]:
    """Return what each sighting of one language is read as; the notices of the language are read as one file."""
    typed = read_notices(pl.Series([one.text for one in sightings], dtype=pl.String))
    events = dict(zip(typed["text"], typed["event"], strict=True))
    return [_read_one(one, events) for one in sightings]


def _read_one(sighting: Sighting, events: dict[str, str]) -> str:
    body = read_body("\u200e" + sighting.text, marked_file=False)
    read_as = "edited" if body.edited else body.kind
    if sighting.event in BODIES or (sighting.event in EITHER and read_as in sighting.want):
        return read_as
    return events[sighting.text]


def print_table(rows: dict[tuple[str, str], list[int]]) -> None:
    """Print language, event, how many sightings and the share that is read right."""
    for (language, event), right in sorted(rows.items()):
        core = "core" if event in CORE else ""
        print(f"{language:8} {event:28} {len(right):4} {sum(right) / len(right):7.1%} {core}")


def print_summary(rows: dict[tuple[str, str], list[int]]) -> None:
    """Print for each language the recall over core events and over all."""
    print(f"{'language':8} {'n core':>6} {'recall':>7} {'n all':>6} {'recall':>7} {'mean over events':>17}")
    for language in [*sorted({language for language, _ in rows}), None]:
        mine = {event: found for (of, event), found in rows.items() if language in (of, None)}
        if language is None:
            mine = {f"{of} {event}": found for (of, event), found in rows.items()}
        every = [one for some in mine.values() for one in some]
        core = [one for event, some in mine.items() if event.split()[-1] in CORE for one in some]
        means = [sum(some) / len(some) for some in mine.values()]
        shares = [f"{sum(some) / len(some):7.1%}" if some else "      -" for some in (core, every)]
        mean = sum(means) / len(means)
        print(f"{language or 'all':8} {len(core):6} {shares[0]} {len(every):6} {shares[1]} {mean:17.1%}")


def main() -> None:
    """Read, type and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", type=Path, default=SIGHTINGS)
    parser.add_argument("--language", help="only this language and its regions")
    parser.add_argument("--aggregate", action="store_true", help="counts only, no wordings")
    parser.add_argument("--missed", action="store_true", help="print each sighting that is read wrongly")
    options = parser.parse_args()
    by_language: dict[str, list[Sighting]] = defaultdict(list)
    for sighting in read_sightings(options.file):
        if not options.language or sighting.language.split("-")[0] == options.language.split("-")[0]:
            by_language[sighting.language].append(sighting)
    rows: dict[tuple[str, str], list[int]] = defaultdict(list)
    confused: Counter[tuple[str, str, str]] = Counter()
    for language, sightings in sorted(by_language.items()):
        for sighting, read_as in zip(sightings, read_all(sightings), strict=True):
            right = read_as in sighting.want
            rows[language, sighting.event].append(right)
            if not right and read_as not in {"unknown", "text"}:
                confused[language, sighting.event, read_as] += 1
            if not right and options.missed and not options.aggregate:
                print(f"MISSED {language} {sighting.event} as {read_as}: {sighting.text}")
    if not options.aggregate or options.language:
        print_table(rows)
    print_summary(rows)
    print("\nconfused: language, event, read as, times")
    for (language, event, read_as), n in sorted(confused.items()):
        print(f"{language:8} {event:28} {read_as:24} {n}")


if __name__ == "__main__":
    main()
