"""The page in another language: every sentence of ours is translated, nothing of the evidence is."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from report.invented import RUN, read_page, render, tiny_case
from report.pseudo import turn, write_pseudo

from chatforensics.errors import UsageError
from chatforensics.report import language
from chatforensics.report.language import Language, find_language, list_languages, say, say_count, say_list
from chatforensics.report.templating import make_words

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SCRIPT = Path(__file__).parents[2] / "scripts" / "make_catalogue.py"
ARABIC = "\u0627\u0628"
# Elements whose words are the evidence's, codes, or numbers with their unit.
EVIDENCE = frozenset({"bdi", "code", "q", "style", "script"})
# What else stays English on a page in another language, and why.
STAYS = (
    (r"S\d+(:\d+)?", "short names of exports and places in them"),
    (r"chatforensics \S+", "the name of the program"),
    (r"SHA-256|UTC\S*", "names of a hash and of a time scale"),
    (r"android|ios|[dmy]{3}, [^A-Za-z]+", "codes of the table `sources`"),
    (r"[a-z]+(_[a-z]+)*", "labels of the codebook, which are codes in every language"),
    (r"[JI]-\d\d.*", "numbers of observations; their titles stand in the tables"),
    (r"(model: )?[a-z0-9]+(\.[a-z0-9_]+)*", "keys of the settings"),
)


@pytest.fixture
def pseudo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the code of a language that has just been dropped in."""
    code = write_pseudo(tmp_path)
    monkeypatch.setattr(language, "FOLDER", tmp_path)
    return code


class _Shown(HTMLParser):
    """Gathers what a reader reads that is not marked as evidence or as English."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[bool] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        theirs = tag in EVIDENCE or "words" in (given.get("class") or "").split() or given.get("lang") == "en"
        self.texts += [given[name] or "" for name in ("aria-label", "alt") if name in given]
        if tag not in {"meta", "img", "br"}:
            self.open.append(theirs)

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - as the parser calls it
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if not any(self.open):
            self.texts.append(data)


def _left_in_english(page: str) -> list[str]:
    """Return what a reader reads that is neither evidence, nor translated, nor among what stays."""
    reader = _Shown()
    reader.feed(page)
    whole = re.compile("|".join(f"(?:{pattern})" for pattern, _ in STAYS))
    plain = (re.sub(r"\u2068[^\u2069]*\u2069", "", " ".join(text.split())).strip(" ,;:.") for text in reader.texts)
    return [text for text in plain if re.search(r"[A-Za-z]{2}", text) and not whole.fullmatch(text)]


def test_a_dropped_in_translation_leaves_no_sentence_of_ours_in_english(pseudo: str) -> None:
    page = render(tiny_case(), language=pseudo)
    figure_alt = "Four messages on one day."  # drawn and described with its picture, in English
    assert [text for text in _left_in_english(page) if text != figure_alt.strip(".")] == []


def test_the_page_says_its_language_and_its_direction(pseudo: str) -> None:
    for code, direction in (("en", "ltr"), (pseudo, "rtl")):
        tag, attributes = read_page(render(tiny_case(), language=code)).tags[0]
        assert (tag, attributes) == ("html", {"lang": code, "dir": direction})


def test_words_of_the_evidence_that_are_also_words_of_ours_are_not_translated(pseudo: str) -> None:
    tables = tiny_case()
    tables["people"] = tables["people"].with_columns(labels=pl.lit(["Senders"]))
    page = read_page(render(tables, language=pseudo))
    assert "Senders" in page.texts
    assert turn("Senders") in page.texts


def test_what_the_tables_hold_in_english_is_marked_as_english(pseudo: str) -> None:
    assumption = str(RUN["assumptions"][0])  # type: ignore[index]
    assert f'<span lang="en" dir="ltr">{assumption}</span>' in render(tiny_case(), language=pseudo)


def test_the_scripts_get_their_own_words_only(pseudo: str) -> None:
    said = language.select_script_words(find_language(pseudo))
    assert said["Diffusion graph"] == turn("Diffusion graph")
    assert "What was received" not in said
    assert language.select_script_words(find_language("en")) == {}


def test_an_unknown_language_is_refused_with_the_known_ones(pseudo: str) -> None:
    with pytest.raises(UsageError, match=rf"'ur'. Known: en, {pseudo}\."):
        render(tiny_case(), language="ur")


@pytest.mark.parametrize("held", [{"words": {}}, {"dir": "up", "words": {}}, {"dir": "rtl"}])
def test_a_translation_without_direction_or_words_is_refused(
    held: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ur.json").write_text(json.dumps(held), encoding="utf-8")
    monkeypatch.setattr(language, "FOLDER", tmp_path)
    assert list_languages() == ["en", "ur"]
    with pytest.raises(UsageError, match=r"ur\.json needs 'dir'"):
        find_language("ur")


def test_a_phrase_is_its_english_and_can_be_told_with_the_phrases_in_it() -> None:
    words = say("{one}, then {name}", one=say_count(2, "1 text", "{n} texts"), name="{n} texts")
    there = Language("xx", "ltr", {"{one}, then {name}": "{name} <- {one}", "{n} texts": "{n} T"})
    assert words == "2 texts, then {n} texts"
    assert there.tell(words) == "{n} texts <- 2 T"
    assert there.tell(say_list([say("{n} texts", n=3), "evidence"])) == "3 T, evidence"
    assert there.tell(say("nobody translated this")) == "nobody translated this"


def test_values_in_a_sentence_from_right_to_left_keep_their_own_direction() -> None:
    there = Language("xx", "rtl", {"first {at}": f"{ARABIC} {{at}}"})
    assert there.tell(say("first {at}", at="2031-03-03 19:40")) == f"{ARABIC} \u20682031-03-03 19:40\u2069"
    assert make_words(there)["_"]("first {at}", at="<1>") == f"{ARABIC} \u2068&lt;1&gt;\u2069"


def test_no_value_can_turn_the_sentence_around_it() -> None:
    there = Language("xx", "rtl", {"by {name}": "{name}!"})
    assert there.tell(say("by {name}", name="\u2069\u202eA")) == "\u2068[PDI][RLO]A\u2069!"


def test_the_catalogue_is_that_of_the_sources() -> None:
    # If this fails: python scripts/make_catalogue.py
    assert _load_tool().collect() == language.read_catalogue()


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ("say(words)", "read_script"),
        ('say("a" + b)', "read_script"),
        ("sayCount(n, one, two)", "read_script"),
        ("say(`a`)", "read_script"),
        ("say(words)", "read_python"),
        ('say(f"a {b}")', "read_python"),
        ("{{ _(words) }}", "read_template"),
        ("{{ many(n, words) }}", "read_template"),
    ],
)
def test_a_sentence_put_together_where_it_is_said_cannot_be_collected(source: str, read: str) -> None:
    tool = _load_tool()
    with pytest.raises(tool.NotLiteral):
        list(getattr(tool, read)(source))


def test_every_way_of_saying_is_collected() -> None:
    tool = _load_tool()
    assert list(tool.read_script('say("a\\u2026 {b}", { b }); sayCount(f(1, [2]), "1 c", "{n} c")')) == [
        "a… {b}",
        "1 c",
        "{n} c",
    ]
    assert list(tool.read_python('say("a " "b"), say_count(n, "1 c", "{n} c")')) == ["a b", "1 c", "{n} c"]
    template = '{{ _("a") }}{% trans n=k %}{{ n }} <b>100 %</b>{% endtrans %}{{ many(3, "b") }}'
    assert sorted(tool.read_template(template)) == ["a", "{n} <b>100 %</b>", "{n} b", "{n} bs"]


def _load_tool() -> Any:
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("make_catalogue", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    tool = module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool


@pytest.mark.slow
@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_from_right_to_left_fits_the_screen_and_its_views_speak_its_language(
    pseudo: str, width: int, tmp_path: Path, browser: "Browser"
) -> None:
    file = tmp_path / "report.html"
    file.write_text(render(tiny_case(), language=pseudo), encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(file.as_uri())
    page.wait_for_selector("#explorer[data-ready]")
    tabs = page.query_selector_all("#view-tabs [role=tab]")
    titles = [tab.inner_text() for tab in tabs]
    assert turn("Diffusion graph") in titles
    assert not [title for title in titles if re.search("[A-Za-z]{2}", title)]
    for tab in tabs:
        tab.evaluate("tab => tab.click()")
        wide, seen = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide <= seen
    assert page.evaluate("getComputedStyle(document.querySelector('#view-panel')).direction") == "rtl"
