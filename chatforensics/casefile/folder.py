"""A case on disk: its folder, its database and its key."""

import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from pathlib import Path

from chatforensics.errors import CaseError, UsageError

DATABASE = "case.sqlite"
KEY = "key"
KEY_BYTES = 32
LAYOUT = 2  # of the database; a newer one is refused, never guessed at
FIRST_LAYOUT = 1  # without corrections; brought to the present one when the first is recorded
_SCRIPTS = {1: "layout.sql", 2: "corrections.sql"}
SOON = timedelta(days=30)
_WAIT_S = 30.0


@dataclass(frozen=True, slots=True)
class By:
    """Who did something, as typed, and when (UTC). Nobody's name is taken from the computer."""

    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """An opened case. `expires` is the day after which it should be purged, if one was named."""

    folder: Path
    title: str
    created_at: datetime
    expires: date | None

    @property
    def key(self) -> bytes:
        """The secret of this case, by which people and numbers get their pseudonyms; it never leaves the folder.

        Raises:
            CaseError: it is missing or cut short.
        """
        try:
            key = (self.folder / KEY).read_bytes()
        except OSError as error:
            raise CaseError(f"{self.folder / KEY}: {error.strerror}.", hint="Restore it from a copy.") from error
        if len(key) != KEY_BYTES:
            raise CaseError(f"{self.folder / KEY}: not {KEY_BYTES} bytes.", hint="Restore it from a copy.")
        return key


def is_case(folder: Path) -> bool:
    """Tell whether a folder is a case.

    Raises:
        UsageError: that cannot be seen.
    """
    try:
        return (folder / DATABASE).is_file()
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}.", hint="Name a folder that you may open.") from error


def new_case(folder: Path, *, title: str, by: By, key: bytes, expires: date | None = None) -> Case:
    """Make a case in a new or empty folder, readable by its owner only.

    Args:
        folder: where; made if it is not there.
        title: what people call the case; it is printed on packages.
        by: who makes it, and when.
        key: 32 random bytes.
        expires: the day after which it should be purged.

    Raises:
        CaseError: the folder holds something already.
        UsageError: the folder cannot be made.
    """
    from chatforensics.casefile.log import append_to, conceal_case

    part = _make_beside(folder)
    _write_key(part / KEY, key)
    case = Case(part, title, by.at, expires)
    with closing(connect(part / DATABASE)) as database:
        (part / DATABASE).chmod(0o600)
        database.executescript(read_layout())
        database.execute(f"PRAGMA user_version = {LAYOUT}")
    with writing(case) as database:
        meta = {"title": title, "created_at": by.at.isoformat(), "expires": expires.isoformat() if expires else None}
        database.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
        told = {"case": conceal_case(case, database), "expires": meta["expires"]}
        append_to(database, "new", by=by, details=told)
    return replace(case, folder=_give_name(part, folder))


def open_case(folder: Path) -> Case:
    """Open a case.

    Raises:
        CaseError: there is none, it is damaged, or a newer version of the program made it.
    """
    if not is_case(folder):
        raise CaseError(f"{folder}: no case here.", hint="Make one with: chatforensics case new.")
    _refuse_links(folder)
    try:
        with reading(folder) as database:
            layout = layout_of(database)
            known = FIRST_LAYOUT <= layout <= LAYOUT
            meta = dict(database.execute("SELECT name, value FROM meta")) if known else {}
    except sqlite3.DatabaseError as error:
        raise CaseError(f"{folder / DATABASE}: damaged ({error}).", hint="Restore it from a copy.") from error
    if not known:
        raise CaseError(
            f"{folder}: made by another version (layout {layout}).", hint="Use that version of the program."
        )
    expires = date.fromisoformat(meta["expires"]) if meta.get("expires") else None
    return Case(folder, str(meta["title"]), datetime.fromisoformat(meta["created_at"]), expires)


def _refuse_links(folder: Path) -> None:
    """Refuse a case of which a part is a link: it may point anywhere, and what is written or deleted would be there."""
    parts = [*folder.iterdir(), *(path for name in ("originals", "desk") for path in (folder / name).glob("*"))]
    if linked := sorted(str(path) for path in parts if path.is_symlink()):
        raise CaseError(f"{linked[0]}: a link inside a case.", hint="Remove it if you did not make it.")


def expiry_warning(case: Case, *, today: date) -> str | None:
    """Return a reminder where the day named for destroying the case is near or past."""
    if case.expires is None or case.expires - today > SOON:
        return None
    when = "has passed" if case.expires < today else "is near"
    return (
        f"{case.folder}: the day named for destroying this case, {case.expires}, {when}. See: chatforensics case purge."
    )


@contextmanager
def reading(folder: Path) -> Iterator[sqlite3.Connection]:
    """Open the database of a case to read it."""
    with closing(connect(folder / DATABASE)) as database:
        yield database


@contextmanager
def writing(case: Case) -> Iterator[sqlite3.Connection]:
    """Open the database of a case for one change, which happens whole or not at all.

    Raises:
        CaseError: another program holds the database for too long, or it cannot be written.
    """
    try:
        with closing(connect(case.folder / DATABASE)) as database, in_one_change(database):
            yield database
    except sqlite3.Error as error:
        raise CaseError(f"{case.folder / DATABASE}: {error}.", hint="Try again; restore a copy if it stays.") from error


@contextmanager
def in_one_change(database: sqlite3.Connection) -> Iterator[None]:
    """Do everything in one transaction, which a program that is killed leaves undone."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


def layout_of(database: sqlite3.Connection) -> int:
    """Return the number of the layout of a database."""
    (layout,) = database.execute("PRAGMA user_version").fetchone()
    return int(layout)


def read_layout(layout: int = LAYOUT, *, since: int = 0) -> str:
    """Return the script of a layout; `since`: what it adds to an earlier one."""
    folder = resources.files("chatforensics.casefile")
    names = [name for number, name in _SCRIPTS.items() if since < number <= layout]
    return "".join((folder / name).read_text(encoding="utf-8") for name in names)


def bring_up(database: sqlite3.Connection) -> None:
    """Bring a database to the present layout, inside a change that is under way, so that both happen or neither."""
    if (layout := layout_of(database)) < LAYOUT:
        run_script(database, read_layout(since=layout))
        database.execute(f"PRAGMA user_version = {LAYOUT}")


def run_script(database: sqlite3.Connection, script: str) -> None:
    """Run the statements of a script in the change that is under way; `executescript` would end it."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            database.execute(statement)
            statement = ""


def encode_canonical(value: Mapping[str, object]) -> str:
    """Return a value as JSON in the one form that is hashed: sorted names, no spaces, letters as they are."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def as_stored(text: str) -> str:
    """Return a text that can be stored: half a character, which JSON can spell, becomes a question mark."""
    return text.encode("utf-8", "replace").decode()


def stamp(at: datetime) -> str:
    """Return a time as the custody log has it, in whole seconds of UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def connect(path: Path) -> sqlite3.Connection:
    """Open a database of ours; without a transaction of its own making."""
    # A file that came from elsewhere may carry triggers and views of its own; they get no functions to call.
    database = sqlite3.connect(path, timeout=_WAIT_S, isolation_level=None)
    for setting in ("trusted_schema = OFF", "foreign_keys = ON", "synchronous = FULL"):
        database.execute(f"PRAGMA {setting}")
    return database


def _make_beside(folder: Path) -> Path:
    """Make a folder beside the one that is wanted: a case gets its name when it is whole."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CaseError(f"{folder}: there is something here already.", hint="Name a new or empty folder.")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=f".{folder.name[:50]}-", suffix=".part", dir=folder.parent))
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}.", hint="Name another place.") from error


def _give_name(part: Path, folder: Path) -> Path:
    try:
        if folder.exists():
            folder.rmdir()
        return part.rename(folder)
    except OSError as error:
        raise CaseError(f"{folder}: {error.strerror}.", hint=f"The new case lies in {part}: rename it.") from error


def _write_key(path: Path, key: bytes) -> None:
    if len(key) != KEY_BYTES:
        raise UsageError(f"A key of {len(key)} bytes.", hint=f"Give {KEY_BYTES} random bytes.")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
