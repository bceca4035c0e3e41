-- What the pages read of a finished analysis; made once, never changed, and made again when the case changes.
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
-- One row for each distinct message in the order of times: `row` is its place in the linked views' reader.
CREATE TABLE rows (
    doc INTEGER PRIMARY KEY, row INTEGER NOT NULL, message_id INTEGER NOT NULL, chat INTEGER NOT NULL,
    decision INTEGER NOT NULL, status INTEGER NOT NULL, n_copies INTEGER NOT NULL
);
-- Every record, copies too; a copy that says the same as the one shown has no text of its own.
CREATE TABLE messages (
    message_id INTEGER PRIMARY KEY, row INTEGER NOT NULL, source INTEGER NOT NULL, person INTEGER NOT NULL,
    line INTEGER, byte_start INTEGER, byte_end INTEGER, sender TEXT, sent_local TEXT, sent_at TEXT, kind TEXT,
    text TEXT, attachment TEXT, edited INTEGER, is_shown INTEGER NOT NULL, differs INTEGER NOT NULL
);
CREATE TABLE days (day TEXT PRIMARY KEY, doc INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE labels (
    message_id INTEGER NOT NULL, label TEXT NOT NULL, probability REAL, decision TEXT, explanation TEXT, spans TEXT,
    PRIMARY KEY (message_id, label)
) WITHOUT ROWID;
CREATE TABLE slates (message_id INTEGER NOT NULL, name TEXT NOT NULL);
CREATE TABLE files (
    message_id INTEGER NOT NULL, source_id TEXT NOT NULL, file TEXT NOT NULL, sha256 TEXT NOT NULL,
    is_picture INTEGER NOT NULL, told TEXT NOT NULL
);
CREATE TABLE details (row INTEGER PRIMARY KEY, detail TEXT NOT NULL);
