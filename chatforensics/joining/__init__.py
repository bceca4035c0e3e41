"""Several exports, one picture: which show one chat, when, who is who, and what they confirm."""

from chatforensics.joining.clocks import tell_dst, to_utc
from chatforensics.joining.join import Joined, join_exports

__all__ = ["Joined", "join_exports", "tell_dst", "to_utc"]
