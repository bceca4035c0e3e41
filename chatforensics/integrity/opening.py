"""How an export begins, and whether it may have been cut at its length."""

from collections.abc import Iterator, Mapping

import polars as pl

from chatforensics.integrity.evidence import INFO, UNEXPLAINED, Evidence, Indicator, Observation
from chatforensics.integrity.telling import YOU, first_lines, say_count

_BEGINNINGS, _ARRIVALS = ("encryption", "created"), ("added", "joined")
_OPENING = 10  # records: phones print the notices of a beginning among the first few, not always in one order
# WhatsApp keeps the newest 40,000 messages, 10,000 with media (reported; no notice says so).
_CAP, _CAP_WITH_MEDIA = (39_500, 40_001), (9_500, 10_001)


def find_opening(evidence: Evidence) -> Iterator[Observation]:
    """Tell an export that does not start with the notices of a chat's beginning, or has them behind messages."""
    marks = _find_marks(evidence)
    if not (marks["row"] < _OPENING).any():
        yield Observation(
            INFO,
            f"None of the first {_OPENING} records tells of a beginning: not of encryption, not of a group's creation, "
            "and not of how whoever made the export came in.",
            evidence.messages["line"].head(1).to_list(),
        )
    if "created" not in evidence.told:
        return
    typed = evidence.messages["sender_label"].is_not_null().arg_true()
    first = int(typed[0]) if len(typed) else evidence.messages.height
    late = marks.filter((pl.col("event") == "created") & (pl.col("row") > first))
    if late.height:
        n_before = int((typed < late["row"][0]).sum())
        value = f"{say_count(n_before, 'message')} before the notice that the group was created."
        yield Observation(UNEXPLAINED, value, first_lines(late))


def _find_marks(evidence: Evidence) -> pl.DataFrame:
    """Return the notices that stand at a chat's beginning."""
    told = evidence.notices
    if told.is_empty():
        return told
    columns = (told[name].to_list() for name in ("event", "actor", "targets"))
    marks = [
        event in _BEGINNINGS or (event in _ARRIVALS and (actor == YOU or YOU in targets))
        for event, actor, targets in zip(*columns, strict=True)
    ]
    return told.filter(pl.Series(marks, dtype=pl.Boolean))


def find_cap(evidence: Evidence) -> Iterator[Observation]:
    """Tell an export that is as long as the longest that phones make, and does not start with a beginning."""
    n = evidence.messages.height
    if n < min(_CAP[0], _CAP_WITH_MEDIA[0]):
        return
    with_media = evidence.messages.filter((pl.col("kind") == "media") & pl.col("attachment").is_not_null()).height > 0
    low, high = _CAP_WITH_MEDIA if with_media else _CAP
    if low <= n <= high and not _find_marks(evidence).filter(pl.col("row") < _OPENING).height:
        kept = "10,000 with" if with_media else "40,000 without"
        yield Observation(
            INFO,
            f"{n:,} records and no notice of a beginning; exports are reported to keep the newest {kept} media.",
            evidence.messages["line"].head(1).to_list(),
        )


OPENING: Mapping[str, Indicator] = {
    "I-12": Indicator(
        title="How the export begins",
        find=find_opening,
        why=(
            "A chat begins with notices: of encryption, of the group's creation, of somebody being added. Where "
            "they are missing, what was said before the first record is not known; where messages stand before "
            "them, the order of the file is not that of the chat."
        ),
        innocent=(
            "A long chat of which the phone exports the newest part only; a chat that was cleared or begun again "
            "on a new phone; a direct chat or an old group without such notices; notices whose wording is not "
            "known; two exports joined into one file by somebody who says so."
        ),
        resolve="The beginning of the chat on the phone, and the export of another member.",
    ),
    "I-13": Indicator(
        title="Length near the limit of an export",
        find=find_cap,
        why=(
            "Phones export the newest messages only, up to a number, and do not say so. What was said before is "
            "then missing from this export, and no conclusion may rest on its absence."
        ),
        innocent="This is how phones work: nothing was done by anybody. Some chats have this length by chance.",
        resolve="The chat on the phone, exports of other members, or several exports of the one phone over time.",
    ),
}
