"""Bytes in: exports are found, read under limits and hashed; hostile input stops here."""

from chatforensics.intake.files import ChatText, ExportFile, chat_from_bytes, find_exports, read_export, show_path

__all__ = ["ChatText", "ExportFile", "chat_from_bytes", "find_exports", "read_export", "show_path"]
