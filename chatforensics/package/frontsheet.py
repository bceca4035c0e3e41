"""READ-ME-FIRST.txt: what a folder of evidence is and how to check it, in plain words and without this program."""

from collections.abc import Mapping

from chatforensics.package.dossier import Dossier
from chatforensics.text import show_on_one_line

NAME = "READ-ME-FIRST.txt"
_CONTENTS = {
    "data/exhibit.html": "the messages and what is known of each (exhibit.pdf: on paper)",
    "data/reply.html": "for the person concerned: what was found, how to answer",
    "data/reply-form.txt": "a form for the answer (reply-form.html: to print)",
    "data/messages.csv": "the same messages for a spreadsheet",
    "data/messages.jsonl": "the same for programs; this is the form that counts",
    "data/tables/": "what concerns these messages, as tables",
    "data/method.html": "how it was worked out, and what it cannot show",
    "data/run.json": "settings, assumptions, what was chosen and left out",
    "data/redactions.csv": "what was taken out and why",
    "data/custody/": "what is known of each export; the log of what was done",
    "data/forms/": "forms for custody and for a statement, to be filled in",
    "data/replies/": "what people concerned answered",
    "data/case.jsonld": "the messages in the form CASE/UCO, for programs",
    "data/messages.rsmf": "the messages in the form RSMF, for e-disclosure",
    "data/originals/": "the exports as received, unredacted",
    "bag-info.txt": "when this folder was made, with which program",
    "verify.py": "checks this folder; needs Python and nothing else",
}
_HEAD_ALONE = {"data/custody/": "what is known of each export; the head of the log"}
_HEAD = """\
{title}
{rule}

This folder holds {n_ticked} from exports of WhatsApp chats{chosen},
with records around them and what was computed from them. It was made on
{made_at} (UTC) with chatforensics {version}.

An export cannot by itself show that a message was sent, who held the phone, or
that nothing was left out before it came here. Nothing in this folder is a
verdict on a person. What was chosen is here; what was not chosen is counted in
data/run.json, and anybody concerned may ask for it.
"""
_FOR_ONE = """:
{found} on which findings rest, and {others} that speak the other way and need no
answer, all those of one person, so that this person can read and answer them"""
_CHECK = """\
HOW TO CHECK IT

1. With nothing but Python 3.8 or later, in this folder:

       python3 -I verify.py

   (On Windows: python in place of python3.)
   Better: use a copy of verify.py that came to you by another way.

2. With common tools:

       sha256sum -c tagmanifest-sha256.txt
       sha256sum -c manifest-sha256.txt

   (On a Mac: shasum -a 256 -c. On Windows: Get-FileHash, or verify.py as above.)

3. With the program: chatforensics verify FOLDER

These find a file that was changed or lost after the lists of hashes were
written; 1 and 3 also find files that were put in. They cannot find that somebody
changed a file and the two lists with it. {signed}
"""
_SIGNED = """\
For that,
this folder is signed with the minisign key

    {key}

which must have come to you by another way than this folder. Check it with

    python3 -I verify.py --key {key}
    minisign -V -P {key} -m tagmanifest-sha256.txt"""
_UNSIGNED = """\
For that,
compare the SHA-256 of tagmanifest-sha256.txt with the one that was given to
you by another way. This folder is not signed."""

_HIDDEN = """\
Names such as P-7QK2ABCDEF stand for people who are not shown by name; one such
name stands for one person, or for one name of somebody who is not known, in the
whole folder. Words in square brackets stand where something was taken out. It was
taken out of the data before anything here was written; data/redactions.csv lists
what was taken out, with its reason and in how many places.
"""


_MAKERS = """\
Who made the exports, and who worked with them, is withheld in this copy. So the
custody log is not in it, as it holds names; data/custody/head.json has the hash
of its last line. Whoever keeps the case has the log.
"""


def write_front_sheet(dossier: Dossier, *, files: Mapping[str, object], public_key: str | None) -> bytes:
    """Return the sheet that is to be read first.

    Args:
        dossier: what the package says, already redacted.
        files: the files of the payload by their names below `data/`.
        public_key: the key that signs the folder, if one does.
    """
    named = {f"data/{name}" for name in files}
    contents = {**_CONTENTS, **(_HEAD_ALONE if dossier.head else {})}
    listed = [f"  {name:<22} {words}" for name, words in contents.items() if _is_here(name, named)]
    n, chosen = _tell_chosen(dossier)
    title = show_on_one_line(" ".join(dossier.title.split())) or "Messages"
    head = _HEAD.format(
        title=title,
        rule="=" * min(len(title), 78),
        n_ticked="1 message" if n == 1 else f"{n:,} messages",
        chosen=chosen,
        made_at=dossier.made_at.strftime("%Y-%m-%d %H:%M"),
        version=dossier.run.get("version", "unknown"),
    )
    signed = _SIGNED.format(key=public_key) if public_key else _UNSIGNED
    parts = [head, *_tell_hidden(dossier), "WHAT IS IN IT\n\n" + "\n".join(listed) + "\n", _CHECK.format(signed=signed)]
    return ("\n".join(parts).rstrip() + "\n").encode("utf-8", "replace")


def _tell_chosen(dossier: Dossier) -> tuple[int, str]:
    """Return how many messages were chosen, and how; those of a reply pack as its page counts them."""
    from chatforensics.package.replychoice import count_chosen

    if dossier.reply_for is None:
        return len(dossier.ticked), ", chosen by somebody"
    n, n_found = count_chosen(dossier.tables, person_id=dossier.reply_for, ticked=dossier.ticked)
    return n, _FOR_ONE.format(found=f"{n_found:,}", others=f"{n - n_found:,}")


def _is_here(name: str, named: set[str]) -> bool:
    if not name.startswith("data/"):
        return True
    return any(each.startswith(name) for each in named) if name.endswith("/") else name in named


def _tell_hidden(dossier: Dossier) -> list[str]:
    """Say what stands in place of names and words, and what is left out for the names in it, if anything is."""
    return [*([_HIDDEN] if dossier.redactions else []), *([_MAKERS] if dossier.head else [])]
