"""Exports side by side as plain text: for a person, safe on any terminal, wrapped and without colour."""

from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import groupby
from typing import TYPE_CHECKING

import polars as pl

from chatforensics.cli.casewords import LIMIT, Case, Row, count, head, more, print_moment, wrap
from chatforensics.cli.observations import show
from chatforensics.cli.sides import say_disagreements, say_observations
from chatforensics.report.sightings import MINUTE_S, number_sources, print_times

if TYPE_CHECKING:
    from chatforensics.joining import Apart
    from chatforensics.workflow import Compared

CLOSING = (
    "How to read this: agreement shows that files agree, not that a message was sent, by whom, or that it is true. A "
    "disagreement does not show which file is right, nor that anybody changed one: each has lawful explanations, which "
    "are to be excluded first. Files that come from one phone, person or file confirm nothing of each other; where "
    "nothing shows that they do, they may still. Keep the exports untouched, and ask further members for theirs."
)
WHY_APART = (
    "One chat shows nearly all texts of the time that both cover, by several senders and in one order. Forwards and "
    "common phrases are shared by many chats."
)
NOTHING_JOINED = (
    "No two of these exports were taken to show one chat, so there is nothing to compare. If you know that they do, "
    "declare it (--declare)."
)
LONG_TEXT = 20  # characters, as in joining
CANNOT = (
    "whether a message was sent, delivered or read, or what stood in it before all these exports were made",
    "who held a phone; names are those of each phone's address book",
    "what all of these exports lack alike, and what a careful hand changed alike in all of them",
    "which of two disagreeing files is as the phone wrote it",
)


def describe_comparison(compared: "Compared") -> str:
    """Return in plain words what exports show of each other, chat by chat, with lawful explanations, and no verdict."""
    times = [print_times(name).alias(name) for name in ("first_local", "last_local")]
    spans = compared.tables["messages"].group_by("source_id").agg(
        first_local=pl.col("sent_local").min(), last_local=pl.col("sent_local").max()
    )  # fmt: skip
    sources = number_sources(compared.tables["sources"]).join(spans, on="source_id", how="left").with_columns(times)
    rows = sources.sort("place").to_dicts()
    case = Case(compared, rows, {row["source_id"]: row["source"] for row in rows})
    chats = sorted(compared.tables["chats"].to_dicts(), key=lambda chat: min(case.order(chat["source_ids"])))
    parts = [_say_received(case), _say_chats(case, chats)]
    parts += [_say_chat(case, chat) for chat in chats if len(chat["source_ids"]) > 1]
    return "\n\n".join("\n".join(part) for part in [*parts, _say_limits()]) + "\n"


def _say_received(case: Case) -> Iterator[str]:
    """Yield the exports with their short names."""
    yield from head("EXPORTS")
    makers = _name_custodians(case)
    for row in case.sources:
        made = makers[row["source_id"]]
        by = f"made by {show(made)}, as it seems" if made else "nothing shows who made it"
        yield wrap(f"{show(row['path'])}", first=f"{row['source']:<4}", indent="    ")
        span = f"{row['first_local']} to {row['last_local']} by its own clock"
        yield wrap(f"{count(row['n_messages'], 'record')}, {span}; {row['platform']}; {by}", first="    ")
        yield f"    SHA-256 {row['sha256']}"
    for said in case.compared.same_file:
        yield wrap(f"{show(said)} A copy confirms nothing.", first="Note: ", indent="      ")


def _name_custodians(case: Case) -> dict[str, str | None]:
    """Return the name of who made each export: as it prints them most, else as its phone does, else their first."""
    counted = ["source_id", "person_id", "sender_label"]
    used = case.compared.tables["messages"].drop_nulls(counted).group_by(counted).len().sort("len", *counted)
    folders = {row["source_id"]: row["folder"] for row in case.sources}
    printed = list(used.select(counted).iter_rows())  # what is used most comes last, and stays
    here = {(source, person): label for source, person, label in printed}
    phone = {(folders[source], person): label for source, person, label in printed if folders[source]}
    first = dict(case.compared.tables["people"].select("person_id", pl.col("labels").list.first()).iter_rows())
    made = {row["source_id"]: row["custodian_id"] for row in case.sources}
    return {
        source: here.get((source, who)) or phone.get((folders[source], who)) or first.get(who)
        for source, who in made.items()
    }


def _say_chats(case: Case, chats: Sequence[Row]) -> Iterator[str]:
    """Yield which exports show one chat, and of the others what they share all the same."""
    yield from head("ONE CHAT?")
    for chat in chats:
        title = f" ({show(chat['title'])})" if chat["title"] else ""
        several = len(chat["source_ids"]) > 1
        words = "show one chat" if several else "shows a chat that no other export here shows"
        yield wrap(f"{case.cite(chat['source_ids'])}{title}: {words}.", indent="    ")
    yield from _say_apart(case, len(chats))


def _say_apart(case: Case, n_chats: int) -> Iterator[str]:
    """Yield what exports that were not taken to show one chat share all the same, and why that is too little."""
    pairs = sorted(
        _list_apart(case),
        key=lambda row: (-row["n_texts"], sorted(case.order([row["source_a"], row["source_b"]]))),
    )
    for row in pairs[:LIMIT]:
        why = "declared to be of another chat; " if row["declared"] else ""
        shared = (
            f"{count(row['n_texts'], 'long text')} in both, {row['n_in_step']:,} of them at one distance of the clocks"
        )
        yield wrap(
            f"{case.cite([row['source_a'], row['source_b']])} were not joined: {why}{shared}.",
            first="  ",
            indent="    ",
        )
    apart = case.compared.apart
    yield from more(apart.n_sharing, "pair", where="none of them shares more")
    if not all(row["declared"] for row in pairs):
        yield wrap(WHY_APART, first="  ")
    if apart.n_other:
        yield wrap(_say_others(apart), first="  ")
    if n_chats == len(case.sources):
        yield wrap(NOTHING_JOINED)


def _say_others(apart: "Apart") -> str:
    """Count the pairs that share no long text, and say of which texts that is not known in full."""
    none = f"{count(apart.n_other, 'pair')} without a text of {LONG_TEXT} characters or more in both"
    common = count(apart.n_common, "text")
    known = f", but for {common} that many exports hold" if apart.n_common else ""
    return f"{none}{known}; times that meet: {apart.n_other_meet:,}."


def _list_apart(case: Case) -> Iterator[Row]:
    """Yield the pairs of exports that were not joined, and whether they were declared to be of two chats."""
    stated = {row["source_id"]: row["declared_chat"] for row in case.sources}
    for row in case.compared.apart.pairs.to_dicts():
        one, other = stated[row["source_a"]], stated[row["source_b"]]
        yield row | {"declared": one is not None and other is not None and one != other}


def _say_chat(case: Case, chat: Row) -> Iterator[str]:
    """Yield everything about one chat."""
    rows = [_turn(case, row) for row in case.rows("comparisons", chat["chat_id"])]
    pairs = sorted(rows, key=lambda row: case.order([row["source_a"], row["source_b"]]))
    yield from head(f"CHAT OF {case.cite(chat['source_ids'])}{': ' + show(chat['title']) if chat['title'] else ''}")
    for row in pairs[:LIMIT]:
        yield from _say_pair(case, row)
    yield from more(len(pairs), "pair")
    yield from _say_clocks(case, chat)
    yield from _say_people(case, chat)
    yield from _say_counts(case, chat)
    yield from say_disagreements(case, chat)
    yield from say_observations(case, chat)


def _turn(case: Case, row: Row) -> Row:
    """Return a comparison with the export first that has the lower number."""
    if case.order([row["source_a"]]) < case.order([row["source_b"]]):
        return row
    ends = {"source_a": "source_b", "n_a": "n_b", "n_only_a": "n_only_b"}
    other = ends | {b: a for a, b in ends.items()}
    turned = {name: row[other.get(name, name)] for name in row}
    return turned | {"offset_s": None if row["offset_s"] is None else -row["offset_s"]}


def _say_pair(case: Case, row: Row) -> Iterator[str]:
    """Yield how far two exports are independent, how their clocks stand, and how many messages agree."""
    a, b = case.names[row["source_a"]], case.names[row["source_b"]]
    yield f"\n{a} and {b}"
    free = "Nothing shows that both come from one phone, person or file; nothing shows that they do not."
    yield wrap(free if row["independent"] else f"Not independent. {row['dependence']}", first="  ")
    yield wrap(f"One chat by {count(row['n_anchors'], 'long text')} in both.", first="  ")
    if row["offset_s"] is not None:
        word, rest = ("ahead of" if row["offset_s"] >= 0 else "behind"), row["n_anchors"] - row["n_at_offset"]
        other = f"; {count(rest, 'text')} at another distance (a zone or summer time changed)" if rest else ""
        size = f"{_print_seconds(abs(row['offset_s']))} {word} that of {a}, give or take {row['uncertainty_s']} s"
        yield wrap(f"The clock of {b} is {size}{other}.", first="  ")
    if row["from_at"] is None:
        yield wrap("They cover no time in common: neither confirms or contradicts the other.", first="  ")
        return
    first_at, last_at = (print_moment(row[name], step_s=MINUTE_S) for name in ("from_at", "to_at"))
    yield wrap(f"Both cover {first_at} to {last_at} UTC.", first="  ")
    differ = {"text": row["n_text"], "sender": row["n_sender"], "time": row["n_time"]}
    told = ", ".join(f"{number} in {name}" for name, number in differ.items() if number) or "none"
    only = f"only in {a}: {row['n_only_a']:,}, only in {b}: {row['n_only_b']:,}, out of order: {row['n_order']:,}"
    yield wrap(f"Messages that agree: {row['n_agree']:,}; that differ: {told}; {only}.", first="  ")


def _print_seconds(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    parts = ((minutes // 60, "h"), (minutes % 60, "min"), (rest, "s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 s"


def _say_clocks(case: Case, chat: Row) -> Iterator[str]:
    """Yield how the clock of each export was read."""
    yield "\nCLOCKS, as they were read"
    clocks = case.compared.tables["clocks"].filter(pl.col("source_id").is_in(chat["source_ids"])).to_dicts()
    ordered = sorted(clocks, key=lambda row: (case.order([row["source_id"]]), str(row["from_local"])))
    for (name, basis), _ in groupby(ordered, key=lambda row: (case.names[row["source_id"]], row["basis"])):
        yield wrap(show(reduce(lambda told, one: told.replace(*one), case.names.items(), basis)), first=f"  {name}: ")


def _say_people(case: Case, chat: Row) -> Iterator[str]:
    """Yield who is who: the labels of each person side by side, and on what it rests that they are one."""
    messages = case.compared.tables["messages"].filter(
        (pl.col("chat_id") == chat["chat_id"]) & pl.col("person_id").is_not_null()
    )
    used = (
        messages.group_by("person_id", "source_id", "sender_label").len().sort("person_id", "source_id", "sender_label")
    )
    basis = dict(case.compared.tables["people"].select("person_id", "basis").iter_rows())
    totals = used.group_by("person_id").agg(pl.col("len").sum()).sort(-pl.col("len").cast(pl.Int64), "person_id")
    yield "\nWHO IS WHO, by messages and notices that exports share and by numbers, never by likeness of names"
    for person_id in totals["person_id"].head(LIMIT):
        labels = [
            f"{case.names[source]} {show(label)} ({number:,})"
            for source, label, number in used.filter(pl.col("person_id") == person_id).drop("person_id").iter_rows()
        ]
        yield wrap(
            f"{' = '.join(sorted(labels, key=lambda one: int(one[1:].split()[0])))}", first="  ", indent="      "
        )
        yield wrap(show(basis.get(person_id, "")), first="      basis: ", indent="      ")
    yield from more(totals.height, "person")


def _say_counts(case: Case, chat: Row) -> Iterator[str]:
    """Yield how many messages of the chat are confirmed, and by how many independent exports."""
    rows = case.compared.tables["corroboration"].filter(pl.col("chat_id") == chat["chat_id"])
    agree = rows.filter(pl.col("status") == "agree")
    yield "\nAGREEMENT"
    sure = agree.filter(pl.col("n_independent") > 1).height
    words = f"Of {count(rows.height, 'message')} of this chat, two or more independent exports show {sure:,} alike"
    rest = agree.height - sure
    same = f"; in several exports that are not independent: {rest:,} more" if rest else ""
    alone = rows.filter(pl.col("status") == "outside_window").height
    outside = f"; in time that no other export covers: {alone:,}" if alone else ""
    yield wrap(f"{words}{same}{outside}.", first="  ")
    copies = case.compared.tables["messages"].filter(pl.col("kind") != "system")
    yield from _say_halves(copies.join(agree.filter(pl.col("n_independent") > 1), on="canonical_id", how="semi"))


def _say_halves(copies: pl.DataFrame) -> Iterator[str]:
    """Yield of how many messages shown alike the words, or the sender, rest on a part of the exports only."""
    worded = pl.col("text").is_not_null() & pl.col("kind").is_in(("text", "media"))
    each = copies.group_by("canonical_id").agg(
        wordless=worded.any() & ~worded.all(), loose=pl.col("person_id").n_unique() > 1
    )
    wordless, loose = int(each["wordless"].sum()), int(each["loose"].sum())
    if wordless:
        yield wrap(
            f"Of these, with words in one export and none in another: {wordless:,} (deleted since, or a file or its "
            "caption left out of the export); there it does not confirm what was said.",
            first="  ",
        )
    if loose:
        yield wrap(
            f"Of these, under labels that nothing ties together: {loose:,}; the exports agree on words and times, "
            "not on who sent them. Two contacts under one name, or few messages, do that, and so does a changed name.",
            first="  ",
        )


def _say_limits() -> Iterator[str]:
    """Yield what no comparison of exports can show, and how to read this one."""
    yield from head("WHAT THIS CANNOT SHOW")
    for line in CANNOT:
        yield wrap(line, first="  - ")
    yield ""
    yield wrap(CLOSING)
