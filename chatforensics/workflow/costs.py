"""What an analysis costs, as measured: the one table from which a dry run reckons time, memory and room.

Source: docs/benchmarks.md, "Large cases", two cores. Whoever measures again replaces all figures together.
"""

from dataclasses import dataclass

MILLION = 1_000_000
GIGABYTE = 1_000_000_000

# Chat text of a message with its header: 67 to 70 bytes in a simulated town, 85 to 90 in generated exports, 97 in the
# demo.
BYTES_A_MESSAGE = 75

# The same work takes that much less or more: texts, phones and machines differ, and other programs want their share.
QUICKEST, SLOWEST = 0.6, 2.0


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of one processor."""

    per_export_s: float = 0.0
    per_million_s: float = 0.0
    per_gigabyte_s: float = 0.0

    def of(self, n_exports: int, n_messages: int, n_bytes: int) -> float:
        """Return the seconds for so much."""
        each = n_exports * self.per_export_s + n_messages / MILLION * self.per_million_s
        return each + n_bytes / GIGABYTE * self.per_gigabyte_s


START_S = 25.0  # loading the libraries, drawing the figures of the smallest case
READING = Cost(per_export_s=0.012, per_million_s=16.0, per_gigabyte_s=5.0)  # shared among the processes
KEPT = Cost(per_export_s=0.005, per_million_s=1.0, per_gigabyte_s=1.0)  # of a case: hashed, and taken as it is kept
STAGES = Cost(per_export_s=0.005, per_million_s=260.0)  # joining to report, where texts recur as in a simulated town
STAGES_AT_ONCE = 1.2  # cores that the stages after reading keep busy, of two
PICTURE_S = (0.5, 4.0)  # words of one picture: English, and other scripts

# Bytes in memory: to begin with, for each million messages, and for each up to the first million, until which the page
# and its figures grow.
MEMORY_BYTES, MEMORY_A_MILLION, MEMORY_FIRST_MILLION = 1_500_000_000, 750_000_000, 1_600_000_000
# Bytes on the disk: of a result with its figures, of tables and report for each message, of graph files (which are
# bounded), of what a case keeps besides for each message, and for each message in passing.
RESULT_BYTES, RESULT_A_MESSAGE = 20_000_000, 180
GRAPHS_A_MESSAGE, MOST_GRAPHS = 1_500, 450_000_000
KEPT_A_MESSAGE, SCRATCH_A_MESSAGE = 150, 200


def result_bytes(n_messages: int) -> int:
    """Return the room that a result takes."""
    return RESULT_BYTES + n_messages * RESULT_A_MESSAGE + min(n_messages * GRAPHS_A_MESSAGE, MOST_GRAPHS)


def memory_bytes(n_messages: int) -> int:
    """Return the memory that all stages together need at most."""
    millions = n_messages / MILLION
    return int(MEMORY_BYTES + MEMORY_A_MILLION * millions + MEMORY_FIRST_MILLION * min(millions, 1))
