"""Reads what we print and document as plain sentences, and finds words in it that nothing may use."""

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
RULES = Path(__file__).parent / "report" / "wording.toml"
_JINJA = re.compile(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_QUOTED = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'|`([^`]*)`")
_TAG = re.compile(r"<[^>]*>")
_TOLD = re.compile(r"\b(?:aria-label|title|alt|placeholder)\s*=\s*\"([^\"]*)\"")
_CODE = re.compile(r"```.*?```|`[^`\n]*`|\]\([^)]*\)", re.DOTALL)
_NAME = re.compile(r"[\w./:*{}%#-]*")


@dataclass(frozen=True)
class Allowed:
    """A phrase in which a refused word may stand, why, and the folder or file where alone it may, if any."""

    phrase: re.Pattern[str]
    why: str
    where: str


@dataclass(frozen=True)
class Rules:
    """Every refused word with its reason, and what is allowed."""

    refused: list[tuple[re.Pattern[str], str]]
    allowed: list[Allowed]


def read_rules(path: Path = RULES) -> Rules:
    """Read the words and the allowed phrases; each must give its reason."""
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    refused = [
        (re.compile(rf"(?<!\w)(?:{'|'.join(group['patterns'])})(?!\w)", re.IGNORECASE), group["why"])
        for group in told["refused"]
    ]
    allowed = [
        Allowed(re.compile(phrase, re.IGNORECASE), entry["why"], entry.get("where", ""))
        for entry in told.get("allowed", [])
        for phrase in entry["phrases"]
    ]
    return Rules(refused, allowed)


@dataclass(frozen=True)
class Found:
    """A refused word: why it is, what allows it here if anything does, and the words around it."""

    word: str
    why: str
    allowed: Allowed | None
    around: str


def find_refused(text: str, rules: Rules, *, where: str = "") -> list[Found]:
    """Return each refused word of a text; `where` is the file in which it stands."""
    plain = " ".join(text.split())
    here = [allowed for allowed in rules.allowed if where.startswith(allowed.where)]
    spans = [(found.span(), allowed) for allowed in here for found in allowed.phrase.finditer(plain)]
    return [
        Found(
            found.group(),
            why,
            next((allowed for (start, end), allowed in spans if start <= found.start() and found.end() <= end), None),
            plain[max(found.start() - 60, 0) : found.end() + 60],
        )
        for pattern, why in rules.refused
        for found in pattern.finditer(plain)
    ]


def read_template(text: str) -> list[str]:
    """Return the words of a page template: without tags, with what its tags and expressions say in quotes."""
    spoken = _JINJA.sub(
        lambda found: " " + " ".join(_quoted(found.group())) + " ", re.sub(r"\{#.*?#\}", " ", text, flags=re.DOTALL)
    )
    return [_TAG.sub(lambda found: " " + " ".join(_TOLD.findall(found.group())) + " ", spoken)]


def read_script(text: str) -> list[str]:
    """Return the quoted texts of a script that are more than a name."""
    return [words for words in _quoted(text) if not _NAME.fullmatch(words)]


def read_typst(text: str) -> list[str]:
    """Return the quoted and the bracketed texts of a typst template that are more than a name."""
    bare = re.sub(r"(?m)//.*$", " ", text)
    return [words for words in (*_quoted(bare), *re.findall(r"\[([^\[\]#]+)\]", bare)) if not _NAME.fullmatch(words)]


def read_python(text: str) -> list[str]:
    """Return the texts of a module, its docstrings among them, that are more than a name."""
    return [words for words in _constants(ast.parse(text)) if not _NAME.fullmatch(words)]


def read_document(text: str) -> list[str]:
    """Return the words of a Markdown page without code and without the targets of links."""
    return re.split(r"\n\s*\n", _CODE.sub(" ", text))


def _quoted(text: str) -> Iterator[str]:
    return ("".join(found.groups(default="")) for found in _QUOTED.finditer(text))


def _constants(tree: ast.AST) -> Iterator[str]:
    """Yield strings; of a string with values in it, the words around them as one."""
    inside: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [part for part in node.values if isinstance(part, ast.Constant)]
            inside.update(id(part) for part in parts)
            yield " … ".join(str(part.value) for part in parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.value
