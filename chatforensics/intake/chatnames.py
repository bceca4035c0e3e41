"""Which file is the chat, told by the names that phones give, in the phone's language; and the chat's title in it."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from importlib import resources
from pathlib import PurePosixPath

# WhatsApp's own names for what was sent in a chat: `00000012-PHOTO-…` on iOS, `DOC-20240313-WA0002.txt` on Android.
_SENT_FILE = re.compile(r"[0-9]{8}-.+|[A-Z]{3}-[0-9]{8}-WA[0-9]{4,}\b.*")
# Marks for the writing direction, which phones put around names and numbers.
_MARKS = dict.fromkeys(map(ord, "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"))
_APOSTROPHES = dict.fromkeys(map(ord, "’‘ʼ׳"), "'")
_GAP = r"[\s_-]"
_DASH = r"[\s_]*[-–—][\s_]*"
_TITLE = r"(?P<title>\S.{0,299}?)"


def last_part(name: str) -> str:
    """Return the file's own name, without the folders before it, in the writing of any system."""
    return name.replace("\\", "/").rstrip("/").rpartition("/")[2]


def stem(name: str) -> str:
    """Return the file's own name without its ending."""
    return PurePosixPath(last_part(name)).stem


def is_text(name: str) -> bool:
    """Tell whether a file could be a chat's text: `.txt`, and not a shadow file of macOS."""
    return last_part(name).lower().endswith(".txt") and not is_added_by_computer(name)


def is_added_by_computer(name: str) -> bool:
    """Tell whether a file was put there by a computer that packed or copied the export, not by the phone."""
    parts = name.replace("\\", "/").split("/")
    return "__MACOSX" in parts or parts[-1].startswith("._") or parts[-1] in {".DS_Store", "Thumbs.db", "desktop.ini"}


def is_sent_file(name: str) -> bool:
    """Tell whether the name is one that WhatsApp gives to a file sent in a chat."""
    return _SENT_FILE.fullmatch(last_part(name)) is not None


def is_chat_name(name: str) -> bool:
    """Tell whether the name, of a text or a zip, is one that WhatsApp gives to an export, in a language known here."""
    return last_part(name).casefold() in _names()["fixed"] or title_in(name) is not None


@lru_cache(maxsize=100_000)  # a folder of a thousand exports is looked at for each of them
def title_in(name: str) -> str | None:
    """Return the chat's title out of a file or folder name that a phone gave; None if it is no such name.

    A number that a browser added, as in `Choir (1)`, cannot be told from a title and stays.
    """
    own = last_part(name)
    plain = stem(own) if own.lower().endswith((".txt", ".zip")) else own
    plain = unicodedata.normalize("NFC", plain).translate(_MARKS).translate(_APOSTROPHES).strip()
    if len(plain) > 400:  # noqa: PLR2004 - no file system allows so long a name
        return None
    folded = plain.casefold()
    likely = (_compile(pattern) for needle, pattern in _patterns() if needle in folded)
    found = next((match for pattern in likely if (match := pattern.fullmatch(plain))), None)
    return found["title"].strip() if found else None


def choose_chat(names: Sequence[str], *, container: str | None = None) -> list[int]:
    """Choose the chat's text among a container's files: the positions of the candidates, one if the choice is clear.

    People send texts to chats, so a name decides only where nothing speaks against it: the only text; else the one
    with a phone's name for exports; else the one that bears the zip's own name.

    Args:
        names: every file in the container.
        container: the zip's own name; None for a folder.
    """
    texts = [at for at, name in enumerate(names) if is_text(name) and not is_sent_file(name)]
    named = [at for at in texts if is_chat_name(names[at])]
    own = [at for at in texts if container is not None and stem(names[at]) == stem(container)]
    both = [at for at in own if at in named]
    for chosen in (texts, both, named if set(own) <= set(named) else [], own if not named else []):
        if len(chosen) == 1:
            return chosen
    return texts


@cache
def _names() -> dict[str, tuple[str, ...]]:
    source = resources.files("chatforensics.intake") / "names.toml"
    loaded = tomllib.loads(source.read_text(encoding="utf-8"))
    titled = {name for names in loaded["titled"].values() for name in names}
    # The longest first: "Chat with {title}" must not take the words of "Chat with contact {title}" for a title.
    return {
        "fixed": tuple(name.casefold() for name in loaded["fixed"]),
        "titled": tuple(sorted(titled, key=lambda name: (-len(name), name))),
        "dashed": tuple(sorted(loaded["dashed"]["all"], key=lambda name: (-len(name), name))),
    }


@cache
def _patterns() -> tuple[tuple[str, str], ...]:
    """Return the names as patterns, each behind a word that stands in every name of its kind."""
    titled = [(name, _loose(part for part in name.partition("{title}"))) for name in _names()["titled"]]
    dashed = [(name, _loose([name]) + _DASH + _TITLE) for name in _names()["dashed"]]
    return tuple((_needle(name), pattern) for name, pattern in (*titled, *dashed))


def _needle(name: str) -> str:
    words = unicodedata.normalize("NFC", name.replace("{title}", " ")).translate(_APOSTROPHES).casefold()
    return max(re.split(r"[ _-]", words), key=len)


@cache
def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


def _loose(parts: Iterable[str]) -> str:
    """Write a name as a pattern in which a hyphen or an underscore may stand for a space."""
    return "".join(_TITLE if part == "{title}" else _loose_words(part) for part in parts)


def _loose_words(words: str) -> str:
    plain = unicodedata.normalize("NFC", words).translate(_APOSTROPHES)
    return re.sub(r"\\?[ _-]", lambda _: _GAP, re.escape(plain))
