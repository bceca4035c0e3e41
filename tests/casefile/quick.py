"""Databases in tests that do not wait for the disk: what is forced to it outlives a power cut, and no test has one."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest


class _Quick(sqlite3.Connection):
    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        return super().execute("PRAGMA synchronous = OFF" if "synchronous" in sql else sql, *parameters)


@contextmanager
def quick_databases() -> Iterator[None]:
    """Make every database that is opened in this process a quick one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=_Quick))
        yield
