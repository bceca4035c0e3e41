import io

import pytest
from intake.zips import Entry, pack

from chatforensics.intake.unpacking import unpack


@pytest.fixture(scope="session", autouse=True)
def _started() -> None:
    """Start the process that opens zips before a test counts the time of its first one."""
    unpack(io.BytesIO(pack(Entry(b"_chat.txt"))), name="x.zip")
