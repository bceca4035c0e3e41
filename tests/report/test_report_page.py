import base64
import hashlib
import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from jinja2 import UndefinedError
from report.invented import (
    RUN,
    SLATE,
    SUMMARY,
    Page,
    Tables,
    a_drawing,
    a_source,
    a_table,
    read_page,
    render,
    tiny_case,
)

import chatforensics.report
from chatforensics.report import excerpts, found, render_report
from chatforensics.report.view import flatten
from chatforensics.report.words import LABEL_MEANINGS, STATUS_MEANINGS

FOLDER = Path(chatforensics.report.__file__).parent
VERDICTS = re.compile(
    r"\b(prov(?:e|es|en|ed)|guilt(?:y)?|rigged|rigging|conspir\w+|ringleaders?|culprits?|fraud\w*|originators?|suspects?"
    r"|all-clear|authentic|fake[ds]?|forged|mastermind|ranking|all clear|compliant)\b",
    re.IGNORECASE,
)
PAYLOADS = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><animate onbegin=alert(1)>",
    "<iframe src=//evil.test></iframe>",
    "<object data=//evil.test>",
    "<embed src=//evil.test>",
    "<link rel=stylesheet href=//evil.test>",
    "<meta http-equiv=refresh content='0;url=//evil.test'>",
    "<base href=//evil.test>",
    "<form action=//evil.test><button>go</button></form>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='mailto:a@evil.test'>x</a>",
    "<a href='tel:+447700900123'>x</a>",
    "<details open ontoggle=alert(1)>",
    "<marquee onstart=alert(1)>",
    "<body onload=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<math><mtext><style><img src=x onerror=alert(1)>",
    "<style>@import '//evil.test';</style>",
    "<!--><script>alert(1)</script>-->",
    "--><script>alert(1)</script><!--",
    "<![CDATA[<script>alert(1)</script>]]>",
    '" onmouseover="alert(1)',
    "' onmouseover='alert(1)",
    '"><script>alert(1)</script>',
    "'><script>alert(1)</script>",
    "` onmouseover=alert(1) `",
    "{{ 7 * 7 }}{% raw %}",
    "{{ ''.__class__ }}",
    "${7*7}#{7*7}",
    "&lt;script&gt;&#60;script&#62;",
    "\x00<scr\x00ipt>alert(1)</scr\x00ipt>",
    "\u202e<script>alert(1)\u2066",
    "\ud800<script>\udfff".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
    "https://evil.test/?x=<script>",
    '=HYPERLINK("//evil.test","x")\x1b]8;;//evil.test\x07',
)
MARKUP_WRITERS = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", ".html(", "srcdoc")


def _poison(payload: str) -> Tables:
    """Put the payload into each text of each table, except those that tables are joined by."""
    tables = tiny_case()
    kept = {"decision", "label", "stance", "status", "level", "date_order_verdict", "kind"}
    cue = pl.element().struct.with_fields(cue=pl.lit(payload))
    tables["labels"] = tables["labels"].with_columns(pl.col("spans").list.eval(cue))
    return {name: _poison_table(table, payload, kept) for name, table in tables.items()}


def _poison_table(table: pl.DataFrame, payload: str, kept: set[str]) -> pl.DataFrame:
    columns = [name for name in table.columns if not name.endswith(("_id", "_ids", "person_a", "person_b"))]
    texts = [name for name in columns if table.schema[name] == pl.String and name not in kept]
    lists = [name for name in columns if table.schema[name] == pl.List(pl.String)]
    return table.with_columns(
        *(pl.lit(payload).alias(name) for name in texts), *(pl.lit([payload]).alias(name) for name in lists)
    )


def _poison_run(payload: str) -> dict[str, object]:
    return {
        "version": payload,
        "parameters": {payload: [payload]},
        "inputs": [],
        "failures": [{"path": payload, "reason": payload}],
        "assumptions": [payload],
        "warnings": [payload],
        "model": {payload: payload},
    }


def _poisoned_page(payload: str) -> str:
    table = pl.DataFrame({payload: [payload], "message_ids": [[101]]})
    drawing = a_drawing(name=payload, title=payload, alt=payload, table=table)
    return render(
        _poison(payload), drawings=[drawing], run=_poison_run(payload), summary={payload: 1, "warnings": [payload]}
    )


@cache
def _calm_page() -> Page:
    return read_page(_poisoned_page("calm words " * 9))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_words_stay_words(payload: str) -> None:
    page, calm = read_page(_poisoned_page(payload)), _calm_page()
    assert {tag for tag, _ in page.tags} <= {tag for tag, _ in calm.tags}
    assert {name for _, attrs in page.tags for name in attrs} <= {name for _, attrs in calm.tags for name in attrs}
    assert page.comments == []
    assert all(value.startswith("#") for value in page.values("href"))
    assert all(value.startswith("data:image/svg+xml;base64,") for value in page.values("src"))
    assert "\u202e" not in "".join(page.texts)


def test_the_page_runs_its_own_script_alone_and_has_no_handler_no_inline_style_and_no_address() -> None:
    html = render(tiny_case())
    page = read_page(html)
    tags = {tag for tag, _ in page.tags}
    assert tags.isdisjoint({"iframe", "object", "embed", "link", "base", "form", "audio", "video"})
    assert [attrs for tag, attrs in page.tags if tag == "script" and "type" not in attrs] == [{}]
    islands = {attrs["type"] for tag, attrs in page.tags if tag == "script" and "type" in attrs}
    assert islands == {"application/json", "text/plain"}
    names = {name for _, attrs in page.tags for name in attrs}
    assert not [name for name in names if name.startswith("on") or name in {"style", "srcset", "action"}]
    written = re.sub(r"<script>.*?</script>", "", html, flags=re.DOTALL)
    assert "http:" not in written
    assert "https:" not in written
    assert "url(" not in written


def test_the_only_addresses_in_the_script_are_names_of_languages_of_markup() -> None:
    (script,) = re.findall(r"<script>(.*?)</script>", render(tiny_case()), re.DOTALL)
    assert set(re.findall(r"https?://[^\s\"'`)]+", script)) <= {
        "http://www.w3.org/1999/xhtml",
        "http://www.w3.org/1999/xlink",
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/2000/xmlns/",
        "http://www.w3.org/XML/1998/namespace",
    }
    assert re.findall(r"\b(?:eval|fetch|XMLHttpRequest|WebSocket|Worker|importScripts|localStorage)\b\(?", script) == []


def test_no_script_of_the_views_writes_markup() -> None:
    files = sorted((FOLDER / "assets" / "explorer").glob("*.js"))
    written = [
        (file.name, word) for file in files for word in MARKUP_WRITERS if word in file.read_text(encoding="utf-8")
    ]
    assert len(files) >= 12
    assert written == []


def test_the_security_policy_names_the_one_style_sheet_and_the_one_script_by_their_hashes() -> None:
    html = render(tiny_case())
    digests = {}
    for tag in ("style", "script"):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        digests[tag] = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
    policies = [attrs["content"] for tag, attrs in read_page(html).tags if attrs.get("http-equiv")]
    assert policies == [
        (
            f"default-src 'none'; img-src data: blob:; style-src 'sha256-{digests['style']}'; "
            f"script-src 'sha256-{digests['script']}'; base-uri 'none'; form-action 'none'"
        )
    ]


def test_each_link_leads_to_an_anchor_and_no_anchor_is_there_twice() -> None:
    page = read_page(render(tiny_case()))
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert {value.removeprefix("#") for value in page.values("href")} <= set(ids)
    cited = {101, 102, 103, 201, 203, 310, 311}
    assert {f"m{message_id}" for message_id in cited} <= set(ids)


def test_a_message_beyond_the_limit_is_named_without_a_link(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excerpts, "CITED_LIMIT", 2)
    page = read_page(render(tiny_case()))
    assert {value.removeprefix("#") for value in page.values("href")} <= set(page.values("id"))
    assert "Showing 2 of 7 cited messages; all are in tables/messages.parquet" in page.words
    assert "S3:2" in page.words


def test_a_cited_id_that_is_in_no_table_is_said_as_it_is() -> None:
    table = pl.DataFrame({"n": [1], "message_ids": [[123456]]})
    assert "message 123456" in read_page(render(tiny_case(), drawings=[a_drawing(table=table)])).words


def test_each_cut_is_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, limit in {"TEXT_LIMIT": 1, "WORDING_LIMIT": 1, "SIGHTING_LIMIT": 2, "CHARACTER_LIMIT": 5}.items():
        monkeypatch.setattr(found, name, limit)
    words = read_page(render(tiny_case())).words
    assert "Showing 1 of 2 texts;" in words
    assert "Showing 1 of 2 wordings of this text;" in words
    assert "Showing 2 of 3 records of this text;" in words
    assert "more characters stand in the export" in words


def test_nothing_is_said_to_be_cut_where_nothing_is() -> None:
    assert "Showing" not in read_page(render(tiny_case())).words


def test_the_headline_counts_are_those_of_the_tables() -> None:
    html = render(tiny_case())
    for key in ("n_sources", "n_messages", "n_rejects"):
        table = tiny_case()[key.removeprefix("n_")]
        assert f'<dd class="big" id="count-{key}">{table.height}</dd>' in html
    flagged = tiny_case()["labels"].filter(label="slate_instruction", decision="flag").height
    assert f'id="count-n_flagged">{flagged}</dd>' in html


def test_equal_arguments_in_any_order_of_rows_give_equal_bytes() -> None:
    once = render(tiny_case())
    assert render(tiny_case()) == once
    shuffled = {name: table.sample(fraction=1, shuffle=True, seed=7) for name, table in tiny_case().items()}
    assert render(shuffled) == once


def test_the_times_of_the_run_leave_no_trace() -> None:
    later = {**RUN, "started_at": "2040-01-01T00:00:00Z", "seconds": 12.5}
    assert render(tiny_case(), run=later) == render(tiny_case())


def test_the_sections_stand_in_their_order() -> None:
    html = render(tiny_case())
    titles = re.findall(r'<h2 id="[a-z-]+"><span class="n">(\d+)</span> ([^<]+)</h2>', html)
    assert titles == [
        ("1", "What was received"),
        ("2", "What was found"),
        ("3", "How the texts spread"),
        ("4", "Figures"),
        ("5", "Sent close in time"),
        ("6", "Where exports disagree"),
        ("7", "What speaks the other way"),
        ("8", "How the results move"),
        ("9", "What this cannot show"),
        ("10", "Cited messages"),
    ]
    assert re.findall(r'<li><a href="#[a-z-]+">([^<]+)</a></li>', html) == [title for _, title in titles]


def test_the_page_says_what_an_export_cannot_show_before_anything_is_listed() -> None:
    words = read_page(render(tiny_case())).words
    heads = ["What was received", "What it shows", "What it cannot show", "An export cannot by itself show", "Contents"]
    places = [words.index(head) for head in heads]
    assert places == sorted(places)


def test_an_ambiguous_date_order_is_a_callout_that_says_what_to_do() -> None:
    sources = a_table("sources", [a_source(1), a_source(2, date_order_verdict="ambiguous")])
    words = read_page(render(tiny_case() | {"sources": sources})).words
    assert "Day and month cannot be told apart in S2." in words
    assert "--declare" in words
    assert "--declare" in words
    assert "Day and month cannot" not in read_page(render(tiny_case())).words


def test_the_received_files_failures_settings_and_labels_are_printed() -> None:
    words = read_page(render(tiny_case())).words
    for expected in (
        "1" * 64,
        "broken.txt No line looks like the start of a message. " + "f" * 64,
        "Times are those of Europe/London.",
        "One file could not be read.",
        "window.seconds 300",
        "packages.polars 7.6.5",
        "model: thresholds.flag 0.8",
        "9.8.7",
        *LABEL_MEANINGS.values(),
        *STATUS_MEANINGS.values(),
    ):
        assert expected in words


def test_marked_words_carry_their_cue_and_names_their_direction() -> None:
    html = render(tiny_case())
    assert '<mark title="endorse: select a name">select</mark>' in html
    assert '<mark class="name" title="name: support">Oyelaran Brzeska</mark>' in html
    assert SLATE in "".join(read_page(html).texts)


def test_what_speaks_the_other_way_is_printed() -> None:
    words = read_page(render(tiny_case())).words
    assert "I will not follow that. Oyelaran Brzeska has my respect, not my vote" in words
    assert (
        "2 people were in a chat when somebody else sent a text with an instruction into it. Of these, 1 has" in words
    )
    assert "For 1 of 2 shares the most probable source is not in the evidence" in words


def test_nothing_in_the_evidence_is_said_in_both_directions() -> None:
    words = read_page(render_report({}, drawings=[], run={}, summary={})).words
    for expected in (
        "No export could be read.",
        "No text was flagged or left open. This does not show that there was none",
        "The evidence gives nothing to draw.",
        "No pair. With few shares this says little either way.",
        "None. This does not show that the exports were not edited",
        "No message is cited.",
    ):
        assert expected in words


def test_a_template_that_asks_for_an_unknown_value_fails() -> None:
    environment = chatforensics.report.templating.make_environment()
    with pytest.raises(UndefinedError):
        environment.from_string("{{ unheard_of }}").render()


def test_a_path_that_is_not_unicode_is_printed_and_the_page_can_be_written() -> None:
    html = render(tiny_case(), run={**RUN, "failures": [{"path": "bad\udcff.txt", "reason": "unreadable"}]})
    assert b"bad[U+DCFF].txt" in html.encode("utf-8")


def test_tables_have_scopes_captions_and_regions_with_names_of_their_own() -> None:
    page = read_page(render(tiny_case()))
    assert all("scope" in attrs for tag, attrs in page.tags if tag == "th")
    assert all(attrs.get("alt") for tag, attrs in page.tags if tag == "img")
    regions = [attrs for _, attrs in page.tags if attrs.get("role") == "region"]
    names = [attrs["aria-label"] for attrs in regions]
    assert len(names) == len(set(names)) == len([tag for tag, _ in page.tags if tag == "caption"])
    assert all(attrs["tabindex"] == "0" for attrs in regions)
    assert page.tags[0] == ("html", {"lang": "en", "dir": "ltr"})


def test_headings_never_skip_a_level() -> None:
    levels = [int(tag[1]) for tag, _ in read_page(render(tiny_case())).tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_names_and_words_from_the_evidence_are_isolated_from_the_direction_around_them() -> None:
    tables = tiny_case()
    tables["messages"] = tables["messages"].with_columns(sender_label=pl.lit("نازنین"), text=pl.lit("ووٹ 12"))
    html = render(tables)
    assert re.findall(r".{16}نازنین", html) == ['<bdi dir="auto">نازنین'] * html.count("نازنین")
    assert re.findall(r'dir="auto">ووٹ 12', html)


@pytest.mark.parametrize("path", sorted([*FOLDER.rglob("*.j2"), *FOLDER.rglob("*.py")]), ids=lambda path: path.name)
def test_the_report_passes_no_verdict(path: Path) -> None:
    assert VERDICTS.findall(path.read_text(encoding="utf-8")) == []


def test_no_template_switches_escaping_off() -> None:
    for path in FOLDER.rglob("*.j2"):
        assert not re.search(r"\|\s*safe|autoescape|Markup", path.read_text(encoding="utf-8")), path.name


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "-"), (0.5, "0.50"), (0.994, "0.99"), (0.9999, "over 0.99"), (1.0, "over 0.99"), (0.0, "under 0.01")],
)
def test_a_probability_is_never_printed_as_certainty(value: float | None, shown: str) -> None:
    assert chatforensics.report.templating.print_probability(value) == shown


def test_settings_are_flattened_in_the_order_of_their_names() -> None:
    assert flatten({"b": {"y": [1, 2], "x": None}, "a": "é"}) == [("a", "é"), ("b.x", "null"), ("b.y", "[1, 2]")]
    assert flatten(None) == []


def test_the_summary_warnings_reach_the_page() -> None:
    summary = {**SUMMARY, "warnings": ["Said only in the summary."]}
    assert "Said only in the summary." in read_page(render(tiny_case(), summary=summary)).words


@pytest.mark.parametrize(("candidate", "is_told"), [("Oyelaran B. Brzeska", True), ("Oyelaran Brzeska", False)])
def test_the_name_on_the_users_list_stands_beside_another_spelling_of_it(candidate: str, is_told: bool) -> None:
    tables = tiny_case()
    tables["slates"] = tables["slates"].with_columns(candidate=pl.lit(candidate))
    assert ("on your list" in render(tables)) is is_told


def test_texts_that_the_tool_cannot_tell_are_not_said_to_tell_how_to_vote() -> None:
    page = render(tiny_case())
    assert "or may</h3>" in page
    assert "the tool cannot tell whether they do" in page
