"""Results to be looked at: graph files, figures, summary, run record and report."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, cast

from chatforensics.casefile import Kept
from chatforensics.engine import HERE, Engine
from chatforensics.storage import encode_json, json_lines
from chatforensics.tables import encode_parquet, file_of
from chatforensics.workflow.pictures import draw_small, warn_of_pictures
from chatforensics.workflow.results import describe_run, graph_files, summarise, warn_of_dates
from chatforensics.workflow.run import Outcome, Report, Settings, Tables, report_stage
from chatforensics.workflow.stages import Staged, made_of
from chatforensics.workflow.statements import warn_of_custodians

if TYPE_CHECKING:
    from chatforensics.figures import Drawing
    from chatforensics.workflow.inputs import Intake

Replies = Sequence[Mapping[str, object]]
_KINDS = ("svg", "png", "pdf")
_LARGE_CASE = 200_000  # messages from which processes, which take seconds to start, draw sooner than this one


@dataclass(frozen=True, slots=True)
class Presented:
    """Everything that a run leaves behind but its record: tables, figures and other files by their names."""

    outcome: Outcome
    drawings: "Sequence[Drawing]"
    files: Mapping[str, bytes]

    def names(self) -> list[str]:
        """Return the names of all files, sorted."""
        return sorted([name for name, _ in self._small()] + [place_of(name) for name in self.outcome.tables])

    def contents(self) -> Iterator[tuple[str, bytes | Path]]:
        """Yield each file with its name; a table is encoded when it is asked for, unless it lies in a file."""
        yield from self._small()
        tables = self.outcome.tables
        for name in tables:
            yield place_of(name), file_of(tables, name) or encode_parquet(tables[name])

    def _small(self) -> Iterator[tuple[str, bytes]]:
        yield from self.files.items()
        for drawing in self.drawings:
            for kind in _KINDS:
                yield f"figures/{drawing.name}.{kind}", getattr(drawing, kind)
            yield f"figures/{drawing.name}.txt", f"{drawing.title}\n\n{drawing.alt}\n".encode()


def place_of(table: str) -> str:
    """Return the file of a table inside a result."""
    return f"tables/{table}.parquet"


def conclude(staged: Staged, *, replies: Replies | None = None) -> tuple[Outcome, dict[str, bytes]]:
    """Return what a run found, and its graph files: all but what is drawn.

    Args:
        staged: what the stages gave.
        replies: what people named were offered and answered, where a case has it.
    """
    tables, intake, settings = staged.tables, staged.intake, staged.settings
    graphs = intake.store.keep("graphs", made_of(*staged.kept), lambda: _draw_graphs(tables))
    told = (warn_of_dates(tables["sources"]), warn_of_custodians(tables["sources"]))
    left_out = cast("list[str]", graphs.facts["left_out"])
    warnings = sorted({*intake.warnings, *chain(*told, warn_of_pictures(tables["pictures"], settings), left_out)})
    summary = summarise(tables, intake.failures, warnings)
    run = describe_run(tables, intake, warnings, settings, link_model=staged.link_model)
    run |= {} if replies is None else {"replies": [dict(reply) for reply in replies]}
    return Outcome(tables, summary, intake.failures, warnings, run), dict(graphs.files)


def present(
    staged: Staged, outcome: Outcome, graphs: Mapping[str, bytes], report: Report, engine: Engine = HERE
) -> Presented:
    """Draw the figures, those of a large case where the engine works, and write the report."""
    keep, settings = staged.intake.store.keep, staged.settings
    events = [[day.isoformat(), label] for day, label in settings.events]
    key = made_of(*staged.kept, events=events, timezone=settings.timezone)
    drawn = keep("figures", key, lambda: _draw_figures(outcome.tables, settings, engine))
    drawings = _read_drawings(drawn)
    report_stage(report, "figures")
    key = made_of(*staged.kept, drawn, run=_digest(outcome.run), summary=_digest(outcome.summary))
    told = keep("report", key, lambda: _write_report(outcome, drawings, staged.intake))
    report_stage(report, "report")
    failures = "".join(f"{line}\n" for line in json_lines(outcome.failures)).encode()
    counts = {"summary.json": encode_json(outcome.summary), "failures.jsonl": failures}
    return Presented(outcome, drawings, {**told.files, **graphs, **counts})


def _digest(value: Mapping[str, object]) -> str:
    return sha256(encode_json(value)).hexdigest()


def _draw_graphs(tables: Tables) -> Kept:
    files, left_out = graph_files(tables)
    return Kept(facts={"left_out": left_out}, files=files)


def _draw_figures(tables: Tables, settings: Settings, engine: Engine) -> Kept:
    """Draw every figure that the tables allow, with the days that the user named."""
    from chatforensics.figures import draw_picture, sketch_figures

    sketches = sketch_figures(tables, events=settings.events, timezone=settings.timezone)
    at = engine if tables["sources"]["n_messages"].sum() >= _LARGE_CASE else HERE
    pictures = at.map(draw_picture, [sketch.picture for sketch in sketches], lost=draw_picture)
    drawings = [sketch.finish(drawn) for sketch, drawn in zip(sketches, pictures, strict=True)]
    named = [{"name": drawing.name, "title": drawing.title, "alt": drawing.alt} for drawing in drawings]
    files = {f"{drawing.name}.{kind}": getattr(drawing, kind) for drawing in drawings for kind in _KINDS}
    return Kept({drawing.name: drawing.table for drawing in drawings}, {"drawings": named}, files)


def _read_drawings(drawn: Kept) -> "list[Drawing]":
    from chatforensics.figures import Drawing

    named = cast("list[dict[str, str]]", drawn.facts["drawings"])
    return [
        Drawing(
            told["name"],
            told["title"],
            told["alt"],
            svg=drawn.files[f"{told['name']}.svg"],
            png=drawn.files[f"{told['name']}.png"],
            pdf=drawn.files[f"{told['name']}.pdf"],
            table=drawn.tables[told["name"]],
        )
        for told in named
    ]


def _write_report(outcome: Outcome, drawings: "Sequence[Drawing]", intake: "Intake") -> Kept:
    from chatforensics.report import render_report
    from chatforensics.report.pdf import render_pdf

    tables, shown = outcome.tables, draw_small(outcome.tables, intake)
    page = render_report(tables, drawings=drawings, run=outcome.run, summary=outcome.summary, pictures=shown)
    return Kept(files={"report.html": page.encode(), "report.pdf": render_pdf(page, tables=tables)})
