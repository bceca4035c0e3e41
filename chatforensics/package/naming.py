"""Who is called what: the names that redaction looks for, and what stands in for each."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

import polars as pl
import regex

from chatforensics.package.columns import CHAT, CLUSTER, LABEL, PERSON, SHARE, TEXT, what_is
from chatforensics.package.dossier import Tables
from chatforensics.package.finding import Entry
from chatforensics.package.folding import fold_name, list_words
from chatforensics.package.masks import Mask, digits_of, find_masks, number_of
from chatforensics.package.pseudonyms import CODE, PSEUDONYM, code_of, pseudonym
from chatforensics.package.redactfile import ManualRule
from chatforensics.package.rewriting import Thing
from chatforensics.package.spellings import list_spellings, list_turned

NO_PARTY, BY_FORM = "not a party", "masked by its form"
NOT_LABELS = frozenset({"You", "sender", ""})  # what the tables say where they name nobody
_STANDS = {PERSON: "P", CHAT: "chat", SHARE: "share", TEXT: "text", CLUSTER: "cluster"}
_STAND_IN = {what: regex.compile(f"{prefix}-{CODE}") for what, prefix in _STANDS.items()}
_PHONE = regex.compile(r"[\s\p{Cf}@(]*[+＋]?[\s\p{Cf}\p{Nd}().\-\u2010-\u2015]+")
_MENTION = regex.compile(r"@[\u2068\u2066\u202a]+([^\u2066-\u2069\u202a-\u202c\r\n]{1,100})[\u2069\u202c]")
_EVERYBODY = frozenset({"all", "everyone"})
_SEVEN_DIGITS = r"(?s)(?:[\p{N}].*?){7}"
_WITH_NUMBERS = (("messages", "text"), ("pictures", "text"), ("polls", "question"), ("polls", "option"))
_SHORTEST = 7
_TAIL = 8  # digits of a number without its country's code by which it is taken to be a known one


@dataclass(frozen=True, slots=True)
class People:
    """Everybody whom the tables name.

    Attributes:
        key: The case's secret.
        parties: Person ids, old and new, of those who stay by name.
        codes: What stands in for each person id.
        by_name: The people who bear a name, by its folded form.
        by_number: The person of a telephone number; none where two people have it.
    """

    key: bytes
    parties: frozenset[str]
    codes: Mapping[str, str]
    by_name: Mapping[str, frozenset[str]]
    by_number: Mapping[str, str]

    def is_party(self, person: str) -> bool:
        """Say whether a person stays by name."""
        return person in self.parties

    def shows(self, name: str) -> bool:
        """Say whether a folded name is a party's, and so stays, even where somebody else bears it as well."""
        return any(map(self.is_party, self.by_name.get(name, ())))

    def code_of_name(self, label: str) -> str:
        """Return what stands in for a label of somebody: of several people or of none known, the label has its own."""
        name = fold_name(label)
        owners = self.by_name.get(name, frozenset())
        if len(owners) == 1:
            return self.codes[next(iter(owners))]
        if is_number(label):
            return self.code_of_number(number_of(label))
        return pseudonym(self.key, namespace="label", value=name)

    def code_of_number(self, number: str) -> str:
        """Return what stands in for a number: the person whose it is, if one is known. No country is derived from it.

        A number that ends a single known one ("07700 900123" and "+44 7700 900123") is taken to be that one.
        """
        longer = [known for known in self.by_number if known.endswith(number)] if len(number) >= _TAIL else []
        known = number if number in self.by_number else longer[0] if len(longer) == 1 else ""
        return self.codes[self.by_number[known]] if known else pseudonym(self.key, namespace="phone", value=number)


def stand_in(key: bytes, value: str, *, what: str) -> str:
    """Return what stands in for an id of the tables; a stand-in stays."""
    if _STAND_IN[what].fullmatch(value):
        return value
    return f"{_STANDS[what]}-{code_of(key, namespace=what, value=value)}"


def is_number(label: str) -> bool:
    """Say whether a label is a telephone number."""
    return _PHONE.fullmatch(label) is not None and len(digits_of(label)) >= _SHORTEST


def know_people(tables: Tables, *, key: bytes, parties: Iterable[str]) -> People:
    """Gather who is called what from the tables; whoever is in none of them is not known."""
    named = list(_list_names(tables))
    ids = dict.fromkeys([*_list_ids(tables), *(person for person, _ in named)])
    codes = {person: stand_in(key, person, what=PERSON) for person in ids}
    by_name: dict[str, set[str]] = {}
    by_number: dict[str, set[str]] = {}
    for person, label in named:
        by_name.setdefault(fold_name(label), set()).add(person)
        if is_number(label):
            by_number.setdefault(number_of(label), set()).add(person)
    shown = frozenset(parties) | {stand_in(key, person, what=PERSON) for person in parties}
    return People(
        key=key,
        parties=shown,
        codes=codes,
        by_name={name: frozenset(owners) for name, owners in by_name.items() if name},
        by_number={number: min(owners) for number, owners in sorted(by_number.items()) if len(owners) == 1},
    )


def _list_ids(tables: Tables) -> Iterator[str]:
    for table, frame in tables.items():
        for column in (column for column in frame.columns if what_is(table, column) == PERSON):
            yield from _texts_of(frame[column])


def _list_names(tables: Tables) -> Iterator[tuple[str, str]]:
    """Give each person with each of their labels and numbers, as people and messages show them."""
    for row in tables["people"].select("person_id", "labels", "phones").iter_rows() if "people" in tables else ():
        yield from ((row[0], label) for label in [*(row[1] or ()), *(row[2] or ())])
    for table, label, person in (
        ("messages", "sender_label", "person_id"),
        ("joins", "label_a", "person_id"),
        ("joins", "label_b", "person_id"),
        ("namesakes", "name", "person_a"),
        ("namesakes", "name", "person_b"),
    ):
        if table in tables:
            yield from tables[table].select(person, label).drop_nulls().unique(maintain_order=True).iter_rows()


def list_labels(tables: Tables) -> list[str]:
    """Return every label of every table, titles of chats with one person, and names that phones put into mentions."""
    labels = [label for _, label in _list_names(tables)]
    for table, frame in tables.items():
        for column in (column for column in frame.columns if what_is(table, column) == LABEL):
            labels += _texts_of(frame[column])
    titles = (
        tables["chats"].filter(pl.col("kind") == "direct")["title"] if "chats" in tables else pl.Series(dtype=pl.String)
    )
    found = dict.fromkeys([*labels, *titles.drop_nulls().to_list(), *_list_mentioned(tables)])
    return [label for label in found if label not in NOT_LABELS and not regex.fullmatch(PSEUDONYM, label)]


def _list_mentioned(tables: Tables) -> Iterator[str]:
    """Give the names in mentions: whoever is mentioned need not have written anything."""
    if "messages" in tables:
        for text in tables["messages"]["text"].drop_nulls().unique(maintain_order=True):
            for found in _MENTION.finditer(text) if "@" in text else ():
                name = found[1].strip()
                if not is_number(name) and name.casefold() not in _EVERYBODY:
                    yield name


def _texts_of(column: pl.Series) -> list[str]:
    flat = column.explode(empty_as_null=True) if column.dtype == pl.List(pl.String) else column
    return flat.drop_nulls().unique(maintain_order=True).to_list() if flat.dtype == pl.String else []


def list_entries(
    people: People, tables: Tables, manual: Iterable[ManualRule]
) -> tuple[dict[str, Entry], dict[str, Entry]]:
    """Return what is looked for in texts, and what in notices, by its folded form.

    Words by hand come before all else. A name on a slate, or a part of one, stays in texts, as it is what they are
    about; where a notice of the chat prints it, it is somebody's label.
    """
    entries: dict[str, Entry] = {}
    labels: dict[str, str | None] = {}
    for label in list_labels(tables):
        if not is_number(label):
            shown = people.shows(fold_name(label))
            token = None if shown else f"[{people.code_of_name(label)}]"
            _add(entries, fold_name(label), Entry(label, token, "name", NO_PARTY))
            labels[label] = token
            _add_spelled(entries, label, token)
    for label, token in labels.items():  # behind all labels as printed, which count for themselves
        for spelling in list_spellings(label):
            _add(entries, fold_name(spelling), Entry(spelling, token, "name", NO_PARTY))
        for turned in list_turned(label) if token else ():
            _add(entries, fold_name(turned), Entry(turned, token, "name", NO_PARTY, is_turned=True))
    by_hand = {fold_name(rule.words): _by_hand(rule, people) for rule in manual if rule.words}
    subjects = _list_subjects(entries, _texts_of(tables["slates"]["name"]) if "slates" in tables else [])
    return entries | subjects | by_hand, entries | by_hand


def _by_hand(rule: ManualRule, people: People) -> Entry:
    code = pseudonym(people.key, namespace="words", value=fold_name(rule.words))
    return Entry(rule.words, None if rule.keep else f"[redacted {code}]", "words", rule.reason)


def _list_subjects(entries: Mapping[str, Entry], names: Iterable[str]) -> dict[str, Entry]:
    """Return the names on slates, and the labels whose words are all in one of them: they stay in texts."""
    told = {fold_name(name): name for name in names}
    words = [set(list_words(name)) for name in told]
    parts = {label: entry for label, entry in entries.items() if any(set(list_words(label)) <= name for name in words)}
    stay = {label: entry.printed for label, entry in parts.items() if list_words(label)} | told
    return {name: Entry(printed, None, "name", "") for name, printed in stay.items() if name}


def _add(entries: dict[str, Entry], name: str, entry: Entry) -> None:
    if name and name not in entries:
        entries[name] = entry


def _add_spelled(entries: dict[str, Entry], label: str, token: str | None) -> None:
    """Add a label as sentences of this program show it: marks written out, cut off after 200 characters."""
    from chatforensics.integrity.telling import say_label

    spelled = say_label(label)[1:-1]
    _add(entries, fold_name(spelled), Entry(spelled, token, "name", NO_PARTY))


def list_masked(tables: Tables, *, keep: Collection[str]) -> set[str]:
    """Return the telephone numbers that are masked anywhere by their form, or are a label: they are so everywhere."""
    if "phones" in keep:
        return set()
    texts = [text for table, column in _WITH_NUMBERS if table in tables for text in _texts_of(tables[table][column])]
    likely = pl.Series(texts, dtype=pl.String).filter(pl.Series(texts, dtype=pl.String).str.contains(_SEVEN_DIGITS))
    masks = (mask for text in likely.unique(maintain_order=True) for mask in find_masks(text))
    labels = (number_of(label) for label in list_labels(tables) if is_number(label))
    return {*labels, *(mask.plain for mask in masks if mask.kind == "phone")}


def name_mask(mask: Mask, *, people: People) -> Thing:
    """Return what stands in for a number, address, link or postcode; equal ones have equal stand-ins."""
    if mask.kind == "postcode":
        return Thing(mask.kind, BY_FORM, "[postcode]")
    if mask.kind == "phone":
        return Thing(mask.kind, BY_FORM, f"[phone {people.code_of_number(mask.plain)}]")
    return Thing(mask.kind, BY_FORM, f"[{mask.kind} {pseudonym(people.key, namespace=mask.kind, value=mask.plain)}]")
