"""The grammar's data: words and wordings as phones print them.

`cldr.json` and `words.toml` hold the words of time stamps (see `vocabulary`), `calls.toml` those of calls, `own.toml`
the wordings of deleted messages that say "you".

`languages` holds one TOML file for each language WhatsApp can be set to, written by hand: the shortest words that
tell a notice or a body. In `[notices]`, the first wording of the file that fits is taken, so that special ones come
first. Between the words stand fields: `{actor}` who did it, `{targets}` to whom (a list), `{old}` and `{new}` values,
`{rest}` anything. `{actor=Du}` is the printed word itself, taken as the value; `{actor=}` is a "you" that only the
form of the verb says. Straight quotes stand for all quotes, capitals, invisible marks and a final full stop do not
count. `and` are the words between the last two names of a list, `you` those for whoever made the export.

A run reads `languages.json`, into which `scripts/make_wordings.py` compiles those files.
"""

import json
import re
import tomllib
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

import regex

# Invisible marks that phones put around names and before what was not typed.
MARKS = "\u200e\u200f\u202a\u202c\u2068\u2069"
# Further invisible characters, of which one phone prints more and another fewer in the same wording.
_INVISIBLE = frozenset(MARKS + "\u00ad\u061c\u200b\u200c\u200d\u202b\u202d\u202e\u2060\u2066\u2067\ufeff")
_ALIKE = {
    '"': "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\u05f4\u300c\u300d\u300e\u300f",
    "'": "\u2018\u2019\u201a\u201b\u2032\u05f3\u02bb\u02bc`",
    " ": "\u00a0\u202f\u2009",
}
_FOLDED = str.maketrans(dict.fromkeys(_INVISIBLE) | {odd: plain for plain, some in _ALIKE.items() for odd in some})
_UNFOLDED = re.compile(f"[{''.join(map(chr, _FOLDED))}]")
_CLUSTER = regex.compile(r"\X")


def load_grammar(name: str) -> dict[str, Any]:
    """Load one file of the grammar."""
    source = resources.files("chatforensics.parsing") / "grammar" / f"{name}.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))


@cache
def load_compiled() -> dict[str, Any]:
    """Load the wordings of all languages as `scripts/make_wordings.py` made them ready to compare.

    Returns:
        `languages` (by tag the words for "and" and for "you"), `notices` and `bodies`.
    """
    source = resources.files("chatforensics.parsing") / "grammar" / "languages.json"
    compiled: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    return compiled


def load_languages() -> dict[str, dict[str, Any]]:
    """Load by language tag what people wrote down; reading it takes longer than most exports, so no run does."""
    folder = resources.files("chatforensics.parsing") / "grammar" / "languages"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return {file.name.removesuffix(".toml"): tomllib.loads(file.read_text(encoding="utf-8")) for file in files}


def bare(text: str) -> str:
    """Return the text without marks, spaces and line breaks at its ends."""
    return text.strip(MARKS + " \r\n")


def fold(text: str) -> str:
    """Return the text as wordings are compared: no invisible marks, straight quotes, plain spaces, no capitals.

    Dots and hyphens stay, and `align` tells where each letter was printed. What stands between the numbers of a stamp
    is folded by `vocabulary.fold`, which goes further.
    """
    if text.isascii():
        return text.replace("`", "'").lower()
    visible = text.translate(_FOLDED) if _UNFOLDED.search(text) else text  # `translate` is slow, and seldom needed
    if unicodedata.is_normalized("NFKC", visible):
        return visible.casefold()
    return "".join(map(_fold_cluster, _CLUSTER.findall(visible)))


def align(text: str) -> Sequence[int]:
    """Return for each place in the folded text, its end included, the place in the text itself."""
    folded = text.translate(_FOLDED)
    if len(folded) == len(text) == len(fold(text)) and unicodedata.is_normalized("NFKC", folded):
        return range(len(text) + 1)  # letter for letter, as in most texts
    visible = [at for at, letter in enumerate(text) if letter not in _INVISIBLE]
    starts, at = [], 0
    for cluster in _CLUSTER.findall(folded):
        starts += [visible[at]] * len(_fold_cluster(cluster))
        at += len(cluster)
    return [*starts, len(text)]


def _fold_cluster(cluster: str) -> str:
    # Cluster by cluster, so that each letter of the folded text has its place in the printed one.
    return unicodedata.normalize("NFKC", cluster).casefold()
