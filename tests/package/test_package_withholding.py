import json

import polars as pl
import pytest
from package.secretsworld import PARTY, a_dossier, a_table, rules, write_files

from chatforensics.package.dossier import Dossier
from chatforensics.package.hidden import Secret, Secrets
from chatforensics.package.leaks import find_leaks, list_short
from chatforensics.package.redactfile import ManualRule
from chatforensics.package.redaction import redact_dossier

TEXTS = ["Vote for Oyelaran Brzeska", "I have HIV, hush", "send this to all of them"]
HAND = (ManualRule("health", message_id=2, line=2),)
STANDS = "[withheld 1: health]"


def _world(texts: list[str], *, numbers: list[int], wording: str) -> Dossier:
    label = {"label": "endorse", "decision": "flag", "probability": 0.9, "spans": []}
    quote = f"It says “{' '.join(wording.split())}” and “{texts[1]}”."
    ids = {"family_id": "f" * 16, "variant_id": "a" * 16, "parent_variant_id": "b" * 16}
    return a_dossier(
        {0: (PARTY,)},
        texts,
        labels=a_table(
            "labels", [{"message_id": number, **label, "explanation": quote} for number in range(1, len(texts) + 1)]
        ),
        slates=a_table("slates", [{"message_id": 2, "name": "hush", "stance": "for", "start": 12, "end": 16}]),
        references=a_table("references", [{"message_id": 2, "reference": "link", "start": 0, "end": 6}]),
        variants=a_table("variants", [{**ids, "message_ids": numbers, "text": wording}]),
        variant_changes=a_table(
            "variant_changes",
            [{**ids, "position": 1, "change": "added", "start": 0, "end": 3, "text": texts[1][:10], "parent_start": 0}],
        ),
    )


def _a_group(texts: list[str], *, numbers: list[int], wording: str) -> Dossier:
    dossier = _world(texts, numbers=numbers, wording=wording)
    messages = dossier.tables["messages"].with_columns(group_id=pl.lit("one"))
    dossier.tables.update(messages=messages)  # type: ignore[attr-defined]
    return dossier


def test_a_wording_of_several_messages_is_withheld_with_one_of_them_in_every_table() -> None:
    world = _a_group(TEXTS, numbers=[1, 2, 3], wording="\n".join(TEXTS))
    done, told = redact_dossier(world, rules(manual=HAND))
    files = write_files(done)
    assert done.tables["variants"]["text"].to_list() == [STANDS]
    assert done.tables["variant_changes"]["text"].to_list() == [STANDS]
    assert not any("HIV" in content.decode() or "hush" in content.decode() for content in files.values())
    assert find_leaks(files, told) == []


def test_which_labels_names_and_links_a_withheld_message_has_is_not_told() -> None:
    done, _ = redact_dossier(_a_group(TEXTS, numbers=[1], wording=TEXTS[0]), rules(manual=HAND))
    assert done.tables["labels"]["message_id"].to_list() == [1, 3]
    assert (done.tables["slates"].height, done.tables["references"].height) == (0, 0)


def test_a_wording_stays_where_a_message_that_stays_says_all_that_the_withheld_one_said() -> None:
    same = [TEXTS[0], TEXTS[0], "x"]
    done, told = redact_dossier(_a_group(same, numbers=[1, 2], wording=TEXTS[0]), rules(manual=HAND))
    assert done.tables["variants"]["text"].to_list() == [TEXTS[0]]
    assert find_leaks(write_files(done), told) == []
    assert told.elsewhere == (1,)


@pytest.mark.parametrize(
    "text", ["I have HIV, hush", "pregnant", "Yes", "a much longer text of a withheld message\nmore"]
)
def test_a_withheld_text_that_a_wording_would_repeat_is_found(text: str) -> None:
    done, told = redact_dossier(_a_group([TEXTS[0], text, "x"], numbers=[1], wording=TEXTS[0]), rules(manual=HAND))
    assert find_leaks(write_files(done), told) == []
    row = json.dumps({"text": f"{TEXTS[0]}\n{text}"}).encode()
    assert {leak.number for leak in find_leaks({"data/tables/variants.jsonl": row}, told)} == {1}


@pytest.mark.parametrize(
    "text", ["yes", "ok", PARTY, f"{PARTY} {PARTY}", "Ward", "vote for\nOyelaran", "send this to all", "endorse"]
)
def test_words_that_other_cells_say_as_well_are_no_reason_to_refuse(text: str) -> None:
    others = [f"{TEXTS[0]} {PARTY} {PARTY} yes", text, TEXTS[2]]
    done, told = redact_dossier(_a_group(others, numbers=[1, 3], wording=f"{TEXTS[0]}\n{TEXTS[2]}"), rules(manual=HAND))
    assert find_leaks(write_files(done), told) == []


def test_a_short_withheld_line_is_found_as_a_whole_line_only_and_listed() -> None:
    secrets = Secrets(hidden=(Secret(1, "message", "pregnant"),))
    assert list_short(secrets) == (1,)
    rows = [{"message_id": 70 + n, "text": text} for n, text in enumerate(["She is pregnant", "so\n Pregnant"])]
    content = "\n".join(map(json.dumps, rows)).encode()
    assert [leak.place for leak in find_leaks({"a.jsonl": content}, secrets)] == ["line 2, message 71"]
