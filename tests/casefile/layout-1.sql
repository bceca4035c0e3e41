CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT) STRICT;

CREATE TABLE sources (
    source_id TEXT PRIMARY KEY,
    sha256 TEXT NOT NULL UNIQUE,
    sha512 TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    name TEXT,               -- of the file in originals/<sha256>/, its bytes in hex; null where only counts are kept
    shown TEXT NOT NULL,     -- the path as received
    folder TEXT,             -- the custodian's folder as received
    added_at TEXT NOT NULL,
    minimised TEXT           -- JSON: what was received and what was left out; null where the file is kept whole
) STRICT;

CREATE TABLE source_files (  -- media beside the text of an unzipped export
    source_id TEXT NOT NULL REFERENCES sources,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    PRIMARY KEY (source_id, name)
) STRICT;

CREATE TABLE answers (       -- the latest answer counts, earlier ones stay
    number INTEGER PRIMARY KEY,
    source_id TEXT NOT NULL REFERENCES sources,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    actor TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;

CREATE TABLE replies (
    number INTEGER PRIMARY KEY,
    person_id TEXT NOT NULL,
    label TEXT NOT NULL,
    status TEXT NOT NULL,
    text TEXT,
    happened_on TEXT,
    how TEXT,
    actor TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;

CREATE TABLE runs (number INTEGER PRIMARY KEY, at TEXT NOT NULL, settings TEXT NOT NULL) STRICT;

CREATE TABLE log (seq INTEGER PRIMARY KEY, line TEXT NOT NULL) STRICT;
CREATE TRIGGER log_stays BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'the custody log is append-only'); END;
CREATE TRIGGER log_is_kept BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'the custody log is append-only'); END;
CREATE TRIGGER answers_stay BEFORE UPDATE ON answers BEGIN SELECT RAISE(ABORT, 'answers are added, not changed'); END;
CREATE TRIGGER answers_are_kept BEFORE DELETE ON answers BEGIN SELECT RAISE(ABORT, 'answers are kept'); END;
CREATE TRIGGER replies_stay BEFORE UPDATE ON replies BEGIN SELECT RAISE(ABORT, 'replies are added, not changed'); END;
CREATE TRIGGER replies_are_kept BEFORE DELETE ON replies BEGIN SELECT RAISE(ABORT, 'replies are kept'); END;
