"""Whom a reply pack is for, which of their messages it holds, and what the whole case says of these."""

from collections.abc import Sequence

import polars as pl

from chatforensics.errors import UsageError
from chatforensics.package.dossier import Tables
from chatforensics.package.sheets import fill_tables
from chatforensics.schema import CONFLICT_STATUSES, SLATE_LABEL
from chatforensics.text import normalise, show_on_one_line

_DECIDED = ("flag", "review")
_LISTED = 8  # people that an error names


def find_person(tables: Tables, wanted: str) -> str:
    """Return the `person_id` of the one person who is meant by an id, a pseudonym or a name as printed.

    A name that fits does not show that it is the person meant: a phone prints what its owner wrote in their contacts.

    Args:
        tables: `people`.
        wanted: An id or pseudonym as in the tables, or a printed name or number, whatever its capitals and spaces.

    Raises:
        UsageError: Nobody fits, or several do; the message lists them.
    """
    people = tables["people"].sort("person_id")
    exact = people.filter((pl.col("person_id") == wanted) | (pl.col("pseudonym") == wanted))
    if exact.height == 1:
        return str(exact["person_id"][0])
    folded = fold_name(wanted)
    rows = people.select("person_id", "pseudonym", "labels").rows()
    spoken = [row for row in rows if folded and folded in map(fold_name, (row[1] or "", *(row[2] or ())))]
    if len(spoken) == 1:
        return str(spoken[0][0])
    if spoken:
        raise UsageError(
            f"'{wanted}' is the name of {len(spoken)} people: {_list_people(spoken)}.", hint="Name one by its id."
        )
    near = [row for row in rows if folded and any(folded in fold_name(label) for label in row[2] or ())]
    told = f" Names that hold it: {_list_people(near)}." if near else ""
    raise UsageError(
        f"Nobody in these exports is '{wanted}'.{told}",
        hint="Use a name as the report prints it, or an id of the table people.",
    )


def fold_name(label: str) -> str:
    """Return a printed name as it is compared: without capitals, marks that do not show, and the ~ of profile names."""
    return normalise(label).removeprefix("~").strip()


def _list_people(rows: list[tuple[str, str | None, list[str] | None]]) -> str:
    shown = [
        f"{show_on_one_line('/'.join(labels or [])) or 'no name printed'} ({pseudonym or person_id}, {person_id})"
        for person_id, pseudonym, labels in rows[:_LISTED]
    ]
    return "; ".join([*shown, *(["…"] if len(rows) > _LISTED else [])])


def choose_for(tables: Tables, *, person_id: str) -> list[int]:
    """Return every message attributed to a person that a finding rests on, and those that speak the other way.

    Findings are: a label decided flag or review, a share of a followed text, a cluster, an export that disagrees, an
    observation that is unexplained or a contradiction. To be chosen says nothing about the person.

    Args:
        tables: All tables of the case, not cut down.
        person_id: Whose messages.

    Returns:
        The `message_id`s in order, with every copy in every export.
    """
    known = fill_tables(tables)
    own = own_messages(known, person_id)
    ids = find_grounds(known, own, person_id) | set(_find_other_way(known, own))
    copies = own.filter(pl.col("message_id").is_in(sorted(ids)))["one"].unique()
    return sorted(own.filter(pl.col("one").is_in(copies.implode()))["message_id"])


def describe_person(tables: Tables, *, person_id: str) -> dict[str, object]:
    """Return counts of all that a person sent and received, and which of their messages speak the other way, and why.

    It is taken from the whole case and travels in the run record of the pack as `reply_for`: a pack holds only some
    messages, and the part that they are of all cannot be told from it. Copies in several exports count once.
    """
    known = fill_tables(tables)
    own = own_messages(known, person_id)
    instructing = known["families"].join(_instructing(known), on="message_id", how="semi")["family_id"].unique()
    of_text = pl.col("family_id").is_in(instructing.implode())
    received = known["edges"].filter(of_text & (pl.col("recipient_id") == person_id))["family_id"].unique()
    sent = known["shares"].filter(of_text & (pl.col("person_id") == person_id))["family_id"].unique()
    grounds = own.filter(pl.col("message_id").is_in(sorted(find_grounds(known, own, person_id))))
    first, last = own["sent_at"].min(), own["sent_at"].max()
    return {
        "n_messages": own["one"].n_unique(),
        "n_with_findings": grounds["one"].n_unique(),
        "n_instructions": own.join(_instructing(known), on="message_id", how="semi")["one"].n_unique(),
        "n_chats": own["chat_id"].drop_nulls().n_unique(),
        "first_on": str(first)[:10] if first else None,
        "last_on": str(last)[:10] if last else None,
        "n_texts_received": received.len(),
        "n_texts_passed_on": len(set(received) & set(sent)),
        "n_exports_made": known["sources"].filter(pl.col("custodian_id") == person_id).height,
        "other_way": [
            {"message_id": key, "reason": reason} for key, reason in sorted(_find_other_way(known, own).items())
        ],
    }


def count_chosen(tables: Tables, *, person_id: str, ticked: Sequence[int]) -> tuple[int, int]:
    """Return how many messages of a person were chosen, and on how many of these findings rest; copies count once.

    The others speak the other way, or were chosen besides; none of them asks for an answer.
    """
    known = fill_tables(tables)
    own = own_messages(known, person_id)
    chosen = own.filter(pl.col("message_id").is_in(list(ticked)))["one"].unique()
    found = own.filter(pl.col("message_id").is_in(sorted(find_grounds(known, own, person_id))))["one"].unique()
    return chosen.len(), chosen.filter(chosen.is_in(found.implode())).len()


def own_messages(tables: Tables, person_id: str) -> pl.DataFrame:
    """Return the messages attributed to a person, `one` shared by all copies of a message."""
    own = tables["messages"].filter((pl.col("person_id") == person_id) & (pl.col("kind") != "system"))
    return own.with_columns(one=pl.coalesce("canonical_id", "message_id"))


def _instructing(tables: Tables) -> pl.DataFrame:
    chosen = pl.col("label").eq(SLATE_LABEL) & pl.col("decision").is_in(_DECIDED)
    return tables["labels"].filter(chosen).select("message_id").unique()


def find_grounds(tables: Tables, own: pl.DataFrame, person_id: str) -> set[int]:
    """Return the messages of a person that findings rest on, and their copies.

    Args:
        tables: All tables.
        own: The messages attributed to the person, as `own_messages` gives them.
        person_id: Who that is.
    """
    labelled = tables["labels"].filter(pl.col("decision").is_in(_DECIDED))["message_id"]
    shared = tables["shares"].filter(pl.col("person_id") == person_id)["message_ids"].explode()
    clustered = tables["clusters"]["message_ids"].explode()
    ids = set(pl.concat([labelled, shared, clustered, _find_observed(tables, own)]).drop_nulls())
    disagreed = tables["corroboration"].filter(pl.col("status").is_in(CONFLICT_STATUSES))["canonical_id"]
    touched = own.filter(pl.col("message_id").is_in(sorted(ids)) | pl.col("one").is_in(disagreed.implode()))["one"]
    return set(own.filter(pl.col("one").is_in(touched.implode()))["message_id"])


def _find_observed(tables: Tables, own: pl.DataFrame) -> pl.Series:
    """Return the messages at whose lines something unexplained or contradictory was observed."""
    observed = tables["indicators"].filter(pl.col("level").is_in(["unexplained", "contradiction"]))
    places = observed.select(source_id=pl.col("source_ids").list.first(), line="lines").explode("line").drop_nulls()
    return own.join(places.unique(), on=["source_id", "line"], how="semi")["message_id"]


def _find_other_way(tables: Tables, own: pl.DataFrame) -> dict[int, str]:
    """Return the messages of a person that speak the other way, each with the rule of the report that found it."""
    from chatforensics.report.otherway import find_near_subject, tell_reason

    near = find_near_subject(tables)
    ones = own.select("one", own_id="message_id").unique("one", keep="first", maintain_order=True)
    found = near.select("one", "reason").join(ones, on="one")
    return {row["own_id"]: str(tell_reason(row["reason"])) for row in found.iter_rows(named=True)}
