"""Words of a paragraph for the printer: runs of one style, spaces folded, directions kept apart."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import regex

from chatforensics.report.pdf.page import Element

Json = dict[str, object]

# One letter for each style that the printer knows.
_TAG_STYLES = {
    "b": "b", "strong": "b", "th": "b", "dt": "b", "i": "i", "em": "i", "code": "c", "mark": "m", "summary": "b",
    "ins": "u", "del": "x",
}  # fmt: skip
_CLASS_STYLES = {"quiet": "q", "n": "a", "decision": "t", "tier": "t", "mark-used": "t", "rests": "q", "name": "u"}
_ISOLATED_TAGS = frozenset({"bdi", "q"})
_NUMBER_CLASSES = frozenset({"time", "cite"})
ISOLATE, LEFT_TO_RIGHT, POP = "\u2068", "\u2066", "\u2069"
_SPACES = regex.compile(r"[ \t\n\f]+")
_LONG = 28
_WORD = regex.compile(rf"[^\s/\u200b-]{{{_LONG + 1},}}")
_PIECE = regex.compile(rf"\X{{1,{_LONG}}}")
_URDU = regex.compile("[ٹڈڑںےہھ]")


class Run(NamedTuple):
    """A stretch of text in one style; `to` is the message or export that it leads to."""

    text: str
    styles: str = ""
    to: str = ""


def read_runs(nodes: Iterable[Element | str], *, kept_spaces: bool = False) -> list[Run]:
    """Return the words inside the nodes as runs, with spaces folded as a browser does.

    Args:
        nodes: Texts and elements that stand in a line.
        kept_spaces: Whether ends of lines are part of the words, as in a message.
    """
    found = _walk(nodes, Run(""), kept_spaces=kept_spaces)
    return _trim(_merge(found if kept_spaces else _fold(found)))


def _walk(nodes: Iterable[Element | str], outer: Run, *, kept_spaces: bool) -> Iterator[Run]:
    """Give the runs of the nodes in the style around them."""
    for node in nodes:
        if isinstance(node, str):
            yield Run(node, outer.styles, outer.to)
        elif node.tag == "br":
            yield Run("\n", outer.styles + "\n", outer.to)
        else:
            yield from _walk_element(node, outer, kept_spaces=kept_spaces)


def _walk_element(node: Element, outer: Run, *, kept_spaces: bool) -> Iterator[Run]:
    """Give the runs of an element that stands in a line; names, dates and quotes are kept apart from what surrounds."""
    target = node.attributes.get("href", "")
    added = _TAG_STYLES.get(node.tag, "") + "".join(_CLASS_STYLES.get(name, "") for name in sorted(node.classes))
    styles = "".join(dict.fromkeys(outer.styles + added)) if added else outer.styles
    inner = Run("", styles, target[1:] if target.startswith("#") else outer.to)
    before, after = ("“", "”") if node.tag == "q" else ("", "")
    # A date has no letter that tells a direction: it runs as it is written, from left to right, on every page.
    is_number = not _NUMBER_CLASSES.isdisjoint(node.classes)
    is_apart = is_number or node.tag in _ISOLATED_TAGS or "dir" in node.attributes
    if is_apart:
        yield Run(before + (LEFT_TO_RIGHT if is_number else ISOLATE), inner.styles, inner.to)
    yield from _walk(node.children, inner, kept_spaces=kept_spaces)
    if is_apart:
        yield Run(POP + after, inner.styles, inner.to)


def _fold(runs: Iterable[Run]) -> Iterator[Run]:
    """Give the runs with each stretch of white space as one space; ends of lines that were asked for stay."""
    is_after_space = True
    for run in runs:
        if run.styles.endswith("\n"):
            is_after_space = True
            yield run
            continue
        text = _SPACES.sub(" ", run.text)
        text = text[1:] if is_after_space and text.startswith(" ") else text
        if text:
            is_after_space = text.endswith(" ") or (is_after_space and text in {ISOLATE, LEFT_TO_RIGHT, POP})
            yield Run(text, run.styles, run.to)


def _merge(runs: Iterable[Run]) -> list[Run]:
    """Return the runs with neighbours of one style as one."""
    merged: list[Run] = []
    for text, styles, to in runs:
        kept = styles.removesuffix("\n")
        if merged and merged[-1][1:] == (kept, to):
            merged[-1] = Run(merged[-1].text + text, kept, to)
        else:
            merged.append(Run(text, kept, to))
    return merged


def _trim(runs: list[Run]) -> list[Run]:
    """Return the runs without white space at either end."""
    while runs and not runs[-1].text.strip():
        runs = runs[:-1]
    if runs:
        runs[-1] = runs[-1]._replace(text=runs[-1].text.rstrip())
    return runs


def print_paragraph(runs: Sequence[Run], *, own_direction: bool = False, is_evidence: bool = False) -> Json:
    """Return a paragraph as the printer takes it: `r` its runs, `d` its direction, `f` its letters where special.

    Args:
        runs: The words.
        own_direction: Whether the first letter with a direction decides in which one the paragraph runs.
        is_evidence: Whether the words stand in an export: words in Urdu are then set in Nastaliq.
    """
    whole = "".join(run.text for run in runs)
    printed: Json = {"r": [_print_run(run) for run in runs if run.text]}
    if own_direction and (direction := find_direction(whole)):
        printed["d"] = direction
    if is_evidence and _URDU.search(whole):
        printed["f"] = "nastaliq"
    return printed


def _print_run(run: Run) -> Json | str:
    """Return one run; a plain one is its text."""
    text = _WORD.sub(break_word, run.text) if len(run.text) > _LONG else run.text
    if not run.styles and not run.to:
        return text
    return {"t": text, **({"s": run.styles} if run.styles else {}), **({"l": run.to} if run.to else {})}


def break_word(found: "regex.Match[str]") -> str:
    """Return a word too long for a line with places where a line may end, so that none of it leaves the paper."""
    return "\u200b".join(_PIECE.findall(found.group()))


def find_direction(text: str) -> str:
    """Return how the first letter with a direction of its own runs: `ltr`, `rtl`, or nothing where none has one."""
    kinds = (unicodedata.bidirectional(letter) for letter in text)
    return next(("ltr" if kind == "L" else "rtl" for kind in kinds if kind in {"L", "R", "AL"}), "")
