"""Measure how far the names in a text sway the classifier: each text is read again and again with other names in it.

    python benchmarks/swap_names.py [--names 24] [--worst 20]

`data/name_slots.jsonl` holds texts with places for names, `data/fresh_names.json` names of six stocks in five scripts;
those of which a part stands in a training text are left out. A stock is a list of names that are common together
somewhere; nothing is said or guessed about people. Every text is filled with names of every stock, as written, in small
letters and in capitals, and each reading is compared with those of the same text and writing with names of the other
five stocks.

What it cannot show: how the classifier fares with names that stand in its training texts or are words of some language,
or with texts unlike these 160.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import numpy as np
import regex
from numpy.typing import NDArray

from chatforensics.labelling.model import decide_all, estimate, load_model
from chatforensics.labelling.train import read_corpus
from chatforensics.schema import SLATE_LABEL
from chatforensics.text import normalise

DATA = Path(__file__).parent / "data"
N_NAMES = 24
# The names of one text stand this far apart in their list.
STEP = 7
SCRIPTS = {"ur": "arabic", "bn": "bengali", "hi": "devanagari", "pa": "gurmukhi"}
WRITINGS: Mapping[str, Callable[[str], str]] = {"as written": str, "small letters": str.lower, "capitals": str.upper}
# Scripts without capitals are written in one way.
ONE_WRITING = ("as written",)
_SLOT = regex.compile(r"\{([ABC])(?:\.(first|last))?\}")
_WORD = regex.compile(r"[\p{L}\p{M}]+")

Names = Mapping[str, Sequence[Mapping[str, str]]]
Numbers = NDArray[np.float64]


class Slot(NamedTuple):
    """One text with places for names, its language, and whether it tells the reader how to vote."""

    text: str
    lang: str
    slate_instruction: bool

    @property
    def script(self) -> str:
        """Return the script of the language, under which its names are listed."""
        return SCRIPTS.get(self.lang, "latin")


class Case(NamedTuple):
    """One text in one writing: probability and decision of an instruction, a row per stock and a column per name."""

    slot: Slot
    writing: str
    texts: list[list[str]]
    probabilities: Numbers
    decisions: NDArray[np.str_]

    @property
    def flags(self) -> NDArray[np.bool_]:
        """Return where the text is flagged."""
        return np.asarray(self.decisions == "flag", dtype=np.bool_)


class Change(NamedTuple):
    """How much a swap changes, over all pairs of readings of one text with names of two stocks."""

    n_pairs: int
    flips: float
    flag_flips: float
    mean: float
    p95: float
    largest: float


def read_slots() -> list[Slot]:
    """Return the texts with places for names."""
    lines = (DATA / "name_slots.jsonl").read_text(encoding="utf-8").splitlines()
    return [Slot(**json.loads(line)) for line in lines]


def read_names() -> Names:
    """Return the names of each stock, each name in five scripts."""
    names: Names = json.loads((DATA / "fresh_names.json").read_text(encoding="utf-8"))
    return names


def fresh_names(names: Names, *, texts: Iterable[str]) -> Names:
    """Return the names of which no part stands in any of the texts, in any script, as many of each stock."""
    known = set().union(*map(words_of, texts))
    fresh = {
        stock: [name for name in listed if not name_parts({stock: [name]}) & known] for stock, listed in names.items()
    }
    n_names = min(map(len, fresh.values()))
    return {stock: left[:n_names] for stock, left in fresh.items()}


def name_parts(names: Names) -> set[str]:
    """Return every word of every name in every script, as texts are compared."""
    spelled = (spelling for stock in names.values() for name in stock for spelling in name.values())
    return {part for spelling in spelled for part in words_of(spelling)}


def words_of(text: str) -> set[str]:
    """Return the words of a text as texts are compared, apart at hyphens and apostrophes."""
    return set(_WORD.findall(normalise(text)))


def fill(slot: Slot, stock: Sequence[Mapping[str, str]], *, number: int) -> str:
    """Return the text with names of one stock in its places; `number` says with which of them it begins."""

    def named(match: regex.Match[str]) -> str:
        place = (number + STEP * "ABC".index(match[1])) % len(stock)
        words = stock[place][slot.script].split(" ")
        return {"first": words[0], "last": words[-1]}.get(match[2], " ".join(words))

    return _SLOT.sub(named, slot.text)


def measure(slots: Sequence[Slot], names: Names, *, n_names: int) -> list[Case]:
    """Read every text in every writing with `n_names` names of each stock, evenly spread over its list."""
    cases = [(slot, writing) for slot in slots for writing in (WRITINGS if slot.script == "latin" else ONE_WRITING)]
    filled = [
        [
            [WRITINGS[writing](fill(slot, stock, number=number)) for number in _spread(len(stock), n_names)]
            for stock in names.values()
        ]
        for slot, writing in cases
    ]
    probabilities, _ = estimate([text for case in filled for row in case for text in row])
    shape = (len(cases), len(names), n_names)
    decisions = [
        decide_all(probabilities, row, thresholds=load_model().thresholds)[SLATE_LABEL]
        for row in range(len(probabilities[SLATE_LABEL]))
    ]
    numbers, decided = probabilities[SLATE_LABEL].reshape(shape), np.array(decisions).reshape(shape)
    return [Case(*case, filled[row], numbers[row], decided[row]) for row, case in enumerate(cases)]


def _spread(length: int, n_names: int) -> list[int]:
    return [place * length // n_names for place in range(n_names)]


def compare(cases: Iterable[Case], *, stock: int | None = None) -> Change:
    """Compare the readings of each text across stocks: all pairs, or those with one given stock."""
    pairs = [_pairs(case, stock) for case in cases]
    flips, flag_flips, moved = (np.concatenate([each[part] for each in pairs]) for part in range(3))
    return Change(
        n_pairs=len(moved),
        flips=float(flips.mean()),
        flag_flips=float(flag_flips.mean()),
        mean=float(moved.mean()),
        p95=float(np.quantile(moved, 0.95)),
        largest=float(moved.max()),
    )


def _pairs(case: Case, stock: int | None) -> tuple[Numbers, Numbers, Numbers]:
    """Return for each pair of readings whether the decision flips, whether the flag does, and the distance moved."""
    n_stocks, n_names = case.probabilities.shape
    stocks = np.repeat(np.arange(n_stocks), n_names)
    left, right = np.triu_indices(len(stocks), k=1)
    kept = stocks[left] != stocks[right]
    if stock is not None:
        kept &= (stocks[left] == stock) | (stocks[right] == stock)
    left, right = left[kept], right[kept]
    decisions, flags, numbers = (each.ravel() for each in (case.decisions, case.flags, case.probabilities))
    flipped, moved = decisions[left] != decisions[right], np.abs(numbers[left] - numbers[right])
    return flipped.astype(float), (flags[left] != flags[right]).astype(float), moved


def flag_rates(cases: Iterable[Case], *, slate_instruction: bool) -> Numbers:
    """Return for each stock the share of readings flagged among texts that are instructions, or that are none."""
    rates = [case.flags.mean(axis=1) for case in cases if case.slot.slate_instruction == slate_instruction]
    return np.asarray(np.mean(rates, axis=0), dtype=np.float64)


def spread(rates: Numbers) -> float:
    """Return the distance between the highest and the lowest rate."""
    return float(rates.max() - rates.min())


def _print_changes(parts: Mapping[str, Change]) -> None:
    head = f"{'':32s} {'pairs':>10s} {'flips':>8s} {'of flags':>8s} {'mean':>8s} {'p95':>8s} {'largest':>8s}"
    print("\n" + head)
    for name, change in parts.items():
        shares = f"{change.n_pairs:10,d} {change.flips:8.3%} {change.flag_flips:8.3%}"
        print(f"{name:32s} {shares} {change.mean:8.4f} {change.p95:8.4f} {change.largest:8.4f}")


def _print_rates(cases: Sequence[Case], names: Names) -> None:
    false, found = (flag_rates(cases, slate_instruction=truth) for truth in (False, True))
    print(f"\n{'':32s} {'false flags':>12s} {'found':>12s}")
    for stock, low, high in zip(names, false, found, strict=True):
        print(f"{stock:32s} {low:12.2%} {high:12.2%}")
    print(f"{'highest less lowest':32s} {spread(false):12.2%} {spread(found):12.2%}")


def _print_worst(cases: Sequence[Case], n_worst: int) -> None:
    print("\ntexts that move most: largest change, flips, writing, and the readings lowest and highest")
    for case in sorted(cases, key=lambda case: np.ptp(case.probabilities), reverse=True)[:n_worst]:
        flat, texts = case.probabilities.ravel(), [text for row in case.texts for text in row]
        change = compare([case])
        print(
            f"{change.largest:.3f} {change.flips:7.2%} {case.writing}, {case.slot.lang}, {case.slot.slate_instruction}"
        )
        for place in (int(flat.argmin()), int(flat.argmax())):
            print(f"    {flat[place]:.3f} {case.decisions.ravel()[place]:6s} {texts[place]!r}")


def main(arguments: Sequence[str]) -> int:
    """Print how decisions and probabilities change with the names, by stock, writing, language and script."""
    parser = argparse.ArgumentParser(prog="python benchmarks/swap_names.py", description=main.__doc__)
    parser.add_argument("--names", type=int, default=N_NAMES, help="how many names of each stock")
    parser.add_argument("--worst", type=int, default=0, help="how many of the texts that move most to print")
    options = parser.parse_args(arguments)
    names = fresh_names(read_names(), texts=[str(row["text"]) for row in read_corpus()])
    n_names = min(options.names, *map(len, names.values()))
    cases = measure(read_slots(), names, n_names=n_names)
    model = files("chatforensics.labelling").joinpath("model.json")
    print(f"{len(cases)} texts in their writings, {len(names)} stocks of {n_names} names; {model}")
    _print_changes({"all": compare(cases)} | {name: compare(cases, stock=place) for place, name in enumerate(names)})
    _print_changes({writing: compare(case for case in cases if case.writing == writing) for writing in WRITINGS})
    languages = sorted({case.slot.lang for case in cases})
    _print_changes({lang: compare(case for case in cases if case.slot.lang == lang) for lang in languages})
    scripts = sorted({case.slot.script for case in cases})
    _print_changes({each: compare(case for case in cases if case.slot.script == each) for each in scripts})
    _print_rates(cases, names)
    _print_worst(cases, options.worst)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
