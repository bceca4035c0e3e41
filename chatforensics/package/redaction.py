"""Redaction on the data: whoever is no party gets a pseudonym, numbers and addresses are masked, before a page is made.

What must not be read is replaced in the tables, so that nothing lies beneath a mark. Spans move with the words, and
what stands in for somebody is the same in every table of every package of the case.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from chatforensics.errors import UsageError
from chatforensics.package.dossier import Dossier, Tables
from chatforensics.package.files import PATH_KEYS, FileNames, list_parts
from chatforensics.package.finding import Entry, Finder
from chatforensics.package.folding import fold, fold_name
from chatforensics.package.hidden import Secret, Secrets, Stayed
from chatforensics.package.ledger import Ledger
from chatforensics.package.masks import KINDS
from chatforensics.package.naming import know_people, list_entries, list_labels, list_masked, name_mask, stand_in
from chatforensics.package.redactfile import ManualRule
from chatforensics.package.reordering import reorder
from chatforensics.package.rewriting import BY_HAND, NOTICE, SENTENCE, WORDS, Masking, Rewriter, Thing
from chatforensics.package.staying import find_stayed, list_texts
from chatforensics.package.tablework import BY_NAME, TableWork, name_ids
from chatforensics.package.withholding import list_lost, withhold

_AS_IT_IS = frozenset({"source_id", "status", "at", "on", "sha256", "action"})  # of answers and replies
_LONG_ID = 16


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
    Names on slates stay but where words by hand take them out: those go everywhere, whoever is shown.
    `Secrets` has the parts of names that stayed, and `run["package"]` in `n_slate_names_shown` how many hidden people
    can be read on slates. The custody log is not changed. A second redaction with the same rules changes nothing.

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
    redacted = reorder(work.redact())
    return redacted, work.tell(redacted)


class _Work:
    """One redaction: what it knows of the dossier, and what it has taken out."""

    def __init__(self, dossier: Dossier, rules: Rules) -> None:
        tables = dossier.tables
        self._dossier, self._rules = dossier, rules
        self._people = know_people(tables, key=rules.key, parties=rules.parties)
        self._entries, self._noted = list_entries(self._people, tables, rules.manual)
        self._by_hand = Finder({name: one for name, one in self._entries.items() if one.token and one.kind == BY_HAND})
        self._stayed: tuple[Stayed, ...] = ()
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
        hidden = {name: entry for name, entry in self._entries.items() if entry.token}
        parts = list_parts(entry.printed for entry in hidden.values())
        return FileNames(tables, key=self._rules.key, finder=Finder(hidden), parts=parts)

    def _make_rewriter(self) -> Rewriter:
        named = {fold(old).strip(): Entry(old, new, "file name", BY_NAME) for old, new in self._files.literals.items()}
        folders = {fold(old).strip(): Entry(old, new, "file name", BY_NAME) for old, new in self._files.folders.items()}
        tokens = [str(row.get("token", "")) for row in self._dossier.redactions]
        by_hand = [entry.token for entry in self._entries.values() if entry.kind == BY_HAND and entry.token]
        messages = self._dossier.tables.get("messages")
        masking = Masking(
            name=partial(name_mask, people=self._people),
            keep=self._rules.keep,
            numbers=frozenset({*self._people.by_number, *list_masked(self._dossier.tables, keep=self._rules.keep)}),
            not_numbers=frozenset(map(str, messages["message_id"].to_list() if messages is not None else ())),
            ours=frozenset([*tokens, *(f"[{token}]" for token in tokens), *by_hand]),
        )
        finders = {
            WORDS: Finder(named | self._entries),
            NOTICE: Finder(named | self._noted),
            SENTENCE: Finder(folders | named | self._entries),
        }
        return Rewriter(finders, masking, by_hand=self._by_hand)

    def redact(self) -> Dossier:
        """Return the dossier as it may be read."""
        dossier = self._dossier
        tables = self._work.redact(dossier.tables)
        self._stayed = find_stayed(list_texts(tables), entries=self._entries, noted=self._noted)
        run = self._redact_value(self._count_in(dossier.run), SENTENCE)
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

    def _count_in(self, run: Mapping[str, object]) -> Mapping[str, object]:
        """Return the run record with the number of hidden people whose whole names stay, as they stand on slates."""
        package = run.get("package")
        if not isinstance(package, Mapping):
            return run
        n_shown = sum(one.on_slate for one in self._stayed)
        return {**run, "package": {"n_slate_names_shown": n_shown, **package}}

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
        elsewhere = self._hide_withheld(redacted.tables)
        shown = [entry.printed for entry in self._entries.values() if entry.token is None]
        ids = [Secret(0, "id", old) for old, new in self._ids.items() if old != new and len(old) >= _LONG_ID]
        return Secrets(
            hidden=(*self._ledger.secrets(), *self._list_unplaced(), *ids),
            shown=tuple(sorted(set(shown))),
            stayed=self._stayed,
            unused=tuple(sorted([*self._withheld.unused, *self._list_unused()], key=lambda rule: rule.line)),
            elsewhere=elsewhere,
        )

    def _hide_names(self) -> None:
        for entry in self._entries.values():
            if entry.token is not None and not entry.is_turned:
                self._ledger.hide(Thing(entry.kind, entry.reason, entry.token), [entry.printed])
        for old, new in self._files.literals.items():
            self._ledger.hide(Thing("file name", BY_NAME, new), [old])

    def _hide_withheld(self, redacted: Tables) -> tuple[int, ...]:
        """Keep the lines of withheld messages to search for, but those that other messages say, too."""
        lost, elsewhere = list_lost(self._dossier.tables, redacted, self._withheld)
        for thing, lines in lost.items():
            self._ledger.hide(thing, lines)
        return tuple(sorted(int(thing.token.split(":")[0].split()[1]) for thing in elsewhere))

    def _list_by_hand(self) -> list[ManualRule]:
        return [rule for rule in self._rules.manual if rule.words and not rule.keep]

    def _list_unused(self) -> list[ManualRule]:
        """Return the words by hand that stood in no text and no name, not even inside of others by hand."""
        labels = self._by_hand.find_all(list_labels(self._dossier.tables))
        files = self._by_hand.find_all(list(self._files.literals | self._files.folders))
        met = {fold_name(hit.entry.printed) for found in (labels, files) for hits in found.values() for hit in hits}
        met |= self._rewriter.met
        return [
            rule for rule in self._list_by_hand() if not any(name.startswith(fold_name(rule.words)) for name in met)
        ]

    def _list_unplaced(self) -> list[Secret]:
        """Return the words by hand that the list of redactions does not count: they are searched for as well."""
        counted = {secret.words for secret in self._ledger.secrets() if secret.kind == BY_HAND}
        words = dict.fromkeys(self._entries[fold_name(rule.words)].printed for rule in self._list_by_hand())
        return [Secret(0, BY_HAND, one) for one in words if one not in counted]
