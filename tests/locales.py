"""Render an invented conversation as a phone set to any of CLDR's locales would export it, by Babel."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import regex
from babel import Locale, localedata
from babel.dates import parse_pattern

NAMES = ("Ama Owusu", "Beatriz", "陈伟", "Дилноза", "Eoin - home", "فاطمة", "Gunnar", "ハルカ", "Ioana", "Jomo Otieno")
TEXTS = ("ok", "see you at 5", "3/4 of it is done, 12:30 at the latest", "two\nlines", "yes: I know", "😀", "on my way")
CLOCKS = ("native", "12", "24")
PLATFORMS = ("android", "ios")
JOINERS = ("comma", "own")
_SKELETONS = {("android", "12"): "hm", ("android", "24"): "Hm", ("ios", "12"): "hms", ("ios", "24"): "Hms"}
# Zeros of the digit systems that are some locale's own.
_ZEROS = {
    "adlm": "ADLAM",
    "arab": "ARABIC-INDIC",
    "arabext": "EXTENDED ARABIC-INDIC",
    "beng": "BENGALI",
    "cakm": "CHAKMA",
    "deva": "DEVANAGARI",
    "hmnp": "NYIAKENG PUACHUE HMONG",
    "mtei": "MEETEI MAYEK",
    "mymr": "MYANMAR",
    "nkoo": "NKO",
    "olck": "OL CHIKI",
    "tibt": "TIBETAN",
}


@dataclass(frozen=True)
class Form:
    """How a phone prints a stamp: all that Babel needs, so that locales with equal forms render equal bytes."""

    platform: str
    date: str
    time: str
    joiner: str
    zero: str
    words: tuple[str, ...]  # the day periods, so that forms that differ in them are not equal
    locale: str

    @property
    def tells_half_of_day(self) -> bool:
        """Tell whether the time says morning or afternoon at all; a few of CLDR's 12-hour forms forget to."""
        fields = regex.sub(r"'[^']*'", "", self.time)
        return not regex.search(r"[hK]", fields) or bool(regex.search(r"[abB]", fields))

    @property
    def key(self) -> tuple[str, ...]:
        return (self.platform, self.date, self.time, self.joiner, self.zero, *self.words)


@dataclass(frozen=True)
class Message:
    at: datetime
    name: str
    text: str


@cache
def load_locale(name: str) -> Locale:
    """Load a locale afresh: one that Babel loads after another may show that one's names."""
    localedata._cache.clear()
    locale = Locale.parse(name)
    assert locale.months  # loads it
    return locale


@cache
def find_form(name: str, platform: str, clock: str, joiner: str) -> Form:
    locale = load_locale(name)
    date = locale.date_formats["short"].pattern
    time = _time_pattern(locale, platform, clock)
    own = str(locale.datetime_formats["short" if platform == "android" else "medium"])
    printed = regex.sub(r"'([^']*)'", r"\1", own) if joiner == "own" else "{1}, {0}"
    zero = (
        unicodedata.lookup(f"{_ZEROS[system]} DIGIT ZERO")
        if (system := locale.default_numbering_system) in _ZEROS
        else "0"
    )
    words = (
        _period_words(locale) if regex.search(r"[abBMG]{1,5}", regex.sub(r"'[^']*'|MM?(?!M)", "", date + time)) else ()
    )
    return Form(platform, date, time, printed, zero, words, name)


def _time_pattern(locale: Locale, platform: str, clock: str) -> str:
    native: str = locale.time_formats["short" if platform == "android" else "medium"].pattern
    twelve = bool(regex.search(r"[hK]", regex.sub(r"'[^']*'", "", native)))
    if clock == "native" or twelve == (clock == "12"):
        return native
    skeleton: str = locale.datetime_skeletons[_SKELETONS[platform, clock]].pattern
    return skeleton


def _period_words(locale: Locale) -> tuple[str, ...]:
    periods = locale.day_periods["format"]["abbreviated"]
    rules = locale.day_period_rules.get(None) or {}
    words = [f"{period}={word}" for period, word in sorted(periods.items())]
    return (*words, *(f"{period}: {rules[period]}" for period in sorted(rules)))


def tell_story(*, distinguishing: bool) -> list[Message]:
    """Tell a conversation over five months; or one of five messages whose days and months could be swapped."""
    step = (
        timedelta(days=1, hours=5, minutes=37, seconds=11) if distinguishing else timedelta(days=1, hours=1, seconds=9)
    )
    start = datetime(2023, 11, 3, 0, 4, 31) if distinguishing else datetime(2024, 5, 6, 8, 15, 20)
    count = 120 if distinguishing else 5
    return [Message(start + k * step, NAMES[k * 7 % len(NAMES)], TEXTS[k * 5 % len(TEXTS)]) for k in range(count)]


def render_export(form: Form, story: list[Message]) -> bytes:
    digits = {ord("0") + n: chr(ord(form.zero) + n) for n in range(10)}
    date, time = parse_pattern(form.date), parse_pattern(form.time)
    locale = load_locale(form.locale)
    lines = []
    for message in story:
        printed = form.joiner.format(time.apply(message.at, locale), date.apply(message.at, locale)).translate(digits)
        if form.platform == "ios":
            lines.append(f"[{printed}] {message.name}: {message.text}\r\n")
        else:
            lines.append(f"{printed} - {message.name}: {message.text}\n")
    return "".join(lines).encode()


def expected(form: Form, story: list[Message]) -> Iterator[tuple[datetime, str, str]]:
    """Yield what a parser should find: times as fine as they were printed."""
    for message in story:
        yield message.at if form.platform == "ios" else message.at.replace(second=0), message.name, message.text
