"""The report's page as a tree of elements, without what only a screen can use."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_EMPTY = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
_SCREEN_TAGS = frozenset(
    {"button", "canvas", "datalist", "dialog", "footer", "form", "head", "iframe", "input", "noscript", "output"}
    | {"progress", "script", "select", "style", "svg", "template", "textarea"}
)
_SCREEN_CLASSES = frozenset({"skip", "screen-only", "unseen"})  # the last is said aloud of what paper shows by lines
_SCREEN_PLACES = frozenset({"explorer"})  # the linked views


@dataclass(slots=True)
class Element:
    """One element of the page: its tag, attributes, and the texts and elements in it."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element | str"] = field(default_factory=list)

    @property
    def classes(self) -> frozenset[str]:
        """The classes of the element."""
        return frozenset(self.attributes.get("class", "").split())

    def elements(self) -> Iterator["Element"]:
        """Give the elements directly inside."""
        return (child for child in self.children if isinstance(child, Element))

    def find(self, *tags: str) -> Iterator["Element"]:
        """Give every element with one of the tags, in the order of the page, however deep."""
        for child in self.elements():
            if child.tag in tags:
                yield child
            yield from child.find(*tags)

    def text(self) -> str:
        """Return all words inside."""
        return "".join(child if isinstance(child, str) else child.text() for child in self.children)


def read_page(page: str) -> Element:
    """Return the body of a page of ours as a tree, for a printer, with the language and direction of the page.

    Scripts, forms and all that is marked `hidden`, `data-print="no"` or of class `screen-only` is left out; what
    stands folded (`details`) is kept. It reads what our templates write, not any page.
    """
    reader = _Reader()
    reader.feed(page)
    reader.close()
    body = next(reader.root.find("body"), reader.root)
    whole = next(reader.root.find("html"), body)
    body.attributes |= {name: whole.attributes[name] for name in ("lang", "dir") if name in whole.attributes}
    return body


class _Reader(HTMLParser):
    """Builds the tree; a subtree for the screen is read past."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("page")
        self._open = [self.root]
        self._screen = 0  # how many elements are open inside the first one that only a screen can use

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        if self._screen or _is_for_screen(element):
            self._screen += tag not in _EMPTY
            return
        self._open[-1].children.append(element)
        if tag not in _EMPTY:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag in _EMPTY:
            return
        if self._screen:
            self._screen -= 1
        elif len(self._open) > 1:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if not self._screen:
            self._open[-1].children.append(data)


def _is_for_screen(element: Element) -> bool:
    """Tell whether an element is of no use on paper."""
    attributes = element.attributes
    is_marked = "hidden" in attributes or attributes.get("data-print") == "no" or attributes.get("id") in _SCREEN_PLACES
    return element.tag in _SCREEN_TAGS or is_marked or not _SCREEN_CLASSES.isdisjoint(element.classes)
