"""What tests of the files for other programs share: dossiers with hostile texts, and dossiers without a name."""

from dataclasses import replace

import polars as pl
from hypothesis import strategies as st
from package.dossiers import a_dossier

from chatforensics.package.dossier import Dossier
from chatforensics.package.redaction import Rules, redact_dossier

NAMES = ("Nkechi Adeyemi", "Piotr Zielony", "Farhana Haque")
HOSTILE = (
    "a\x00b", "\x1b[31mred", "left\u202eright", "one\u2028two\u2029three\x85four\x0bfive", "\r\nX-RSMF-Version: 9\r\n",
    "\ufffe\uffff", "[NUL] and [[] stay", "<r>x</r>", "=?utf-8?b?AAAA?=", "--=_boundary", "urn:uuid:x @id @context", "",
    "\U0001f600" * 400, "x" * 9_000, " \t ", '"\\\u0000', "نص\u200fعربي", "a\n\nb",
)  # fmt: skip
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)


def a_hostile_dossier(text: str) -> Dossier:
    """Return the dossier with one text in the place of every text that somebody outside could choose."""
    base = a_dossier(title=text)
    tables = dict(base.tables)
    chosen = pl.lit(text)
    tables["messages"] = tables["messages"].with_columns(
        text=pl.when(pl.col("message_id") == 1002).then(chosen).otherwise("text"),
        sender_label=pl.when(pl.col("sender_label").is_not_null()).then(chosen),
        attachment=pl.when(pl.col("attachment").is_not_null()).then(chosen),
        deleted_by=pl.when(pl.col("deleted_by").is_not_null()).then(chosen),
    )
    tables["people"] = tables["people"].with_columns(labels=pl.concat_list(chosen))
    tables["chats"] = tables["chats"].with_columns(title=chosen)
    tables["attachments"] = tables["attachments"].with_columns(file=chosen)
    tables["sources"] = tables["sources"].with_columns(path=chosen, chat_title=chosen, timezone=chosen)
    return replace(base, tables=tables)


def without_names(dossier: Dossier) -> Dossier:
    """Return the dossier with a pseudonym for everybody."""
    return redact_dossier(dossier, Rules(key=b"k" * 32, parties=frozenset()))[0]


def shuffled(dossier: Dossier) -> Dossier:
    """Return the dossier with the rows of every table in another order."""
    return replace(dossier, tables={name: table.reverse() for name, table in dossier.tables.items()})
