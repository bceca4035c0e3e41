"""The desk of a case: what people at the page tick, note, draft and set; working papers, and no evidence.

`CASE/desk/desk.sqlite` holds personal data in plain form, as the case does. It is never packed, no result rests on it,
and it is destroyed with the case. What is known of the case itself, corrections among it, lies in the case's own
database and its custody log.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from importlib import resources
from pathlib import Path

from chatforensics.casefile.folder import Case, as_stored, connect, in_one_change, layout_of, reading, run_script, stamp
from chatforensics.errors import CaseError, UsageError

DESK, DESK_DATABASE = "desk", "desk.sqlite"
DESK_LAYOUT = 1
_LONGEST_NAME, _LONGEST_VALUE = 200, 4000


def desk_folder(case: Case) -> Path:
    """Return the folder of working papers, made if it is not there, readable by its owner only.

    Raises:
        CaseError: a link lies in its place, or it cannot be made.
    """
    return make_private(case.folder / DESK)


def make_private(folder: Path) -> Path:
    """Return a folder inside a case, made if it is not there, readable by its owner only.

    Raises:
        CaseError: a link lies in its place, or it cannot be made.
    """
    if folder.is_symlink():
        raise CaseError(f"{folder}: a link inside a case.", hint="Remove it if you did not make it.")
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise CaseError(f"{folder}: {error.strerror}.", hint="Is the case yours?") from error
    return folder


@contextmanager
def reading_desk(case: Case) -> Iterator[sqlite3.Connection]:
    """Open the working papers to read them; where there are none, an empty set of them that is not stored.

    Raises:
        CaseError: they are damaged, a link, or a newer version of the program made them.
    """
    path = _find_database(case)
    with _told(path), closing(_open_to_read(path)) as opened:
        yield opened


@contextmanager
def writing_desk(case: Case) -> Iterator[sqlite3.Connection]:
    """Open the working papers for one change, which happens whole or not at all; they are made if there are none.

    Raises:
        CaseError: they are damaged, a link, held for too long by another program, or cannot be written.
    """
    desk_folder(case)
    path = _find_database(case)
    try:
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        os.close(os.open(path, flags, 0o600))  # SQLite would make it readable for others, and follow a link
    except OSError as error:
        raise CaseError(f"{path}: {error.strerror}.", hint="Is the case yours, and no link inside it?") from error
    with _told(path), closing(connect(path)) as opened:
        opened.execute("PRAGMA secure_delete = ON")  # words that were taken out are not to linger in the file
        with in_one_change(opened):
            _lay_out(opened, path)
            yield opened
            opened.execute("UPDATE changes SET n = n + 1")


def _find_database(case: Case) -> Path:
    folder = case.folder / DESK
    path = folder / DESK_DATABASE
    if linked := [each for each in (folder, path) if each.is_symlink()]:
        raise CaseError(f"{linked[0]}: a link inside a case.", hint="Remove it if you did not make it.")
    return path


def _open_to_read(path: Path) -> sqlite3.Connection:
    if path.exists():
        opened = connect(path)
        try:
            if _check_layout(opened, path):
                return opened
        except BaseException:
            opened.close()
            raise
        opened.close()  # somebody was killed while making it, or makes it now
    empty = sqlite3.connect(":memory:", isolation_level=None)
    _lay_out(empty, path)
    return empty


def _check_layout(opened: sqlite3.Connection, path: Path) -> bool:
    """Tell whether the tables are there; a newer form of them is refused."""
    layout = layout_of(opened)
    if layout not in (0, DESK_LAYOUT):
        raise CaseError(f"{path}: made by another version (layout {layout}).", hint="Use that version of the program.")
    return layout == DESK_LAYOUT


def _lay_out(opened: sqlite3.Connection, path: Path) -> None:
    """Make the tables where a file is new, or was left empty by a program that was killed."""
    if not _check_layout(opened, path):
        run_script(opened, (resources.files("chatforensics.casefile") / "desk.sql").read_text(encoding="utf-8"))
        opened.execute(f"PRAGMA user_version = {DESK_LAYOUT}")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        hint = "Try again. If it stays, move that file away: it holds ticks, notes and drafts, and no evidence."
        raise CaseError(f"{path}: {error}.", hint=hint) from error


def desk_version(case: Case) -> str:
    """Return a word that is another one after every change of the working papers or of the custody log.

    Two pages on one case notice each other by it. It does not say what was changed.
    """
    with reading(case.folder) as database:
        (n_lines,) = database.execute("SELECT ifnull(max(seq), 0) FROM log").fetchone()
    with reading_desk(case) as desk:
        (n_changes,) = desk.execute("SELECT n FROM changes").fetchone()
    return f"{n_lines}-{n_changes}"


def list_ticks(case: Case) -> list[int]:
    """Return the ids of the messages that are ticked, in order. A tick is a wish to pack a message, and no finding."""
    with reading_desk(case) as desk:
        return [message_id for (message_id,) in desk.execute("SELECT message_id FROM ticks ORDER BY message_id")]


def set_ticks(case: Case, ids: Iterable[int], on: bool, *, at: datetime) -> None:  # noqa: FBT001 - on or off is what it says
    """Tick messages, or take their ticks away; of messages that are so already nothing changes."""
    rows = [(message_id, stamp(at)) for message_id in ids]
    with writing_desk(case) as desk:
        if on:
            desk.executemany("INSERT OR IGNORE INTO ticks VALUES (?, ?)", rows)
        else:
            desk.executemany("DELETE FROM ticks WHERE message_id = ?", [row[:1] for row in rows])


def save_view(case: Case, name: str, address: str, *, at: datetime) -> None:
    """Keep the address of a view, path and query within the case, under a name; an earlier one of that name goes.

    Raises:
        UsageError: there is no name, or the address leads out of the case.
    """
    name = as_stored(name).strip()
    if not name or len(name) > _LONGEST_NAME:
        raise UsageError("A view needs a name.", hint=f"Give at most {_LONGEST_NAME} characters.")
    inside = address.startswith("/") and not address.startswith("//") and "\\" not in address and address.isprintable()
    if not inside or len(address) > _LONGEST_VALUE:
        raise UsageError("That is no address within the case.", hint="Open the view, and save it from its own page.")
    with writing_desk(case) as desk:
        desk.execute("INSERT OR REPLACE INTO views VALUES (?, ?, ?)", (name, address, stamp(at)))


def list_saved_views(case: Case) -> list[dict[str, str]]:
    """Return the views that were saved, by name: `name`, `address`, `at`."""
    with reading_desk(case) as desk:
        rows = desk.execute("SELECT name, address, at FROM views ORDER BY name").fetchall()
    return [dict(zip(("name", "address", "at"), row, strict=True)) for row in rows]


def remove_saved_view(case: Case, name: str) -> None:
    """Forget a view; one that is not there is no error."""
    with writing_desk(case) as desk:
        desk.execute("DELETE FROM views WHERE name = ?", (name,))


def read_setting(case: Case, name: str) -> str | None:
    """Return what was set at the page, such as `actor`, who sits there as typed; None where nothing was."""
    with reading_desk(case) as desk:
        row = desk.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
    return str(row[0]) if row else None


def write_setting(case: Case, name: str, value: str) -> None:
    """Remember what was set at the page.

    Raises:
        UsageError: it is too long.
    """
    if len(value) > _LONGEST_VALUE:
        raise UsageError(f"{name}: too long.", hint=f"Give at most {_LONGEST_VALUE:,} characters.")
    with writing_desk(case) as desk:
        desk.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (as_stored(name), as_stored(value)))
