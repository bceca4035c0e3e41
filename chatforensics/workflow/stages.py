"""The order of the stages."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import polars as pl

from chatforensics import schema
from chatforensics.casefile import Kept
from chatforensics.engine import HERE, Engine
from chatforensics.errors import PrecisionError, UsageError
from chatforensics.schema import (
    Families,
    Labels,
    Memberships,
    Namesakes,
    People,
    Pictures,
    Shares,
    Slates,
    Sources,
)
from chatforensics.tables import Shelf, put_together, scan
from chatforensics.workflow.corrected import PEOPLE, key_of
from chatforensics.workflow.joined import join_all, put_away
from chatforensics.workflow.labelled import label, map_texts
from chatforensics.workflow.pictures import add_picture_texts, read_pictures
from chatforensics.workflow.run import Report, Settings, Tables, report_stage
from chatforensics.workflow.written import name_words

if TYPE_CHECKING:
    from chatforensics.diffusion import LinkModel
    from chatforensics.workflow.inputs import Intake


def check_window(intake: "Intake", settings: Settings) -> None:
    """Refuse a window that no clock of the exports can measure, before any work is done.

    Raises:
        UsageError: the window is not positive.
        PrecisionError: it is finer than the coarsest clock.
    """
    step = max(intake.all().tables["sources"]["clock_step_s"].to_list())
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


def run_stages(intake: "Intake", settings: Settings, report: Report, engine: Engine = HERE) -> Staged:
    """Run every stage from pictures to sensitivity and hold each table to the contract.

    A stage that the store has of the same stages before it, with the same parameters, is not run again.
    """
    keep = intake.store.keep
    pictures = read_pictures(intake, settings, report)
    people = name_words(settings.people, where="--people")
    stated = key_of(settings.corrections, *PEOPLE, "export")
    key: dict[str, object] = {"of": intake.kept, "timezone": settings.timezone, "people": people, "corrections": stated}
    joined = keep("joining", key, lambda: join_all(intake.all(), settings, scratch=intake.store.scratch()))
    report_stage(report, "joining")
    candidates = name_words(settings.candidates, where="--candidates")
    key = made_of(joined, pictures, candidates=candidates, corrections=key_of(settings.corrections, "label"))
    labelled = keep(
        "labelling", key, lambda: label(joined, pictures, settings, partial(map_texts, engine, intake.store))
    )
    for stage in (joined, labelled):
        intake.corrected.add(stage.facts)
    intake.warnings.extend(intake.corrected.notes)
    report_stage(report, "labelling")
    found = keep("families", made_of(joined, pictures, labelled), lambda: _find_families(joined, pictures, labelled))
    report_stage(report, "families")
    spread = keep("spread", made_of(joined, found), lambda: _follow_spread(joined, found, intake.store.scratch()))
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
    return Staged(intake, settings, put_together(tables, moved.tables), model, (*kept, moved))


def _gather(intake: "Intake", kept: Sequence[Kept]) -> Shelf:
    """Return all tables, each held to the contract."""
    received = intake.received()
    made = put_together(*(each.tables for each in kept))
    indicators = pl.concat([received["indicators"], made["indicators"]])
    tables = put_together(made, {"members": received["members"], "indicators": indicators})
    for name in tables:
        schema.check(scan(tables, name), table=name)
    return tables


def _find_families(joined: Kept, pictures: Kept, labelled: Kept) -> Kept:
    """Find which messages say nearly the same, in which wordings, and with which slates."""
    from chatforensics.families import build_families, build_variants
    from chatforensics.labelling import link_slates

    told = add_picture_texts(scan(joined.tables, "messages"), Pictures(pictures.tables["pictures"]))
    families = build_families(told, Labels(labelled.tables["labels"]))
    variants, changes = build_variants(told, families)
    same_slates = link_slates(Slates(labelled.tables["slates"]), families)
    return Kept({"families": families, "same_slates": same_slates, "variants": variants, "variant_changes": changes})


def _follow_spread(joined: Kept, found: Kept, scratch: Path | None) -> Kept:
    """Return who sent what to whom, from whom it may have come and how far it got; and the model of links."""
    from chatforensics.diffusion import (
        build_shares,
        list_edges,
        list_links,
        measure_cascades,
        measure_exposure,
        weigh_links,
    )

    messages, memberships = scan(joined.tables, "messages"), Memberships(joined.tables["memberships"])
    shares = build_shares(messages, Families(found.tables["families"]))
    weighed, model = weigh_links(shares, memberships, messages, namesakes=Namesakes(joined.tables["namesakes"]))
    links = put_away("links", list_links(weighed), scratch)
    edges = put_away("edges", list_edges(shares, memberships), scratch)
    exposures, exposed_chats = measure_exposure(shares, memberships)
    tables: Tables = {
        "shares": shares,
        "exposures": exposures,
        "exposed_chats": exposed_chats,
        "cascades": measure_cascades(shares, weighed, edges.scan("edges"), seed=0),
    }
    return Kept(put_together(tables, links, edges), {"link_model": asdict(model)})


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
    hours, phones = count_hours(scan(tables, "messages")), list_phones(People(tables["people"]), sources)
    step = max(sources["clock_step_s"].to_list())
    pairs = find_pairs(shares, Memberships(tables["memberships"]), hours, phones, clock_step_s=step, window_s=window)
    return Kept({"pairs": pairs, "clusters": find_clusters(pairs, shares, window_s=window)})


def _vary(tables: Tables, intake: "Intake", model: "LinkModel", settings: Settings) -> Kept:
    """Say how the results move when what had to be assumed is assumed otherwise."""
    from chatforensics.workflow.rereading import list_rereads
    from chatforensics.workflow.sensitivity import vary

    rereads = list_rereads(intake, Pictures(tables["pictures"]), settings)
    return Kept({"sensitivity": vary(tables, window_s=settings.window_s, model=model, rereads=rereads)})
