"""The matrix of exports by exports: what is counted, what is named, and that it can be read at any size."""

from collections.abc import Callable
from itertools import combinations
from typing import Any

import polars as pl
import pytest
from builders import Case
from drawn import draw_corroboration
from legibility import HOSTILE, assert_legible, texts_of
from matplotlib.figure import Figure

from chatforensics.schema import TABLES

COUNTS = ("n_agree", "n_only_a", "n_only_b", "n_text", "n_sender", "n_time", "n_order")


def table(name: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    filled = [dict.fromkeys(TABLES[name]) | row for row in rows]
    return pl.DataFrame(filled, schema=dict(TABLES[name]))


def a_pair(one: str, other: str, *, chat: str = "chat", independent: bool = True, **counts: int) -> dict[str, Any]:
    pair = {"chat_id": chat, "source_a": one, "source_b": other, "independent": independent}
    return pair | dict.fromkeys(COUNTS, 0) | counts


def a_source(source: str, *, custodian: str | None = None, path: str = "phone/chat.txt") -> dict[str, Any]:
    return {"source_id": source, "custodian_id": custodian, "path": path, "n_messages": 5}


def two_exports() -> Case:
    """Two exports of one chat: message 1 alike in both, 2 with another text, 3 in the first only."""
    held = [(1, "a", 1), (11, "b", 1), (2, "a", 2), (12, "b", 2), (3, "a", 3)]
    messages = [{"message_id": m, "source_id": source, "canonical_id": c} for m, source, c in held]
    told = [(1, "agree", ["a", "b"], []), (2, "text_conflict", ["a", "b"], []), (3, "one_sided", ["a"], ["b"])]
    columns = ("canonical_id", "status", "source_ids", "lacking")
    return {
        "comparisons": table("comparisons", [a_pair("a", "b", n_agree=1, n_only_a=1, n_text=1)]),
        "sources": table("sources", [a_source("a", custodian="p"), a_source("b", path="in/WhatsApp Chat.txt")]),
        "people": table("people", [{"person_id": "p", "labels": ["Nkechi"]}]),
        "chats": table("chats", [{"chat_id": "chat", "title": "Choir"}]),
        "messages": table("messages", messages),
        "corroboration": table(
            "corroboration", [{"chat_id": "chat", **dict(zip(columns, row, strict=True))} for row in told]
        ),
    }


def many_exports(n_chats: int, n_exports: int) -> Case:
    names = [f"{chat}-{export}" for chat in range(n_chats) for export in range(n_exports)]
    pairs = [
        a_pair(one, other, chat=one.split("-")[0], n_agree=1_000_000, n_only_b=999_999, n_time=12_345)
        for one, other in combinations(names, 2)
        if one.split("-")[0] == other.split("-")[0]
    ]
    sources = [a_source(name, path=HOSTILE[at % len(HOSTILE)]) for at, name in enumerate(names)]
    titles = [{"chat_id": str(chat), "title": HOSTILE[chat % len(HOSTILE)]} for chat in range(n_chats)]
    return {
        "comparisons": table("comparisons", pairs),
        "sources": table("sources", sources),
        "chats": table("chats", titles),
    }


def written(figures: list[Figure]) -> list[str]:
    return [text.get_text() for figure in figures for text in texts_of(figure)]


def test_there_is_no_matrix_without_two_exports_of_a_chat() -> None:
    assert draw_corroboration({}) is None
    assert draw_corroboration({"comparisons": table("comparisons", [a_pair("a", "b")])}) is None


def test_each_pair_and_kind_leads_to_its_messages(without_bytes: list[Figure]) -> None:
    drawing = draw_corroboration(two_exports())
    assert drawing is not None
    assert drawing.table.select("export", "compared", "messages", "count", "message_ids").rows() == [
        ("by Nkechi", "WhatsApp Chat.txt", "alike in both", 1, [1, 11]),
        ("by Nkechi", "WhatsApp Chat.txt", "in the first only", 1, [3]),
        ("by Nkechi", "WhatsApp Chat.txt", "text, sender or time differs", 1, [2, 12]),
    ]
    assert len(without_bytes) == 1


def test_the_picture_shows_what_agrees_what_is_alone_and_what_differs(without_bytes: list[Figure]) -> None:
    draw_corroboration(two_exports())
    words = written(without_bytes)
    assert {"by Nkechi", "WhatsApp Chat.txt", "Choir"} <= set(words)
    assert words.count("5") == 2  # messages of each export
    assert words.count("1") == 2 + 3  # the first row and column, and three cells


def test_dependent_exports_are_said_to_confirm_nothing(without_bytes: list[Figure]) -> None:
    case = two_exports()
    draw_corroboration(case | {"comparisons": table("comparisons", [a_pair("a", "b", n_agree=3, independent=False)])})
    assert "broken frame: of one phone, person or file, so no confirmation" in written(without_bytes)


@pytest.mark.parametrize(("n_chats", "n_exports"), [(1, 2), (9, 2), (4, 5), (1, 30)])
def test_matrices_of_any_size_and_names_are_legible(
    n_chats: int, n_exports: int, collected_from: Callable[..., list[Figure]]
) -> None:
    (figure,) = collected_from(many_exports(n_chats, n_exports))
    assert_legible(figure)
    assert figure.get_size_inches()[1] * 25.4 < 297
