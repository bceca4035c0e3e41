"""All indicators of a single export, by number. A number keeps its meaning for ever."""

from collections.abc import Mapping

import polars as pl

from chatforensics.integrity.container import CONTAINER
from chatforensics.integrity.evidence import Evidence, Indicator
from chatforensics.integrity.filenames import FILE_NAMES
from chatforensics.integrity.media import MEDIA
from chatforensics.integrity.said import SAID
from chatforensics.integrity.written import WRITTEN
from chatforensics.integrity.ziptimes import ZIP_TIMES
from chatforensics.schema import TABLES, Indicators, check

_ALL: Mapping[str, Indicator] = {**WRITTEN, **CONTAINER, **ZIP_TIMES, **MEDIA, **FILE_NAMES, **SAID}
CATALOGUE: Mapping[str, Indicator] = dict(sorted(_ALL.items()))


def check_export(evidence: Evidence) -> Indicators:
    """Look at one export in every way of the catalogue; the observations are never added up.

    None of them shows that an export is genuine or forged, and no observation at all does not show that it is genuine:
    a careful hand leaves none.
    """
    rows = [row for number, indicator in CATALOGUE.items() for row in _observe(number, indicator, evidence)]
    return Indicators(check(pl.DataFrame(rows, schema=dict(TABLES["indicators"])), table="indicators"))


def _observe(number: str, indicator: Indicator, evidence: Evidence) -> list[dict[str, object]]:
    found = list(indicator.find(evidence))
    if not found:
        return []
    told = {"indicator": number, "source_ids": [evidence.source["source_id"]], **indicator.words()}
    return [{**told, "level": one.level, "value": one.value, "lines": sorted(set(one.lines))} for one in found]
