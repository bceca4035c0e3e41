"""Collect every sentence of the report and of the local page into the catalogue that a translation has to follow.

    python scripts/make_catalogue.py [--check]

Templates, Python and the page's scripts keep their English where it stands; the catalogue lists it with the files that
say it. With `--check` nothing is written: the script fails if the catalogue in the package is not the one of today.
"""

import ast
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "chatforensics"
REPORT, WEB = PACKAGE / "report", PACKAGE / "web"
TARGET = REPORT / "locale" / "catalogue.json"
_CALL = re.compile(r"(?<![\w$.])(sayCount|say)\(")
_TEXT = re.compile(r'\s*("(?:[^"\\\n]|\\.)*")')
_OWN = ("say(english,", "say(n === 1 ? one : many,", "sayCount(n, one, many)")  # the scripts' own `say` and `sayCount`
_CLOSING = {"(": ")", "[": "]", "{": "}"}


class NotLiteral(ValueError):
    """A sentence is put together where it is said, so that it cannot be collected."""


def read_template(source: str) -> Iterator[str]:
    """Give the sentences of a template: `_`, `trans` blocks, and what `many` counts."""
    from jinja2 import Environment, nodes

    from chatforensics.report.templating import make_key, name_many

    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    environment.newstyle_gettext = True  # type: ignore[attr-defined]
    tree = environment.parse(source)
    for call in tree.find_all(nodes.Call):
        name = call.node.name if isinstance(call.node, nodes.Name) else ""
        part = {"_": call.args[:1], "gettext": call.args[:1], "ngettext": call.args[:2], "many": call.args[1:]}.get(
            name, []
        )
        words = [each.value for each in part if isinstance(each, nodes.Const)]
        if len(words) != len(part):
            raise NotLiteral(f"line {call.lineno}")
        if name == "many":
            words = [name_many(each) for each in (words if len(words) > 1 else [words[0], f"{words[0]}s"])]
        yield from map(make_key, words)


def read_python(source: str) -> Iterator[str]:
    """Give the sentences of a module: the texts of `say` and `say_count`."""
    for call in ast.walk(ast.parse(source)):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
            continue
        for part in {"say": call.args[:1], "say_count": call.args[1:3]}.get(call.func.id, []):
            if not (isinstance(part, ast.Constant) and isinstance(part.value, str)):
                raise NotLiteral(f"line {call.lineno}")
            yield part.value


def read_script(source: str) -> Iterator[str]:
    """Give the sentences of a script of the page: the texts of `say` and `sayCount`."""
    for call in _CALL.finditer(source):
        if source.startswith(_OWN, call.start()):
            continue
        at, wanted = (call.end(), 1) if call[1] == "say" else (_skip_argument(source, call.end()), 2)
        for _ in range(wanted):
            text = _TEXT.match(source, at)
            if text is None or source[text.end() :].lstrip()[:1] not in {",", ")"}:
                raise NotLiteral(f"line {source.count(chr(10), 0, call.start()) + 1}")
            yield json.loads(text[1])
            at = text.end() + 1


def _skip_argument(source: str, at: int) -> int:
    """Return the place after the comma that ends the argument which begins here."""
    closing: list[str] = []
    while closing or source[at] != ",":
        letter = source[at]
        if closing and letter == closing[-1]:
            closing.pop()
        elif letter in _CLOSING:
            closing.append(_CLOSING[letter])
        at += 1
    return at + 1


PLACES: tuple[tuple[Path, str, Callable[[str], Iterator[str]]], ...] = (
    (REPORT, "templates/*.j2", read_template),
    (REPORT, "*.py", read_python),
    (REPORT, "pdf/*.py", read_python),
    (REPORT, "assets/explorer/*.js", read_script),
    (WEB, "templates/*.j2", read_template),
    (WEB, "*.py", read_python),
    (WEB, "pages/*.py", read_python),
    (WEB, "assets/*.js", read_script),
)


def collect() -> dict[str, list[str]]:
    """Return every sentence with the files that say it, both in order."""
    found: dict[str, set[str]] = {}
    for folder, pattern, read in PLACES:
        for path in sorted(folder.glob(pattern)):
            if path.name == "language.py":
                continue
            name = path.relative_to(REPORT if folder == REPORT else PACKAGE).as_posix()
            try:
                for text in read(path.read_text(encoding="utf-8")):
                    found.setdefault(text, set()).add(name)
            except NotLiteral as error:
                raise SystemExit(f"{name}, {error}: the sentence must stand there in full, in double quotes.") from None
    return {text: sorted(found[text]) for text in sorted(found)}


def main() -> None:
    """Write the catalogue, or compare it."""
    made = json.dumps(collect(), ensure_ascii=False, indent=0) + "\n"
    if "--check" not in sys.argv[1:]:
        TARGET.parent.mkdir(exist_ok=True)
        TARGET.write_text(made, encoding="utf-8")
    elif TARGET.read_text(encoding="utf-8") != made:
        raise SystemExit("The catalogue is out of date: run scripts/make_catalogue.py.")


if __name__ == "__main__":
    main()
