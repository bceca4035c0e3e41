"""Exports as bytes, looked at as `check` does: received, parsed, and put together as evidence."""

from collections.abc import Mapping

from chatforensics.intake import ChatText, chat_from_bytes
from chatforensics.integrity import Evidence, Indicator, Observation
from chatforensics.integrity.members import build_members
from chatforensics.parsing import parse_export
from chatforensics.workflow.checks import gather_evidence


def evidence_from(raw: bytes, *, name: str = "chat.txt", dates: str | None = None, zone: str | None = None) -> Evidence:
    """Return the evidence of an export in memory: the bytes of a text or of a zip."""
    return evidence_of(chat_from_bytes(raw, name=name), dates=dates, zone=zone)


def evidence_of(chat: ChatText, *, dates: str | None = None, zone: str | None = None) -> Evidence:
    """Return the evidence of an export that was read."""
    parsed = parse_export(chat, dates=dates, timezone=zone)
    return gather_evidence(chat, parsed, build_members(chat), timezone=zone)


def observe(indicators: Mapping[str, Indicator], number: str, evidence: Evidence) -> list[Observation]:
    """Return what one indicator sees."""
    return list(indicators[number].find(evidence))
