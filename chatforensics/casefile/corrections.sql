CREATE TABLE corrections (   -- what people state of the case against what the program read; added, never changed
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    what TEXT NOT NULL,      -- JSON
    who TEXT,                -- who states it; null in a withdrawal
    why TEXT NOT NULL,
    withdraws INTEGER REFERENCES corrections,  -- null unless it is a withdrawal
    actor TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE TRIGGER corrections_stay BEFORE UPDATE ON corrections BEGIN SELECT RAISE(ABORT, 'corrections are withdrawn, not changed'); END;
CREATE TRIGGER corrections_are_kept BEFORE DELETE ON corrections BEGIN SELECT RAISE(ABORT, 'corrections are kept'); END;
