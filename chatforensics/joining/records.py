"""Messages reduced to what comparing needs: the export's number, a clock reading in milliseconds, a text key.

Texts are looked at once, some hundred thousand messages at a time; what is kept of a message is a row of numbers, so
that millions fit into memory.
"""

from collections.abc import Iterator
from hashlib import sha256

import polars as pl

from chatforensics.joining.slim import KIND, LONG_TEXT, PORTION, Records, make_records
from chatforensics.schema import AnyMessages, Sources
from chatforensics.text import INVISIBLE, normalise

SHORT_TEXT = 6  # characters from which a text that few exports hold, each once, may align them
DEFAULT_STEP_S = 60
TYPED_KINDS = ("text", "media")  # of other kinds (location, poll, contact) the phone words part of the text itself
YOU = "You"
# A mention is printed as a name on one phone and as a number on another.
_MENTION = "@(?:\u2068[^\u2069]*\u2069|[0-9]{6,})"
_PLAIN = r"^[\t\n\r -~]*$"
_READ = ("message_id", "source_id", "line", "sent_local", "sender_label", "kind", "text", "edited", "deleted_by")


def number_sources(sources: Sources) -> pl.DataFrame:
    """Return one row per export in the order of `source_id`, with its number and the phone that it came from."""
    folder = pl.concat_str(pl.lit("folder "), pl.col("folder"))
    steps = pl.col("clock_step_s").fill_null(DEFAULT_STEP_S).cast(pl.Int64) * 1000
    phones = pl.coalesce(folder, "source_id")
    stated = "declared_chat" if "declared_chat" in sources.columns else pl.lit(None, pl.String)
    return (
        sources.with_columns(declared_chat=stated)
        .sort("source_id", "path")
        .unique("source_id", keep="first", maintain_order=True)
        .select("source_id", "timezone", "chat_title", "declared_chat", phone=phones, step_ms=steps)
        .with_row_index("src")
        .with_columns(pl.col("src").cast(pl.Int64))
    )


def build_records(numbered: pl.DataFrame, messages: AnyMessages, *, portion: int = PORTION) -> Records:
    """Return messages and notices as rows of numbers; see `Records` for the columns.

    Two records have the same `code` when their texts agree after normalisation or, where neither has a text, when
    their kinds agree (photo, video and sticker are all media: phones word them differently). The code of a text is 63
    bits of a hash of its normal form, mixed with the ids of the exports: that two of ten million different texts have
    the same code happens in one case of a hundred thousand, and nobody can choose texts so that they do.

    Args:
        numbered: As made by `number_sources`.
        messages: As parsed, in any order.
        portion: How many messages to read at one time.
    """
    seed = _make_seed(numbered)
    read = (_reduce(rows, numbered, seed=seed) for rows in read_portions(messages, _READ, size=portion))
    return make_records(numbered, read, portion=portion)


def read_portions(messages: AnyMessages, columns: tuple[str, ...], *, size: int) -> Iterator[pl.DataFrame]:
    """Yield the messages in portions, with some columns only; one portion at least."""
    rows = messages.lazy().select(columns)
    height = messages.height if isinstance(messages, pl.DataFrame) else rows.select(pl.len()).collect().item()
    for start in range(0, max(height, 1), size):
        yield rows.slice(start, size).collect()


def read_texts(messages: AnyMessages, message_ids: pl.Series) -> pl.DataFrame:
    """Return `message_id` and `text` of a few messages."""
    wanted = pl.DataFrame({"message_id": message_ids.unique()})
    rows = messages.lazy().select("message_id", "text")
    if wanted.is_empty():
        return rows.head(0).collect()
    return rows.join(wanted.lazy(), on="message_id", how="semi").collect(engine="streaming")


def _make_seed(numbered: pl.DataFrame) -> int:
    """Return a number that depends on all exports of the case."""
    return int.from_bytes(sha256("\n".join(numbered["source_id"]).encode()).digest()[:8])


def _reduce(rows: pl.DataFrame, numbered: pl.DataFrame, *, seed: int) -> pl.DataFrame:
    """Turn a portion of the messages into numbers, but for the labels."""
    placed = rows.join(numbered.select("source_id", "src"), on="source_id", maintain_order="left").with_columns(
        bare=pl.col("text").str.replace_all(_MENTION, "@"),
        printed=pl.struct("sent_local", "sender_label", "kind", "text").hash(seed),
    )
    keyed = placed.join(_text_keys(placed, seed=seed), on="bare", how="left", maintain_order="left")
    return keyed.select(
        "message_id",
        pl.col("src", "line").cast(pl.Int32),
        "sent_local",
        pl.col("kind").cast(KIND),
        "edited",
        "sender_label",
        "printed",
        label=plain_label(pl.col("sender_label")),
        by_owner=(pl.col("deleted_by") == YOU).fill_null(value=False),
        code=pl.when(pl.col("code") >= 0).then("code").otherwise(_kind_code()),
        length=pl.col("length").fill_null(0).clip(upper_bound=LONG_TEXT).cast(pl.UInt8),
        long=pl.col("length").fill_null(0) >= LONG_TEXT,
        worded=((pl.col("code") >= 0) & pl.col("kind").is_in(TYPED_KINDS)).fill_null(value=False),
    )


def plain_label(label: pl.Expr) -> pl.Expr:
    """Return a label without the invisible marks that some phones put around numbers and names."""
    return label.str.replace_all(f"[{INVISIBLE}]", "").str.strip_chars()


def _text_keys(rows: pl.DataFrame, *, seed: int) -> pl.DataFrame:
    """Number the distinct normal forms: `bare`, `code` (null for an empty one), `length`."""
    distinct = rows.select(pl.col("bare").drop_nulls().unique())
    plain = distinct.filter(pl.col("bare").str.contains(_PLAIN)).with_columns(key=_normalise_plain(pl.col("bare")))
    other = distinct.filter(~pl.col("bare").str.contains(_PLAIN))
    forms = pl.Series("key", [normalise(text) for text in other["bare"]], dtype=pl.String)
    keys = pl.concat([plain, other.with_columns(forms)]).with_columns(length=pl.col("key").str.len_chars())
    code = (pl.col("key").hash(seed) // 2).cast(pl.Int64)
    return keys.select("bare", "length", code=pl.when(pl.col("length") > 0).then(code))


def _normalise_plain(text: pl.Expr) -> pl.Expr:
    """Do what `text.normalise` does, for texts of plain ASCII characters only, a whole column at once."""
    return text.str.to_lowercase().str.replace_all(r"[\t\n\r ]+", " ").str.strip_chars(" ")


def _kind_code() -> pl.Expr:
    """Return a negative number per kind, for records without a text."""
    kinds = ("media", "view_once", "deleted", "text", "poll", "location", "contact", "call", "system")
    codes = {kind: -1 - max(0, place - 1) for place, kind in enumerate(kinds)}  # view-once is media, too
    return pl.col("kind").replace_strict(codes, default=-len(kinds), return_dtype=pl.Int64)
