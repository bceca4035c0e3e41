"""What a package holds: the messages that somebody ticked, what stands around them, and their copies elsewhere."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl

from chatforensics.errors import UsageError
from chatforensics.package.canonical import canonical, encode_rows
from chatforensics.package.cutting import Kept, cut_tables
from chatforensics.package.dossier import Dossier, Tables
from chatforensics.package.folding import fold, list_words
from chatforensics.package.places import shorten_places
from chatforensics.schema import SLATE_LABEL

CONTEXT = 10
MOST_CONTEXT = 1000
WORDS: Mapping[str, tuple[str, ...]] = {"flagged": ("flag",), "review": ("flag", "review"), "all": ()}
_NONE = {
    "flagged": "no message is flagged as an instruction; name ids, or --messages review or all.",
    "review": "no message is flagged as an instruction or to be reviewed; name ids, or --messages all.",
}
_NAMED = 5  # unknown ids that an error prints
_LONGEST_ID = 19
_TAIL = 6  # digits
_ID = re.compile(r"[\w-]+")
_OF_ITS_FOLDER = ("outputs",)  # what a run record says of another folder than the package


@dataclass(frozen=True, slots=True)
class Choice:
    """Which messages were ticked, how many records around each come along, and in what words they were chosen.

    `reply_for` is the person for whom this is the reply pack, else None.
    """

    ticked: tuple[int, ...]
    context: int = CONTEXT
    said: str = "ids"
    reply_for: str | None = None


@dataclass(frozen=True, slots=True)
class Papers:
    """What belongs to a case beside its tables; see `Dossier`."""

    title: str
    made_at: datetime
    run: Mapping[str, object]
    answers: tuple[Mapping[str, object], ...] = ()
    log: tuple[str, ...] = ()
    replies: tuple[Mapping[str, object], ...] = field(default=())
    head: tuple[int, str] | None = None


def read_ids(text: str, *, where: str) -> tuple[int, ...]:
    """Read ids of messages, one a line or with commas between them; what follows a # is a comment.

    The page of the report saves its list of ticked messages in this form.

    Raises:
        UsageError: something is no id, or there is none.
    """
    found = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        for word in line.partition("#")[0].replace(",", " ").split():
            if not (word.isascii() and word.isdigit() and len(word) <= _LONGEST_ID):
                raise UsageError(
                    f"{where}: line {number}: '{word[:40]}' is no id of a message.", hint="Ids are numbers."
                )
            found.append(int(word))
    if not found:
        raise UsageError(f"{where}: no id of a message.", hint="Give one id a line.")
    return tuple(sorted(set(found)))


def choose_by_word(tables: Tables, word: str) -> tuple[int, ...]:
    """Return the messages flagged as telling people how to vote, those and the ones to review, or all records.

    What the program flagged is what a model read in the words. It is a list to be looked through by a person.

    Raises:
        UsageError: there are none.
    """
    if word == "all":
        return tuple(sorted(tables["messages"]["message_id"]))
    chosen = pl.col("label").eq(SLATE_LABEL) & pl.col("decision").is_in(WORDS[word])
    ids = tables["labels"].filter(chosen)["message_id"].unique().sort()
    if not ids.len():
        raise UsageError(f"--messages {word}: {_NONE[word]}")
    return tuple(ids)


def build_dossier(tables: Tables, *, choice: Choice, papers: Papers) -> Dossier:
    """Return what a package says of the ticked messages: they, their context, their copies, and what concerns them.

    Records beside a ticked one come along from the same export. Where other exports hold copies of a ticked message,
    those come along with their own context, and exports that cover its time without it are named. What was left out
    is counted: `sources` says in `n_included` how many records of each export are in the package, and
    `run["package"]` says it for the whole. Of the table `people` everybody stays whom anything in the package may name.

    Args:
        tables: the analysed tables of the whole case.
        choice: the ticked ids, and how many records before and after each to include.
        papers: title, time, run record, custody answers and log, and replies.

    Raises:
        UsageError: an id is not in the case, or the context is out of range.
    """
    ticked = _check_choice(tables["messages"], choice)
    kept = find_kept(tables["messages"], ticked, context=choice.context)
    cut = cut_tables(tables, kept)
    cut["sources"] = _count_included(cut["sources"], cut["messages"])
    shown = set(cut["sources"]["source_id"])
    concerned = set(cut["messages"]["person_id"].drop_nulls())
    run = {key: value for key, value in papers.run.items() if key not in _OF_ITS_FOLDER}
    cut, run = shorten_places(cut, run, sources=tables["sources"])
    whole = Dossier(
        title=papers.title,
        made_at=papers.made_at,
        tables=cut,
        ticked=ticked,
        run={**run, "package": _describe(tables, cut, kept, choice=choice)},
        answers=tuple(answer for answer in papers.answers if answer["source_id"] in shown),
        log=papers.log,
        replies=tuple(reply for reply in papers.replies if _concerns(reply, concerned, tables["people"])),
        reply_for=choice.reply_for,
        head=papers.head,
    )
    return drop_bystanders(whole)


def drop_bystanders(dossier: Dossier) -> Dossier:
    """Return the dossier without the people whom nothing in it names.

    Whoever is named by id or pseudonym stays, and whoever bears a name, or a word of one, that occurs anywhere in the
    dossier: redaction finds names in texts only of those who are in the table `people`.
    """
    others = b"".join(encode_rows(frame) for name, frame in dossier.tables.items() if name != "people").decode()
    beside = canonical([dossier.title, dossier.run, dossier.answers, dossier.replies, dossier.reply_for])
    ids = set(_ID.findall(others + beside))
    words = " ".join(sorted(set(list_words(fold(others + beside)))))
    people = dossier.tables["people"]
    named = [_is_named(row, ids, words) for row in people.iter_rows(named=True)]
    return replace(dossier, tables={**dossier.tables, "people": people.filter(pl.Series(named, dtype=pl.Boolean))})


def _is_named(person: Mapping[str, Any], ids: set[str], words: str) -> bool:
    if person["person_id"] in ids or person["pseudonym"] in ids:
        return True
    names = [*(person["labels"] or ()), *(person["phones"] or ())]
    return any(word in words for name in names for word in _telling_words(fold(name).strip()))


def _telling_words(name: str) -> list[str]:
    """Return the words by which a folded name could be told: of numbers the end, which is written without its code."""
    found = list_words(name)
    telling = [word for word in found if not word.isdecimal()]
    telling += [word[-_TAIL:] for word in found if word.isdecimal() and len(word) >= _TAIL]
    return telling or found or [name]


def find_copies(dossier: Dossier) -> frozenset[int]:
    """Return the messages that are copies of ticked ones in other exports and were not ticked themselves."""
    messages = dossier.tables["messages"]
    same = messages.filter(pl.col("message_id").is_in(dossier.ticked))["canonical_id"].drop_nulls()
    copies = messages.filter(pl.col("canonical_id").is_in(same.implode()))["message_id"]
    return frozenset(copies) - frozenset(dossier.ticked)


def find_kept(messages: pl.DataFrame, ticked: Sequence[int], *, context: int) -> Kept:
    """Return the ticked messages with their copies in other exports, and so many records around each of both."""
    ordered = messages.select("message_id", "source_id", "canonical_id", "byte_start").sort("source_id", "byte_start")
    is_ticked = pl.col("message_id").is_in(list(ticked))
    same = ordered.filter(is_ticked)["canonical_id"].drop_nulls()
    centres = ordered.select(
        is_ticked | pl.col("canonical_id").is_in(same.implode()).fill_null(value=False)
    ).to_series()
    near = _spread(centres.to_numpy(), ordered["source_id"].rle_id().to_numpy(), context)
    return Kept(
        centres=frozenset(ordered.filter(centres)["message_id"]),
        included=frozenset(ordered.filter(pl.Series(near))["message_id"]),
    )


def check_context(context: int) -> None:
    """Refuse a number of neighbouring records that is out of range.

    Raises:
        UsageError: it is.
    """
    if not 0 <= context <= MOST_CONTEXT:
        raise UsageError(f"--context: {context} is out of range.", hint=f"Give 0 to {MOST_CONTEXT}.")


def _check_choice(messages: pl.DataFrame, choice: Choice) -> tuple[int, ...]:
    check_context(choice.context)
    unknown = sorted(set(choice.ticked) - set(messages["message_id"]))
    if unknown:
        named = ", ".join(map(str, unknown[:_NAMED])) + (" …" if len(unknown) > _NAMED else "")
        raise UsageError(
            f"--messages: not in this case: {named} ({len(unknown):,} of {len(choice.ticked):,}).",
            hint="Ids stand in the tables and on the report's page; they belong to the exports they were read from.",
        )
    if not choice.ticked:
        raise UsageError("--messages: no message is chosen.", hint="Name ids, flagged, review or all.")
    return tuple(sorted(set(choice.ticked)))


def _spread(centres: np.ndarray, runs: np.ndarray, context: int) -> np.ndarray:
    """Return which places lie within `context` places of a centre in the same run."""
    places = np.flatnonzero(centres)
    first = np.searchsorted(runs, runs[places], side="left")
    last = np.searchsorted(runs, runs[places], side="right")
    edges = np.zeros(len(centres) + 1, dtype=np.int64)
    np.add.at(edges, np.maximum(places - context, first), 1)
    np.add.at(edges, np.minimum(places + context + 1, last), -1)
    return np.asarray(np.cumsum(edges[:-1]) > 0)


def _count_included(sources: pl.DataFrame, messages: pl.DataFrame) -> pl.DataFrame:
    counted = messages.group_by("source_id").agg(n_included=pl.len().cast(pl.Int64))
    joined = sources.join(counted, on="source_id", how="left", maintain_order="left")
    return joined.with_columns(pl.col("n_included").fill_null(0))


def _describe(tables: Tables, cut: Tables, kept: Kept, *, choice: Choice) -> dict[str, object]:
    """Return in counts what was chosen and what was left out."""
    n_ticked = len(set(choice.ticked))
    return {
        "chosen_by": choice.said,
        "context": choice.context,
        "n_ticked": n_ticked,
        "n_copies": len(kept.centres) - n_ticked,
        "n_context": len(kept.included) - len(kept.centres),
        "n_records": len(kept.included),
        "n_records_of_case": tables["messages"].height,
        "n_exports": cut["sources"].height,
        "n_exports_of_case": tables["sources"].height,
        "n_flagged": _count_flagged(cut),
        "n_flagged_of_case": _count_flagged(tables),
        "n_rows": {name: frame.height for name, frame in sorted(cut.items()) if name != "people"},
    }


def _count_flagged(tables: Tables) -> int:
    """Count records flagged as instructions; copies in several exports count each."""
    is_flagged = pl.col("label").eq(SLATE_LABEL) & pl.col("decision").eq("flag")
    return tables["labels"].filter(is_flagged)["message_id"].n_unique()


def _concerns(reply: Mapping[str, object], concerned: set[str], people: pl.DataFrame) -> bool:
    """Tell whether a reply is of somebody in the package: by id, else by a name, as ids may change."""
    if reply.get("person_id") in concerned:
        return True
    bearing = people.filter(pl.col("labels").list.contains(str(reply.get("label")).strip()))
    return not concerned.isdisjoint(bearing["person_id"])
