"""Tables for other programs: CSV, JSON lines, Excel workbooks, SQLite databases and Parquet, out of a result folder.

What leaves here is the tables and nothing else: no row is left out, no text is cut, and every change that a format
forces upon a text can be undone (`unguard`, `unmark`).
"""

from chatforensics.tablefiles.database import write_database
from chatforensics.tablefiles.formulas import count_guarded, guard, unguard
from chatforensics.tablefiles.lines import CsvForm, copy_tables, encode_table, stream_table, write_lines
from chatforensics.tablefiles.marks import mark, unmark
from chatforensics.tablefiles.stored import StoredTable, find_tables
from chatforensics.tablefiles.workbook import write_workbook

__all__ = [
    "CsvForm", "StoredTable", "copy_tables", "count_guarded", "encode_table", "find_tables", "guard", "mark",
    "stream_table", "unguard", "unmark", "write_database", "write_lines", "write_workbook",
]  # fmt: skip
