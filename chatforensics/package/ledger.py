"""Keeps count of what was taken out, for the list that travels in the package; that list never holds the words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from chatforensics.package.hidden import Secret
from chatforensics.package.rewriting import Rewritten, Thing

KINDS = ("message", "words", "name", "phone", "e-mail", "link", "postcode", "file name")
_Key = tuple[str, str]


@dataclass(slots=True)
class _Line:
    reason: str
    n_places: int = 0
    tables: set[str] = field(default_factory=set)
    message_ids: set[int] = field(default_factory=set)
    words: set[str] = field(default_factory=set)


class Ledger:
    """What was taken out, thing by thing; the number of a withheld message is known before the others'."""

    def __init__(self, before: Sequence[Mapping[str, object]], *, reviewer: str | None) -> None:
        """Go on behind the rows of an earlier redaction."""
        self._before = tuple(before)
        self._reviewer = reviewer or ""
        self._lines: dict[_Key, _Line] = {}
        numbers = [row["number"] for row in before if isinstance(row.get("number"), int)]
        self.first = 1 + max((int(str(number)) for number in numbers), default=0)

    def count(self, edited: Rewritten, *, table: str, message_id: int | None = None) -> None:
        """Count what was replaced in one cell."""
        for edit in edited.edits:
            self.note(edit.thing, table=table, message_id=message_id)

    def note(self, thing: Thing, *, table: str, message_id: int | None = None) -> None:
        """Count one place in which a thing was replaced."""
        line = self._line(thing)
        line.n_places += 1
        line.tables.add(table)
        if message_id is not None:
            line.message_ids.add(message_id)

    def hide(self, thing: Thing, words: Iterable[str]) -> None:
        """Keep the words that a thing stands in for, to search for them."""
        self._line(thing).words.update(word for word in words if word)

    def _line(self, thing: Thing) -> _Line:
        return self._lines.setdefault((thing.kind, thing.token.strip("[]")), _Line(thing.reason))

    def _ordered(self) -> list[tuple[_Key, _Line]]:
        """Return what was found in the order of its stand-ins, which says nothing of the words."""
        counted = [(key, line) for key, line in self._lines.items() if line.n_places]
        return sorted(counted, key=lambda item: (KINDS.index(item[0][0]), _number_in(item[0]), item[0][1]))

    def rows(self) -> tuple[Mapping[str, object], ...]:
        """Return the list of redactions: number, kind, reason, reviewer, stand-in, places, tables, messages."""
        new = [
            {
                "number": number,
                "kind": kind,
                "reason": line.reason,
                "reviewer": self._reviewer,
                "token": token,
                "n_places": line.n_places,
                "tables": ", ".join(sorted(line.tables)),
                "message_ids": sorted(line.message_ids),
            }
            for number, ((kind, token), line) in enumerate(self._ordered(), self.first)
        ]
        return (*self._before, *new)

    def secrets(self) -> tuple[Secret, ...]:
        """Return the words with the numbers of their redactions."""
        return tuple(
            Secret(number, kind, words)
            for number, ((kind, _), line) in enumerate(self._ordered(), self.first)
            for words in sorted(line.words)
        )


def _number_in(key: _Key) -> int:
    """Return the number that the stand-in of a withheld message bears, so that it has it in the list, too."""
    kind, token = key
    return int(token.split(":")[0].split()[1]) if kind == "message" else 0
