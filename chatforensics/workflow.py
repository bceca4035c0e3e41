"""The order of the stages: exports in; tables, graph files, figures and a report out."""

import os
import platform
import shutil
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata, resources
from pathlib import Path
from typing import TYPE_CHECKING, cast

import polars as pl

from chatforensics import __version__, schema
from chatforensics.errors import ChatForensicsError, EvidenceError, UnreadableExport, UsageError
from chatforensics.intake import ChatText, ExportFile, chat_from_bytes, find_exports, read_export
from chatforensics.parsing import Parsed, parse_export
from chatforensics.schema import Events, Messages, Rejects, Sources
from chatforensics.storage import write_bytes, write_json, write_tables

if TYPE_CHECKING:
    from chatforensics.figures import Drawing
    from chatforensics.joining import Joined

Report = Callable[[str, int, int], None]
Tables = dict[str, pl.DataFrame]
STAGES = ("joining", "labelling", "families", "spread", "coordination", "figures", "report", "writing")
SIGNIFICANT = 0.05
PACKAGES = ("matplotlib", "networkx", "numpy", "polars", "regex", "scikit-learn", "scipy")


@dataclass(frozen=True)
class Settings:
    """What the user may set. `timezone` is the zone of the case's reference clock; `window_s` is in seconds."""

    timezone: str = "UTC"
    declare: Path | None = None
    window_s: float = 600.0


@dataclass(frozen=True)
class Outcome:
    """What one run found: the tables, the headline counts, what could not be read and what to beware of."""

    tables: Tables
    summary: dict[str, object]
    failures: list[dict[str, str]]
    warnings: list[str]


@dataclass
class _Intake:
    """What reading the inputs gave, while it is being gathered."""

    parsed: list[Parsed] = field(default_factory=list)
    failures: list[dict[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Report nothing."""


def demo_folder() -> Path:
    """Return the folder of the built-in fictional case, one sub-folder per phone."""
    package = Path(str(resources.files("chatforensics")))
    for folder in (package / "exports" / "phones", package.parent / "exports" / "phones"):
        if folder.is_dir():
            return folder
    raise ChatForensicsError("The built-in case is missing from this installation.", hint="Install the package again.")


def copy_demo(out: Path) -> Path:
    """Copy the built-in case below `out`, so that its reader has the inputs beside the result."""
    target = out / "exports"
    shutil.copytree(demo_folder(), target, dirs_exist_ok=True)
    return target


def parse(path: Path | str, *, dates: str | None = None, timezone: str | None = None) -> Parsed:
    """Read one export file into its tables.

    Args:
        path: a .txt or .zip as the phone made it.
        dates: dmy, mdy or ymd, if you know the order; else it is inferred, and `sources` says how surely.
        timezone: the zone of the phone's clock; without it `sent_at` stays null.

    Raises:
        EvidenceError: the file cannot be read, or is no export.
    """
    return parse_chat(read_export(ExportFile(Path(path), None)), dates=dates, timezone=timezone)


def parse_chat(chat: ChatText, *, dates: str | None, timezone: str | None) -> Parsed:
    """Parse one chat text; with a zone, `sent_at` is filled."""
    parsed = parse_export(chat, dates=dates, timezone=timezone)
    if timezone is None:
        return parsed
    from chatforensics.joining import to_utc

    messages = parsed.messages.with_columns(sent_at=to_utc(pl.col("sent_local"), zone=timezone))
    return Parsed(parsed.sources, Messages(messages), parsed.events, parsed.rejects)


def parsed_records(parsed: Parsed) -> pl.DataFrame:
    """Return every record in file order, notices included, with the event of each notice."""
    return parsed.messages.join(parsed.events, on="message_id", how="left", maintain_order="left")


def classify_rows(rows: Sequence[Mapping[str, object]]) -> Iterator[Mapping[str, object]]:
    """Label the field `text` of each row; other fields are passed on."""
    from chatforensics.labelling import classify_texts

    results = classify_texts([str(row["text"] or "") for row in rows])
    return ({**{k: v for k, v in row.items() if k != "text"}, **found} for row, found in zip(rows, results, strict=True))


def classify_export(raw: bytes, *, name: str, dates: str | None) -> Iterator[Mapping[str, object]]:
    """Label an export per message group, in order; `line` is where the group begins."""
    parsed = parse_export(chat_from_bytes(raw, name=name), dates=dates)
    joined = _join([parsed], timezone="UTC")
    groups = (
        joined.messages.filter(pl.col("text").is_not_null() & (pl.col("kind") != "system"))
        .sort("line")
        .group_by("group_id", maintain_order=True)
        .agg(pl.col("line").first(), pl.col("sent_local").first(), pl.col("message_id"), pl.col("text").str.join("\n"))
    )
    return classify_rows(groups.drop("group_id").to_dicts())


def analyse(
    paths: Iterable[Path | str], *, out: Path | str, settings: Settings | None = None, report: Report = _silent
) -> Outcome:
    """Run the main job from Python; see `analyse_exports`."""
    return analyse_exports([Path(path) for path in paths], out=Path(out), settings=settings or Settings(), report=report)


def analyse_exports(paths: Sequence[Path], *, out: Path, settings: Settings, report: Report = _silent) -> Outcome:
    """Run the main job: read every export, run all stages, write tables, graph files, figures and the report.

    An input that cannot be read is listed with its reason, and the rest is done.

    Raises:
        EvidenceError: no input at all could be read.
        UsageError: the output folder holds something else, or a declaration is wrong.
    """
    started = _now()
    _check_output(out)
    intake = _read_inputs(paths, settings, report)
    tables = _run_stages(intake.parsed, settings, report)
    warnings = sorted({*intake.warnings, *_date_warnings(tables["sources"])})
    summary = _summarise(tables, intake.failures, warnings)
    run = _describe_run(tables, intake.failures, warnings, settings)
    drawings = _draw(tables, report)
    _write(out, tables, drawings, summary, run, report)
    write_json(out / "run.json", {**run, "started_at": started, "finished_at": _now()})
    return Outcome(tables, summary, intake.failures, warnings)


def _now() -> str:
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    return moment.isoformat(timespec="seconds")


def _check_output(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise UsageError(f"--out: {out} is a file.", hint="Name a folder.")
    if out.is_dir() and any(out.iterdir()) and not {"run.json", "tables", "exports"} & set(os.listdir(out)):
        raise UsageError(f"--out: {out} holds other files.", hint="Name a new or empty folder.")


def _read_inputs(paths: Sequence[Path], settings: Settings, report: Report) -> _Intake:
    declared = _read_declarations(settings.declare)
    intake = _Intake()
    exports = _find(paths, intake)
    seen: dict[str, str] = {}
    for number, export in enumerate(exports, start=1):
        _read_one(export, declared, seen, intake)
        report("reading", number, len(exports))
    if not intake.parsed:
        reasons = "; ".join(failure["reason"] for failure in intake.failures[:3])
        raise UnreadableExport(f"None of the {len(intake.failures)} inputs could be read: {reasons}")
    return intake


def _find(paths: Sequence[Path], intake: _Intake) -> list[ExportFile]:
    exports = []
    for path in paths:
        try:
            exports.append(find_exports([path]))
        except EvidenceError as error:
            intake.failures.append({"path": str(path), "reason": str(error)})
    return sorted({str(e.path): e for found in exports for e in found}.values(), key=lambda e: str(e.path))


def _read_one(export: ExportFile, declared: Mapping[str, Mapping[str, str]], seen: dict[str, str], intake: _Intake) -> None:
    try:
        chat = read_export(export)
        if chat.sha256 in seen:
            intake.warnings.append(f"{chat.path} is the same file as {seen[chat.sha256]}, byte for byte; it was counted once.")
            return
        known = declared.get(chat.source_id) or declared.get(chat.path) or {}
        intake.parsed.append(parse_export(chat, dates=known.get("dates"), timezone=known.get("timezone")))
        seen[chat.sha256] = chat.path
    except EvidenceError as error:
        intake.failures.append({"path": str(export.path), "reason": str(error)})


def _read_declarations(path: Path | None) -> Mapping[str, Mapping[str, str]]:
    """Read what the user declares of single exports: a TOML table per path or `source_id`."""
    if path is None:
        return {}
    try:
        declared = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"--declare: {path}: {error}.", hint='Write a table per export, such as ["chat.txt"].') from error
    for name, values in declared.items():
        unknown = set(values) - {"dates", "timezone"} if isinstance(values, dict) else {"(no table)"}
        if unknown:
            raise UsageError(f"--declare: {path}: [{name}] has unknown {sorted(unknown)}.", hint="Known: dates, timezone.")
    return declared


def _join(parsed: Sequence[Parsed], *, timezone: str) -> "Joined":
    from chatforensics.joining import join_exports

    sources = Sources(pl.concat([p.sources for p in parsed]).sort("source_id"))
    messages = Messages(pl.concat([p.messages for p in parsed]).sort("source_id", "byte_start"))
    if messages["message_id"].n_unique() != messages.height:
        raise ChatForensicsError("Two messages have the same id, a chance of one in many thousands.", hint="Please report it.")
    return join_exports(sources, messages, Events(pl.concat([p.events for p in parsed]).sort("message_id")), timezone=timezone)


def _run_stages(parsed: Sequence[Parsed], settings: Settings, report: Report) -> Tables:
    from chatforensics.coordination import find_pairs
    from chatforensics.diffusion import build_edges, build_links, build_shares
    from chatforensics.families import build_families
    from chatforensics.labelling import extract_slates, label_messages

    def done(stage: str) -> None:
        report(stage, STAGES.index(stage) + 1, len(STAGES))

    joined = _join(parsed, timezone=settings.timezone)
    done("joining")
    labels = label_messages(joined.messages)
    slates = extract_slates(joined.messages, labels)
    done("labelling")
    families = build_families(joined.messages, labels)
    done("families")
    shares = build_shares(joined.messages, families)
    edges = build_edges(shares, joined.memberships)
    links = build_links(shares, joined.memberships, joined.messages)
    done("spread")
    step = int(cast("int", joined.sources["clock_step_s"].max()))
    pairs = find_pairs(shares, clock_step_s=step, window_s=settings.window_s)
    done("coordination")
    rejects = Rejects(pl.concat([p.rejects for p in parsed]).sort("source_id", "byte_start"))
    events = Events(pl.concat([p.events for p in parsed]).sort("message_id"))
    made: Tables = {
        "sources": joined.sources, "messages": joined.messages, "events": events, "rejects": rejects,
        "chats": joined.chats, "people": joined.people, "clocks": joined.clocks, "memberships": joined.memberships,
        "labels": labels, "slates": slates, "families": families, "shares": shares, "links": links, "edges": edges,
        "pairs": pairs, "indicators": joined.indicators, "corroboration": joined.corroboration,
    }  # fmt: skip
    return {name: schema.check(frame, table=name) for name, frame in made.items()}


def _date_warnings(sources: pl.DataFrame) -> Iterator[str]:
    for row in sources.filter(pl.col("date_order_verdict") == "ambiguous").sort("path").iter_rows(named=True):
        yield (
            f"{row['path']}: the order of day and month is ambiguous ({row['date_order_evidence']}). It was read as "
            f"{row['date_order']}; times, overlaps and order change under the other reading. Settle it with --declare."
        )
    for row in sources.filter(pl.col("n_quoted") > 0).sort("path").iter_rows(named=True):
        yield f"{row['path']}: {row['n_quoted']} lines look like the start of a message but were read as text of the one above."


def _summarise(tables: Tables, failures: Sequence[object], warnings: list[str]) -> dict[str, object]:
    messages, labels = tables["messages"], tables["labels"]
    slate = labels.filter(pl.col("label") == schema.SLATE_LABEL).join(
        messages.select("message_id", "canonical_id"), on="message_id"
    )
    decided = {d: slate.filter(pl.col("decision") == d)["canonical_id"].n_unique() for d in ("flag", "review")}
    levels = dict(tables["indicators"].group_by("level").len().iter_rows())
    conflicts = tables["corroboration"]["status"].is_in(["text_conflict", "sender_conflict", "time_conflict"])
    first, last = messages["sent_at"].min(), messages["sent_at"].max()
    return {
        "n_sources": tables["sources"].height,
        "n_failed": len(failures),
        "n_messages": messages.height,
        "n_rejects": tables["rejects"].height,
        "first_at": first.isoformat() if isinstance(first, datetime) else None,
        "last_at": last.isoformat() if isinstance(last, datetime) else None,
        "n_people": tables["people"].height,
        "n_chats": tables["chats"].height,
        "n_flagged": decided["flag"],
        "n_review": decided["review"],
        "n_families_tracked": tables["families"].filter("tracked")["family_id"].n_unique(),
        "n_shares": tables["shares"].height,
        "n_links_named": tables["links"].filter((pl.col("rank") == 1) & pl.col("parent_share_id").is_not_null()).height,
        "n_edges": tables["edges"].height,
        "n_pairs_significant": tables["pairs"].filter(pl.col("q_value") <= SIGNIFICANT).height,
        "n_conflicts": int(conflicts.sum()),
        "n_indicators": {level: levels.get(level, 0) for level in ("info", "unexplained", "contradiction")},
        "warnings": warnings,
    }


def _describe_run(
    tables: Tables, failures: list[dict[str, str]], warnings: list[str], settings: Settings
) -> dict[str, object]:
    from chatforensics.labelling import describe_model

    sources = tables["sources"].sort("path")
    undeclared = sources["timezone"].null_count()
    return {
        "version": __version__,
        "python": platform.python_version(),
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "parameters": {
            "timezone": settings.timezone,
            "window_s": settings.window_s,
            "significant_q": SIGNIFICANT,
            "declare": str(settings.declare) if settings.declare else None,
        },
        "inputs": sources.select("path", "sha256", "size_bytes").to_dicts(),
        "failures": failures,
        "assumptions": [
            f"Clocks of {undeclared} of {sources.height} exports are taken to show {settings.timezone}, unless alignment "
            "with another export shows otherwise (table clocks).",
            "Exports in one sub-folder of a folder given come from one phone.",
        ],
        "warnings": warnings,
        "model": describe_model(),
    }


def _draw(tables: Tables, report: Report) -> "list[Drawing]":
    from chatforensics.figures import draw_figures

    drawings = draw_figures(tables)
    report("figures", STAGES.index("figures") + 1, len(STAGES))
    return drawings


def _write(
    out: Path,
    tables: Tables,
    drawings: "Sequence[Drawing]",
    summary: dict[str, object],
    run: dict[str, object],
    report: Report,
) -> None:
    from chatforensics.report import render_report

    page = render_report(tables, drawings=drawings, run=run, summary=summary)
    report("report", STAGES.index("report") + 1, len(STAGES))
    for folder in ("tables", "graph", "figures"):  # results of an earlier run must not linger among the new ones
        shutil.rmtree(out / folder, ignore_errors=True)
    write_tables(out / "tables", tables)
    for name, content in _graph_files(tables).items():
        write_bytes(out / "graph" / name, content)
    for drawing in drawings:
        write_bytes(out / "figures" / f"{drawing.name}.svg", drawing.svg)
        write_bytes(out / "figures" / f"{drawing.name}.png", drawing.png)
        write_bytes(out / "figures" / f"{drawing.name}.txt", f"{drawing.title}\n\n{drawing.alt}\n".encode())
    write_json(out / "summary.json", summary)
    write_bytes(out / "report.html", page.encode())
    report("writing", len(STAGES), len(STAGES))


def _graph_files(tables: Tables) -> dict[str, bytes]:
    from chatforensics.coordination import build_coordination_graph
    from chatforensics.diffusion import build_diffusion_graph
    from chatforensics.graphfiles import gexf_bytes, graphml_bytes

    graphs = {
        "diffusion": build_diffusion_graph(
            schema.Edges(tables["edges"]), schema.People(tables["people"]), schema.Shares(tables["shares"])
        ),
        "coordination": build_coordination_graph(schema.Pairs(tables["pairs"]), schema.People(tables["people"])),
    }
    files: dict[str, bytes] = {}
    for name, graph in graphs.items():
        files[f"{name}.graphml"] = graphml_bytes(graph)
        files[f"{name}.gexf"] = gexf_bytes(graph)
    return files
