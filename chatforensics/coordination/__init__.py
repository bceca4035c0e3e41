"""Who sent the same things close in time, and how often that would happen by itself."""

from chatforensics.coordination.coshare import coordinate, pair_shares
from chatforensics.coordination.graph import build_coordination_graph
from chatforensics.coordination.pairs import find_pairs

__all__ = ["build_coordination_graph", "coordinate", "find_pairs", "pair_shares"]
