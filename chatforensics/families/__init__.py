"""Near-duplicate families of texts, and which of them are tracked."""

from chatforensics.families.similar import find_families, reduce_texts
from chatforensics.families.tracked import build_families

__all__ = ["build_families", "find_families", "reduce_texts"]
