"""Bytes to tables: sources, messages, events and rejects."""

from chatforensics.parsing.export import Parsed, Scan, check_conservation, parse_export, read_orders, scan_export

__all__ = ["Parsed", "Scan", "check_conservation", "parse_export", "read_orders", "scan_export"]
