"""The case folder: originals by hash, read-only, what was asked about each, derived tables, and the custody log.

The folder is the case. It holds personal data in plain form and is readable by its owner only; keep it on an encrypted
disk, or seal what leaves it.
"""

from chatforensics.casefile.answers import (
    QUESTIONS,
    SOURCE_KINDS,
    UNKNOWN,
    answer,
    check_answers,
    list_answers,
    list_unanswered,
)
from chatforensics.casefile.checking import check_database, check_records, hold_original, list_strays
from chatforensics.casefile.corrections import Correction, correct, list_corrections, withdraw
from chatforensics.casefile.derived import Again, Derived, Fresh, Store, open_derived
from chatforensics.casefile.desk import (
    desk_folder,
    desk_version,
    list_saved_views,
    list_ticks,
    read_setting,
    remove_saved_view,
    save_view,
    set_ticks,
    write_setting,
)
from chatforensics.casefile.folder import By, Case, expiry_warning, is_case, new_case, open_case
from chatforensics.casefile.lock import locked
from chatforensics.casefile.log import START, append, check_chain, conceal, hash_line, head, log_lines
from chatforensics.casefile.originals import (
    Added,
    Extract,
    Original,
    add_original,
    list_originals,
    originals_folder,
    remove_leftovers,
)
from chatforensics.casefile.papers import (
    add_note,
    change_note,
    list_documents,
    list_notes,
    read_document,
    remove_document,
    remove_note,
    save_document,
)
from chatforensics.casefile.program import PACKAGES, describe_program, hash_package
from chatforensics.casefile.purging import describe_purge, purge_case
from chatforensics.casefile.replies import REPLY_STATUSES, list_replies, record_reply
from chatforensics.casefile.runs import Run, digest_outputs, last_run, record_run
from chatforensics.casefile.stored import Kept, check_stage, hash_content, hash_file, list_stages

__all__ = [
    "PACKAGES", "QUESTIONS", "REPLY_STATUSES", "SOURCE_KINDS", "START", "UNKNOWN", "Added", "Again", "By", "Case",
    "Correction", "Derived", "Extract", "Fresh", "Kept", "Original", "Run", "Store", "add_note", "add_original",
    "answer", "append", "change_note", "check_answers", "check_chain", "check_database", "check_records",
    "check_stage", "conceal", "correct", "describe_program", "describe_purge", "desk_folder", "desk_version",
    "digest_outputs", "expiry_warning", "hash_content", "hash_file", "hash_line", "hash_package", "head",
    "hold_original", "is_case", "last_run", "list_answers", "list_corrections", "list_documents", "list_notes",
    "list_originals", "list_replies", "list_saved_views", "list_stages", "list_strays", "list_ticks",
    "list_unanswered", "locked", "log_lines", "new_case", "open_case", "open_derived", "originals_folder",
    "purge_case", "read_document", "read_setting", "record_reply", "record_run", "remove_document",
    "remove_leftovers", "remove_note", "remove_saved_view", "save_document", "save_view", "set_ticks", "withdraw",
    "write_setting",
]  # fmt: skip
