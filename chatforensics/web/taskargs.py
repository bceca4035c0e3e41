"""What tasks are asked for, as JSON, and what they give."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chatforensics.casefile import By, Case

Args = Mapping[str, Any]
Result = dict[str, object]


def case_of(args: Args) -> "Case":
    """Open the case that a task is about."""
    from chatforensics.casefile import open_case

    return open_case(Path(str(args["case"])))


def by_of(args: Args) -> "By":
    """Return who asks for it, now."""
    from chatforensics.casefile import By
    from chatforensics.workflow.clock import now

    return By(str(args.get("actor") or "unknown"), now())
