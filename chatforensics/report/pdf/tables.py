"""Tables for the printer: how wide each column is, and what is done with one that is too wide or too long for paper."""

from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile

from chatforensics.report.language import Language, say
from chatforensics.report.pdf.page import Element
from chatforensics.report.pdf.runs import Json, print_paragraph, read_runs

ROW_LIMIT = 100
LINE_LETTERS = 112  # so many letters of a table stand across the paper
SMALL_LETTERS = 132  # and so many small ones
_SHORT = 40  # a card whose cells are no longer has two of them beside each other
_SMALL_CARD = 900  # letters of a card that is not parted at the end of a page
_FEW, _LINES = 2, 18  # a table of more columns has no cell of more lines
_PADDING = 2  # letters that the space between two columns takes
_LONGEST_NEED = 28  # no word needs more: longer ones may be broken
_LARGEST_WISH = 240

ReadCell = Callable[[Element], list[Json]]
Rows = Sequence[Sequence[Element]]
Columns = Mapping[int, Mapping[int, Element]]  # by column and row; a cell over several columns stands in the first


def print_table(node: Element, *, read_cell: ReadCell, language: Language) -> list[Json]:
    """Return a table; one with more columns than paper is wide becomes a list of cards, one per row.

    At most 100 rows are printed (`data-print-rows` on the table sets another limit); a cut is said above it.
    """
    limit = int(node.attributes.get("data-print-rows", ROW_LIMIT))
    rows = [[*row.elements()] for row in node.find("tr") if any(True for _ in row.elements())]
    heads = [*takewhile(_is_heading, rows)]
    bodies = rows[len(heads) : len(heads) + limit]
    if not bodies:
        return []
    columns = _place_cells([*heads, *bodies])
    block = _print_wide(heads, bodies, columns, read_cell) or _print_cards(heads, bodies, columns, read_cell)
    caption = next(node.find("caption"), None)
    said = {"c": print_paragraph(read_runs(caption.children))} if caption else {}
    n_all = len(rows) - len(heads)
    return [*([_say_cut(limit, n_all, language)] if n_all > limit else []), block | said]


def _is_heading(row: Sequence[Element]) -> bool:
    return all(cell.tag == "th" and cell.attributes.get("scope") != "row" for cell in row)


def _say_cut(limit: int, total: int, language: Language) -> Json:
    words = say(
        "Printed here: the first {shown} of {total} rows; the page report.html has the others.",
        shown=f"{limit:,}",
        total=f"{total:,}",
    )
    return {"k": "p", "s": "cap", "r": [language.tell(words)]}


def _place_cells(rows: Rows) -> dict[int, dict[int, Element]]:
    """Return the cells by column and row, with those that reach over several rows or columns in their first."""
    columns: dict[int, dict[int, Element]] = {}
    taken: set[tuple[int, int]] = set()
    for y, row in enumerate(rows):
        x = 0
        for cell in row:
            while (x, y) in taken:
                x += 1
            wide, high = _span(cell, "colspan"), _span(cell, "rowspan")
            taken |= {(x + right, y + down) for right in range(wide) for down in range(high)}
            columns.setdefault(x, {})[y] = cell
            x += wide
    return {x: columns.get(x, {}) for x in range(1 + max((x for x, _ in taken), default=-1))}


def _span(cell: Element, name: str) -> int:
    return max(1, int(cell.attributes.get(name, "1")))


def _print_wide(heads: Rows, bodies: Rows, columns: Columns, read_cell: ReadCell) -> Json | None:
    """Return a table in columns, in small letters where it must be; nothing where it does not fit."""
    texts = [[cell.text() for cell in column.values() if _span(cell, "colspan") == 1] for column in columns.values()]
    normal = share_widths(texts, letters=LINE_LETTERS)
    widths = normal or share_widths(texts, letters=SMALL_LETTERS)
    if not widths or _is_tall(texts, widths):
        return None
    numbers = [any("num" in cell.classes for cell in column.values()) for column in columns.values()]
    head, body = ([[_print_cell(cell, read_cell) for cell in row] for row in part] for part in (heads, bodies))
    return {"k": "table", "w": widths, "a": numbers, "z": not normal, "h": head, "b": body}


def _print_cell(cell: Element, read_cell: ReadCell) -> Json:
    """Return a cell with how far it reaches to the right (`x`) and down (`y`)."""
    reach = {short: _span(cell, name) for short, name in (("x", "colspan"), ("y", "rowspan")) if _span(cell, name) > 1}
    return {"b": read_cell(cell), **reach}


def _print_cards(heads: Rows, bodies: Rows, columns: Columns, read_cell: ReadCell) -> Json:
    """Return each row as pairs of a heading and what stands under it."""
    lowest = {x: [cell for y, cell in sorted(column.items()) if y < len(heads)][-1:] for x, column in columns.items()}
    named = {x: read_cell(found[0]) if found else [] for x, found in lowest.items()}
    cards = [
        [(named[x], column[y]) for x, column in columns.items() if y in column]
        for y in range(len(heads), len(heads) + len(bodies))
    ]
    sizes = [[len(cell.text()) for _, cell in card] for card in cards]
    return {
        "k": "cards",
        "n": 1 if any(size > _SHORT for card in sizes for size in card) else 2,
        "s": [sum(card) < _SMALL_CARD for card in sizes],
        "b": [[[heading, read_cell(cell)] for heading, cell in card] for card in cards],
    }


def share_widths(texts: Sequence[Sequence[str]], *, letters: int) -> list[int]:
    """Return the relative width of each column from its cells, in letters; nothing where they do not fit side by side.

    Each column gets what its longest word needs; what is left goes to those whose cells wish for more.
    """
    needs = [_need(cells) for cells in texts]
    wishes = [max(need, _wish(cells)) for need, cells in zip(needs, texts, strict=True)]
    left = letters - sum(needs) - _PADDING * len(texts)
    if left < 0:
        return []
    more = [wish - need for wish, need in zip(wishes, needs, strict=True)]
    share = left / max(sum(more), 1)
    return [round(need + _PADDING + share * extra) for need, extra in zip(needs, more, strict=True)]


def _need(cells: Sequence[str]) -> int:
    """Return the letters of the longest word, at least three."""
    return max(3, min(_LONGEST_NEED, max((len(word) for cell in cells for word in cell.split()), default=0)))


def _wish(cells: Sequence[str]) -> int:
    """Return the letters that nine cells of ten need to stand on one line, and the longest cell on three."""
    lengths = sorted(len(cell) for cell in cells)
    return min(_LARGEST_WISH, max(lengths[len(lengths) * 9 // 10], lengths[-1] // 3)) if lengths else 0


def _is_tall(texts: Sequence[Sequence[str]], widths: Sequence[int]) -> bool:
    """Tell whether a cell would be a long strip beside cells of few words."""
    if len(widths) <= _FEW:
        return False
    return any(len(cell) > _LINES * width for cells, width in zip(texts, widths, strict=True) for cell in cells)
