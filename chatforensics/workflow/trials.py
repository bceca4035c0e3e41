"""What every trial of `sensitivity` shares: how much is tried, and the rows that say what came of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from chatforensics.workflow.outcomes import Results

Row = tuple[str, str, bool, str, float | None]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is tried, in numbers of shares and messages and not in seconds, so that every run tries the same.

    `most_shares` and `most_records` (of the case: every trial reads them all) bound a single trial, `most_links` the
    trials of the model of links, all shares of all trials together, and `most_coverage` those of coverage: of so many,
    a quarter are halves of the exports, `most_halves` at most, and the others phones, `most_phones` at most, those with
    the most messages. `most_clocks` bounds the phones whose clock is moved, and `most_coverage` those trials, too, and
    the trials of labels. `most_messages` bounds the similarity of texts and the labels, `most_orders` the cases that
    are joined again because the dates of an export may be read otherwise, and `most_reread` their records. What is
    beyond is not varied, and a row says so.
    """

    most_shares: int = 30_000
    most_records: int = 2_000_000
    most_links: int = 100_000
    most_coverage: int = 50_000
    most_phones: int = 12
    most_halves: int = 4
    most_clocks: int = 6
    most_messages: int = 200_000
    most_orders: int = 6
    most_reread: int = 30_000


LIMITS = Limits()


def tell(setting: str, value: str, results: Results, *, used: bool) -> Iterator[Row]:
    """Yield a row for each result of one trial."""
    for outcome, result in results.items():
        yield setting, value, used, outcome, result


def not_varied(setting: str, reason: str) -> Row:
    """Return the row that says why a setting was not varied."""
    return setting, "not varied", False, reason, None
