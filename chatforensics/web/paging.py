"""A long list cut into pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Paged(Generic[T]):
    """One page of a list: its rows, which page it is of how many, from 1, and of how many rows."""

    rows: Sequence[T]
    page: int
    n: int
    total: int
    first: int

    @property
    def before(self) -> int | None:
        """The page before, if there is one."""
        return self.page - 1 if self.page > 1 else None

    @property
    def after(self) -> int | None:
        """The page after, if there is one."""
        return self.page + 1 if self.page < self.n else None


def cut_page(rows: Sequence[T], asked: str | None, *, size: int, last: bool = False) -> Paged[T]:
    """Return the page that is asked for; the nearest there is where it lies beyond, and else the first or last.

    Args:
        rows: The whole list.
        asked: The number of the page, as the address has it.
        size: Rows on a page.
        last: Whether the last page is shown where none is asked for.
    """
    n = max(1, -(-len(rows) // size))
    wanted = int(asked) if asked and asked.isascii() and asked.isdecimal() and len(asked) < 10 else (n if last else 1)  # noqa: PLR2004
    number = min(max(wanted, 1), n)
    first = (number - 1) * size
    return Paged(rows[first : first + size], number, n, len(rows), first + 1)
