-- Runs and what their events come to. `row` is what the desk shows, whole.
CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    business TEXT NOT NULL,
    agent TEXT NOT NULL,
    status TEXT NOT NULL,
    over INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    started_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL,
    row TEXT NOT NULL
) STRICT;
CREATE INDEX runs_of_business ON runs (business, started_ms DESC);
CREATE INDEX runs_newest ON runs (started_ms DESC);
CREATE INDEX runs_going_on ON runs (id) WHERE over = 0;

CREATE TABLE events (
    run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    event TEXT NOT NULL,
    PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE inputs (
    business TEXT NOT NULL,
    id TEXT NOT NULL,
    run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    PRIMARY KEY (business, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX inputs_of_run ON inputs (run);

CREATE TABLE reviews (
    id TEXT PRIMARY KEY,
    run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    business TEXT NOT NULL,
    status TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    row TEXT NOT NULL
) STRICT;
CREATE INDEX reviews_of_business ON reviews (business, created_ms DESC);
CREATE INDEX reviews_of_run ON reviews (run);

-- Rows of ours that an effect made or changed: each key once.
CREATE TABLE applied (
    key TEXT PRIMARY KEY,
    run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX applied_of_run ON applied (run);

-- What is to be delivered, and what was.
CREATE TABLE outbox (
    key TEXT PRIMARY KEY,
    run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    business TEXT NOT NULL,
    effect TEXT NOT NULL,
    due_ms INTEGER NOT NULL,
    taken_until_ms INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    settled INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX outbox_due ON outbox (due_ms) WHERE settled = 0;
CREATE INDEX outbox_of_run ON outbox (run);

CREATE TABLE budgets (
    business TEXT NOT NULL,
    day INTEGER NOT NULL,
    run TEXT NOT NULL,
    question TEXT NOT NULL,
    tokens INTEGER NOT NULL,
    cost_microusd INTEGER NOT NULL,
    settled INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (business, day, run, question)
) STRICT, WITHOUT ROWID;

-- Businesses, cases, decisions, messages, models, resources, schedules.
CREATE TABLE documents (
    kind TEXT NOT NULL,
    business TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL,
    fields TEXT NOT NULL,
    PRIMARY KEY (kind, business, id)
) STRICT;
CREATE INDEX documents_newest ON documents (kind, business, changed_ms DESC);

-- What rooms are to be told, until the hub's journal has it.
CREATE TABLE tellings (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    business TEXT NOT NULL,
    kind TEXT NOT NULL,
    row TEXT NOT NULL
) STRICT;
