"""Indicators of one export: what is odd about it, how that may come about lawfully, and what would settle it."""

from chatforensics.integrity.catalogue import CATALOGUE, check_export
from chatforensics.integrity.evidence import Evidence, Indicator, Observation

__all__ = ["CATALOGUE", "Evidence", "Indicator", "Observation", "check_export"]
