"""Several exports, one picture: which show one chat, when, who is who, and what they confirm."""

from chatforensics.joining.apart import Apart, describe_apart
from chatforensics.joining.corrections import Corrections, Label, Statement
from chatforensics.joining.join import Joined, join_exports
from chatforensics.joining.versions import list_disagreements

__all__ = [
    "Apart",
    "Corrections",
    "Joined",
    "Label",
    "Statement",
    "describe_apart",
    "join_exports",
    "list_disagreements",
]
