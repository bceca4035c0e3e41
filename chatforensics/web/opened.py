"""The case as it was last analysed, opened when a page first asks for it: starting the page loads nothing heavy."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chatforensics.casefile import Case
    from chatforensics.workflow.viewing import View

Item = Mapping[str, Any]  # one message as plain values
FindMessage = Callable[[int], Item | None]


def open_view(case: "Case") -> "View | None":
    """Return what was made of the last analysis; None where there was none."""
    from chatforensics.workflow import viewing

    return viewing.open_view(case)


def message_finder(case: "Case") -> FindMessage:
    """Return what finds a message by its id as the case now has it; where nothing was analysed it finds none."""
    view = open_view(case)
    return view.message if view is not None else _find_none


def _find_none(_message_id: int) -> None:
    return None
