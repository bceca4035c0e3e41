"""What an evidence package says, as tables and plain values, before it becomes files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

Tables = Mapping[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything that a package says. Redaction returns another one; what writes files reads nothing else.

    Attributes:
        title: Of the case, as its maker typed it.
        made_at: When the package was made, in UTC.
        tables: Every table of the contract, cut down to the chosen messages and their context and to what concerns
            them.
        ticked: The `message_id`s that were chosen; the other messages are context.
        run: The run record (run.json) of the analysis.
        answers: For each export the answers to the custody questions, with its `source_id`; "unknown" is an answer.
        log: The lines of the custody log, as they are hashed, without their line ends.
        replies: What people named were offered and answered; see `docs/evidence.md`.
        redactions: One row for each thing taken out; never the words themselves.
        reply_for: The person for whom this is the reply pack, else None.
        head: Entries and SHA-256 of a custody log that is left out for the names in it; else None.
    """

    title: str
    made_at: datetime
    tables: Tables
    ticked: tuple[int, ...]
    run: Mapping[str, object]
    answers: tuple[Mapping[str, object], ...] = ()
    log: tuple[str, ...] = ()
    replies: tuple[Mapping[str, object], ...] = ()
    redactions: tuple[Mapping[str, object], ...] = field(default=())
    reply_for: str | None = None
    head: tuple[int, str] | None = None
