"""Who sent what to whom, and from whom it may have come."""

from chatforensics.diffusion.edges import build_edges
from chatforensics.diffusion.graph import build_diffusion_graph
from chatforensics.diffusion.links import LinkModel, build_links
from chatforensics.diffusion.shares import build_shares

__all__ = ["LinkModel", "build_diffusion_graph", "build_edges", "build_links", "build_shares"]
