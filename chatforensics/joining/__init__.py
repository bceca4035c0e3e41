"""Several exports, one picture: which show one chat, when, who is who, and what they confirm."""

from chatforensics.joining.apart import Apart, describe_apart
from chatforensics.joining.corrections import Corrections, Label, Statement
from chatforensics.joining.corroboration import Corroborated
from chatforensics.joining.join import Joined, join_exports
from chatforensics.joining.placed import Placed, complete_messages
from chatforensics.joining.scanned import JoinedApart, join_scanned
from chatforensics.joining.versions import list_disagreements

__all__ = [
    "Apart",
    "Corrections",
    "Corroborated",
    "Joined",
    "JoinedApart",
    "Label",
    "Placed",
    "Statement",
    "complete_messages",
    "describe_apart",
    "join_exports",
    "join_scanned",
    "list_disagreements",
]
