"""Small cases to test on."""

from datetime import UTC, datetime
from pathlib import Path

from chatforensics.casefile import By, Case, add_original, locked, new_case
from chatforensics.intake import ExportFile

AT = datetime(2031, 4, 1, 10, tzinfo=UTC)
BY = By("Ama Boateng", AT)
KEY = bytes(range(32))
CHAT = b"01/02/2031, 10:00 - Ines: Vote for Wiktor\n01/02/2031, 10:01 - Kofi: No\n"


def a_case(folder: Path) -> Case:
    """Make an empty case."""
    return new_case(folder / "case", title="Ward", by=BY, key=KEY)


def a_file(folder: Path, content: bytes = CHAT, name: str = "WhatsApp Chat with Choir.txt") -> Path:
    """Write an export as it would be received."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    return folder / name


def a_case_with(folder: Path, *contents: bytes) -> Case:
    """Make a case that holds these exports."""
    case = a_case(folder)
    with locked(case):
        for number, content in enumerate(contents):
            add_original(case, ExportFile(a_file(folder / f"phone-{number}", content), None), by=BY)
    return case
