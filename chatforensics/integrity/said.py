"""The indicators of what the chat says, I-12 to I-28, by number.

Two numbers are not computed. I-24 (style): how somebody writes says too little of who wrote. I-27 (an answer before its
question): what answers what is for a reader to judge.
"""

from collections.abc import Mapping

from chatforensics.integrity.evidence import Indicator
from chatforensics.integrity.exporter import EXPORTER
from chatforensics.integrity.labels import LABELS
from chatforensics.integrity.later import LATER
from chatforensics.integrity.membership import MEMBERSHIP
from chatforensics.integrity.notices import NOTICES
from chatforensics.integrity.opening import OPENING
from chatforensics.integrity.quiet import QUIET
from chatforensics.integrity.removals import REMOVALS
from chatforensics.integrity.repeats import REPEATS
from chatforensics.integrity.wordings import WORDINGS

SAID: Mapping[str, Indicator] = {
    **OPENING,
    **QUIET,
    **REMOVALS,
    **MEMBERSHIP,
    **EXPORTER,
    **NOTICES,
    **LABELS,
    **REPEATS,
    **WORDINGS,
    **LATER,
}
