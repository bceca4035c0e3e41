"""Near-duplicate families of texts, and which of them are tracked."""

from chatforensics.families.alignment import build_variants
from chatforensics.families.forms import reduce_texts
from chatforensics.families.similar import find_families
from chatforensics.families.tracked import build_families

__all__ = ["build_families", "build_variants", "find_families", "reduce_texts"]
