"""The order of the stages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from chatforensics import schema
from chatforensics.errors import ChatForensicsError, PrecisionError, UsageError
from chatforensics.parsing import Parsed
from chatforensics.schema import Attachments, Events, Families, Messages, Pictures, Shares, Sources
from chatforensics.workflow.pictures import add_picture_texts
from chatforensics.workflow.run import Report, Settings, Tables, report_stage
from chatforensics.workflow.statements import read_candidates, read_corrections

if TYPE_CHECKING:
    from chatforensics.diffusion import LinkModel
    from chatforensics.joining import Corrections, Joined


def gather_events(parsed: Sequence[Parsed]) -> Events:
    """Return the typed notices of all exports."""
    return Events(pl.concat([p.events for p in parsed]).sort("message_id"))


def join_parsed(
    parsed: Sequence[Parsed], events: Events, *, timezone: str, corrections: "Corrections | None" = None
) -> "Joined":
    """Join parsed exports into one picture."""
    from chatforensics.joining import join_exports

    sources = Sources(pl.concat([p.sources for p in parsed]).sort("source_id"))
    messages = Messages(pl.concat([p.messages for p in parsed]).sort("source_id", "byte_start"))
    if messages["message_id"].n_unique() != messages.height:
        raise ChatForensicsError(
            "Two messages have the same id, a chance of one in many thousands.", hint="Please report it."
        )
    attachments = Attachments(pl.concat([p.attachments for p in parsed]))
    return join_exports(sources, messages, events, timezone=timezone, attachments=attachments, corrections=corrections)


def read_bodies_further(messages: Messages) -> Tables:
    """Return what texts and bodies say beside words: `references`, `polls`, `places` and `calls`."""
    from chatforensics.parsing.details import read_details
    from chatforensics.parsing.references import find_references

    details = read_details(messages)
    return {
        "references": find_references(messages),
        "polls": details.polls,
        "places": details.places,
        "calls": details.calls,
    }


def _gather_parsed(parsed: Sequence[Parsed]) -> Tables:
    """Return the tables of single exports that later stages do not change, in the order of exports and places."""
    readings = pl.concat([p.readings for p in parsed])
    attachments = pl.concat([p.attachments for p in parsed])
    return {
        "rejects": pl.concat([p.rejects for p in parsed]).sort("source_id", "byte_start"),
        "readings": readings.sort("source_id", "byte_start", "reason"),
        "attachments": attachments.sort("source_id", maintain_order=True),
    }


def _coarsest_step(parsed: Sequence[Parsed]) -> int:
    return max(int(p.sources["clock_step_s"][0]) for p in parsed)


def check_window(parsed: Sequence[Parsed], settings: Settings) -> None:
    """Refuse a window that no clock of the exports can measure, before any work is done.

    Raises:
        UsageError: the window is not positive.
        PrecisionError: it is finer than the coarsest clock.
    """
    step = _coarsest_step(parsed)
    if settings.window_s <= 0:
        raise UsageError(f"--window: {settings.window_s:g} s is no window.", hint="Give a number of seconds above 0.")
    if settings.window_s < step:
        raise PrecisionError(
            f"--window: {settings.window_s:g} s is finer than the clocks, which print every {step} s.",
            hint=f"Give at least {step}.",
        )


@dataclass(frozen=True, slots=True)
class Staged:
    """All tables of a run, and how people of the case pass texts on, as estimated from it."""

    tables: Tables
    link_model: "LinkModel"


def run_stages(parsed: Sequence[Parsed], received: Tables, settings: Settings, report: Report) -> Staged:
    """Run every stage from joining to coordination and hold each table to the contract.

    `received` has what was seen of each export before: the files of its container, its pictures
    and its indicators.
    """
    from chatforensics.families import build_families, build_variants
    from chatforensics.labelling import extract_slates, label_messages, link_slates
    from chatforensics.pictures import match_pictures

    events = gather_events(parsed)
    corrections = read_corrections(settings.people)
    joined = join_parsed(parsed, events, timezone=settings.timezone, corrections=corrections)
    report_stage(report, "joining")
    pictures = Pictures(received["pictures"])
    labels = label_messages(joined.messages, pictures)
    slates = extract_slates(joined.messages, labels, pictures, candidates=read_candidates(settings.candidates))
    report_stage(report, "labelling")
    told = add_picture_texts(joined.messages, pictures)
    families = build_families(told, labels)
    variants, changes = build_variants(told, families)
    same_slates = link_slates(slates, families)
    report_stage(report, "families")
    spread, link_model = _follow_spread(joined, families)
    report_stage(report, "spread")
    together = _find_common_timing(joined, spread, step_s=_coarsest_step(parsed), settings=settings)
    report_stage(report, "coordination")
    made: Tables = {
        "sources": joined.sources, "messages": joined.messages, "events": events, **_gather_parsed(parsed),
        **read_bodies_further(joined.messages),
        "chats": joined.chats, "people": joined.people, "clocks": joined.clocks, "memberships": joined.memberships,
        "labels": labels, "slates": slates, "families": families, "same_slates": same_slates,
        "variants": variants, "variant_changes": changes, **spread, **together,
        "pictures": pictures, "picture_links": match_pictures(pictures, joined.messages),
        "members": received["members"], "joins": joined.joins,
        "comparisons": joined.comparisons, "corroboration": joined.corroboration,
        "indicators": pl.concat([received["indicators"], joined.indicators]),
    }  # fmt: skip
    return Staged({name: schema.check(frame, table=name) for name, frame in made.items()}, link_model)


def _follow_spread(joined: "Joined", families: Families) -> tuple[Tables, "LinkModel"]:
    """Return who sent what to whom, from whom it may have come and how far it got; and the model of links."""
    from chatforensics.diffusion import (
        build_edges,
        build_shares,
        count_reached,
        link_shares,
        measure_cascades,
        most_exposed,
    )

    shares = build_shares(joined.messages, families)
    links, model = link_shares(shares, joined.memberships, joined.messages, namesakes=joined.namesakes)
    edges = build_edges(shares, joined.memberships)
    return {
        "namesakes": joined.namesakes,
        "shares": shares,
        "links": links,
        "edges": edges,
        "exposures": count_reached(shares, joined.memberships),
        "exposed_chats": most_exposed(shares, joined.memberships),
        "cascades": measure_cascades(shares, links, edges, seed=0),
    }, model


def _find_common_timing(joined: "Joined", spread: Tables, *, step_s: int, settings: Settings) -> Tables:
    """Return who sent the same texts close in time, and the clusters of those whom chance does not explain."""
    from chatforensics.coordination import count_hours, find_clusters, find_pairs, list_phones

    shares = Shares(spread["shares"])
    hours, phones = count_hours(joined.messages), list_phones(joined.people, joined.sources)
    pairs = find_pairs(shares, joined.memberships, hours, phones, clock_step_s=step_s, window_s=settings.window_s)
    return {"pairs": pairs, "clusters": find_clusters(pairs, shares, window_s=settings.window_s)}
