"""The report's page as the blocks that the printer sets: headings, paragraphs, tables, figures, message exhibits."""

import base64
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import regex

from chatforensics.report.language import ENGLISH, Language
from chatforensics.report.pdf.layers import spare_layers
from chatforensics.report.pdf.page import Element
from chatforensics.report.pdf.runs import Json, print_paragraph, read_runs
from chatforensics.report.pdf.tables import print_table

# Elements that stand on lines of their own; all others stand in a line.
_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "caption", "details", "div", "dl", "figcaption", "figure"}
    | {"h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "section", "summary"}
    | {"table", "ul"}
)
_HEADINGS = {"h1": 0, "h2": 1, "h3": 2, "h4": 3, "h5": 4, "h6": 5}
FIGURE_ROWS = 20  # of the numbers behind a figure
# Classes whose elements are set apart; all other elements are only what is in them.
BOXES = (
    "front",
    "block",
    "callout",
    "innocent",
    "text",
    "conflict",
    "wording",
    "excerpt",
    "cited",
    "context",
    "statement-interpretation",
)
_EXHIBITS = frozenset({"cited", "context"})
_WHOLE = 1500  # letters of a message that is not parted at the end of a page
_PARAGRAPHS = ("tier", "lead", "kicker", "cap", "quiet", "place")
_IMAGE = regex.compile(r"data:image/(svg\+xml|jpeg|png);base64,(.+)", regex.DOTALL)
_SIZE = regex.compile(r"""<svg[^>]*? width="([0-9.]+)[a-z]*"[^>]*? height="([0-9.]+)[a-z]*\"""")
_HIGHEST = 1.25  # of its width: what a page has room for below a heading
_PLACE = regex.compile(r"(?:m[0-9]+|S[0-9]+|[a-z][a-z-]*)(?:-[0-9]+)?")


@dataclass(slots=True)
class Printed:
    """All that the printer needs of a page.

    Attributes:
        language: In which our own words are said.
        blocks: What is to be set, in order.
        files: The pictures by the names under which the blocks refer to them.
        message_ids: The messages that are printed as exhibits, in order.
    """

    language: Language = ENGLISH
    blocks: list[Json] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    message_ids: list[int] = field(default_factory=list)


def print_page(body: Element, *, language: Language = ENGLISH) -> Printed:
    """Return the page as blocks; every word of it is kept, but where a table is cut and says so."""
    printed = Printed(language)
    printed.blocks = _print_all(body.children, printed)
    return printed


def _print_all(nodes: Iterable[Element | str], printed: Printed) -> list[Json]:
    """Return the blocks of some nodes; words that stand in no block become paragraphs."""
    blocks: list[Json] = []
    line: list[Element | str] = []
    for node in nodes:
        if isinstance(node, str) or (node.tag not in _BLOCKS and not _holds_blocks(node)):
            line.append(node)
            continue
        blocks += _print_line(line)
        line = []
        blocks += _print_element(node, printed)
    return [*blocks, *_print_line(line)]


def _holds_blocks(node: Element) -> bool:
    return node.tag == "img" or any(child.tag in _BLOCKS or _holds_blocks(child) for child in node.elements())


def _print_element(node: Element, printed: Printed) -> list[Json]:
    """Return the blocks of one element, with its place to lead to on the first of them."""
    if "data-exhibit" in node.attributes:
        printed.message_ids.append(int(node.attributes["data-exhibit"]))
    return _name_place(_PRINTERS.get(node.tag, _print_group)(node, printed), node)


def _name_place(blocks: list[Json], node: Element) -> list[Json]:
    """Return the blocks of an element with its `id` on the first, for links to lead to."""
    name = node.attributes.get("id", "")
    if not blocks or not _PLACE.fullmatch(name):
        return blocks
    if "id" in blocks[0]:
        return [{"k": "place", "id": name}, *blocks]
    return [blocks[0] | {"id": name}, *blocks[1:]]


def _print_group(node: Element, printed: Printed) -> list[Json]:
    """Return what stands in an element, in a box where its class has one."""
    if "contents" in node.classes:
        notes = [part for part in node.elements() if part.tag == "p"]
        return [{"k": "contents"}, *_print_all(notes, printed)]
    inner = _print_all(node.children, printed)
    style = next((name for name in BOXES if name in node.classes), None)
    if not style or not inner:
        return inner
    is_whole = style in _EXHIBITS and len(node.text()) < _WHOLE
    return [{"k": "box", "s": style, "b": inner, **({"u": True} if is_whole else {})}]


def _print_paragraph(node: Element, _printed: Printed) -> list[Json]:
    style = next((name for name in _PARAGRAPHS if name in node.classes), "")
    if "tier" in node.classes:
        style = next((name for name in sorted(node.classes) if name.startswith("tier-")), "tier")
    return _print_line(node.children, style=style, own_direction="dir" in node.attributes)


def _print_line(nodes: Iterable[Element | str], *, style: str = "", own_direction: bool = False) -> list[Json]:
    """Return paragraphs; the words of a message get one of their own, in their own direction."""
    blocks: list[Json] = []
    for part, is_evidence in _part_evidence(nodes):
        runs = read_runs(part, kept_spaces=is_evidence)
        if any(run.text.strip() for run in runs):
            own = own_direction or is_evidence
            paragraph = print_paragraph(runs, own_direction=own, is_evidence=is_evidence)
            kind = "words" if is_evidence else style
            blocks.append({"k": "p", **paragraph, **({"s": kind} if kind else {})})
    return blocks


def _part_evidence(nodes: Iterable[Element | str]) -> Iterator[tuple[list[Element | str], bool]]:
    """Give the nodes in parts: what we say, and what stands in an export (class `words`, but no quote in a line)."""
    part: list[Element | str] = []
    for node in nodes:
        if isinstance(node, Element) and "words" in node.classes and node.tag != "q":
            yield part, False
            yield [*node.children], True
            part = []
        else:
            part.append(node)
    yield part, False


def _print_heading(node: Element, _printed: Printed) -> list[Json]:
    runs = read_runs(node.children)
    return [{"k": "h", "v": _HEADINGS[node.tag], **print_paragraph(runs)}] if runs else []


def _print_quote(node: Element, printed: Printed) -> list[Json]:
    if "words" not in node.classes:
        return [{"k": "box", "s": "quote", "b": _print_all(node.children, printed)}]
    runs = read_runs(node.children, kept_spaces=True)
    words = {"k": "p", "s": "words", **print_paragraph(runs, own_direction=True, is_evidence=True)}
    return [{"k": "box", "s": "quote", "b": [words]}]


def _print_list(node: Element, printed: Printed) -> list[Json]:
    items = [item for item in node.elements() if item.tag == "li"]
    if any(not _EXHIBITS.isdisjoint(item.classes) for item in items):
        return [block for item in items for block in _print_element(item, printed)]
    inner = [_print_item(item, printed) for item in items]
    return [{"k": "list", "o": node.tag == "ol", "b": inner}] if inner else []


def _print_item(item: Element, printed: Printed) -> list[Json]:
    """Return a point of a list; one that is only words may run from right to left."""
    if any(child.tag in _BLOCKS for child in item.elements()):
        return _print_all(item.children, printed)
    return _print_line(item.children, own_direction="dir" in item.attributes)


def _print_terms(node: Element, printed: Printed) -> list[Json]:
    """Return words with their meanings, or numbers with what they count, as pairs."""
    rows: list[Json] = []
    for part in node.find("dt", "dd"):
        if part.tag == "dt":
            rows.append({"t": print_paragraph(read_runs([part])), "b": []})
        elif rows and "big" in part.classes:
            rows[-1]["n"] = part.text().strip()
        elif rows:
            meaning = rows[-1]["b"]
            rows[-1]["b"] = [*(meaning if isinstance(meaning, list) else []), *_print_all(part.children, printed)]
    return [{"k": "counts" if "counts" in node.classes else "terms", "b": rows}] if rows else []


def _print_figure(node: Element, printed: Printed) -> list[Json]:
    """Return a picture with its heading as caption, and what stands below it."""
    image = next(node.find("img"), None)
    if image is None:
        return _print_group(node, printed)
    heading = next(node.find("h3", "h4", "h5"), None)
    for table in node.find("table"):
        table.attributes.setdefault("data-print-rows", str(FIGURE_ROWS))
    rest = [child for child in node.children if child is not image and child is not heading]
    blocks = _print_all(rest, printed)
    caption = print_paragraph(read_runs(heading.children)) if heading else None
    figure = _print_image(image, printed, caption=caption)
    return [*(_name_place(figure, heading) if heading else figure), *blocks]


def _print_image(image: Element, printed: Printed, *, caption: Json | None = None) -> list[Json]:
    """Return a picture that the page holds; one that it only points to is left out."""
    found = _IMAGE.fullmatch(image.attributes.get("src", ""))
    if found is None:
        return []
    name = f"image-{len(printed.files) + 1}.svg"
    is_drawn = found.group(1) == "svg+xml"
    drawn = spare_layers(base64.b64decode(found.group(2))) if is_drawn else _frame(found.group(1), found.group(2))
    printed.files[name] = drawn
    width = fit_width(printed.files[name])
    block: Json = {"k": "figure", "src": name, "alt": image.attributes.get("alt", ""), "w": width}
    return [block | {"c": caption} if caption else block]


def fit_width(drawing: bytes) -> int:
    """Return how many parts of a hundred of the paper's width a drawing takes, so that it is no higher than a page."""
    found = _SIZE.search(drawing.decode("utf-8", errors="replace"))
    width, height = (float(number) for number in found.groups()) if found else (1.0, 1.0)
    return min(100, round(100 * _HIGHEST * width / max(height, 1)))


def _frame(kind: str, encoded: str) -> bytes:
    """Return a photograph inside a drawing of its size: the printer takes no files but texts."""
    from PIL import Image

    with Image.open(io.BytesIO(base64.b64decode(encoded))) as picture:
        width, height = picture.size
    size = f'width="{width}" height="{height}"'
    source = f"data:image/{kind};base64,{encoded}"
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><image {size} href="{source}"/></svg>'.encode()


def _print_table(node: Element, printed: Printed) -> list[Json]:
    return print_table(node, read_cell=lambda cell: _print_cell(cell, printed), language=printed.language)


def _print_cell(cell: Element, printed: Printed) -> list[Json]:
    """Return what stands in a cell, bold in a heading of a row."""
    own = "dir" in cell.attributes
    nodes = cell.children
    if cell.tag == "th" or "time" in cell.classes:
        style = {"class": "time"} if "time" in cell.classes else {}
        nodes = [Element("strong" if cell.tag == "th" else "span", style, cell.children)]
    has_blocks = any(child.tag in _BLOCKS for child in cell.elements())
    blocks = _print_all(cell.children, printed) if has_blocks else _print_line(nodes, own_direction=own)
    return _name_place(blocks, cell)


_PRINTERS: dict[str, Callable[[Element, Printed], list[Json]]] = {
    **dict.fromkeys(_HEADINGS, _print_heading),
    "p": _print_paragraph,
    "summary": lambda node, _printed: _print_line([node], style="summary"),
    "blockquote": _print_quote,
    "ol": _print_list,
    "ul": _print_list,
    "dl": _print_terms,
    "figure": _print_figure,
    "img": _print_image,
    "table": _print_table,
    "hr": lambda _node, _printed: [],
}
