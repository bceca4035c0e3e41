"""Who sent what to whom, and from whom it may have come."""

from chatforensics.diffusion.edges import build_edges, list_edges
from chatforensics.diffusion.exposure import count_reached, measure_exposure, most_exposed
from chatforensics.diffusion.forest import ForestView, build_cascade_forest
from chatforensics.diffusion.graph import build_diffusion_graph
from chatforensics.diffusion.linkmodel import LinkModel
from chatforensics.diffusion.links import build_links, link_shares, weigh_links
from chatforensics.diffusion.measures import measure_cascades
from chatforensics.diffusion.shares import build_shares
from chatforensics.diffusion.weighed import Weighed, list_links

__all__ = [
    "ForestView",
    "LinkModel",
    "Weighed",
    "build_cascade_forest",
    "build_diffusion_graph",
    "build_edges",
    "build_links",
    "build_shares",
    "count_reached",
    "link_shares",
    "list_edges",
    "list_links",
    "measure_cascades",
    "measure_exposure",
    "most_exposed",
    "weigh_links",
]
