"""Write the demo case: six invented chat exports from five phones, and what is true about them.

`python exports/make_demo.py [FOLDER]` reads `story/` beside this file and writes `phones/` and `expected.json` into
FOLDER (this folder unless given), byte for byte the same on every run and every machine. The pictures come from
`draw_pictures.py`.

A story file holds one chat: `@ date`, then `time person > text` or `time person ! notice`; `| ` continues a text.
Words in braces say what the text is: `{send NAME as SHARE from SHARE}` a forwarded text and where it came from (`-` is
outside the evidence), `{picture NAME as SHARE}`, `{image}` and the like, `{deleted}`, `{edited}`, `{instruction}` and
`{clear WHY}`, a message that speaks of votes without telling anybody how to vote.
"""

import json
import re
import sys
import tomllib
import zipfile
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

STORY = Path(__file__).parent / "story"
LRM = "\u200e"
PACKED = (2025, 3, 23, 9, 0, 0)

# {t} is the time, {hour} the hour from 1 to 12, {half} am or pm.
HEADERS = {
    "android-24h": "{t:%d/%m/%Y}, {t:%H:%M} - ",
    "android-12h": "{t:%d/%m/%Y}, {hour}:{t:%M}\u202f{half} - ",
    "android-us": "{t.month}/{t.day}/{t:%y}, {hour}:{t:%M}\u202f{HALF} - ",
    "ios": "[{t:%d/%m/%Y}, {t:%H:%M:%S}] ",
}
NOTICES = {
    "encryption": "Messages and calls are end-to-end encrypted. Only people in this chat can read, listen to, or share "
    "them. Learn more.",
    "created": "{who} created group {new}",
    "joined": "{who} joined using this group's invite link",
    "left": "{who} left",
    "removed": "{who} removed {targets}",
    "added": "{who} added {targets}",
    "subject": "{who} changed the group name from {old} to {new}",
    "icon": "{who} changed this group's icon",
    "number": "{who} changed their phone number to a new number. Tap to message or add the new number.",
}
ENTRY = re.compile(r"(\d\d:\d\d:\d\d) (\w+) ([>!]) (.*)")
TAG = re.compile(r"\s*(?<!@)\{(\w+)(?: ([^}]*))?\}\s*")
SHARE = re.compile(r"(\S+) as (\S+) from (\S+)")
MENTION = re.compile(r"@\{(\w+)\}")


@dataclass
class Entry:
    """One message or notice of the story; `readers` could see it, `lines` lists where the exports show it."""

    chat: str
    sent: datetime
    who: str
    name: str
    text: str
    notice: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    readers: set[str] = field(default_factory=set)
    lines: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Export:
    """One export in the making: whose phone, which chat, and what is written so far."""

    owner: str
    folder: str
    style: str
    labels: dict[str, str]
    chat: str
    title: str
    media: bool = False
    altered: dict[str, Any] = field(default_factory=dict)
    content: str = ""
    pictures: dict[str, str] = field(default_factory=dict)

    @property
    def ios(self) -> bool:
        """Say whether an iPhone wrote it."""
        return self.style == "ios"

    @property
    def member(self) -> str:
        """Return the name of the chat text, within an archive too."""
        return "_chat.txt" if self.ios and self.media else f"WhatsApp Chat with {self.title}.txt"

    @property
    def path(self) -> str:
        """Return where the export lies, under `phones`."""
        archive = f"WhatsApp Chat {'-' if self.ios else 'with'} {self.title}.zip"
        return f"{self.folder}/{archive if self.media else self.member}"

    def name(self, who: str) -> str:
        """Return the name that a notice on this phone prints."""
        return "You" if who == self.owner else self.labels[who]

    def header(self, sent: datetime) -> str:
        """Return what stands before the sender."""
        half = "am" if sent.hour < 12 else "pm"  # noqa: PLR2004 - noon
        return HEADERS[self.style].format(t=sent, hour=sent.hour % 12 or 12, half=half, HALF=half.upper())


# ---------------------------------------------------------------------------------------------------------- the story
def read_forwards() -> dict[str, str]:
    """Read the texts that travel, each under a line that begins with ===."""
    parts = (STORY / "forwards.txt").read_text(encoding="utf-8").split("\n=== ")[1:]
    return {name: text.strip("\n") for name, _, text in (part.partition("\n") for part in parts)}


def read_chat(chat: str, cast: dict[str, Any], forwards: dict[str, str]) -> list[Entry]:
    """Read one chat of the story, in order, and who could read each message."""
    entries: list[Entry] = []
    day = ""
    for line in (STORY / f"{chat}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("@ "):
            day = line[2:]
        elif line.startswith("| "):
            entries[-1].text += "\n" + line[2:]
        elif found := ENTRY.fullmatch(line):
            time, who, mark, text = found.groups()
            sent = datetime.fromisoformat(f"{day}T{time}")
            entry = Entry(cast["chats"][chat], sent, who, cast["people"][who]["name"], text)
            entries.append(read_notice(entry) if mark == "!" else read_tags(entry, forwards))
        else:
            raise ValueError(f"{chat}.txt: cannot read {line!r}")
    fill_readers(entries, {who: person["name"] for who, person in cast["people"].items()})
    return entries


def read_notice(entry: Entry) -> Entry:
    """Split a notice into its kind and its details."""
    entry.notice, _, entry.text = entry.text.partition(" ")
    return entry


def read_tags(entry: Entry, forwards: dict[str, str]) -> Entry:
    """Take the words in braces out of a message, and put in the text that it forwards."""
    entry.tags = {tag: value or "" for tag, value in TAG.findall(entry.text)}
    entry.text = TAG.sub("", entry.text)
    if "send" in entry.tags:
        entry.text = forwards[entry.tags["send"].split()[0]]
    return entry


def fill_readers(entries: list[Entry], names: dict[str, str]) -> None:
    """Follow who comes and goes; a chat without such notices is open to everybody who writes in it."""
    group = any(entry.notice == "created" for entry in entries)
    members = set() if group else {entry.who for entry in entries}
    for entry in entries:
        if entry.notice in {"created", "joined"}:
            members.add(entry.who)
        elif entry.notice == "added":
            members.update(entry.text.split(", "))
        elif entry.notice in {"left", "removed"}:
            members.discard(entry.text or entry.who)
        entry.readers = {names[who] for who in members if who != entry.who}


# --------------------------------------------------------------------------------------------------------- the phones
def write_notice(export: Export, entry: Entry) -> list[str]:
    """Word a notice as the phone does; a phone tells its owner apart from the others who were added."""
    quote = "“{}”" if export.ios else '"{}"'
    old, _, new = (entry.text or export.title).rpartition(" -> ")
    targets = entry.text.split(", ") if entry.notice in {"added", "removed"} else []
    groups = [["you"]] if export.owner in targets else []
    others = [export.labels[who] for who in targets if who != export.owner]
    groups += [others] if others or not targets else []
    values = {"who": export.name(entry.who), "old": quote.format(old), "new": quote.format(new)}
    return [NOTICES[entry.notice].format(targets=join_names(group), **values) for group in groups]


def join_names(names: list[str]) -> str:
    """Return 'A', 'A and B' or 'A, B, and C'."""
    separator = " and " if len(names) < 3 else ", and "  # noqa: PLR2004 - the comma comes with the third name
    return separator.join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def write_body(export: Export, entry: Entry, number: int) -> str:
    """Write a message's body as the phone does."""
    mark, tags = LRM if export.ios else "", entry.tags
    if "deleted" in tags:
        words = "You deleted this message" if entry.who == export.owner else "This message was deleted"
        return f"{mark}{words}." if export.ios else words
    if "picture" in tags and export.media:
        return attach(export, entry, number)
    for kind in ("picture", "image", "video", "audio", "sticker"):
        if kind in tags:
            word = f"{LRM}{kind.replace('picture', 'image')} omitted" if export.ios else "<Media omitted>"
            return "\n".join(filter(None, [word, entry.text]))
    text = MENTION.sub(lambda found: f"@\u2068{export.labels[found[1]]}\u2069", entry.text)
    if is_altered(export, entry):
        text = export.altered["text"]
    return f"{text} {mark}<This message was edited>" if "edited" in tags else text


def is_altered(export: Export, entry: Entry) -> bool:
    """Say whether this is the message whose text was changed in this export."""
    return entry.chat == export.title and entry.sent == export.altered.get("sent")


def attach(export: Export, entry: Entry, number: int) -> str:
    """Name a picture as the phone does and remember it for the archive."""
    if export.ios:
        name = f"{number:08}-PHOTO-{entry.sent:%Y-%m-%d-%H-%M-%S}.png"
        line = f"{LRM}<attached: {name}>"
    else:
        name = f"IMG-{entry.sent:%Y%m%d}-WA{len(export.pictures):04}.png"
        line = f"{LRM}{name} (file attached)"
    export.pictures[name] = entry.tags["picture"].split()[0]
    return "\n".join(filter(None, [line, entry.text]))


def write_chat(export: Export, entries: list[Entry]) -> None:
    """Write every entry into the export and note on each the line where it stands."""
    number = 0
    for entry in entries:
        sender = export.title if entry.notice else export.labels[entry.who]
        bodies = write_notice(export, entry) if entry.notice else [write_body(export, entry, number + 1)]
        for body in bodies:
            number += 1
            shown = LRM + body if entry.notice and export.ios else body
            head = export.header(entry.sent) + (f"{sender}: " if export.ios or not entry.notice else "")
            before = LRM if export.ios and LRM in shown else ""
            entry.lines.append({"file": export.path, "line": export.content.count("\n") + 1})
            export.content += before + head + shown + ("\r\n" if export.ios else "\n")


# --------------------------------------------------------------------------------------------------------- the archives
def write_archive(members: dict[str, bytes]) -> bytes:
    """Write a zip whose bytes depend on its members alone; uncompressed, as builds of zlib compress differently."""
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            member = zipfile.ZipInfo(name, PACKED)
            member.create_system = 0
            archive.writestr(member, content)
    return target.getvalue()


def plan_export(entry: dict[str, Any], cast: dict[str, Any]) -> Export:
    """Set out one export of the cast's list."""
    phone, chat = cast["phones"][entry["phone"]], cast["chats"][entry["chat"]]
    wanted = {key: entry[key] for key in ("media", "altered") if key in entry}
    return Export(entry["phone"], phone["folder"], phone["style"], phone["labels"], entry["chat"], chat, **wanted)


def write_export(export: Export, folder: Path) -> None:
    """Write the file as the phone hands it out: the text alone, or an archive with the pictures."""
    path = folder / export.path
    path.parent.mkdir(parents=True, exist_ok=True)
    content = export.content.encode()
    if not export.media:
        path.write_bytes(content)
        return
    pictures = {n: (STORY / "pictures" / f"{picture}.png").read_bytes() for n, picture in export.pictures.items()}
    path.write_bytes(write_archive({export.member: content, **pictures}))


# ----------------------------------------------------------------------------------------------------------- the truth
def place_entry(entry: Entry) -> dict[str, Any]:
    """Say who sent a message when and where, and which exports show it at which line."""
    where = {"chat": entry.chat, "sender": entry.name, "sent_local": entry.sent.isoformat()}
    return {**where, "visible_in": entry.lines}


def list_tagged(entries: list[Entry], tag: str) -> list[dict[str, Any]]:
    """List the messages that carry a word in braces."""
    return [place_entry(entry) | {"what": entry.tags[tag] or tag} for entry in entries if tag in entry.tags]


def list_shares(entries: list[Entry]) -> list[dict[str, Any]]:
    """List every time a travelling text or picture was sent; `source` is null where it is not in the evidence."""
    rows = []
    for entry in entries:
        medium = "text" if "send" in entry.tags else "picture"
        if found := SHARE.fullmatch(entry.tags.get("send", entry.tags.get("picture", ""))):
            variant, share, source = found.groups()
            row = {"share": share, "variant": variant, "medium": medium, "source": None if source == "-" else source}
            rows.append({**row, **place_entry(entry), "recipients": sorted(entry.readers)})
    return rows


def gather_family(shares: list[dict[str, Any]], *stems: str) -> dict[str, Any]:
    """Gather the shares of one family by the stems of its variants' names."""
    rows = [share for share in shares if re.sub(r"-\d$", "", share["variant"]) in stems]
    texts = [share for share in rows if share["medium"] == "text"]
    return {
        "n_shares_text": len(texts),
        "n_shares_picture": len(rows) - len(texts),
        "variants": sorted({share["variant"] for share in texts}),
        "earliest_visible_sender": rows[0]["sender"],
        "source_not_in_evidence": [share["share"] for share in rows if share["source"] is None],
        "shares": rows,
    }


def describe_export(export: Export, entries: list[Entry]) -> dict[str, Any]:
    """Count what one export holds; `n_messages` counts notices too."""
    shown = [entry for entry in entries for line in entry.lines if line["file"] == export.path]
    return {
        "file": export.path,
        "chat": export.title,
        "member": export.member if export.media else None,
        "platform": "ios" if export.ios else "android",
        "date_order": "mdy" if export.style == "android-us" else "dmy",
        "clock_step_s": 1 if export.ios else 60,
        "n_messages": len(shown),
        "n_notices": sum(bool(entry.notice) for entry in shown),
        "n_deleted": sum("deleted" in entry.tags for entry in shown),
        "n_edited": sum("edited" in entry.tags for entry in shown),
        "n_pictures": len(export.pictures),
        "first_local": shown[0].sent.isoformat(),
        "last_local": shown[-1].sent.isoformat(),
    }


def describe_case(cast: dict[str, Any], entries: list[Entry], exports: list[Export]) -> dict[str, Any]:
    """Say what is true about the story."""
    shares = list_shares(entries)
    phones = cast["phones"].values()
    people = [
        person | {"labels": {phone["folder"]: phone["labels"][who] for phone in phones if who in phone["labels"]}}
        for who, person in cast["people"].items()
    ]
    return {
        "timezone": cast["timezone"],
        "exports": [describe_export(export, entries) for export in exports],
        "custodians": {phone["folder"]: cast["people"][owner]["name"] for owner, phone in cast["phones"].items()},
        "people": people,
        "supported": [person["name"] for person in people if person["role"] == "candidate supported"],
        "opposed": [person["name"] for person in people if person["role"] == "candidate opposed"],
        "campaign": gather_family(shares, "campaign", "slate"),
        "other_families": {stem: gather_family(shares, stem) for stem in ("water", "walk", "official", "stall")},
        "other_instructions": list_tagged(entries, "instruction"),
        "no_instructions": list_tagged(entries, "clear"),
        "altered": [describe_altered(export, entries) for export in exports if export.altered],
    }


def describe_altered(export: Export, entries: list[Entry]) -> dict[str, Any]:
    """Say which line of an export differs from what was sent."""
    entry = next(entry for entry in entries if is_altered(export, entry))
    line = next(line for line in entry.lines if line["file"] == export.path)
    return {**line, "as_sent": entry.text, "as_altered": export.altered["text"], **place_entry(entry)}


# ------------------------------------------------------------------------------------------------------------ the whole
def make_demo(folder: Path) -> None:
    """Write every export and `expected.json` into the folder."""
    cast = tomllib.loads((STORY / "cast.toml").read_text(encoding="utf-8"))
    forwards = read_forwards()
    chats = {chat: read_chat(chat, cast, forwards) for chat in cast["chats"]}
    exports = [plan_export(entry, cast) for entry in cast["exports"]]
    for export in exports:
        write_chat(export, chats[export.chat])
        write_export(export, folder / "phones")
    entries = sorted((entry for chat in chats.values() for entry in chat), key=lambda entry: (entry.sent, entry.chat))
    case = describe_case(cast, entries, exports)
    text = json.dumps(case, ensure_ascii=False, indent=1) + "\n"
    (folder / "expected.json").write_bytes(text.encode())


if __name__ == "__main__":
    make_demo(Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).parent)
