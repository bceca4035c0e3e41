"""The model of who passed a text on to whom: its parameters, before and after they are estimated from a case.

How a text comes to a person is described by rates, as for a self-exciting point process whose parents are found by
stochastic declustering (Zhuang, Ogata and Vere-Jones 2002; Lewis and Mohler 2011). Somebody who could read a share
passes the text on at the rate

    family * (readers / 20)**size * later * again * per_day**age * delay(waking lag) * wording

and a source outside the evidence is taken to behave as the evidence does elsewhere: each earlier share of the family,
by whomever and wherever, stands for unseen ones like it at a rate of its own, and somebody may begin by themselves at
a constant rate. The probability of a parent is its rate, divided by the sum of all.

- delay: how long people wait, in hours in which the people of the case are awake, as a histogram;
- wording: most pass on unchanged (1 - edited); a wording one edit away is rarer by far, two edits more so;
- later: what others were exposed to before counts less, or hardly, or just as much: cases differ, so it is estimated;
- again: of those who have sent the text before; per_day: texts wear out; size: who reads much passes on little;
- namesake: where the sender is not known to be in the chat, but somebody of the same printed name on another phone is.
"""

from dataclasses import dataclass

import numpy as np

from chatforensics.diffusion.candidates import Integers
from chatforensics.diffusion.wordings import Floats

HOUR_S, DAY_S = 3600.0, 86400.0
# Edges of the waking lag, of the number of other readers, and of the family's age in days.
LAG_EDGES = np.array([0, 30, 60, 120, 240, 480, 900, 1800, *(HOUR_S * 2.0**k for k in range(9)), 1e9])
SIZE_EDGES = np.array([0, 2, 4, 7, 11, 16, 23, 32, 45, 65, 100])
AGE_EDGES = np.array([0, 0.125, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6])
SIZES = np.array([1, 2.5, 5, 8.5, 13, 19, 27, 38, 54, 80, 130])
AGES = np.array([0.06, 0.19, 0.37, 0.62, 0.87, 1.25, 1.75, 2.5, 3.5, 5, 8])
N_KINDS, N_SIZES, N_AGES = 3, SIZES.size, AGES.size
FIRST, LATER, AGAIN = 0, 1, 2
MOST_FURTHER = 6  # places beyond which more changes count no further


def _lomax_masses(scale_s: float = 7200.0, shape: float = 1.2) -> tuple[float, ...]:
    masses = np.diff(1 - (1 + LAG_EDGES / scale_s) ** -shape)
    return tuple((masses / masses.sum()).tolist())


@dataclass(frozen=True, slots=True)
class LinkModel:
    """The parameters; as they stand here, what is assumed before a case has said anything.

    `delay` has the share of waits in each bin of `LAG_EDGES` (seconds awake), `awake` the hours of the day (UTC) in
    which the people of the case are awake. `fixed` keeps the parameters from being estimated.
    """

    one_decision_s: float = 600.0
    most_candidates: int = 50
    per_reader: float = 0.02
    per_unseen: float = 1.0
    size: float = -0.5
    later: float = 0.6
    again: float = 0.22
    per_day: float = 0.9
    namesake: float = 0.5
    edited: float = 0.3
    known_edit: float = 0.01
    further_edit: float = 0.22
    same_chat: float = 0.02
    same_time: float = 0.5
    delay: tuple[float, ...] = _lomax_masses()
    awake: tuple[bool, ...] = (True,) * 24
    n_learned: float = 0.0
    fixed: bool = False


DEFAULT_MODEL = LinkModel()


def bin_of(values: Floats, edges: Floats) -> Integers:
    """Return in which bin each value lies, from 0."""
    bins: Integers = np.searchsorted(edges, values, side="right") - 1
    return bins


def cell_of(kind: Integers, size: Integers, age: Integers, namesake: Integers) -> Integers:
    """Return one number for what an exposure is like."""
    cells: Integers = ((kind * N_SIZES + size) * N_AGES + age) * 2 + namesake
    return cells


def design() -> Floats:
    """Return what each cell is like, one row per cell: log of size, later, again, age in days, namesake."""
    kind, size, age, namesake = (part.ravel() for part in np.indices((N_KINDS, N_SIZES, N_AGES, 2), dtype=np.int64))
    rows: Floats = np.stack(
        [np.log(SIZES[size] / 20), kind == LATER, kind == AGAIN, AGES[age], namesake], axis=1
    ).astype(np.float64)
    return rows


def effects_of(model: LinkModel) -> Floats:
    """Return the logarithms that go with the columns of `design`."""
    return np.array([model.size, *np.log([model.later, model.again, model.per_day, model.namesake])], dtype=np.float64)


def wording_factor(edits: Integers, *, model: LinkModel) -> Floats:
    """Return how probable a wording is, given one so many edits away."""
    further = np.power(model.further_edit, np.clip(edits - 1, 0, MOST_FURTHER), dtype=np.float64)
    return np.where(edits == 0, 1 - model.edited, model.edited * model.known_edit * further)
