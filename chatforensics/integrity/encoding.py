"""How the text was written as bytes: its line breaks and its encoding, which programs change and phones do not."""

import codecs
from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from chatforensics.integrity.counts import Flags, observe
from chatforensics.integrity.evidence import INFO, UNEXPLAINED, Evidence, Indicator, Observation
from chatforensics.integrity.octets import is_wide, read_bytes, read_chunks
from chatforensics.integrity.telling import say_count

_CR, _LF = b"\r\n"
_NAMES = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
_UTF8_MARK = b"\xef\xbb\xbf"
_LOST = "\ufffd"
# What becomes of curly quotes, of letters with accents and of emoji when UTF-8 is read as a one-byte encoding.
_GARBLED = r"â€[œ™\x{9c}\x{9d}\x{99}\x{98}˜¦“”]|Ã[\x{a0}-\x{bf}]|Â[\x{a0}£°·»«]|ðŸ"
_ODD = (
    (
        _GARBLED,
        ("â€", "Ã", "Â", "ðŸ"),
        "with letters that look like UTF-8 read as another encoding, such as “Ã©” for “é”",
    ),
    (r"\x00", ("\0",), "with a NUL, which no keyboard types"),
)


def find_breaks(evidence: Evidence) -> Iterator[Observation]:
    """Tell records that end in another line break than the rest, and breaks that are not the platform's own."""
    if is_wide(evidence.content):
        return
    with_cr, without, last_open = _read_breaks(evidence)
    n_cr, n_lf = int(with_cr.sum()), int(without.sum())
    if n_cr and n_lf:
        few, names = (with_cr, ("CR LF", "LF")) if n_cr <= n_lf else (without, ("LF", "CR LF"))
        value = (
            f"{say_count(min(n_cr, n_lf), 'record')} with {names[0]} at its end, {max(n_cr, n_lf):,} with {names[1]}."
        )
        yield observe(evidence, UNEXPLAINED, value, few)
    platform = evidence.source["platform"]
    if platform == "android" and n_cr and not n_lf:
        yield Observation(INFO, f"All {n_cr:,} records end in CR LF, where Android phones print LF.")
    if platform == "ios" and n_lf and not n_cr:
        yield Observation(INFO, f"All {n_lf:,} records end in LF, where iPhones print CR LF.")
    yield from _find_inner_breaks(evidence, n_cr, n_lf)
    if last_open:
        value = "The last record does not end in a line break."
        yield Observation(INFO, value, evidence.messages["line"].tail(1).to_list())


def _read_breaks(evidence: Evidence) -> tuple[Flags, Flags, bool]:
    """Tell the records that end in CR LF, those in LF alone, and whether the last ends in neither."""
    ends = evidence.messages["byte_end"].to_numpy()
    broken = read_bytes(evidence.content, ends - 1) == _LF
    with_cr = broken & (read_bytes(evidence.content, ends - 2) == _CR)
    return with_cr, broken & ~with_cr, not broken[-1]


def _find_inner_breaks(evidence: Evidence, n_cr: int, n_lf: int) -> Iterator[Observation]:
    """Tell texts whose own line breaks are CR LF, where not all breaks of the file are."""
    text = evidence.short_text
    if text is not None and text.count("\r\n") == n_cr:
        return  # there is none but at the ends of records
    inner = evidence.messages.select(
        pl.col("text").str.contains("\r\n", literal=True).fill_null(value=False)
    ).to_series()
    plain = evidence.messages.select(pl.col("text").str.contains("[^\r]\n").fill_null(value=False)).to_series()
    if inner.any() and (plain.any() or (n_lf and not n_cr)):
        value = (
            f"Inside {say_count(int(inner.sum()), 'text')} the line breaks are CR LF, inside {int(plain.sum()):,} LF."
        )
        yield observe(evidence, INFO, value, inner.to_numpy())


def find_encoding(evidence: Evidence) -> Iterator[Observation]:
    """Tell a mark at the beginning, bytes that are no UTF-8, and letters that an earlier conversion lost or garbled."""
    head = bytes(evidence.content[:4])
    if is_wide(evidence.content):
        name = next(name for mark, name in _NAMES.items() if head.startswith(mark))
        yield Observation(UNEXPLAINED, f"The text is in {name}, where phones write UTF-8.", [1])
        return
    if head.startswith(_UTF8_MARK):
        yield Observation(INFO, "The text begins with the mark that some programs put before UTF-8 (EF BB BF).", [1])
    yield from _find_broken(evidence)
    for pattern, signs, words in _ODD:
        if not _may_hold(evidence, signs):
            continue
        rows = _contain(evidence, pattern)
        if rows.any():
            yield observe(evidence, INFO, f"{say_count(int(rows.sum()), 'message')} {words}.", rows)


def _find_broken(evidence: Evidence) -> Iterator[Observation]:
    """Tell bytes that are no UTF-8, and signs that stand where an earlier program met such bytes."""
    if not _may_hold(evidence, (_LOST,)):
        return
    rows = _contain(evidence, _LOST)  # both show so
    if not rows.any():
        return
    n_printed, n_shown = _count_lost(evidence)
    if n_shown > n_printed:
        value = f"In {say_count(n_shown - n_printed, 'place')} the bytes are no UTF-8."
        yield observe(evidence, UNEXPLAINED, value, rows)
    if n_printed:
        value = f"{say_count(n_printed, 'letter')} lost before: U+FFFD stands in the file, as where a program gave up."
        yield observe(evidence, INFO, value, rows)


def _count_lost(evidence: Evidence) -> tuple[int, int]:
    """Return how often U+FFFD is printed in the file, and how often it shows when the bytes are read as UTF-8."""
    printed = _LOST.encode()
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    n_printed = n_shown = 0
    kept = b""
    for chunk in read_chunks(evidence.content):
        n_shown += decoder.decode(chunk).count(_LOST)
        n_printed += (kept + chunk).count(printed)
        kept = chunk[-len(printed) + 1 :]
    return n_printed, n_shown + decoder.decode(b"", final=True).count(_LOST)


def _may_hold(evidence: Evidence, signs: Sequence[str]) -> bool:
    """Tell whether a message may hold one of some signs: a short text is searched, of a long one that is not known."""
    text = evidence.short_text
    return text is None or any(sign in text for sign in signs)


def _contain(evidence: Evidence, pattern: str) -> Flags:
    """Tell the messages whose text or sender holds a pattern."""
    text, label = (pl.col(name).str.contains(pattern) for name in ("text", "sender_label"))
    labels = evidence.messages["sender_label"].unique().to_frame().filter(label)["sender_label"]
    found = text.fill_null(value=False)
    if len(labels):
        found |= pl.col("sender_label").is_in(labels.implode()).fill_null(value=False)
    return evidence.messages.select(found).to_series().to_numpy()


ENCODING: Mapping[str, Indicator] = {
    "I-07": Indicator(
        title="Line breaks",
        find=find_breaks,
        why=(
            "A phone ends every record alike: Android in LF, iPhones in CR LF (and have LF inside texts). Records that "
            "end otherwise were typed, pasted or joined in a program."
        ),
        innocent=(
            "Mail programs, editors, archives and version control change line breaks, often all, sometimes some. A "
            "text copied from a computer may bring its own. Some programs cut the break at the end of a file."
        ),
        resolve="The file as the phone first sent it, untouched, best as the zip; a new export from the same phone.",
    ),
    "I-08": Indicator(
        title="Encoding",
        find=find_encoding,
        why=(
            "Phones write UTF-8 without a mark. Another encoding, a mark, or lost and garbled letters show that a "
            "program opened the file and saved it."
        ),
        innocent=(
            "To open an export on a computer and save it is common, and Notepad is known for it. A garbled text may "
            "have been garbled when it was sent."
        ),
        resolve="The file as the phone first sent it; the message on the phone.",
    ),
}
