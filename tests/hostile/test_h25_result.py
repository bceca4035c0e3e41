"""The whole result of exports made to harm: the page, the paper, the pictures, the graphs and the tables."""

import csv
import io
import re
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

import commandline
import defusedxml.ElementTree  # type: ignore[import-untyped]
import pytest
from pypdfium2 import PdfDocument
from report.hostile import PAYLOADS
from tablefiles.hostile import read_sheets

USED = (
    *PAYLOADS[:4],
    *PAYLOADS[24:26],
    *PAYLOADS[34:],
    "[link=http://evil.test]a[/link]\x9b31m",
    "file:///etc/hostname",
)
LEADS = {"href", "src", "srcset", "action", "formaction", "poster", "data", "xlink:href", "background", "ping"}
STARTS_A_FORMULA = {*"=+-@|%＝＋－＠｜％"}


def analyse(folder: Path) -> Path:
    """Analyse two chats in which people so named send such words; each text goes from one to the other."""
    for chat in range(2):
        path = folder / f"phone-{chat}\u202e" / f"WhatsApp Chat with $\\frac{{ <img src=x onerror=alert({chat})>.txt"
        path.parent.mkdir()
        lines = [
            f"03/03/2031, 09:{2 * n + chat:02} - {USED[(n + chat) % len(USED)].replace(': ', ':')}: "
            f"Final reminder: vote for {payload} in the ward selection on Thursday, "
            f"then vote against Oyelaran Brzeska, pass this on. No. {n}.\n"
            for n, payload in enumerate(USED)
        ]
        path.write_text("".join(lines), encoding="utf-8")
    out = folder / "out"
    done = commandline.run("analyse", folder, "--out", out)
    assert done.returncode == 0, done.stderr.decode()
    printed = (done.stdout + done.stderr).decode()
    assert {char for char in printed if unicodedata.category(char) == "Cc" or char == "\u202e"} <= {"\n"}
    return out


def check_page(result: Path) -> None:
    page = (result / "report.html").read_text(encoding="utf-8")
    for payload in PAYLOADS[:4]:
        assert payload not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "default-src 'none'" in page
    reader = _Reader()
    reader.feed(page)
    assert reader.n_read > 100
    assert [place for place in reader.leads if not place.startswith(("#", "data:image/"))] == []
    assert reader.handlers == []


class _Reader(HTMLParser):
    """What in a page would be fetched, followed or run."""

    def __init__(self) -> None:
        super().__init__()
        self.leads: list[str] = []
        self.handlers: list[str] = []
        self.n_read = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.n_read += 1
        self.leads += [value or "" for name, value in attrs if name in LEADS]
        self.handlers += [f"{tag} {name}" for name, _ in attrs if name.startswith("on")]


def check_drawings(result: Path) -> None:
    drawings = sorted((result / "figures").glob("*.svg"))
    assert drawings
    for path in drawings:
        tree = defusedxml.ElementTree.fromstring(path.read_bytes())
        names = {element.tag.rpartition("}")[2] for element in tree.iter()}
        assert not names & {"script", "foreignObject", "image", "a", "animate", "set", "iframe"}, path.name
        values = [value for element in tree.iter() for value in element.attrib.values()]
        assert not [value for value in values if re.match(r"\s*(https?|file|javascript|//)", value)], path.name


def check_paper(result: Path) -> None:
    raw = (result / "report.pdf").read_bytes()
    for command in (
        b"/URI",
        b"/Launch",
        b"/JavaScript",
        b"/JS ",
        b"/GoToR",
        b"/SubmitForm",
        b"/OpenAction",
        b"/RichMedia",
    ):
        assert command not in raw
    document = PdfDocument(raw)
    assert [document.get_attachment(n).get_name() for n in range(document.count_attachments())] == ["messages.jsonl"]
    words = " ".join(page.get_textpage().get_text_range() for page in document)
    assert "root:x:0:0" not in words
    hostname = Path("/etc/hostname")
    if hostname.exists() and len(own := hostname.read_text(encoding="utf-8").strip()) > 5:
        assert own not in words
    assert '#read("/etc/passwd")' in words.replace("\r\n", " ").replace("\n", " ")


def check_graphs(result: Path) -> None:
    graphs = [*(result / "graph").glob("*.gexf"), *(result / "graph").glob("*.graphml")]
    assert graphs
    for path in graphs:
        defusedxml.ElementTree.fromstring(path.read_bytes(), forbid_dtd=True)


def check_tables(result: Path, tmp_path: Path) -> None:
    assert commandline.run("tables", result, "--format", "csv", "--out", tmp_path / "csv").returncode == 0
    for path in (tmp_path / "csv").glob("*.csv"):
        for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")):
            assert not [cell for cell in row if cell.lstrip()[:1] in STARTS_A_FORMULA and not _is_number(cell)], (
                path.name
            )
    assert commandline.run("tables", result, "--out", tmp_path / "all.xlsx").returncode == 0
    assert len(read_sheets(tmp_path / "all.xlsx")) > 20  # it refuses a formula and a link


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


@pytest.mark.slow
def test_h23_h24_h25_h26_h27_h34_payloads_stay_text_in_the_whole_result(tmp_path: Path) -> None:
    """One test, since the analysis takes long and each worker would do it again."""
    result = analyse(tmp_path)
    check_page(result)
    check_drawings(result)
    check_paper(result)
    check_graphs(result)
    check_tables(result, tmp_path)
