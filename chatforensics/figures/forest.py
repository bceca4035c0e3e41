"""From which share each share of a text most probably came: a forest, with the probability of every branch."""

from dataclasses import dataclass
from functools import partial
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import polars as pl

from chatforensics.figures.drawing import Pictures, Sketch, render
from chatforensics.figures.events import Event, tell_events
from chatforensics.figures.facts import Tables, count_of, of_families, order_families, show_percent, table_of
from chatforensics.figures.fonts import measure
from chatforensics.figures.labels import write_words
from chatforensics.figures.marks import add_shape
from chatforensics.figures.names import chat_names, drawable, person_names
from chatforensics.figures.numbering import NO_NUMBERS, Numbers, name_text, safe_stem
from chatforensics.figures.page import EDGE_MM, Key, Layout, compose
from chatforensics.figures.spread import name_wordings, wording_looks
from chatforensics.figures.style import (
    COLOURS,
    DOUBLE_MM,
    FAINT_INK,
    GRID,
    INK,
    OTHER_COLOUR,
    OTHER_MARKER,
    TEXT_PT,
)
from chatforensics.figures.timeaxis import MONTHS, show_span
from chatforensics.figures.trees import Branch, build_decisions, grow_branches, list_decisions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from matplotlib.axes import Axes

MOST_FAMILIES = 3
MOST_ROWS = 40
MOST_DOTS = 4
_ROW_MM = 4.3
_WIDEST_TREE_MM = 88.0
_WIDEST_STEP_MM = 7.0
_NAME_MM = 36.0
_TIME_MM = 21.0
_PERCENT_MM = 12.5
_BAR_MM = 30.0
_HEAD_MM = 5.0
_ROOT_MM = 5.0
_DOT_MM = 2.1
_DOT_PT = 4.2
_UNSEEN = "#D55E00"
_OTHERS = ("#9A9A9A", "#C4C4C4")


def sketch_forests(
    tables: Tables, *, order: pl.DataFrame | None = None, events: "Sequence[Event]" = (), numbers: Numbers = NO_NUMBERS
) -> list[Sketch]:
    """Show the cascade forest of a few tracked families: those that tell people how to vote first, then by size.

    Each row is one decision to send, below the one that it most probably came from. The picture cannot show what
    anybody read, nor chats that no export holds; a branch is the likeliest of several, with the rest beside it.
    """
    order = order_families(tables) if order is None else order
    families = order.filter("has_branches")["family_id"].head(MOST_FAMILIES)  # without branches, there is no tree
    return [
        _sketch_forest(of_families(tables, [family]), family, name_text(family, numbers), events) for family in families
    ]


def _sketch_forest(tables: Tables, family: str, name: str, events: "Sequence[Event]") -> Sketch:
    made = build_decisions(tables, family)
    branches = grow_branches(made, most=MOST_ROWS)
    shares = table_of(tables, "shares").filter(pl.col("share_id").is_in(made["shares"].explode().implode()))
    shares = shares.with_columns(pl.col("chat_id").fill_null("unknown"))
    persons, chats = person_names(tables, made["person_id"].drop_nulls()), chat_names(tables, shares["chat_id"])
    safe = safe_stem(family)
    title = f"Most probable source of each share: {name}, {count_of(shares.height, 'share')}"
    wordings, counts = name_wordings(shares), dict(shares.group_by("variant_id").len().iter_rows())
    words = _Words(title, tell_events(events), persons, chats, wordings, counts, made.height)
    own = made.filter(pl.col("burst_id").is_in([branch.decision for branch in branches]))
    drawn = shares.filter(pl.col("share_id").is_in(own["shares"].explode().implode()))
    picture = partial(_picture, own, branches, drawn.select("share_id", "chat_id", "variant_id"), words)
    table = list_decisions(made, [branch.decision for branch in branches], shares, (persons, chats))
    alt = " ".join([_alt(made, shares, persons), *tell_events(events)])
    return Sketch(f"forest-{safe}", title, alt, picture, table)


@dataclass(frozen=True)
class _Words:
    """What is written beside the marks, and of all wordings how often each was sent; `n_all` counts all decisions."""

    title: str
    notes: list[str]
    persons: dict[str, str]
    chats: dict[str, str]
    wordings: dict[str, str]
    counts: dict[str, int]
    n_all: int


def _picture(made: pl.DataFrame, branches: list[Branch], shares: pl.DataFrame, words: _Words) -> Pictures:
    return _Page(made, branches, shares, words).picture()


class _Page:
    """What one page draws from, so that its parts need not hand it on."""

    def __init__(self, made: pl.DataFrame, branches: list[Branch], shares: pl.DataFrame, words: _Words) -> None:
        self.made = {row["burst_id"]: row for row in made.iter_rows(named=True)}
        self.branches = branches
        self.shares = {row["share_id"]: row for row in shares.iter_rows(named=True)}
        self.words = words
        self.looks = wording_looks(words.wordings)
        deepest = max(branch.step for branch in branches)
        self.step = min(_WIDEST_STEP_MM, (_WIDEST_TREE_MM - _NAME_MM - _ROOT_MM) / max(1, deepest))
        self.height = _ROW_MM * len(branches)
        self.places = {branch.decision: self._place(at, branch) for at, branch in enumerate(branches)}
        self.names = {branch.decision: self._name(branch) for branch in branches}
        self.tree_mm = max(self._name_end(branch) for branch in branches)

    def _place(self, at: int, branch: Branch) -> tuple[float, float]:
        return _ROOT_MM + self.step * branch.step, self.height - _ROW_MM * (at + 0.5)

    def picture(self) -> Pictures:
        layout = Layout(
            title=self.words.title,
            panels_mm=[self.height],
            left_mm=EDGE_MM,
            right_mm=EDGE_MM,
            above_mm=_HEAD_MM,
            below_mm=2.0,
            keys=list(self._keys()),
            notes=[*self.words.notes, *self._notes()],
        )
        figure, (axes,) = compose(layout)
        axes.set_axis_off()
        self._draw_ground(axes)
        for branch in self.branches:
            self._draw_branch(axes, branch)
            self._draw_shares(axes, branch)
            self._write_row(axes, branch)
            self._draw_bar(axes, branch)
        return render(figure)

    @property
    def columns(self) -> dict[str, float]:
        """Return where each column begins, in millimetres; chats get the room that the tree leaves."""
        bar = DOUBLE_MM - 2 * EDGE_MM - _BAR_MM
        time = bar - _PERCENT_MM - _TIME_MM
        return {"chat": self.tree_mm + 4, "time (UTC)": time, "bar": bar}

    def _name(self, branch: Branch) -> str:
        name = self.words.persons.get(self.made[branch.decision]["person_id"], "unknown")
        hidden = f" +{branch.n_hidden}" if branch.n_hidden else ""
        return drawable(name, width_mm=_NAME_MM - (7 if hidden else 0)) + hidden

    def _name_start(self, branch: Branch) -> float:
        n_dots = min(len(self.made[branch.decision]["shares"]), MOST_DOTS)
        return self.places[branch.decision][0] + n_dots * _DOT_MM - 0.4

    def _name_end(self, branch: Branch) -> float:
        return self._name_start(branch) + measure(self.names[branch.decision], size=TEXT_PT)[0]

    def _draw_ground(self, axes: "Axes") -> None:
        right = DOUBLE_MM - 2 * EDGE_MM
        for at in range(0, len(self.branches), 2):
            top = self.height - _ROW_MM * at
            axes.axhspan(top - _ROW_MM, top, color="#F6F6F6", linewidth=0, zorder=0)
        middle = self.height + _HEAD_MM / 2 - 0.4
        heads = [(0.0, "sender"), (self.columns["chat"], "chat"), (self.columns["time (UTC)"], self._time_head())]
        for left, words in heads:
            write_words(axes, (left, middle), words, colour=FAINT_INK)
        write_words(axes, (right, middle), "where it came from", side="right", colour=FAINT_INK)
        axes.plot([0, right], [self.height, self.height], color=GRID, linewidth=0.8, clip_on=False)

    def _time_head(self) -> str:
        years = sorted({self.made[branch.decision]["sent_at"].year for branch in self.branches})
        return f"time (UTC, {'/'.join(str(year) for year in sorted({years[0], years[-1]}))})"

    def _draw_branch(self, axes: "Axes", branch: Branch) -> None:
        row, (x, y) = self.made[branch.decision], self.places[branch.decision]
        if branch.parent is None:
            if row["probability"] is not None:
                axes.plot([x - 3.8, x], [y, y], color=_UNSEEN, lw=1.1, ls=(0, (2.2, 1.2)), zorder=2)
                axes.plot(x - 3.8, y, "D", ms=2.8, mfc="white", mec=_UNSEEN, mew=0.8, zorder=3)
            return
        start = self._start_of(branch)
        probability = row["probability"]
        x_path, y_path = [start[0], start[0], x], [start[1], y, y]
        if probability is None:
            axes.plot(x_path, y_path, color=OTHER_COLOUR, lw=0.8, ls=(0, (1, 1.4)), zorder=2)
        else:
            axes.plot(x_path, y_path, color=shade(probability), lw=0.5 + 1.2 * probability, zorder=2 + probability)

    def _start_of(self, branch: Branch) -> tuple[float, float]:
        """Return the dot of the very share that the branch comes from, or the parent's first."""
        parent = self.made[str(branch.parent)]
        x, y = self.places[str(branch.parent)]
        share = self.made[branch.decision]["parent_share_id"]
        at = parent["shares"].index(share) if share in parent["shares"] else 0
        return x + _DOT_MM * min(at, MOST_DOTS - 1), y

    def _draw_shares(self, axes: "Axes", branch: Branch) -> None:
        x, y = self.places[branch.decision]
        for at, share in enumerate(self.made[branch.decision]["shares"][:MOST_DOTS]):
            colour, marker = self.looks[self.shares[share]["variant_id"]]
            axes.plot(x + at * _DOT_MM, y, marker, ms=_DOT_PT, mfc=colour, mec="white", mew=0.4, zorder=5)

    def _write_row(self, axes: "Axes", branch: Branch) -> None:
        row, y = self.made[branch.decision], self.places[branch.decision][1]
        first = self.shares[row["shares"][0]]["chat_id"]
        n_more = self._n_more_chats(branch)
        more = f" +{n_more}" if n_more else ""
        room = self.columns["time (UTC)"] - self.columns["chat"] - 3 - (6 if more else 0)
        write_words(axes, (self._name_start(branch), y), self.names[branch.decision])
        write_words(axes, (self.columns["chat"], y), drawable(self.words.chats[first], width_mm=room) + more)
        write_words(axes, (self.columns["time (UTC)"], y), _short_time(row["sent_at"]))
        write_words(axes, (self.columns["bar"] - 1.5, y), _percent(row), side="right")

    def _n_more_chats(self, branch: Branch) -> int:
        return len({self.shares[share]["chat_id"] for share in self.made[branch.decision]["shares"]}) - 1

    def _draw_bar(self, axes: "Axes", branch: Branch) -> None:
        """Draw all that the share may have come from as one bar: what is drawn as its branch is the darkest part."""
        row, (_, y) = self.made[branch.decision], self.places[branch.decision]
        left, wide = self.columns["bar"], DOUBLE_MM - 2 * EDGE_MM - self.columns["bar"]
        if row["again"] or row["probability"] is None:
            words = "own share before" if row["again"] else "unknown"
            write_words(axes, (left + wide, y), words, side="right", colour=FAINT_INK)
            return
        for start, end, colour, hatch in _segments(row):
            _add_box(axes, (left + wide * start, y - 1.35, wide * (end - start), 2.7), colour, hatch)

    def _keys(self) -> "Iterator[Key]":
        own = [variant for variant in self.words.wordings if self.looks[variant] != (OTHER_COLOUR, OTHER_MARKER)]
        for variant in own[: len(COLOURS)]:
            yield Key(f"wording {self.words.wordings[variant]} ({self.words.counts[variant]})", *self.looks[variant])
        if rest := len(self.words.wordings) - len(own):
            yield Key(f"{rest} other wordings", OTHER_COLOUR, OTHER_MARKER)
        yield Key("the source drawn", INK)
        yield Key("other sources in the evidence, by rank", _OTHERS[0])
        yield Key("not in the evidence, or own words", _UNSEEN, hatch="/////")
        if any(self.made[branch.decision]["again"] for branch in self.branches):
            yield Key("sent again by the same person", OTHER_COLOUR, line=":")

    def _notes(self) -> list[str]:
        notes = [
            "A row is one decision to send, below its likeliest source (darker: more probable); each dot is a share.",
            "The bar shows all possible sources, to 100 %; exports do not show what anybody read.",
        ]
        if any(self._n_more_chats(branch) for branch in self.branches):
            notes.append("+n after a chat: the shares of this decision went into so many other chats, too.")
        if self.words.n_all > len(self.branches):
            notes.append(
                f"{len(self.branches)} of {self.words.n_all:,} decisions are drawn, those with most others below them; "
                "+n after a name counts the ones left out directly below. All are in the table."
            )
        return notes


def shade(probability: float) -> str:
    """Return the grey of a line: the more probable, the darker; even the faintest stands out from white."""
    level = round(170 - 136 * probability)
    return f"#{level:02X}{level:02X}{level:02X}"


def _segments(row: dict[str, object]) -> "Iterator[tuple[float, float, str, str | None]]":
    """Yield the parts of a bar from left to right: the branch, the other candidates, what is not in the evidence."""
    named = [] if row["parent"] is None else [float(str(row["probability"]))]
    others = [float(p) for p in row["others"]]  # type: ignore[attr-defined] # a list of numbers
    ends = list(accumulate([*named, *others], initial=0.0))
    for at, (start, end) in enumerate(pairwise(ends)):
        yield start, min(end, 1.0), INK if at < len(named) else _OTHERS[at % 2], None
    if float(str(row["unseen"])) > 0:
        yield min(ends[-1], 1.0), 1.0, _UNSEEN, "/////"


def _add_box(axes: "Axes", box: tuple[float, float, float, float], colour: str, hatch: str | None) -> None:
    from matplotlib.patches import Rectangle

    left, bottom, wide, high = box
    add_shape(axes, Rectangle((left, bottom), wide, high, facecolor=colour, edgecolor="white", hatch=hatch, lw=0.3))


def _percent(row: dict[str, object]) -> str:
    """Return how probable the drawn source is; where there is no candidate at all, there is nothing to weigh."""
    weighed = row["probability"] is not None and (row["parent"] is not None or row["others"])
    return show_percent(float(str(row["probability"]))) if weighed else ""


def _short_time(at: "datetime") -> str:
    return f"{at.day} {MONTHS[at.month - 1]}, {at:%H:%M}"


def _alt(made: pl.DataFrame, shares: pl.DataFrame, persons: dict[str, str]) -> str:
    drawn = made.filter(pl.col("parent").is_not_null() & ~pl.col("again"))
    unseen = made.filter(pl.col("parent").is_null())
    middle = drawn["probability"].median()
    half = f" (half of these with a probability of {show_percent(float(str(middle)))} or more)" if middle else ""
    first = persons.get(made["person_id"][0] or "", "unknown")
    return (
        f"Cascade forest. {count_of(shares.height, 'share')} in {count_of(made.height, 'decision')} to send by "
        f"{count_of(len(persons), 'person', 'people')}, {show_span(shares['sent_at'])} UTC. The likeliest source is in "
        f"the evidence for {drawn.height}{half} and not in it for {unseen.height}; {sum(made['again'])} sent again "
        f"what the same person had sent before. First row of the table: {first}."
    )
