"""A language that nobody speaks: each letter of the page's own words under an accent, written from right to left."""

import json
import re
from pathlib import Path

from chatforensics.report import language

_KEPT = re.compile(r"(\{\w+\}|</?[a-z][^>]*>|&\w+;)")
_TURNED = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "áƀćďéƒǵĥíĵķĺḿńóṕɋŕśťúṽẃẍýźÁɃĆĎÉƑǴĤÍĴĶĹḾŃÓṔɊŔŚŤÚṼẂẌÝŹ"
)


def turn(english: str) -> str:
    """Return a sentence in the language; its places, tags and entities stay."""
    parts = _KEPT.split(english)
    return "".join(part if place % 2 else part.translate(_TURNED) for place, part in enumerate(parts))


def write_pseudo(folder: Path) -> str:
    """Write the language as a translator would hand it in, beside the catalogue, and return its code."""
    catalogue = language.FOLDER.joinpath(language.CATALOGUE).read_text(encoding="utf-8")
    (folder / language.CATALOGUE).write_text(catalogue, encoding="utf-8")
    words = {english: turn(english) for english in json.loads(catalogue)}
    (folder / "xx.json").write_text(json.dumps({"dir": "rtl", "words": words}), encoding="utf-8")
    return "xx"
