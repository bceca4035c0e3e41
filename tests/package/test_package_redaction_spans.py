import re

import polars as pl
from package.secretsworld import CANDIDATE, PARTY, a_dossier, a_table, rules

from chatforensics.package.dossier import Dossier
from chatforensics.package.redactfile import ManualRule
from chatforensics.package.redaction import redact_dossier

OTHER = "Siobhan Achterberg"
CODE = r"P-[A-Z2-7]{10}"


def _texts(dossier: Dossier) -> list[str]:
    return [text or "" for text in dossier.tables["messages"]["text"]]


def _slate_tables(text: str, name: str) -> dict[str, pl.DataFrame]:
    start = text.index(name)
    span = [{"start": start - 5, "end": start + len(name), "cue": "en.vote"}]
    return {
        "labels": a_table(
            "labels",
            [
                {
                    "message_id": 1,
                    "label": "endorse",
                    "decision": "flag",
                    "spans": span,
                    "explanation": f"It asks, by the words “{text[start - 5 : start + 4]}”.",
                }
            ],
        ),
        "slates": a_table(
            "slates", [{"message_id": 1, "name": name, "stance": "for", "start": start, "end": start + len(name)}]
        ),
    }


def test_spans_move_with_the_words_and_a_candidate_on_a_slate_stays() -> None:
    text = f"{OTHER} says: vote {CANDIDATE} now"
    people = {0: (PARTY,), 1: (OTHER,), 2: ("Oyelaran",)}
    done, _ = redact_dossier(a_dossier(people, [text], **_slate_tables(text, CANDIDATE)), rules())
    told = _texts(done)[0] or ""
    slate = done.tables["slates"].row(0, named=True)
    assert slate["name"] == CANDIDATE == told[slate["start"] : slate["end"]]
    span = done.tables["labels"]["spans"].to_list()[0][0]
    assert told[span["start"] : span["end"]] == f"vote {CANDIDATE}"
    assert "“vote Oyel”" in done.tables["labels"]["explanation"].to_list()[0]


def test_a_candidate_listed_by_hand_goes_from_text_slate_and_quotation_and_the_span_widens() -> None:
    text = f"please vote {CANDIDATE} now"
    hand = (ManualRule("safety", words="Oyelaran Brzeska now"),)
    done, _ = redact_dossier(a_dossier({0: (PARTY,)}, [text], **_slate_tables(text, CANDIDATE)), rules(manual=hand))
    assert re.fullmatch(rf"please vote \[redacted {CODE}\]", _texts(done)[0] or "")
    assert re.fullmatch(rf"\[redacted {CODE}\]", done.tables["slates"]["name"].to_list()[0])
    assert re.search(rf"“vote \[redacted {CODE}\]”", done.tables["labels"]["explanation"].to_list()[0])


def test_a_quotation_that_cuts_a_name_does_not_give_half_of_it() -> None:
    text = f"then vote {OTHER} now"
    done, _ = redact_dossier(
        a_dossier({0: (PARTY,), 1: (OTHER,)}, [text], labels=_slate_tables(text, OTHER)["labels"]), rules()
    )
    assert "Siob" not in done.tables["labels"]["explanation"].to_list()[0]


def test_changes_of_wordings_are_cut_from_the_new_texts() -> None:
    text = f"vote for {OTHER} today"
    variants = [{"family_id": "f" * 16, "variant_id": "v" * 16, "message_ids": [1], "text": text}]
    change = {
        "family_id": "f" * 16,
        "variant_id": "v" * 16,
        "position": 1,
        "change": "added",
        "start": 9,
        "end": 16,
        "text": "Siobhan",
    }
    tables = {"variants": a_table("variants", variants), "variant_changes": a_table("variant_changes", [change])}
    done, _ = redact_dossier(a_dossier({0: (PARTY,), 1: (OTHER,)}, [text], **tables), rules())
    new = done.tables["variant_changes"].row(0, named=True)
    assert re.fullmatch(rf"\[{CODE}\]", new["text"])
    assert done.tables["variants"]["text"][0][new["start"] : new["end"]] == new["text"]


def test_a_withheld_message_keeps_place_time_and_kind_and_loses_its_words_in_copies_too() -> None:
    dossier = a_dossier({0: (PARTY,), 1: (OTHER,)}, ["the child of flat nine was ill all week"] * 2 + ["fine"])
    messages = dossier.tables["messages"].with_columns(canonical_id=pl.Series([1, 1, 3]))
    polls = a_table("polls", [{"message_id": 2, "question": "who is ill?", "option": "the child"}])
    dossier.tables.update(messages=messages, polls=polls)  # type: ignore[attr-defined]
    done, told = redact_dossier(dossier, rules(manual=(ManualRule("about a child", message_id=2, line=2),)))
    assert _texts(done) == ["[withheld 1: about a child]"] * 2 + ["fine"]
    assert done.tables["polls"].row(0)[1] == "[withheld 1: about a child]"
    kept = ["message_id", "line", "sent_at", "kind"]
    assert done.tables["messages"].select(kept).equals(messages.select(kept))
    assert done.redactions[0]["number"] == 1
    assert told.elsewhere == ()
