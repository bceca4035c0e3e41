"""chatforensics turns WhatsApp chat exports into evidence that a stranger can check.

The public names are loaded on first use, so that `import chatforensics` stays quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from chatforensics.version import __version__

_HOMES = {
    "ChatForensicsError": "chatforensics.errors",
    "Settings": "chatforensics.workflow",
    "analyse": "chatforensics.workflow",
    "build_edges": "chatforensics.diffusion",
    "build_families": "chatforensics.families",
    "build_links": "chatforensics.diffusion",
    "build_shares": "chatforensics.diffusion",
    "check": "chatforensics.workflow",
    "classify_texts": "chatforensics.labelling",
    "compare": "chatforensics.workflow",
    "coordinate": "chatforensics.coordination",
    "demo_folder": "chatforensics.workflow",
    "draw_figures": "chatforensics.figures",
    "extract_slates": "chatforensics.labelling",
    "find_exports": "chatforensics.intake",
    "find_families": "chatforensics.families",
    "find_pairs": "chatforensics.coordination",
    "join_exports": "chatforensics.joining",
    "label_messages": "chatforensics.labelling",
    "parse": "chatforensics.workflow",
    "read_tables": "chatforensics.tables",
}
__all__ = sorted(_HOMES)  # noqa: PLE0605 - one list of the names, kept with their homes

if TYPE_CHECKING:
    from chatforensics.coordination import coordinate, find_pairs
    from chatforensics.diffusion import build_edges, build_links, build_shares
    from chatforensics.errors import ChatForensicsError
    from chatforensics.families import build_families, find_families
    from chatforensics.figures import draw_figures
    from chatforensics.intake import find_exports
    from chatforensics.joining import join_exports
    from chatforensics.labelling import classify_texts, extract_slates, label_messages
    from chatforensics.tables import read_tables
    from chatforensics.workflow import Settings, analyse, check, compare, demo_folder, parse


def __getattr__(name: str) -> object:
    """Load a public name on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module 'chatforensics' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """List the public names."""
    return [*__all__, "__version__"]
