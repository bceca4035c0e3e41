"""What holds of every sheet of a package: words stay words, nothing runs, nothing points outside, marks are found."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from package.dossiers import ADEYEMI, FIRST, a_dossier, a_log, a_run, some_tables, tables_saying
from report.hostile import PAYLOADS
from report.invented import Page, read_page

from chatforensics.package.dossier import Dossier
from chatforensics.package.exhibit import render_exhibit
from chatforensics.package.forms import render_forms
from chatforensics.package.method import render_method
from chatforensics.package.sheets import part_redactions

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ALL_PAYLOADS = "\n".join(PAYLOADS)
CALM = ("calm words " * len(ALL_PAYLOADS))[: len(ALL_PAYLOADS)]


@given(st.text(max_size=200))
def test_parts_of_a_text_put_together_are_the_text(text: str) -> None:
    assert "".join(part for part, _ in part_redactions(text)) == text


@pytest.mark.parametrize(
    "mark", ["P-7QK2ABCDEF", "[phone P-7QK2ABCDEF]", "[postcode]", "[withheld 3: about a child]", "[redacted 2: name]"]
)
def test_each_mark_of_redaction_is_found_whole(mark: str) -> None:
    assert part_redactions(f"a {mark} b") == [("a ", False), (mark, True), (" b", False)]


# ---- nothing gets out, nothing gets in


def _poison(payload: str) -> Dossier:
    """Put the payload into each text of the dossier, except those that tables are joined by."""
    kept = {"decision", "label", "stance", "status", "level", "date_order_verdict", "kind", "indicator"}
    tables = {name: _poison_table(table, payload, kept) for name, table in some_tables().items()}
    log = json.loads(a_log()[0]) | {"actor": payload, "action": payload, "details": {payload: payload}}
    run = a_run() | {
        "version": payload,
        "assumptions": [payload],
        "warnings": [payload],
        "parameters": {payload: payload},
    }
    return a_dossier(
        title=payload,
        tables=tables,
        run=run | {"failures": [{"path": payload, "reason": payload}], "package": {"chosen_by": payload}},
        answers=tuple(
            {**dict.fromkeys(("exported_by", "source_kind", "basis"), payload), "source_id": FIRST} for _ in "a"
        ),
        log=(json.dumps(log),),
        replies=(
            {"person_id": ADEYEMI, "label": payload, "status": payload, "text": payload, "on": payload, "how": payload},
        ),
        redactions=({"kind": payload, "reason": payload, "reviewer": payload},),
        reply_for=payload,
    )


def _poison_table(table: pl.DataFrame, payload: str, kept: set[str]) -> pl.DataFrame:
    columns = [name for name in table.columns if not name.endswith(("_id", "_ids", "_a", "_b", "sha256", "lacking"))]
    texts = [name for name in columns if table.schema[name] == pl.String and name not in kept]
    return table.with_columns(pl.lit(payload).alias(name) for name in texts)


def _pages(dossier: Dossier) -> list[Page]:
    sheets = (render_exhibit(dossier), render_method(dossier), *render_forms(dossier).values())
    return [read_page(html) for html in sheets]


def test_hostile_words_stay_words_on_every_sheet() -> None:
    for page, calm in zip(_pages(_poison(ALL_PAYLOADS)), _pages(_poison(CALM)), strict=True):
        assert [tag for tag, _ in page.tags] == [tag for tag, _ in calm.tags]
        assert {name for _, attrs in page.tags for name in attrs} == {name for _, attrs in calm.tags for name in attrs}
        assert page.comments == []


def test_no_sheet_holds_a_script_or_points_outside_itself() -> None:
    for page in _pages(_poison(ALL_PAYLOADS)):
        assert {"script", "img", "iframe", "object", "link", "form", "base"}.isdisjoint(tag for tag, _ in page.tags)
        assert all(value.startswith("#") for value in page.values("href"))
        assert page.values("src") == page.values("style") == []
        assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]


def test_each_link_leads_to_one_place_on_its_sheet() -> None:
    for page in _pages(a_dossier()):
        ids = page.values("id")
        assert len(ids) == len(set(ids))
        assert {value.removeprefix("#") for value in page.values("href")} <= set(ids)


def test_the_policy_of_a_sheet_allows_its_own_style_and_nothing_else() -> None:
    html = render_exhibit(a_dossier())
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policies = [attrs["content"] for _, attrs in read_page(html).tags if attrs.get("http-equiv")]
    assert policies == [f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"]
    assert "url(" not in style


def test_a_name_that_turns_the_direction_is_held_in_its_own_element() -> None:
    tables = some_tables()
    turned = tables["messages"].with_columns(sender_label=pl.lit("\u202emoc.live"))
    html = render_exhibit(a_dossier(tables={**tables, "messages": turned}))
    assert '<bdi dir="auto">[RLO]moc.live</bdi>' in html
    assert "\u202e" not in html


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(st.text(max_size=300))
def test_any_words_stay_words(text: str) -> None:
    page = read_page(render_exhibit(replace(a_dossier(), tables=tables_saying(text), title=text)))
    calm = read_page(render_exhibit(replace(a_dossier(), tables=tables_saying("x"), title="x")))
    assert {tag for tag, _ in page.tags} <= {tag for tag, _ in calm.tags} | {"span", "em"}
    assert page.comments == []


@pytest.mark.slow
def test_a_browser_asks_for_nothing_and_says_nothing_while_hostile_sheets_are_open(
    browser: "Browser", tmp_path: Path
) -> None:
    heard: list[str] = []
    asked: list[str] = []
    dossier = _poison(ALL_PAYLOADS)
    page = browser.new_page()
    page.on("dialog", lambda dialog: heard.append(dialog.message))
    page.on("console", lambda message: heard.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    for number, html in enumerate((render_exhibit(dossier), render_method(dossier), *render_forms(dossier).values())):
        (tmp_path / f"{number}.html").write_text(html, encoding="utf-8")
        page.goto((tmp_path / f"{number}.html").as_uri())
    page.close()
    assert heard == []
    assert asked == [(tmp_path / f"{number}.html").as_uri() for number in range(4)]
