-- Keys that anything in here was ever sealed with, by their ids: without one of them the file is not opened.
CREATE TABLE seals (
    key_id TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
