"""Messages as a view gives them to the pages, and a view that holds a hundred and twenty of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from web.test_documents import QUOTED, an_item

from chatforensics.web.pages.search import PAGE

PICTURE = "ef" * 32
LABEL = {
    "label": "endorse", "probability": 0.97, "decision": "flag", "explanation": "by the word “both”",
    "spans": [[6, 10, "en.vote_both"], [6, 17, "en.papers"]],
}  # fmt: skip


def a_message(message_id: int = QUOTED, **other: Any) -> dict[str, Any]:
    """Return a message with all that its own page shows of it."""
    copy = {**an_item(4713, source="S2", line=9, sender="Priya N"), "text_differs": False}
    known: dict[str, Any] = {
        "label_rows": [LABEL], "copies": [copy], "corroboration": "Exports agree.",
        "corroboration_detail": "2 of 2 exports agree.",
        "slate": [{"name": "Ingrid Solheim", "stance": "for", "contest": None, "step": None, "start": 0, "end": 5}],
        "pictures": [{"sha256": PICTURE, "file": "a.jpg", "status": "read", "text": "WORDS IN IT", "reason": None}],
    }  # fmt: skip
    return an_item(message_id, **{"decision": "flag", "attachment": "a.jpg", **known, **other})


@dataclass(frozen=True)
class Found:
    n: int
    items: list[dict[str, Any]]


@dataclass
class AView:
    """A hundred and twenty messages, ten a day from 1 March on, as the case was last analysed."""

    items: list[dict[str, Any]]
    current: bool = True

    def is_current(self, _case: object) -> bool:
        return self.current

    def find(self, query: Mapping[str, str], page: int = 1) -> Found:
        words, until = query["words"].casefold(), query["until"]
        rows = [row for row in self.items if words in row["text"].casefold()]
        rows = [row for row in rows if not until or row["sent_at"][:10] <= until]
        return Found(len(rows), rows[(page - 1) * PAGE : page * PAGE])

    def message(self, message_id: int) -> dict[str, Any] | None:
        return next((row for row in self.items if row["message_id"] == str(message_id)), None)

    def around(self, message_id: int, *, before: int, after: int) -> list[dict[str, Any]]:
        place = [row["message_id"] for row in self.items].index(str(message_id))
        return self.items[max(0, place - before) : place + after + 1]

    def chats(self) -> list[dict[str, Any]]:
        return [{"chat_id": "c1", "title": "Canal Street"}, {"chat_id": "c2", "title": None}]

    def people(self) -> list[dict[str, Any]]:
        return [{"person_id": f"p{n}", "name": f"Person {n}"} for n in range(1, 503)]

    def sources(self) -> list[dict[str, Any]]:
        return [{"source_id": "s1", "source": "S1", "path": "phone/chat.txt", "sha256": "ab" * 32}]

    def picture(self, sha256: str) -> bytes | None:
        return b"\xff\xd8 small" if sha256 == PICTURE else None


def hundred_and_twenty() -> list[dict[str, Any]]:
    return [
        a_message(1000 + n, sent_at=f"2031-03-{1 + n // 10:02}T09:30Z", line=n + 1, text=f"Bring both papers, {n}.")
        for n in range(120)
    ]
