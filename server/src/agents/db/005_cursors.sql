-- How far streams are taken in: moved in the transaction of the input that they brought.
CREATE TABLE cursors (
    stream TEXT PRIMARY KEY,
    epoch INTEGER NOT NULL,
    cut INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
