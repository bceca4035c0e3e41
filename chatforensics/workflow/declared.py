"""What the user declares of single exports: their zone, order of dates, year, custodian or chat."""

from collections.abc import Mapping
from typing import cast

from chatforensics.errors import UsageError
from chatforensics.parsing.eras import FIRST_YEAR, LAST_YEAR
from chatforensics.workflow.single import Declared
from chatforensics.workflow.written import Words, read_toml

_TEXTS = ("dates", "timezone", "custodian", "chat")


def read_declarations(path: Words | None) -> Mapping[str, Declared]:
    """Read what the user declares of single exports: a TOML table per path or `source_id`."""
    tables = read_toml(path) if path else {}
    return {name: _read_declaration(values, where=f"--declare: {path}: [{name}]") for name, values in tables.items()}


def _read_declaration(values: object, *, where: str) -> Declared:
    unknown = set(values) - {*_TEXTS, "year"} if isinstance(values, dict) else {"(no table)"}
    if unknown:
        raise UsageError(f"{where} has unknown {sorted(unknown)}.", hint=f"Known: {', '.join(_TEXTS)}, year.")
    known = cast("dict[str, object]", values)
    year = known.get("year")
    if year is not None and (type(year) is not int or not FIRST_YEAR <= year <= LAST_YEAR):
        raise UsageError(f"{where}: '{year}' is no year of a message.", hint="Give a number, as in year = 2014.")
    for name in _TEXTS:
        if not isinstance(known.get(name, "-"), str) or known.get(name) == "":
            raise UsageError(f"{where}: {name} is no text.", hint="Put it in quotation marks.")
    dates, timezone, custodian, chat = (cast("str | None", known.get(name)) for name in _TEXTS)
    return Declared(dates, timezone, year, custodian, chat)
