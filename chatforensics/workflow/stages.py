"""The order of the stages."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, cast

import polars as pl

from chatforensics import schema
from chatforensics.casefile import Kept
from chatforensics.errors import ChatForensicsError, PrecisionError, UsageError
from chatforensics.parsing import Parsed
from chatforensics.schema import (
    Attachments,
    Events,
    Families,
    Labels,
    Memberships,
    Messages,
    Namesakes,
    People,
    Pictures,
    Shares,
    Slates,
    Sources,
)
from chatforensics.workflow.corrected import PEOPLE, Effect, correct_labels, key_of
from chatforensics.workflow.pictures import add_picture_texts, read_pictures
from chatforensics.workflow.run import Report, Settings, Tables, report_stage
from chatforensics.workflow.statements import read_candidates
from chatforensics.workflow.written import name_words

if TYPE_CHECKING:
    from chatforensics.diffusion import LinkModel
    from chatforensics.joining import Corrections, Joined
    from chatforensics.workflow.inputs import Intake


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


def join_stated(parsed: Sequence[Parsed], events: Events, settings: Settings) -> "tuple[Joined, Effect]":
    """Join parsed exports with what is stated of who is who; return what came of corrections, too."""
    from chatforensics.workflow.restating import join_as_stated

    def join(exports: Sequence[Parsed], stated: "Corrections | None") -> "Joined":
        return join_parsed(exports, events, timezone=settings.timezone, corrections=stated)

    return join_as_stated(parsed, settings, join)


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
    """What the stages gave: all tables, and how people of the case pass texts on, as estimated from it.

    `kept` is what the store has of each stage.
    """

    intake: "Intake"
    settings: Settings
    tables: Tables
    link_model: "LinkModel"
    kept: tuple[Kept, ...]


def made_of(*kept: Kept, **parameters: object) -> dict[str, object]:
    """Return the key of a stage: the stages before it that it reads, and what was chosen for it."""
    return {"of": [each.id for each in kept], **parameters}


def run_stages(intake: "Intake", settings: Settings, report: Report) -> Staged:
    """Run every stage from pictures to sensitivity and hold each table to the contract.

    A stage that the store has of the same stages before it, with the same parameters, is not run again.
    """
    keep = intake.store.keep
    pictures = read_pictures(intake, settings, report)
    people = name_words(settings.people, where="--people")
    stated = key_of(settings.corrections, *PEOPLE, "export")
    key = made_of(*intake.kept, timezone=settings.timezone, people=people, corrections=stated)
    joined = keep("joining", key, lambda: _join(intake, settings))
    report_stage(report, "joining")
    candidates = name_words(settings.candidates, where="--candidates")
    key = made_of(joined, pictures, candidates=candidates, corrections=key_of(settings.corrections, "label"))
    labelled = keep("labelling", key, lambda: _label(joined, pictures, settings))
    for stage in (joined, labelled):
        intake.corrected.add(stage.facts)
    intake.warnings.extend(intake.corrected.notes)
    report_stage(report, "labelling")
    found = keep("families", made_of(joined, pictures, labelled), lambda: _find_families(joined, pictures, labelled))
    report_stage(report, "families")
    spread = keep("spread", made_of(joined, found), lambda: _follow_spread(joined, found))
    report_stage(report, "spread")
    key = made_of(joined, spread, window_s=settings.window_s)
    together = keep("coordination", key, lambda: _find_common_timing(joined, spread, settings))
    report_stage(report, "coordination")
    kept = (joined, pictures, labelled, found, spread, together)
    tables = _gather(intake, kept)
    model = read_link_model(spread)
    key = made_of(*kept, window_s=settings.window_s)
    moved = keep("sensitivity", key, lambda: _vary(tables, intake, model, settings))
    report_stage(report, "sensitivity")
    tables |= {"sensitivity": moved.tables["sensitivity"]}
    return Staged(intake, settings, tables, model, (*kept, moved))


def _gather(intake: "Intake", kept: Sequence[Kept]) -> Tables:
    """Return all tables, each held to the contract."""
    received = intake.received()
    made: Tables = {name: frame for each in kept for name, frame in each.tables.items()}
    made["members"] = received["members"]
    made["indicators"] = pl.concat([received["indicators"], made["indicators"]])
    return {name: schema.check(frame, table=name) for name, frame in made.items()}


def _join(intake: "Intake", settings: Settings) -> Kept:
    """Join the exports, and read what bodies say beside words."""
    events = gather_events(intake.parsed)
    joined, effect = join_stated(intake.parsed, events, settings)
    gathered = {"events": events, **_gather_parsed(intake.parsed)}
    return Kept({**vars(joined), **gathered, **read_bodies_further(joined.messages)}, effect.as_facts())


def _label(joined: Kept, pictures: Kept, settings: Settings) -> Kept:
    """Label the messages, and find the slates in them and in their pictures."""
    from chatforensics.labelling import extract_slates, label_messages
    from chatforensics.pictures import match_pictures

    messages, seen = Messages(joined.tables["messages"]), Pictures(pictures.tables["pictures"])
    own = label_messages(messages, seen)
    labels, effect = correct_labels(own, messages, Sources(joined.tables["sources"]), seen, settings.corrections)
    slates = extract_slates(messages, labels, seen, candidates=read_candidates(settings.candidates))
    tables = {"labels": labels, "slates": slates, "picture_links": match_pictures(seen, messages)}
    return Kept(tables, effect.as_facts())


def _find_families(joined: Kept, pictures: Kept, labelled: Kept) -> Kept:
    """Find which messages say nearly the same, in which wordings, and with which slates."""
    from chatforensics.families import build_families, build_variants
    from chatforensics.labelling import link_slates

    told = add_picture_texts(Messages(joined.tables["messages"]), Pictures(pictures.tables["pictures"]))
    families = build_families(told, Labels(labelled.tables["labels"]))
    variants, changes = build_variants(told, families)
    same_slates = link_slates(Slates(labelled.tables["slates"]), families)
    return Kept({"families": families, "same_slates": same_slates, "variants": variants, "variant_changes": changes})


def _follow_spread(joined: Kept, found: Kept) -> Kept:
    """Return who sent what to whom, from whom it may have come and how far it got; and the model of links."""
    from chatforensics.diffusion import (
        build_edges,
        build_shares,
        count_reached,
        link_shares,
        measure_cascades,
        most_exposed,
    )

    messages, memberships = Messages(joined.tables["messages"]), Memberships(joined.tables["memberships"])
    shares = build_shares(messages, Families(found.tables["families"]))
    links, model = link_shares(shares, memberships, messages, namesakes=Namesakes(joined.tables["namesakes"]))
    edges = build_edges(shares, memberships)
    tables: Tables = {
        "shares": shares,
        "links": links,
        "edges": edges,
        "exposures": count_reached(shares, memberships),
        "exposed_chats": most_exposed(shares, memberships),
        "cascades": measure_cascades(shares, links, edges, seed=0),
    }
    return Kept(tables, {"link_model": asdict(model)})


def read_link_model(spread: Kept) -> "LinkModel":
    """Return the model of links as the stage kept it."""
    from chatforensics.diffusion import LinkModel

    told = cast("dict[str, Any]", spread.facts["link_model"])
    return LinkModel(**{**told, "delay": tuple(told["delay"]), "awake": tuple(told["awake"])})


def _find_common_timing(joined: Kept, spread: Kept, settings: Settings) -> Kept:
    """Return who sent the same texts close in time, and the clusters of those whom chance does not explain."""
    from chatforensics.coordination import count_hours, find_clusters, find_pairs, list_phones

    tables, window = joined.tables, settings.window_s
    sources, shares = Sources(tables["sources"]), Shares(spread.tables["shares"])
    hours, phones = count_hours(Messages(tables["messages"])), list_phones(People(tables["people"]), sources)
    step = max(sources["clock_step_s"].to_list())
    pairs = find_pairs(shares, Memberships(tables["memberships"]), hours, phones, clock_step_s=step, window_s=window)
    return Kept({"pairs": pairs, "clusters": find_clusters(pairs, shares, window_s=window)})


def _vary(tables: Tables, intake: "Intake", model: "LinkModel", settings: Settings) -> Kept:
    """Say how the results move when what had to be assumed is assumed otherwise."""
    from chatforensics.workflow.rereading import list_rereads
    from chatforensics.workflow.sensitivity import vary

    rereads = list_rereads(intake, Pictures(tables["pictures"]), settings)
    return Kept({"sensitivity": vary(tables, window_s=settings.window_s, model=model, rereads=rereads)})
