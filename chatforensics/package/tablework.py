"""Redacts tables, column by column: each distinct text once, then put back in its rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
import regex

from chatforensics.package import columns, spans
from chatforensics.package.dossier import Tables
from chatforensics.package.filefacts import empty_members
from chatforensics.package.files import FileNames, empty_cards
from chatforensics.package.folding import fold_name
from chatforensics.package.ledger import Ledger
from chatforensics.package.naming import NO_PARTY, NOT_LABELS, People, is_number, stand_in
from chatforensics.package.ownwords import OwnWords
from chatforensics.package.pseudonyms import PSEUDONYM
from chatforensics.package.rewriting import SENTENCE, WORDS, Rewriter, Thing
from chatforensics.package.withholding import Withheld

_OF_FILES = ("attachments", "members", "pictures")
BY_NAME = "names of files name people"
_ID = regex.compile(r"(?<![0-9A-Za-z])(?:(?:person|chat|share|text|cluster)-)?+[0-9a-f]{16}(?![0-9A-Za-z])")
_PERSON_OF = {("messages", "sender_label"), ("joins", "label_a"), ("joins", "label_b")}
Changes = dict[str, tuple[str, tuple[Thing, ...]]]


@dataclass(frozen=True)
class TableWork:
    """What the tables of one dossier are redacted with; `ids` has each id with what stands in for it."""

    people: People
    rewriter: Rewriter
    files: FileNames
    ledger: Ledger
    withheld: Withheld
    keep: frozenset[str]
    ids: Mapping[str, str]

    @property
    def words(self) -> OwnWords:
        """What rewrites the texts of messages, pictures and wordings."""
        return OwnWords(self.rewriter, self.withheld)

    def redact(self, tables: Tables) -> dict[str, pl.DataFrame]:
        """Return every table with what must not be read replaced, its rows and columns in their places."""
        texts = self.words.read_texts(tables)
        done = {name: self._redact_table(name, frame, tables) for name, frame in tables.items()}
        if "references" in done:
            done["references"] = spans.move_references(done["references"], texts)
        if "labels" in done:
            done["labels"] = spans.move_labels(done["labels"], texts, self.rewriter)
        if "slates" in done:
            done["slates"] = spans.move_slates(done["slates"], texts, self.rewriter)
        if "members" in done:
            done["members"] = empty_members(done["members"], tables=tables, withheld=self.withheld)
        return done

    def _redact_table(self, table: str, frame: pl.DataFrame, tables: Tables) -> pl.DataFrame:
        if table in _OF_FILES:
            frame = empty_cards(frame)
        if table == "people":
            codes = [self.people.codes[one] for one in frame["person_id"]]
            frame = frame.with_columns(pseudonym=pl.Series(codes, dtype=pl.String))
        if table == "variant_changes":
            texts = spans.Texts({}, self.words.read_variants(tables), {})
            frame = spans.move_changes(frame, texts, self.rewriter)
        new = {
            column: self._redact_column(table, frame, column, tables)
            for column, dtype in frame.schema.items()
            if dtype in {pl.String, pl.List(pl.String)} and not _is_moved(table, column)
        }
        return self.withheld.empty(frame.with_columns(**new), table=table)

    def _redact_column(self, table: str, frame: pl.DataFrame, column: str, tables: Tables) -> pl.Series:
        what = columns.what_is(table, column)
        if what == columns.PLAIN:
            return frame[column]
        if what in columns.IDS:
            return _put_back(frame[column], {old: (self.ids[old], ()) for old in _distinct(frame[column])})
        if what == columns.TITLE:
            return self._redact_titles(frame, column, tables)
        own = self._redact_own(table, frame, column, tables)
        return self._redact_other(table, frame, column) if own is None else own

    def _redact_own(self, table: str, frame: pl.DataFrame, column: str, tables: Tables) -> pl.Series | None:
        """Return a column that is read with others of its row; none for any other column."""
        if table == "people" and column in {"labels", "phones"}:
            return self._redact_person(frame, column)
        if (table, column) in _PERSON_OF:
            return self._redact_labels(frame, table=table, column=column)
        if (table, column) == ("messages", "text"):
            return self._redact_messages(frame)
        return self._redact_variants(frame, tables) if (table, column) == ("variants", "text") else None

    def _redact_other(self, table: str, frame: pl.DataFrame, column: str) -> pl.Series:
        what, distinct = columns.what_is(table, column), _distinct(frame[column])
        if what in {columns.WORDS, columns.SENTENCE}:
            self.rewriter.rewrite_all(distinct, manner=SENTENCE if what == columns.SENTENCE else WORDS)
        changes = {old: self._change(old, what, table) for old in distinct}
        return self._put(frame, table, column, {old: told for old, told in changes.items() if told[0] != old})

    def _change(self, old: str, what: str, table: str) -> tuple[str, tuple[Thing, ...]]:
        """Return what stands for one text of a column, and the things that were replaced in it."""
        if what == columns.LABEL:
            return self.label(old)
        if what in {columns.FILE, columns.PATH}:
            new = self.files.file(old) if what == columns.FILE else self.files.path(old)
            return new, () if new == old else (self._hide_file(old, new),)
        if table == "sensitivity":
            return self._change_setting(old)
        told = self.rewriter.rewrite(old, manner=SENTENCE if what == columns.SENTENCE else WORDS)
        return self.rename_ids(told.text), tuple(edit.thing for edit in told.edits)

    def _change_setting(self, old: str) -> tuple[str, tuple[Thing, ...]]:
        """Return a value of `sensitivity` with the folder of a phone, which may bear a name, replaced."""
        for folder, new in self.files.folders.items():
            if old == folder or old.startswith(f"{folder} an hour"):
                return f"{new}{old[len(folder) :]}", (Thing("file name", BY_NAME, new),)
        told = self.rewriter.rewrite(old, manner=SENTENCE)
        return told.text, tuple(edit.thing for edit in told.edits)

    def _hide_file(self, old: str, new: str) -> Thing:
        thing = Thing("file name", BY_NAME, new)
        self.ledger.hide(thing, [old])
        return thing

    def rename_ids(self, text: str) -> str:
        """Return a text with the ids that it cites replaced by what stands in for them."""
        return _ID.sub(lambda found: self.ids.get(found[0], found[0]), text) if self.ids else text

    def label(self, label: str, person: str | None = None) -> tuple[str, tuple[Thing, ...]]:
        """Return what stands for a label: it stays for a party, numbers in it masked; else it is a pseudonym."""
        if label in NOT_LABELS or regex.fullmatch(PSEUDONYM, label):
            return label, ()
        known = person in self.people.codes if person else False
        if self.people.is_party(str(person)) if known else self.people.shows(fold_name(label)):
            told = self.rewriter.rewrite(label)
            return told.text, tuple(edit.thing for edit in told.edits)
        code = self.people.codes[str(person)] if known else self.people.code_of_name(label)
        thing = Thing("name", NO_PARTY, code)
        if is_number(label):
            self.ledger.hide(thing, [label])
        return code, (thing,)

    def _put(self, frame: pl.DataFrame, table: str, column: str, changes: Changes) -> pl.Series:
        """Put what changed into the rows of a column, count it, and put what stands for withheld messages."""
        numbers = frame["message_id"].to_list() if "message_id" in frame.columns else [None] * frame.height
        withheld = self.withheld.in_frame(frame)
        new: list[Any] = []
        for number, cell in zip(numbers, frame[column].to_list(), strict=True):
            gone = withheld.get(number)
            if gone is not None and cell:
                self.ledger.note(gone, table=table, message_id=number)
                new.append([gone.token] if isinstance(cell, list) else gone.token)
                continue
            for text in cell if isinstance(cell, list) else (cell,):
                for thing in changes.get(text, ("", ()))[1]:
                    self.ledger.note(thing, table=table, message_id=number)
            new.append(_change_cell(cell, changes))
        return pl.Series(column, new, dtype=frame.schema[column])

    def _count(self, things: tuple[Thing, ...], table: str, n: int) -> None:
        for thing in things:
            for _ in range(n):
                self.ledger.note(thing, table=table)

    def _redact_variants(self, frame: pl.DataFrame, tables: Tables) -> pl.Series:
        told = self.words.read_variants(tables)
        new: list[str | None] = []
        for variant, text in frame.select("variant_id", "text").iter_rows():
            edited = told[variant][1] if text is not None and variant in told else None
            if edited is not None:
                self.ledger.count(edited, table="variants")
            new.append(text if edited is None else edited.text)
        return pl.Series("text", new, dtype=pl.String)

    def _redact_labels(self, frame: pl.DataFrame, *, table: str, column: str) -> pl.Series:
        pairs = frame.select(column, "person_id").unique().drop_nulls(column).rows()
        told = {(label, person): self.label(label, person) for label, person in pairs}
        counted = frame.group_by(column, "person_id").len().drop_nulls(column)
        for label, person, n in counted.iter_rows():
            self._count(told[label, person][1], table, n)
        new = [
            None if label is None else told[label, person][0]
            for label, person in frame.select(column, "person_id").iter_rows()
        ]
        return pl.Series(column, new, dtype=pl.String)

    def _redact_titles(self, frame: pl.DataFrame, column: str, tables: Tables) -> pl.Series:
        kinds = dict(tables["chats"].select("chat_id", "kind").iter_rows()) if "chats" in tables else {}
        new: list[str | None] = []
        for title, chat in frame.select(column, "chat_id").iter_rows():
            if title is None:
                new.append(None)
                continue
            told = self.label(title) if kinds.get(chat) == "direct" else self._change(title, WORDS, "")
            self._count(told[1], "chats", 1)
            new.append(told[0])
        return pl.Series(column, new, dtype=pl.String)

    def _redact_person(self, frame: pl.DataFrame, column: str) -> pl.Series:
        one = self._person_label if column == "labels" else self._person_phone
        new = [
            None if texts is None else list(dict.fromkeys(one(person, text) for text in texts))
            for person, texts in frame.select("person_id", column).iter_rows()
        ]
        return pl.Series(column, new, dtype=pl.List(pl.String))

    def _person_label(self, person: str, label: str) -> str:
        new, things = self.label(label, person)
        self._count(things, "people", 1)
        return new

    def _person_phone(self, _person: str, phone: str) -> str:
        told = self.rewriter.rewrite(phone)
        self._count(tuple(edit.thing for edit in told.edits), "people", 1)
        return told.text

    def _redact_messages(self, frame: pl.DataFrame) -> pl.Series:
        told = self.words.rewrite_messages(frame)
        new = []
        for number, text in frame.select("message_id", "text").iter_rows():
            edited = told.get(number)
            if edited is not None:
                self.ledger.count(edited[1], table="messages", message_id=number)
            new.append(text if edited is None else edited[1].text)
        return pl.Series("text", new, dtype=pl.String)


def _is_moved(table: str, column: str) -> bool:
    """Say whether a column is made anew from the texts to which its spans belong."""
    return (table, column) in {
        ("labels", "explanation"),
        ("slates", "name"),
        ("variant_changes", "text"),
        ("variant_changes", "parent_text"),
    }


def _distinct(column: pl.Series) -> list[str]:
    flat = column.explode(empty_as_null=True) if column.dtype == pl.List(pl.String) else column
    return flat.drop_nulls().unique(maintain_order=True).to_list()


def _change_cell(cell: Any, changes: Changes) -> Any:  # noqa: ANN401 - a text, a list of texts or nothing
    if isinstance(cell, list):
        return [changes[text][0] if text in changes else text for text in cell]
    return changes[cell][0] if cell in changes else cell


def _put_back(column: pl.Series, changes: Changes) -> pl.Series:
    new = [_change_cell(cell, changes) for cell in column.to_list()]
    return pl.Series(column.name, new, dtype=column.dtype)


def name_ids(tables: Tables, *, key: bytes) -> dict[str, str]:
    """Return what stands in for each id that was made from a name, a number or a text without a key."""
    return {
        old: stand_in(key, old, what=what)
        for table, frame in tables.items()
        for column in frame.columns
        if (what := columns.what_is(table, column)) in columns.IDS
        for old in _distinct(frame[column])
    }
