"""Bytes to tables: sources, messages, events and rejects."""

from chatforensics.parsing.export import Parsed, check_conservation, parse_export

__all__ = ["Parsed", "check_conservation", "parse_export"]
