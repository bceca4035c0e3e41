"""Say numbers in sentences and name the lines behind them."""

import polars as pl

from chatforensics.integrity.evidence import Evidence
from chatforensics.text import INVISIBLE, spell_mark

YOU = "You"  # what notices call whoever made the export, in any language
MOST_LINES = 1000  # named in one observation; its sentence says how many there are in all
_FEW = 1_000  # rows; so few are gone through one by one, as every sweep over a column has a price of its own
_LONGEST_LABEL = 200  # characters that are shown
_JOINER = "\u200d"  # stands within one emoji
_MOST_BYTES = 2_000  # of one body that is looked at in the bytes


def first_lines(rows: pl.DataFrame) -> list[int]:
    """Return the first lines concerned, in file order."""
    lines = rows["line"]
    if len(lines) > _FEW:
        return lines.drop_nulls().unique().sort().head(MOST_LINES).to_list()
    return sorted({line for line in lines.to_list() if line is not None})[:MOST_LINES]


def say_count(n: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: `1 message`, `2,000 messages`."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def say_label(label: str) -> str:
    """Return a label as printed, in quotation marks, with what does not show made visible."""
    return f"“{''.join(map(_show, label[:_LONGEST_LABEL]))}”"


def _show(letter: str) -> str:
    if letter.isprintable() or letter == _JOINER:
        return letter
    return " " if letter.isspace() else spell_mark(letter)


def say_labels(labels: list[str], *, most: int = 5) -> str:
    """Return the first labels of a list and how many more there are."""
    told = ", ".join(say_label(label) for label in labels[:most])
    return told if len(labels) <= most else f"{told} and {len(labels) - most:,} more"


def say_interval(n: int, of: int) -> str:
    """Return the 95 % interval of the share behind `n` out of `of`, in per cent."""
    low, high = share_interval(n, of)
    return f"95 % interval {100 * low:.1f} to {100 * high:.1f} %"


def share_interval(n: int, of: int) -> tuple[float, float]:
    """Return the 95 % interval of Clopper and Pearson for the share behind `n` out of `of`."""
    from scipy.special import betaincinv  # quantiles of the beta distribution; `scipy.stats` takes a second to load

    low = float(betaincinv(n, of - n + 1, 0.025)) if n else 0.0
    high = float(betaincinv(n + 1, of - n, 0.975)) if n < of else 1.0
    return low, high


def plain_label(label: pl.Expr) -> pl.Expr:
    """Return a label without the invisible marks that some phones put around numbers and names."""
    return label.str.replace_all(f"[{INVISIBLE}]", "").str.replace_all(r"\s+", " ").str.strip_chars()


def take_bodies(evidence: Evidence, rows: pl.DataFrame) -> list[str]:
    """Return what the file itself has between stamp and next record, for a few rows: the beginning, sender included."""
    content = evidence.content
    spans = zip(rows["byte_start"].to_list(), rows["byte_end"].to_list(), strict=True)
    return [
        content[start : min(end, start + _MOST_BYTES)].decode(errors="replace").rstrip("\r\n") for start, end in spans
    ]
