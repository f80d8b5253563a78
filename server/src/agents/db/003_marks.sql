-- How often the decisions of a business changed, so that whoever keeps something made of them knows when it is old.
CREATE TABLE marks (
    business TEXT PRIMARY KEY,
    number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER decision_made AFTER INSERT ON documents WHEN NEW.kind = 'decisions' BEGIN
    INSERT INTO marks VALUES (NEW.business, 1) ON CONFLICT (business) DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER decision_changed AFTER UPDATE ON documents WHEN NEW.kind = 'decisions' BEGIN
    INSERT INTO marks VALUES (NEW.business, 1) ON CONFLICT (business) DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER decision_gone AFTER DELETE ON documents WHEN OLD.kind = 'decisions' BEGIN
    INSERT INTO marks VALUES (OLD.business, 1) ON CONFLICT (business) DO UPDATE SET number = number + 1;
END;
