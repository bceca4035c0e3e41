"""The template environment of the page: every value escaped, every sentence in the page's language."""

import re
from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING

from chatforensics.report.codes import name_code
from chatforensics.report.language import ENGLISH, Language, fill, say, say_list
from chatforensics.text import show_controls

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_NAMED = re.compile(r"%\((\w+)\)s")  # how Jinja writes a place


@cache
def make_environment(language: Language = ENGLISH) -> "Environment":
    """Return an environment that escapes values, shows control characters, translates, and refuses unknown names."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("chatforensics.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_make_finalize(language),
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.newstyle_gettext = True  # type: ignore[attr-defined]
    environment.filters |= {"count": print_count, "probability": print_probability}
    environment.filters |= {
        "say_list": say_list,
        "begin": partial(_begin, language),
        "spoken": name_code,
        "stored": partial(_mark_stored, language),
    }
    environment.globals |= make_words(language)
    return environment


def make_words(language: Language) -> dict[str, Callable[..., "Markup"]]:
    """Return what templates call to say a sentence: `_` for plain ones, `gettext` and `ngettext` for those with tags.

    Values are escaped; the sentence is the page's own. A translation is package data, as the templates are.
    """
    from markupsafe import Markup, escape

    finalize = _make_finalize(language)

    def place(value: object) -> str:
        return str(value) if isinstance(value, Markup) else language.isolate(str(escape(finalize(value))))

    def put(words: str, values: dict[str, object]) -> Markup:
        return Markup(fill(words, {name: place(each) for name, each in values.items()}))  # noqa: S704

    def plain(english: str, /, **values: object) -> Markup:
        return put(_escape_words(language.look_up(english)), values)

    def tagged(english: str, /, **values: object) -> Markup:
        return put(language.look_up(make_key(english)), values)

    def counted(one: str, many: str, n: int, /, **values: object) -> Markup:
        return tagged(one if n == 1 else many, **values)

    def of_many(n: int | str, one: str, more: str | None = None) -> Markup:
        return plain(name_many(one if n in {1, "1"} else more or f"{one}s"), n=print_count(n))

    return {"_": plain, "gettext": tagged, "ngettext": counted, "many": of_many}


def _escape_words(words: str) -> str:
    """Return plain words of our own as markup; an apostrophe needs no escape, as our attributes stand in quotes."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&#34;")


def make_key(text: str) -> str:
    """Return the sentence of a template as the catalogue has it, its places in braces."""
    return _NAMED.sub(r"{\1}", text).replace("%%", "%")


def name_many(things: str) -> str:
    """Return the sentence by which `many` counts things."""
    return f"{{n}} {things}"


def _make_finalize(language: Language) -> Callable[[object], object]:
    from markupsafe import Markup

    def print_value(value: object) -> object:
        return value if isinstance(value, Markup) or not isinstance(value, str) else language.tell(value)

    return print_value


def _begin(language: Language, words: str) -> object:
    """Return words as they stand at the beginning of a line."""
    from markupsafe import escape

    return escape(language.tell(words).capitalize())


def _mark_stored(language: Language, words: str) -> object:
    """Return a sentence that the tables hold in English, marked as such on a page in another language."""
    from markupsafe import Markup

    if language.code == "en":
        return words
    return Markup('<span lang="en" dir="ltr">{}</span>').format(show_controls(words))


def print_count(number: object) -> str:
    """Return a count with its thousands apart."""
    return f"{number:,}" if isinstance(number, int) else str(number)


def print_probability(value: float | None) -> str:
    """Return a probability with two digits, never as certainty."""
    if value is None:
        return "-"
    return say("over 0.99") if value >= 0.995 else say("under 0.01") if value < 0.005 else f"{value:.2f}"  # noqa: PLR2004 - rounding
