"""Words for files in the form of another platform than the headers' own."""

from collections.abc import Iterator, Mapping

import polars as pl

from chatforensics.integrity.evidence import INFO, UNEXPLAINED, Evidence, Indicator, Observation
from chatforensics.integrity.telling import first_lines, say_count, take_bodies

# Android: `<Media omitted>` and `IMG-20240131-WA0001.jpg (file attached)`. iPhone: `image omitted` behind a mark, and
# `<attached: 00000012-PHOTO-2024-01-31-10-20-30.jpg>`. The words differ by language, the brackets do not.
_MARKS = "[\u200e\u200f]"
_ANDROID = (r": <[^<>:\u200e\u200f]+>$", rf": {_MARKS}*[^<>\n]*\.[0-9A-Za-z]{{2,5}} \([^()<>]+\)$")
_IOS = (rf"<[^<>:]+: ?{_MARKS}*[^<>\n]+>$", rf": {_MARKS}+[^<>()\n]+$")
_ANDROID_NAME = r"^(IMG|VID|AUD|PTT|STK|DOC)-[0-9]{8}-WA[0-9]{4,}\."
_IOS_NAME = r"^[0-9]{8}-(PHOTO|VIDEO|AUDIO|STICKER|GIF)-[0-9]{4}(-[0-9]{2}){5}\."
_TYPED = r"^<\p{L}[^<>:\n\d]{6,40}>$"  # in an iPhone's form; Android's would have been read as a file
_FILES = {"media", "contact", "view_once"}
_NAMES = {"ios": "an iPhone", "android": "an Android phone"}


def find_wordings(evidence: Evidence) -> Iterator[Observation]:
    """Tell files that are printed as the other platform prints them, and names of files that it gives."""
    platform = str(evidence.source["platform"])
    if platform not in _NAMES:
        return
    own, other = _NAMES[platform], _NAMES["android" if platform == "ios" else "ios"]
    printed = _find_foreign_forms(evidence, platform)
    if printed.height:
        value = f"{say_count(printed.height, 'file')} printed as {other} does, in an export with the headers of {own}."
        yield Observation(UNEXPLAINED, value, first_lines(printed))
    texts = evidence.few_texts
    if platform == "ios" and (texts is None or any(text.startswith("<") for _, text in texts)):
        typed = evidence.messages.filter((pl.col("kind") == "text") & pl.col("text").str.starts_with("<"))
        typed = typed.filter(pl.col("text").str.contains(_TYPED))
        if typed.height:
            n = say_count(typed.height, "message")
            value = f"{n} of words in angle brackets only, as {other} prints a missing file."
            yield Observation(INFO, value, first_lines(typed))
    if evidence.messages["attachment"].null_count() == evidence.messages.height:
        return
    foreign = _ANDROID_NAME if platform == "ios" else _IOS_NAME
    named = evidence.messages.filter(pl.col("attachment").str.contains(foreign))
    if named.height:
        value = (
            f"{say_count(named.height, 'file')} with a name that {other} gives, in an export with the headers of {own}."
        )
        yield Observation(INFO, value, first_lines(named))


def _find_foreign_forms(evidence: Evidence, platform: str) -> pl.DataFrame:
    """Return the messages of files whose brackets are not those of the platform."""
    if not evidence.kinds.keys() & _FILES:
        return evidence.messages.clear()
    columns = evidence.messages.select("kind", "line", "byte_start", "byte_end")
    files = columns.filter(pl.col("kind").is_in(_FILES))
    heads = pl.Series([body.partition("\n")[0].rstrip("\r") for body in take_bodies(evidence, files)], dtype=pl.String)
    foreign, own = (_ANDROID, _IOS) if platform == "ios" else (_IOS, _ANDROID)
    head = pl.lit(heads)
    is_foreign = head.str.contains(foreign[0]) | head.str.contains(foreign[1])
    is_own = head.str.contains(own[0]) | head.str.contains(own[1])
    return files.filter(is_foreign & ~is_own)


WORDINGS: Mapping[str, Indicator] = {
    "I-25": Indicator(
        title="Files printed in another platform's form",
        find=find_wordings,
        why=(
            "An Android phone and an iPhone print files in different brackets and give them different names. One "
            "form of headers with the other's form of files points to lines from two exports or to typed lines."
        ),
        innocent=(
            "A file that was sent on as a document keeps the name that another phone gave it; words of the other "
            "platform quoted or typed in jest; a program that brought two exports into one form; a version of the "
            "app that is not known here."
        ),
        resolve="A new export from the same phone; the place in the chat on the phone.",
    ),
}
