"""Who sent the same things close in time, and how often that would happen by itself."""

from chatforensics.coordination.apart import list_phones
from chatforensics.coordination.clusters import find_clusters
from chatforensics.coordination.coshare import coordinate, count_edges, flag_fast, pair_shares
from chatforensics.coordination.graph import build_coordination_graph
from chatforensics.coordination.hours import count_hours
from chatforensics.coordination.networks import count_followings, count_messages, keep_part
from chatforensics.coordination.pairs import find_pairs
from chatforensics.coordination.tallies import tally_accounts, tally_objects

__all__ = [
    "build_coordination_graph",
    "coordinate",
    "count_edges",
    "count_followings",
    "count_hours",
    "count_messages",
    "find_clusters",
    "find_pairs",
    "flag_fast",
    "keep_part",
    "list_phones",
    "pair_shares",
    "tally_accounts",
    "tally_objects",
]
