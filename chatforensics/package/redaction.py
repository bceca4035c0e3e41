"""Redaction on the data: whoever is no party gets a pseudonym, numbers and addresses are masked, before a page is made.

What must not be read is replaced in the tables, so that nothing lies beneath a mark. Spans move with the words, and
what stands in for somebody is the same in every table of every package of the case.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import regex

from chatforensics.errors import UsageError
from chatforensics.package.dossier import Dossier, Tables
from chatforensics.package.files import PATH_KEYS, FileNames, list_parts
from chatforensics.package.finding import Entry, Finder
from chatforensics.package.folding import count_signs, fold, fold_name, list_words
from chatforensics.package.hidden import Secret, Secrets
from chatforensics.package.ledger import Ledger
from chatforensics.package.masks import KINDS
from chatforensics.package.naming import know_people, list_entries, name_mask, stand_in
from chatforensics.package.pseudonyms import CODE
from chatforensics.package.redactfile import ManualRule
from chatforensics.package.rewriting import NOTICE, SENTENCE, WORDS, Masking, Rewriter, Thing
from chatforensics.package.tablework import BY_NAME, TableWork, name_ids
from chatforensics.package.withholding import withhold

_MARK = regex.compile(rf"\[(?:[a-z-]+ )?P-{CODE}\]|P-{CODE}|\[postcode\]|\[withheld [^\]]*\]")
_AS_IT_IS = frozenset({"source_id", "status", "at", "on", "sha256", "action"})  # of answers and replies
_LONG_ID = 16
_LONG_LINE = 20  # letters and digits of a withheld line that is searched for


@dataclass(frozen=True, slots=True)
class Rules:
    """What redaction takes out and what stays.

    Attributes:
        key: The case's secret of 32 bytes, from which pseudonyms are made.
        parties: The `person_id`s of those who stay by name; their numbers are masked.
        keep: Kinds that are not masked: `phones`, `emails`, `urls`, `postcodes`.
        manual: Words and messages to take out by hand.
        reviewer: Who looked over the result, for the list of redactions.
    """

    key: bytes
    parties: frozenset[str] = frozenset()
    keep: frozenset[str] = frozenset()
    manual: tuple[ManualRule, ...] = ()
    reviewer: str | None = None


def redact_dossier(dossier: Dossier, rules: Rules) -> tuple[Dossier, Secrets]:
    """Replace names of people who are no parties, numbers, addresses and chosen words in all that a package says.

    It cannot find what is written otherwise: a nickname, a first name alone, a number in words, what a picture shows.
    `Secrets` counts the parts of names that stayed. The custody log is not changed. A second redaction with the same
    rules changes nothing.

    Args:
        dossier: With everybody of the case in table `people`: whoever is missing there is not known by name.
        rules: What is taken out.

    Returns:
        The dossier as it may be read, and what was taken out, for `find_leaks`; the latter stays with the case.

    Raises:
        UsageError: the key is too short, or a kind to keep is none.
    """
    strange = sorted(rules.keep - set(KINDS))
    if strange:
        raise UsageError(f"'{strange[0]}' is nothing that is masked.", hint=f"Use {', '.join(KINDS)}.")
    work = _Work(dossier, rules)
    redacted = work.redact()
    return redacted, work.tell(redacted)


class _Work:
    """One redaction: what it knows of the dossier, and what it has taken out."""

    def __init__(self, dossier: Dossier, rules: Rules) -> None:
        tables = dossier.tables
        self._dossier, self._rules = dossier, rules
        self._people = know_people(tables, key=rules.key, parties=rules.parties)
        self._entries, self._noted = list_entries(self._people, tables, rules.manual)
        self._files = self._know_files(tables)
        self._ids = name_ids(tables, key=rules.key)
        self._ledger = Ledger(dossier.redactions, reviewer=rules.reviewer)
        self._withheld = withhold(tables, rules.manual, first=self._ledger.first)
        self._rewriter = self._make_rewriter()
        self._work = TableWork(
            people=self._people,
            rewriter=self._rewriter,
            files=self._files,
            ledger=self._ledger,
            withheld=self._withheld,
            keep=rules.keep,
            ids=self._ids,
        )

    def _know_files(self, tables: Tables) -> FileNames:
        parts = list_parts(entry.printed for entry in self._entries.values() if entry.token)
        return FileNames(tables, key=self._rules.key, finder=Finder(self._entries), parts=parts)

    def _make_rewriter(self) -> Rewriter:
        named = {fold(old).strip(): Entry(old, new, "file name", BY_NAME) for old, new in self._files.literals.items()}
        folders = {fold(old).strip(): Entry(old, new, "file name", BY_NAME) for old, new in self._files.folders.items()}
        tokens = [str(row.get("token", "")) for row in self._dossier.redactions]
        messages = self._dossier.tables.get("messages")
        masking = Masking(
            name=partial(name_mask, people=self._people),
            keep=self._rules.keep,
            numbers=frozenset(self._people.by_number),
            not_numbers=frozenset(map(str, messages["message_id"].to_list() if messages is not None else ())),
            ours=frozenset([*tokens, *(f"[{token}]" for token in tokens)]),
        )
        finders = {
            WORDS: Finder(named | self._entries),
            NOTICE: Finder(named | self._noted),
            SENTENCE: Finder(folders | named | self._entries),
        }
        return Rewriter(finders, masking)

    def redact(self) -> Dossier:
        """Return the dossier as it may be read."""
        dossier = self._dossier
        tables = self._work.redact(dossier.tables)
        run = self._redact_value(dossier.run, SENTENCE)
        reply_for = dossier.reply_for
        return replace(
            dossier,
            title=self._redact_text(dossier.title, WORDS),
            tables=tables,
            run=run if isinstance(run, Mapping) else {},
            answers=tuple(self._redact_row(row) for row in dossier.answers),
            replies=tuple(self._redact_row(row) for row in dossier.replies),
            reply_for=None if reply_for is None else stand_in(self._rules.key, reply_for, what="person"),
            redactions=self._ledger.rows(),
        )

    def _redact_row(self, row: Mapping[str, object]) -> Mapping[str, object]:
        """Return one set of answers or one reply: its person and label are those of the tables."""
        person = row.get("person_id")
        new: dict[str, object] = {}
        for key, value in row.items():
            if key in _AS_IT_IS or not value:
                new[key] = value
            elif key == "person_id":
                new[key] = stand_in(self._rules.key, str(value), what="person")
            elif key == "label":
                new[key] = self._work.label(str(value), str(person) if person else None)[0]
            else:
                new[key] = self._redact_value(value, WORDS, key=key)
        return new

    def _redact_value(self, value: object, manner: str, *, key: str = "") -> object:
        """Return a value of run, answers or replies with its texts redacted, at any depth, names of fields included."""
        if isinstance(value, str):
            return self._files.path(value) if key in PATH_KEYS and value else self._redact_text(value, manner)
        if isinstance(value, Mapping):
            return {
                self._redact_text(str(name), SENTENCE): self._redact_value(one, manner, key=str(name))
                for name, one in value.items()
            }
        if isinstance(value, Sequence) and not isinstance(value, bytes):
            return [self._redact_value(one, manner, key=key) for one in value]
        return value

    def _redact_text(self, text: str, manner: str) -> str:
        told = self._rewriter.rewrite(text, manner=manner)
        self._ledger.count(told, table="run" if manner == SENTENCE else "answers")
        return self._work.rename_ids(told.text)

    def tell(self, redacted: Dossier) -> Secrets:
        """Return what was taken out, and what the maker of the package should be told."""
        self._hide_names()
        for thing, words in self._rewriter.said.items():
            self._ledger.hide(thing, words)
        remaining = list(_list_texts(redacted.tables))
        elsewhere = self._hide_withheld(remaining)
        shown = [entry.printed for entry in self._entries.values() if entry.token is None]
        ids = [Secret(0, "id", old) for old, new in self._ids.items() if old != new and len(old) >= _LONG_ID]
        return Secrets(
            hidden=(*self._ledger.secrets(), *ids),
            shown=tuple(sorted(set(shown))),
            stayed=self._count_parts(remaining),
            unused=tuple(sorted([*self._withheld.unused, *self._list_unused()])),
            elsewhere=elsewhere,
        )

    def _hide_names(self) -> None:
        for entry in self._entries.values():
            if entry.token is not None:
                self._ledger.hide(Thing(entry.kind, entry.reason, entry.token), [entry.printed])
        for old, new in self._files.literals.items():
            self._ledger.hide(Thing("file name", BY_NAME, new), [old])

    def _hide_withheld(self, remaining: Iterable[str]) -> tuple[int, ...]:
        """Keep the lines of withheld messages to search for, but those that other messages say, too."""
        said = "\n".join(map(fold, remaining))
        elsewhere: set[int] = set()
        messages = self._dossier.tables.get("messages")
        rows = messages.select("message_id", "text").drop_nulls().iter_rows() if messages is not None else ()
        for number, text in rows:
            thing = self._withheld.things.get(number)
            if thing is None:
                continue
            lines = [line.strip() for line in text.splitlines() if count_signs(line) >= _LONG_LINE]
            hidden = [line for line in lines if fold(line) not in said]
            self._ledger.hide(thing, hidden)
            if len(hidden) < len(lines):
                elsewhere.add(int(thing.token.split(":")[0].split()[1]))
        return tuple(sorted(elsewhere))

    def _list_unused(self) -> list[int]:
        found = {row.get("token") for row in self._ledger.rows()}
        rules = [rule for rule in self._rules.manual if rule.words and not rule.keep]
        return [
            rule.line for rule in rules if (self._entries[fold_name(rule.words)].token or "").strip("[]") not in found
        ]

    def _count_parts(self, remaining: Iterable[str]) -> dict[str, int]:
        """Count the words of texts that are parts of pseudonymised names, by pseudonym."""
        counted = Counter(word for text in remaining for word in list_words(fold(_MARK.sub(" ", text))))
        shown = list_parts(entry.printed for entry in self._entries.values() if entry.token is None)
        parts: dict[str, set[str]] = {}
        for entry in self._entries.values():
            if entry.kind == "name" and entry.token:
                parts.setdefault(entry.token.strip("[]"), set()).update(list_parts(iter([entry.printed])) - shown)
        found = {code: sum(counted[word] for word in words) for code, words in parts.items()}
        return {code: n for code, n in sorted(found.items()) if n}


def _list_texts(tables: Tables) -> Iterable[str]:
    """Give each distinct text that people wrote, as messages, pictures and polls have it."""
    for table, column in (("messages", "text"), ("pictures", "text"), ("polls", "question"), ("polls", "option")):
        if table in tables:
            yield from tables[table][column].drop_nulls().unique(maintain_order=True)
