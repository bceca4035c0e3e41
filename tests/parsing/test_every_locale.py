"""A conversation exported by phones of many locales is read back message for message."""

import json
import runpy
from pathlib import Path

import pytest

pytest.importorskip("babel")

from locales import CLOCKS, PLATFORMS, expected, find_form, render_export, tell_story

from chatforensics.intake import chat_from_bytes
from chatforensics.parsing import parse_export
from chatforensics.parsing.vocabulary import load_cldr

LOCALES = (
    *("am", "ar_EG", "bg", "bn", "cs", "da", "de_AT", "en_US", "en_CA", "es_MX", "fa", "fi", "fr_CA", "he", "hi"),
    *("hr", "hu", "ja", "ko", "lv", "mr", "nl", "pt_BR", "ru", "sw", "th", "tr", "vi", "yo", "zh_Hans", "zh_Hant"),
)
STORY = tell_story(distinguishing=True)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_message_comes_back(locale: str, platform: str) -> None:
    for clock in CLOCKS:
        form = find_form(locale, platform, clock, "comma")
        parsed = parse_export(chat_from_bytes(render_export(form, STORY), name="chat.txt"))
        found = parsed.messages.select("sent_local", "sender_label", "text").rows()
        assert found == list(expected(form, STORY)), f"{clock}: {form.date} {form.time}"


@pytest.mark.slow
def test_the_grammar_is_what_its_script_draws_from_cldr() -> None:
    script = Path(__file__).resolve().parents[2] / "scripts" / "make_grammar.py"
    made = json.loads(json.dumps(runpy.run_path(str(script))["build_grammar"]()))
    if any(made[version] != load_cldr()[version] for version in ("cldr", "unicode")):
        pytest.skip("made with another version of Babel or Python")
    made["babel"] = load_cldr()["babel"]
    assert made == load_cldr()
