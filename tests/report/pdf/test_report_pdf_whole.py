"""The printed report beside the page that it is printed from."""

import json
from collections.abc import Iterator

from pypdfium2 import PdfDocument
from report.invented import a_drawing, render, tiny_case

from chatforensics.report.pdf import lay_out, render_pdf
from chatforensics.report.pdf.page import read_page

PICTURE = b'<svg xmlns="http://www.w3.org/2000/svg" width="90pt" height="30pt"><rect width="9" height="9"/></svg>'


def texts_of(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for key in ("t", "n", "r", "c", "h", "b") if key in value for text in texts_of(value[key]))
    elif isinstance(value, list):
        yield from (text for part in value for text in texts_of(part))


def test_every_word_of_the_page_is_printed() -> None:
    page = render(tiny_case(), drawings=[a_drawing(svg=PICTURE)])
    told = json.loads(lay_out(page, tables=tiny_case())["report.json"])["blocks"]
    printed = "".join("".join(texts_of(told)).translate(dict.fromkeys(map(ord, "\u2066\u2068\u2069\u200b"))).split())
    body = read_page(page)
    contents = next(element for element in body.find("nav") if "contents" in element.classes)
    known = {word for part in body.find("p", "td", "th", "h2", "h3", "h4", "li", "dd") for word in part.text().split()}
    in_contents = {word for part in contents.find("ol", "h2") for word in part.text().split()}
    assert len(known) > 500
    assert not {word for word in known - in_contents if word not in printed}
    titles = [entry.get_title() for entry in PdfDocument(render_pdf(page, tables=tiny_case())).get_toc()]
    assert any("What speaks the other way" in title for title in titles)
