"""The charts as others get them: `draw_figures` on whole cases."""

import hashlib
import os
import pickle
import re
import struct
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import matplotlib as mpl
import polars as pl
import pytest
from builders import Case
from matplotlib.figure import Figure

from chatforensics.figures import Drawing, draw_figures, sketch_figures
from chatforensics.schema import TABLES, empty

REPOSITORY = Path(__file__).parents[2]
PAGE = re.compile(rb"/MediaBox \[ 0 0 510\.2[0-9]* ")
RERUN = """
import hashlib, sys
sys.path[:0] = [{root!r}, {root!r} + "/tests"]
from builders import a_case
from drawn import draw_diffusion, draw_matrix, draw_timeline
case = a_case(5)
for drawing in (draw_diffusion(case), draw_timeline(case), draw_matrix(case)):
    print(drawing.name, hashlib.sha256(drawing.svg + drawing.png + drawing.pdf).hexdigest())
"""


def test_a_case_gives_all_kinds_of_chart(small_drawings: list[Drawing]) -> None:
    names = [drawing.name for drawing in small_drawings]
    assert len(names) == len(set(names))
    kinds = Counter(name.split("-fam-")[0] for name in names)
    assert kinds == {
        "diffusion": 1,
        "spread": 4,
        "forest": 3,
        "timepaths": 2,
        "reach": 1,
        "timeline": 1,
        "sender-by-hour": 1,
        "coordination": 1,
        "matrix": 1,
    }


def test_what_draws_a_picture_is_small_and_can_be_sent_to_another_process(small_case: Case) -> None:
    for sketch in sketch_figures(small_case):
        sent = pickle.dumps(sketch.picture)
        assert len(sent) < 200_000
        assert b"message_ids" not in sent
        assert callable(pickle.loads(sent))  # noqa: S301 - our own


def test_pictures_are_180_mm_wide_at_300_dpi(small_drawings: list[Drawing]) -> None:
    for drawing in small_drawings:
        width, height = struct.unpack(">II", drawing.png[16:24])
        assert width == int(180 / 25.4 * 300)
        assert height < 240 / 25.4 * 300
        assert struct.unpack(">I", drawing.png[drawing.png.index(b"pHYs") + 4 :][:4])[0] == pytest.approx(11811, abs=1)
        assert float(ET.fromstring(drawing.svg).attrib["width"].removesuffix("pt")) == pytest.approx(180 / 25.4 * 72)  # noqa: S314 - our own


def test_svgs_hold_neither_text_nor_comments_nor_links(small_drawings: list[Drawing]) -> None:
    for drawing in small_drawings:
        assert b"<!--" not in drawing.svg
        assert b"<text" not in drawing.svg
        assert b"<script" not in drawing.svg
        assert b'href="http' not in drawing.svg
        assert b"<dc:date" not in drawing.svg


def test_pdfs_have_the_width_of_the_page_and_name_neither_program_nor_time(small_drawings: list[Drawing]) -> None:
    for drawing in small_drawings:
        assert drawing.pdf.startswith(b"%PDF-")
        assert PAGE.search(drawing.pdf)
        assert not re.search(rb"/CreationDate|/Producer|/Creator", drawing.pdf)


def test_pdfs_embed_latin_letters_as_outlines_of_their_font_and_no_others(small_drawings: list[Drawing]) -> None:
    for drawing in small_drawings:
        fonts = set(re.findall(rb"/FontName /[A-Z]{6}\+(\S+)", drawing.pdf))
        assert b"NotoSans-Regular" in fonts
        assert fonts <= {b"NotoSans-Regular", b"NotoSans-Bold"}
        assert b"/Type3" not in drawing.pdf


def test_pngs_name_no_program(small_drawings: list[Drawing]) -> None:
    assert not any(b"tEXt" in drawing.png for drawing in small_drawings)


def test_every_row_of_every_table_leads_to_messages_of_the_case(
    small_case: Case, small_drawings: list[Drawing]
) -> None:
    known = set(small_case["messages"]["message_id"])
    for drawing in small_drawings:
        assert drawing.table.columns[-1] == "message_ids"
        assert drawing.table.schema["message_ids"] == pl.List(pl.Int64)
        for ids in drawing.table["message_ids"].to_list():
            assert ids
            assert set(ids) <= known


def test_words_describe_and_never_judge(small_drawings: list[Drawing]) -> None:
    for drawing in small_drawings:
        words = f"{drawing.title} {drawing.alt} {' '.join(drawing.table.columns)}".lower()
        assert any(sign.isdigit() for sign in drawing.alt)
        assert not {"originator", "guilty", "suspect", "culprit", "ringleader", "proves", "fake"} & set(words.split())
    assert "Earliest sender in the evidence: Eirini Umarov" in small_drawings[0].alt


def test_a_chart_with_nothing_to_show_is_left_out() -> None:
    assert draw_figures({}) == []
    assert draw_figures({table: empty(table) for table in TABLES}) == []


@pytest.mark.usefixtures("without_bytes")
def test_charts_that_lack_their_tables_do_not_stop_the_others(small_case: Case) -> None:
    only_messages = {name: small_case[name] for name in ("messages", "labels")}
    assert [drawing.name for drawing in draw_figures(only_messages)] == ["timeline", "sender-by-hour"]
    only_shares = {"shares": small_case["shares"]}
    kinds = [drawing.name.split("-")[0] for drawing in draw_figures(only_shares)]
    assert kinds == ["diffusion", *4 * ["spread"], *2 * ["timepaths"], "reach"]


def test_the_order_of_rows_changes_nothing(
    small_case: Case, small_drawings: list[Drawing], monkeypatch: pytest.MonkeyPatch
) -> None:
    save = Figure.savefig

    def save_lines(figure: Figure, file: Any, **options: Any) -> None:
        if options["format"] == "svg":  # the pixels take longest, and follow from the lines
            save(figure, file, **options)

    monkeypatch.setattr(Figure, "savefig", save_lines)
    shuffled = {name: table.sample(fraction=1.0, shuffle=True, seed=7) for name, table in small_case.items()}
    for again, before in zip(draw_figures(shuffled), small_drawings, strict=True):
        assert again.table.equals(before.table)
        assert (again.name, again.title, again.alt) == (before.name, before.title, before.alt)
        assert again.svg == before.svg


def test_the_readers_own_settings_change_nothing_and_are_given_back(
    small_case: Case, small_drawings: list[Drawing]
) -> None:
    with mpl.rc_context({"font.size": 31.0, "text.usetex": True, "savefig.bbox": "tight", "lines.linewidth": 9.0}):
        again = draw_figures({name: small_case[name] for name in ("pairs", "people")})
        assert mpl.rcParams["font.size"] == 31
        assert mpl.rcParams["text.usetex"]
    assert [drawing.svg for drawing in again if drawing.name == "coordination"] == [
        drawing.svg for drawing in small_drawings if drawing.name == "coordination"
    ]


def test_another_process_with_another_hash_seed_and_zone_gives_the_same_bytes(small_drawings: list[Drawing]) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "4", "LC_ALL": "C", "TZ": "Asia/Kathmandu"}
    rerun = [sys.executable, "-W", "error", "-c", RERUN.format(root=str(REPOSITORY))]
    printed = subprocess.run(rerun, capture_output=True, check=True, text=True, env=environment).stdout
    here = {f"{d.name} {hashlib.sha256(d.svg + d.png + d.pdf).hexdigest()}" for d in small_drawings}
    assert len(printed.splitlines()) == 3
    assert here.issuperset(printed.splitlines())


def test_importing_the_charts_does_not_import_matplotlib() -> None:
    asked = "import sys, chatforensics.figures; print('matplotlib' in sys.modules)"
    printed = subprocess.run([sys.executable, "-c", asked], capture_output=True, check=True, text=True, cwd=REPOSITORY)
    assert printed.stdout == "False\n"
