"""Export one invented conversation as phones of every CLDR locale would, parse it, and compare every message.

    python benchmarks/cldr_round_trip.py [--locales en de ...]

Forms: Android and iOS; 12 hours, 24 hours and the locale's own clock; date and time joined by a comma and as the
locale does; days that tell day from month, and days that do not. A run is *exact*, *refused* (with a reason), *said*
(not exact, but its date order is called ambiguous), *untold* (the form itself does not say which half of the day it is:
four locales of CLDR) or *WRONG*: other messages or times, and nothing said.
"""

import argparse
import sys
import time
from collections import Counter, defaultdict
from functools import cache
from itertools import product
from pathlib import Path

from babel import localedata

from chatforensics.errors import EvidenceError
from chatforensics.intake import chat_from_bytes
from chatforensics.parsing import parse_export

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))
from locales import CLOCKS, JOINERS, PLATFORMS, Form, expected, find_form, render_export, tell_story

STORIES = {"days tell": tell_story(distinguishing=True), "days do not tell": tell_story(distinguishing=False)}


def judge(form: Form, story: str) -> tuple[str, str]:
    """Render, parse and compare: the outcome, and why it is not exact. Locales with equal forms are judged once."""
    known: dict[tuple[str, ...], tuple[str, str]] = _judged()
    key = (story, *form.key)
    if key not in known:
        known[key] = _judge(form, story)
    return known[key]


@cache
def _judged() -> dict[tuple[str, ...], tuple[str, str]]:
    return {}


def _judge(form: Form, story: str) -> tuple[str, str]:
    told = STORIES[story]
    content = render_export(form, told)
    try:
        parsed = parse_export(chat_from_bytes(content, name="chat.txt"))
    except EvidenceError as error:
        return "refused", str(error.args[0])
    truth = list(expected(form, told))
    found = parsed.messages.select("sent_local", "sender_label", "text").rows()
    if found == truth:
        return "exact", ""
    if not form.tells_half_of_day:
        return "untold", "CLDR's form prints 12 hours without saying which half of the day"
    if parsed.sources["date_order_verdict"][0] == "ambiguous":
        return "said", str(parsed.sources["date_order_evidence"][0])
    if len(found) != len(truth):
        return "WRONG", f"{len(found)} of {len(truth)} messages"
    wrong = next((one, other) for one, other in zip(found, truth, strict=True) if one != other)
    return "WRONG", f"{wrong[0][0]} for {wrong[1][0]}, {wrong[0][1]!r}: {wrong[0][2]!r}"


def main() -> None:
    """Judge all locales and print the table, then the rest with reasons."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--locales", nargs="*", default=sorted(localedata.locale_identifiers()))
    names = options.parse_args().locales
    start = time.perf_counter()
    counts: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    rest: dict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    outcomes: dict[str, set[str]] = defaultdict(set)
    for story, joiner, platform, clock in product(STORIES, JOINERS, PLATFORMS, CLOCKS):
        for name in names:
            form = find_form(name, platform, clock, joiner)
            outcome, reason = judge(form, story)
            counts[story, joiner, platform, clock][outcome] += 1
            outcomes[name].add(outcome if story == "days tell" or outcome == "WRONG" else "")
            if outcome in ("refused", "untold", "WRONG") or (outcome == "said" and story == "days tell"):
                sample = render_export(form, STORIES[story][:1]).decode().split(form_end(form))[0]
                rest[outcome, story, f"{sample!r}", reason].append(f"{name}/{platform}/{clock}/{joiner}")
    print_table(counts)
    print_rest(rest)
    exact = sum(kinds <= {"exact", "untold", ""} for kinds in outcomes.values())
    wrong = sum("WRONG" in kinds for kinds in outcomes.values())
    print(f"\n{exact} of {len(names)} locales ({exact / len(names):.1%}) exact wherever the days tell day from month;")
    print(f"{wrong} with anything silently wrong; {len(_judged())} distinct files, {time.perf_counter() - start:.0f} s")


def form_end(form: Form) -> str:
    """Return what ends the stamp."""
    return "]" if form.platform == "ios" else " - "


def print_table(counts: dict[tuple[str, ...], Counter[str]]) -> None:
    """Print a line per kind of run."""
    outcomes = ("exact", "said", "untold", "refused", "WRONG")
    print(f"{'story':17}{'joiner':7}{'phone':8}{'clock':7}", *(f"{outcome:>7}" for outcome in outcomes))
    for (story, joiner, platform, clock), some in counts.items():
        print(f"{story:17}{joiner:7}{platform:8}{clock:7}", *(f"{some[outcome]:>7}" for outcome in outcomes))


def print_rest(rest: dict[tuple[str, str, str, str], list[str]]) -> None:
    """Print what is not exact, wrong runs first."""
    for (outcome, story, sample, reason), runs in sorted(rest.items(), key=lambda item: (item[0][0], -len(item[1]))):
        print(f"\n{outcome} ({story}) {sample}: {reason}\n    {len(runs)} runs: {' '.join(runs[:8])}")


if __name__ == "__main__":
    main()
