"""The header grammar: which lines begin a message, and the fields printed there.

Three layouts are known: `android` (`date, time - name: text`), `ios` (`[date, time] name: text`) and `legacy`
(`date time: name: text`). The first header line decides between brackets and none; lines of the other kind are text,
however many: people paste chats into messages.
All patterns run in Polars' linear-time engine.
"""

from dataclasses import dataclass

import polars as pl

from chatforensics.errors import UnknownExportFormat

_MARK = r"[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]*"
_SPACE = r"[ \u00a0\u202f]"
_SEPARATOR = rf"{_MARK}[./-]{_MARK}{_SPACE}?"
_DATE = rf"\p{{Nd}}{{1,4}}{_SEPARATOR}\p{{Nd}}{{1,2}}{_SEPARATOR}\p{{Nd}}{{1,4}}\.?"
_WORD = r"[^\p{Nd}\[\]:/-]"  # what stands between date and time, and a day period
# The same with its fields, digits already ASCII; no part can match in two ways, which keeps the engine fast.
_STAMP = (
    rf"^{_MARK}([0-9]{{1,4}}{_SEPARATOR}[0-9]{{1,2}}{_SEPARATOR}[0-9]{{1,4}})([^0-9\[\]:/-]{{1,17}})"
    r"([0-9]{1,2})[:.]([0-9]{2})(?:[:.]([0-9]{2}))?([^0-9\[\]:/-]{0,14})$"
)
_STAMP_FIELDS = ("date", "joiner", "hour", "minute", "second", "period")
_BODY = rf"{_DATE}{_WORD}{{1,16}}\p{{Nd}}{{1,2}}[:.]\p{{Nd}}{{2}}(?:[:.]\p{{Nd}}{{2}})?{_WORD}{{0,14}}"

# Of the two layouts without brackets the rarer counts as the file's own from this share of the header lines on.
_OWN_SHARE = 0.2


@dataclass(frozen=True)
class Layout:
    """One shape of header line: how it is recognised, and what ends the time stamp."""

    name: str
    platform: str
    pattern: str
    end: str


LAYOUTS = (
    Layout("ios", "ios", rf"^{_MARK}\[{_MARK}{_BODY}\]", "]"),
    Layout("android", "android", rf"^{_MARK}{_BODY} - ", " - "),
    Layout("legacy", "unknown", rf"^{_MARK}{_BODY}: ", ": "),
)


@dataclass(frozen=True)
class Headers:
    """The header lines of one file: `lines` has `row` (index of the line) and the printed fields.

    `n_alike` counts all lines that look like a header under any layout, quoted ones included.
    """

    layouts: tuple[Layout, ...]
    n_alike: int
    lines: pl.DataFrame


def find_headers(lines: pl.DataFrame, *, name: str) -> Headers:
    """Find the lines that begin a message and split them into stamp and rest.

    Returns:
        Per header line `row`, `date`, `joiner`, `hour`, `minute`, `second`, `period` (as printed, digits made
        ASCII), `marked` (an invisible mark stood before it) and `rest` (all behind the stamp).

    Raises:
        UnknownExportFormat: no line looks like the start of a message.
    """
    text = lines["text"]
    hits = {layout.name: text.str.contains(layout.pattern) for layout in LAYOUTS}
    counts = {name: int(hit.sum()) for name, hit in hits.items()}
    total = sum(counts.values())
    if not total:
        raise UnknownExportFormat(
            f"{name}: no line looks like the start of a message (first line: {_shape_of(text[0])}).",
            hint="Pass the .txt or .zip that WhatsApp's own 'Export chat' made.",
        )
    layouts = _own_layouts(hits, counts)
    parts = [_split_headers(text, hits[layout.name], layout) for layout in layouts]
    return Headers(layouts, total, pl.concat(parts).sort("row"))


def _own_layouts(hits: dict[str, pl.Series], counts: dict[str, int]) -> tuple[Layout, ...]:
    first = min((hits[layout.name].arg_max(), layout.name) for layout in LAYOUTS if counts[layout.name])[1]
    kin = [layout for layout in LAYOUTS if (layout.name == "ios") == (first == "ios")]
    total = sum(counts[layout.name] for layout in kin)
    return tuple(layout for layout in kin if counts[layout.name] >= _OWN_SHARE * total)


def _shape_of(line: str) -> str:
    """Mask letters and digits of a line, so that it can be shown without its words."""
    shape = "".join("9" if c.isdigit() else "x" if c.isalpha() else c for c in line[:40])
    return ascii(shape)


def _split_headers(text: pl.Series, hit: pl.Series, layout: Layout) -> pl.DataFrame:
    frame = pl.DataFrame({"row": hit.arg_true(), "line": text.filter(hit)})
    halves = frame["line"].str.splitn(layout.end, 2).struct.unnest()
    stamp = halves["field_0"]
    frame = frame.select(
        "row",
        marked=stamp.str.contains(r"^[\u200e\u200f\u202a-\u202e]"),
        rest=halves["field_1"].str.strip_prefix(" ") if layout.name == "ios" else halves["field_1"],
    )
    if layout.name == "ios":
        stamp = stamp.str.replace(r"\[", "")
    fields = _ascii_digits(stamp).str.extract_groups(_STAMP).struct.rename_fields(list(_STAMP_FIELDS)).struct.unnest()
    return frame.hstack(fields).drop_nulls("date")


def _ascii_digits(stamp: pl.Series) -> pl.Series:
    """Write digits of other scripts in ASCII; the original stays in the file's bytes."""
    foreign = stamp.str.extract_all(r"[\p{Nd}&&[^0-9]]").explode(empty_as_null=False).unique()
    if foreign.is_empty():
        return stamp
    import unicodedata

    digits = sorted(foreign.drop_nulls())
    return stamp.str.replace_many(digits, [str(unicodedata.digit(digit)) for digit in digits])
