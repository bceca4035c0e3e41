CREATE TABLE ticks (message_id INTEGER PRIMARY KEY, at TEXT NOT NULL) STRICT;

CREATE TABLE notes (         -- of one that was removed its words are gone, and who removed it stays
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id INTEGER,      -- null: of the case
    text TEXT NOT NULL,
    removed INTEGER NOT NULL DEFAULT 0,
    actor TEXT NOT NULL,
    at TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT;
CREATE INDEX notes_of_messages ON notes (message_id);

CREATE TABLE documents (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL,
    blocks TEXT NOT NULL,    -- JSON
    removed INTEGER NOT NULL DEFAULT 0,
    actor TEXT NOT NULL,
    at TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT;

CREATE TABLE views (name TEXT PRIMARY KEY, address TEXT NOT NULL, at TEXT NOT NULL) STRICT;
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE changes (n INTEGER NOT NULL) STRICT;  -- one row: how often anything here was changed
INSERT INTO changes VALUES (0);
