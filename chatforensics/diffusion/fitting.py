"""Estimating the link model from a case: expectation and maximisation in turn.

In each round every decision is divided among its possible sources (expectation), and the rates are set to what these
parts say (maximisation; the factors of opportunities by a step of Poisson regression). What is assumed beforehand
counts like a small number of cases, so that little evidence moves little.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from chatforensics.diffusion.candidates import Integers
from chatforensics.diffusion.linkmodel import (
    AGES,
    DAY_S,
    DEFAULT_MODEL,
    LAG_EDGES,
    MOST_FURTHER,
    LinkModel,
    design,
    effects_of,
    wording_factor,
)
from chatforensics.diffusion.opportunities import Opportunities
from chatforensics.diffusion.rates import Rates, Standins
from chatforensics.diffusion.wordings import Floats

ROUNDS = 30
FAMILY_ROUNDS = 10
# How much is assumed: waits, opportunities, decisions from outside the evidence, wordings; and how far each effect of
# `design` may lie from its assumption.
_WAITS, _OPPORTUNITIES, _UNSEEN, _EDITS = 30.0, 250.0, 40.0, 10.0
_SHRINK = 2.0
_SPREAD = np.array([0.3, 1.5, 1.5, 0.3, 1.0])
_BEGIN = 0.5  # beginnings assumed per family beside its first share
_LIFE_S = 3 * DAY_S  # and for how long beyond its last share it might have come up again
_LONGEST_STEP = 1.0


@dataclass(frozen=True, slots=True)
class Setting:
    """What the families of a case are like: opportunities, time span, and whether they tell something about people.

    Attributes:
        opportunities: Of all families.
        span_s: From each family's first share to its last.
        telling: 1 for families of long texts, 0 for those that recur by themselves.
        n_people: How many people the evidence knows.
        balance: Readers for each person whom a share, seen or not, might have reached; over all families of the case.
    """

    opportunities: Opportunities
    span_s: Floats
    telling: Floats
    n_people: int
    balance: float


def find_balance(counted: Opportunities, *, n_people: int) -> float:
    """Return how many readers there are for each person whom a share, seen or not, might have reached."""
    standins, read = counted.standins.sum(), counted.cells["n"].to_numpy().astype(np.float64)
    return float(read.sum() / standins) if standins and read.size else 1.0 / max(1, n_people)


def cut_setting(setting: Setting, families: Integers) -> Setting:
    """Return what some of the families are like, numbered anew in the order given."""
    counted = setting.opportunities
    number = np.full(setting.span_s.size, -1)
    number[families] = np.arange(families.size)
    cells = counted.cells.with_columns(family=number[counted.cells["family"].to_numpy()]).filter(pl.col("family") >= 0)
    return replace(
        setting,
        opportunities=Opportunities(cells, counted.readers, counted.standins[families]),
        span_s=setting.span_s[families],
        telling=setting.telling[families],
    )


@dataclass(frozen=True, slots=True)
class Divided:
    """How a decision is divided: a probability per candidate, and per decision that of the unseen."""

    candidate: Floats
    unseen: Floats


def sum_by(number: Integers, weights: Floats, n: int) -> Floats:
    """Return the sum of the weights of each number below n."""
    sums: Floats = np.bincount(number, weights, n).astype(np.float64)
    return sums


class _Levels:
    """The rates of each family: per reader, per stand-in, and of beginnings."""

    def __init__(self, setting: Setting, model: LinkModel) -> None:
        families, cells, n = (setting.opportunities.cells[name].to_numpy() for name in ("family", "cell", "n"))
        self.family, self.cell, self.n = families, cells, n.astype(np.float64)
        self.setting, self.design = setting, design()
        n_families = setting.span_s.size
        self.per_reader = np.full(n_families, model.per_reader)
        self.assumed = model.per_unseen * setting.balance  # the rate of a stand-in, per rate of a reader
        self.per_standin = self.assumed * self.per_reader
        self.begin = (_BEGIN + 1) / (max(1, setting.n_people) * (setting.span_s + DAY_S + _LIFE_S))

    def update(self, parts: "_Parts", effects: Floats, model: LinkModel) -> LinkModel:
        """Set the rates to what the parts say; return the model with the overall rate."""
        telling = self.setting.telling > 0
        expected = sum_by(self.family, self.n * np.exp(self.design @ effects)[self.cell], self.per_reader.size)
        weight = _OPPORTUNITIES * DEFAULT_MODEL.per_reader
        overall = (parts.read[telling].sum() + weight) / (expected[telling].sum() + _OPPORTUNITIES)
        overall = float(model.per_reader if model.fixed else overall)
        self.per_reader = (parts.read + _SHRINK) / (expected + _SHRINK / overall)
        reachable = self.setting.opportunities.standins @ _kind_factors(effects)
        stood = parts.stood[telling].sum() + _UNSEEN
        unseen = stood / (reachable[telling].sum() + _UNSEEN / (overall * self.assumed))
        unseen = float(overall * self.assumed if model.fixed else unseen)
        self.per_standin = (parts.stood + _SHRINK) / (reachable + _SHRINK / unseen)
        spans = self.setting.span_s + DAY_S + _LIFE_S
        self.begin = (np.maximum(0, parts.begun - 1) + _BEGIN) / (max(1, self.setting.n_people) * spans)
        return replace(model, per_reader=overall, per_unseen=unseen / (overall * self.setting.balance))

    def step(self, found: Floats, effects: Floats, start: Floats) -> Floats:
        """Return the effects after one step of Poisson regression of what was passed on by what could have been."""
        exposed = sum_by(
            self.cell, self.n * (self.per_reader * self.setting.telling)[self.family], self.design.shape[0]
        )
        mean = exposed * np.exp(self.design @ effects)
        slope = self.design.T @ (found - mean) - (effects - start) / _SPREAD**2
        curve = self.design.T @ (self.design * mean[:, None]) + np.diag(1 / _SPREAD**2)
        moved: Floats = effects + np.clip(np.linalg.solve(curve, slope), -_LONGEST_STEP, _LONGEST_STEP)
        return moved


@dataclass(frozen=True, slots=True)
class _Parts:
    """How many decisions of each family go to candidates, to stand-ins, and to beginnings."""

    read: Floats
    stood: Floats
    begun: Floats


def _kind_factors(effects: Floats) -> Floats:
    factors: Floats = np.exp(np.array([0.0, effects[1], effects[2]]))
    return factors


def fit_model(rates: Rates, standins: Standins, setting: Setting, *, model: LinkModel) -> LinkModel:
    """Estimate the parameters from the decisions in families of long texts; `model` is what is assumed beforehand.

    `standins` are those of all decisions.
    """
    levels, now = _Levels(setting, model), model
    assumed = np.array(model.delay)
    effects, start = effects_of(model), effects_of(model)
    weight = setting.telling[rates.family][rates.decision]
    for _ in range(ROUNDS):
        candidate, parts = _share_out(rates, standins, levels, effects, now)
        told = candidate * weight
        effects = levels.step(sum_by(rates.cell, told, levels.design.shape[0]), effects, start)
        now = levels.update(parts, effects, now)
        waits = sum_by(rates.lag, told, assumed.size) + _WAITS * assumed
        changed = told[rates.edits > 0].sum()
        further = (told * np.clip(rates.edits - 1, 0, MOST_FURTHER)).sum()
        now = replace(
            now,
            delay=tuple((waits / waits.sum()).tolist()),
            edited=float((changed + _EDITS * model.edited) / (told.sum() + _EDITS)),
            further_edit=_further(float(further), float(changed), assumed=model.further_edit),
        )
    later, again, per_day, namesake = np.exp(effects[1:]).tolist()
    return replace(
        now, size=float(effects[0]), later=later, again=again, per_day=per_day, namesake=min(1.0, namesake),
        n_learned=float(told.sum()),
    )  # fmt: skip


def _further(further: float, changed: float, *, assumed: float) -> float:
    """Return the ratio of a geometric law from how many further places were changed in how many changed wordings."""
    mean = (further + _EDITS * assumed / (1 - assumed)) / (changed + _EDITS)
    return mean / (1 + mean)


def divide(rates: Rates, standins: Iterable[Standins], setting: Setting, *, model: LinkModel) -> Divided:
    """Divide every decision among its possible sources, with each family's own rates.

    The levels of a family weigh all its candidates alike, and all its stand-ins: what each decision has of them is
    added up once.

    Args:
        rates: The candidates of the decisions.
        standins: Their stand-ins, in portions, in the order of the decisions.
        setting: What the families are like.
        model: The parameters, which stay as they are.
    """
    families, family = np.unique(rates.family, return_inverse=True)
    levels, effects = _Levels(cut_setting(setting, families), model), effects_of(model)
    read = _multiply(_read_factors(rates, levels, effects, model))
    told = np.where(rates.undecided, 0.0, read)
    n, held = family.size, replace(model, fixed=True)
    stood = np.zeros(n)
    for some in standins:
        stood += sum_by(some.decision, _multiply(_stood_factors(some, effects, model)), n)
    of_all = sum_by(rates.decision, read, n), stood, _begun_factor(rates, model)
    of_told = sum_by(rates.decision, told, n), *of_all[1:]
    for _ in range(FAMILY_ROUNDS):
        parts = _weigh(of_told, levels, family) / _weigh(of_all, levels, family).sum(axis=0)
        levels.update(_Parts(*(sum_by(family, part, families.size) for part in parts)), effects, held)
    of_decision = levels.per_reader[family] / _weigh(of_all, levels, family).sum(axis=0)
    told *= of_decision[rates.decision]
    return Divided(told, 1 - sum_by(rates.decision, told, n))


def _weigh(sums: tuple[Floats, Floats, Floats], levels: _Levels, family: Integers) -> Floats:
    """Return what candidates, stand-ins and beginnings come to in each decision, given the levels of its family."""
    read, stood, begun = sums
    return np.stack(
        [levels.per_reader[family] * read, levels.per_standin[family] * stood, levels.begin[family] * begun]
    )


def _read_factors(rates: Rates, levels: _Levels, effects: Floats, model: LinkModel) -> Iterator[Floats]:
    """Yield the factors of each candidate, beside the level of its family."""
    yield np.exp(levels.design @ effects)[rates.cell]
    yield _density(model)[rates.lag]
    yield wording_factor(np.arange(rates.edits.max(initial=0) + 1), model=model)[rates.edits]
    yield np.where(rates.same_chat, model.same_chat, 1.0)
    yield np.where(rates.tied, model.same_time, 1.0)


def _stood_factors(standins: Standins, effects: Floats, model: LinkModel) -> Iterator[Floats]:
    """Yield the factors of each stand-in, beside the level of its family."""
    copied, changed = wording_factor(np.array([0, 2]), model=model)
    yield _kind_factors(effects)[standins.kind]
    yield np.exp(effects[3] * AGES)[standins.age]
    yield _density(model)[standins.lag]
    yield np.where(standins.equal, copied, changed)


def _begun_factor(rates: Rates, model: LinkModel) -> Floats:
    own, other = wording_factor(np.array([0, 1]), model=model)
    factor: Floats = np.where(rates.own_wording, own, other)
    return factor


def _density(model: LinkModel) -> Floats:
    density: Floats = np.array(model.delay) / np.diff(LAG_EDGES)
    return density


def _multiply(factors: Iterable[Floats]) -> Floats:
    """Return the product, from the first to the last."""
    first, *others = factors
    product = first.copy()
    for factor in others:
        product *= factor
    return product


def _share_out(
    rates: Rates, standins: Standins, levels: _Levels, effects: Floats, model: LinkModel
) -> tuple[Floats, _Parts]:
    """Return the probability of each candidate, and what of each family's decisions goes where."""
    n, n_families = rates.family.size, levels.per_reader.size
    family, stood_family = rates.family[rates.decision], rates.family[standins.decision]
    read = _multiply([levels.per_reader[family], *_read_factors(rates, levels, effects, model)])
    stood = _multiply([levels.per_standin[stood_family], *_stood_factors(standins, effects, model)])
    begun = levels.begin[rates.family] * _begun_factor(rates, model)
    total = sum_by(rates.decision, read, n) + sum_by(standins.decision, stood, n) + begun
    read[rates.undecided] = 0.0
    share = read / total[rates.decision]
    parts = _Parts(
        sum_by(family, share, n_families),
        sum_by(stood_family, stood / total[standins.decision], n_families),
        sum_by(rates.family, begun / total, n_families),
    )
    return share, parts
