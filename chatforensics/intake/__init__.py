"""Bytes in: exports are found, read under limits and hashed; hostile input stops here."""

from chatforensics.intake.archives import Attachment
from chatforensics.intake.attached import AttachedFile, read_attached
from chatforensics.intake.content import Content, forget, show_name, show_path
from chatforensics.intake.files import ChatText, chat_from_bytes, read_export, read_stream
from chatforensics.intake.folders import ExportFile, find_exports
from chatforensics.intake.members import MemberFacts

__all__ = [
    "AttachedFile",
    "Attachment",
    "ChatText",
    "Content",
    "ExportFile",
    "MemberFacts",
    "chat_from_bytes",
    "find_exports",
    "forget",
    "read_attached",
    "read_export",
    "read_stream",
    "show_name",
    "show_path",
]
