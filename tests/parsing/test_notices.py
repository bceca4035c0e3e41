"""Typed events from WhatsApp's own wordings."""

import pytest

from chatforensics.parsing.notices import Notice, read_notice


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("You were added", Notice("added", None, ("You",))),
        ("Ama added you", Notice("added", "Ama", ("you",))),
        ("\u200eAma added Ben, Li Wei, and Zoë", Notice("added", "Ama", ("Ben", "Li Wei", "Zoë"))),
        ("+44 7700 900123 joined using this group's invite link", Notice("joined", "+44 7700 900123")),
        ("Ben joined using this group\u2019s invite link", Notice("joined", "Ben")),
        ("Ama removed Ben", Notice("removed", "Ama", ("Ben",))),
        ("Ben left", Notice("left", "Ben")),
        ("Ben changed to +44 7700 900456", Notice("number_changed", "Ben", (), None, "+44 7700 900456")),
        ("You created this group", Notice("created", "You")),
        ("Ama changed this group's icon", Notice("icon_changed", "Ama")),
        ("Messages and calls are end-to-end encrypted. Only people in this chat can read them.", Notice("encryption")),
        ("Ama hat Ben hinzugefügt.", Notice("added", "Ama", ("Ben",))),
        ("Ama a ajouté Ben", Notice("added", "Ama", ("Ben",))),
        ("Dinner at eight", Notice("unknown")),
    ],
)
def test_a_notice_is_typed_by_its_wording(text: str, want: Notice) -> None:
    assert read_notice(text) == want


def test_a_long_line_is_typed_in_no_time() -> None:
    assert read_notice("a added " * 20_000).event == "unknown"
