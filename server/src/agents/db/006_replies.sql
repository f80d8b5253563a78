-- Answers that are being written to a room; whoever finds one here after a start tells that no more comes of it.
CREATE TABLE replies (
    id TEXT PRIMARY KEY,
    business TEXT NOT NULL,
    row TEXT NOT NULL
) STRICT;
