"""What users state: the files of `--people` and `--candidates`, held to their form; what is missing; how it is told."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Literal, cast

import polars as pl

from chatforensics.errors import UsageError
from chatforensics.workflow.written import Words, read_toml, read_words

if TYPE_CHECKING:
    from chatforensics.joining import Corrections, Label, Statement
    from chatforensics.labelling import Candidates
    from chatforensics.workflow.single import Declared

_KINDS: tuple[Literal["same", "different", "custodian"], ...] = ("same", "different", "custodian")
_KEYS: Mapping[str, tuple[str, ...]] = {
    "same": ("labels", "why", "who"),
    "different": ("labels", "why", "who"),
    "custodian": ("source", "label", "why", "who"),
}
_EXAMPLE = 'labels = [{label = "Ada", source = "phones/ben"}, "Ada Byrne"]'
_MOST_WARNED = 5
_MOST_DECLARED = 20


def read_candidates(path: Words | None) -> "Candidates | None":
    """Read the list of candidates with their spellings; null where there is none.

    Raises:
        UsageError: it cannot be read, or has not the form that the documentation gives.
    """
    if path is None:
        return None
    from chatforensics.labelling import read_candidates as read

    return read(read_words(path, where="--candidates"), where=f"--candidates: {path}")


def describe_candidates(path: Words | None) -> dict[str, str] | None:
    """Say in the parameters of a run which list of candidates was used; null where there is none."""
    if path is None:
        return None
    return {"path": str(path), "sha256": hashlib.sha256(read_words(path, where="--candidates")).hexdigest()}


def read_corrections(path: Words | None) -> "Corrections | None":
    """Read the statements of who is who from a TOML file; null where there is none.

    Raises:
        UsageError: the file is no TOML, or a statement in it has not the form that the documentation gives.
    """
    if path is None:
        return None
    from chatforensics.joining import Corrections

    tables = read_toml(path)
    if unknown := sorted(set(tables) - set(_KINDS)):
        raise UsageError(f"--people: {path}: unknown [[{unknown[0]}]].", hint="Known: same, different, custodian.")
    return Corrections(tuple(_read_all(tables, path)))


def _read_all(tables: Mapping[str, object], path: Words) -> "Iterator[Statement]":
    from chatforensics.joining import Statement

    for kind in _KINDS:
        listed = tables.get(kind, [])
        if not isinstance(listed, list):
            raise UsageError(f"--people: {path}: [{kind}] is no list.", hint=f"Write [[{kind}]], in double brackets.")
        for number, values in enumerate(listed, start=1):
            where = f"--people: {path}: [[{kind}]] number {number}"
            known = _check_keys(kind, values, where=where)
            labels = [known.get("label")] if kind == "custodian" else known.get("labels")
            source = _read_text(known, "source", where=where) if kind == "custodian" else None
            said = _say(known, path.name, where=where)
            said = f"made the export: {said}" if kind == "custodian" else said
            yield Statement(kind, _read_labels(kind, labels, where=where), said, where, source)


def _check_keys(kind: str, values: object, *, where: str) -> dict[str, object]:
    known = _KEYS[kind]
    unknown = sorted(set(values) - set(known)) if isinstance(values, dict) else ["(no table)"]
    if unknown:
        raise UsageError(f"{where} has unknown {unknown}.", hint=f"Known: {', '.join(known)}.")
    return cast("dict[str, object]", values)


def _read_text(values: Mapping[str, object], name: str, *, where: str) -> str:
    value = values.get(name)
    if not isinstance(value, str) or not value:
        raise UsageError(f"{where}: {name} is no text.", hint=f'Write {name} = "…", in quotation marks.')
    return value


def _say(values: Mapping[str, object], name: str, *, where: str) -> str:
    """Say who states it and why, in the words of the file."""
    who = f"stated by {_read_text(values, 'who', where=where)}" if "who" in values else f"stated in {name}"
    return f"{who} ({_read_text(values, 'why', where=where)})" if "why" in values else who


def _read_labels(kind: str, labels: object, *, where: str) -> "tuple[Label, ...]":
    listed = labels if isinstance(labels, list) else []
    if kind != "custodian" and (len(listed) < 2 or (kind == "different" and len(listed) > 2)):  # noqa: PLR2004
        wanted = "two labels" if kind == "different" else "two labels or more"
        raise UsageError(f"{where} needs {wanted}.", hint=f"Write {_EXAMPLE}.")
    return tuple(_read_label(label, where=where) for label in listed)


def _read_label(value: object, *, where: str) -> "Label":
    from chatforensics.joining import Label

    if isinstance(value, str) and value:
        return Label(value)
    if not isinstance(value, dict) or set(value) - {"label", "source"}:
        raise UsageError(f"{where}: {value!r} is no label.", hint=f"Write {_EXAMPLE}.")
    source = _read_text(value, "source", where=where) if "source" in value else None
    return Label(_read_text(value, "label", where=where), source)


def warn_of_custodians(sources: pl.DataFrame) -> Iterator[str]:
    """Say of which phones nobody knows who made the export, and how to state it."""
    phone = pl.coalesce("folder", "path") if "folder" in sources.columns else pl.col("path")
    unknown = sources.filter(pl.col("custodian_id").is_null()).sort("path").select("path", phone=phone)
    rows = unknown.group_by("phone", maintain_order=True).agg(pl.col("path").first(), n=pl.len()).rows()
    for name, path, n in rows[:_MOST_WARNED]:
        yield (
            f"{name}: who made {'this export' if n == 1 else f'these {n} exports'} is not shown. If you know, state "
            f"it in a file for --declare: ['{path}'] with custodian = the name that the export prints for them."
        )
    more = len(rows) - _MOST_WARNED
    if more > 0:
        phones = f"{more:,} further phone{'' if more == 1 else 's'}"
        yield f"Who made the exports of {phones} is not shown; sources.custodian_id is null there."


def describe_declarations(stated: "Mapping[str, Declared]") -> Iterator[str]:
    """Say in the assumptions of a run what was declared of which export, in the order of their paths."""
    told = [(path, _say_declared(declared)) for path, declared in sorted(stated.items())]
    known = [f"Declared for {path}: {words}." for path, words in told if words]
    yield from known[:_MOST_DECLARED]
    more = len(known) - _MOST_DECLARED
    if more > 0:
        yield f"Declared for {more:,} more export{'' if more == 1 else 's'}: see the file given to --declare."


def _say_declared(declared: "Declared") -> str:
    return ", ".join(f"{name} {value}" for name, value in asdict(declared).items() if value is not None)


def describe_corrections(corrections: "Corrections | None") -> list[str]:
    """Say in the assumptions of a run which statements it rests on."""
    return [_describe(statement) for statement in (corrections.statements if corrections else ())]


def _describe(statement: "Statement") -> str:
    named = [f"'{x.label}'" + (f" in {x.source}" if x.source else "") for x in statement.labels]
    if statement.kind == "custodian":
        return f"{statement.source}: {named[0]} {statement.said}."
    verb = "are one person" if statement.kind == "same" else "are two people"
    return f"{' and '.join(named)} {verb}: {statement.said}."
