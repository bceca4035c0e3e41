"""Messages reduced to what comparing needs: the export's number, a clock reading in milliseconds, a text key."""

import polars as pl

from chatforensics.schema import Messages, Sources
from chatforensics.text import INVISIBLE, normalise

LONG_TEXT = 20  # characters of the normal form: such a text rarely occurs twice by chance
SHORT_TEXT = 6  # characters from which a text that few exports hold, each once, may align them
DEFAULT_STEP_S = 60
TYPED_KINDS = ("text", "media")  # of other kinds (location, poll, contact) the phone words part of the text itself
# A mention is printed as a name on one phone and as a number on another.
_MENTION = "@(?:\u2068[^\u2069]*\u2069|[0-9]{6,})"
_PLAIN = r"^[\t\n\r -~]*$"


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


def build_records(numbered: pl.DataFrame, messages: Messages) -> pl.DataFrame:
    """Return messages and notices with `src`, `local_ms` (middle of the clock's step), `code`, `long`, `worded`.

    `worded` says that a person typed the text: elsewhere phones in two languages write different words for one thing.
    Two records have the same `code` when their texts agree after normalisation or, where neither has a text, when
    their kinds agree (photo, video and sticker are all media: phones word them differently).
    """
    rows = messages.join(numbered.select("source_id", "src", "step_ms"), on="source_id").with_columns(
        bare=pl.col("text").str.replace_all(_MENTION, "@"),
        label=plain_label(pl.col("sender_label")),
        local_ms=pl.col("sent_local").dt.epoch("ms") + pl.col("step_ms") // 2,
    )
    keyed = rows.join(_text_keys(rows), on="bare", how="left").with_columns(
        code=pl.when(pl.col("code") >= 0).then("code").otherwise(_kind_code()),
        long=pl.col("length").fill_null(0) >= LONG_TEXT,
        worded=(pl.col("code") >= 0) & pl.col("kind").is_in(TYPED_KINDS),
    )
    columns = ("message_id", "src", "line", "sent_local", "local_ms", "step_ms", "label", "kind", "edited")
    told = (*columns, "deleted_by", "code", "length", "long")
    return keyed.select(*told, pl.col("worded").fill_null(value=False)).sort("message_id")


def plain_label(label: pl.Expr) -> pl.Expr:
    """Return a label without the invisible marks that some phones put around numbers and names."""
    return label.str.replace_all(f"[{INVISIBLE}]", "").str.strip_chars()


def _text_keys(rows: pl.DataFrame) -> pl.DataFrame:
    """Number the distinct normal forms: `bare`, `code` (null for an empty one), `length`."""
    distinct = rows.select(pl.col("bare").drop_nulls().unique())
    plain = distinct.filter(pl.col("bare").str.contains(_PLAIN)).with_columns(key=_normalise_plain(pl.col("bare")))
    other = distinct.filter(~pl.col("bare").str.contains(_PLAIN))
    forms = pl.Series("key", [normalise(text) for text in other["bare"]], dtype=pl.String)
    keys = pl.concat([plain, other.with_columns(forms)]).with_columns(length=pl.col("key").str.len_chars())
    codes = keys.filter(pl.col("length") > 0).select(pl.col("key").unique()).with_row_index("code")
    numbered = keys.join(codes.with_columns(pl.col("code").cast(pl.Int64)), on="key", how="left")
    return numbered.select("bare", "code", "length")


def _normalise_plain(text: pl.Expr) -> pl.Expr:
    """Do what `text.normalise` does, for texts of plain ASCII characters only, a whole column at once."""
    return text.str.to_lowercase().str.replace_all(r"[\t\n\r ]+", " ").str.strip_chars(" ")


def _kind_code() -> pl.Expr:
    """Return a negative number per kind, for records without a text."""
    kinds = ("media", "view_once", "deleted", "text", "poll", "location", "contact", "call", "system")
    codes = {kind: -1 - max(0, place - 1) for place, kind in enumerate(kinds)}  # view-once is media, too
    return pl.col("kind").replace_strict(codes, default=-len(kinds), return_dtype=pl.Int64)
