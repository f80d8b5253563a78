-- That an input was taken is remembered also when its run has gone.
CREATE TABLE taken (
    business TEXT NOT NULL,
    id TEXT NOT NULL,
    run TEXT NOT NULL,
    taken_ms INTEGER NOT NULL,
    PRIMARY KEY (business, id)
) STRICT, WITHOUT ROWID;
INSERT INTO taken (business, id, run, taken_ms)
    SELECT inputs.business, inputs.id, inputs.run, runs.started_ms FROM inputs JOIN runs ON runs.id = inputs.run;
DROP TABLE inputs;
ALTER TABLE taken RENAME TO inputs;
CREATE INDEX inputs_oldest ON inputs (taken_ms);
