-- How many stages of its quorum were complete, so far, of a question that asks people one after another.
ALTER TABLE escalations ADD COLUMN stage INTEGER NOT NULL DEFAULT 0;

-- When the approval takes effect that has all its votes and waits for its time; NULL while votes are missing.
ALTER TABLE escalations ADD COLUMN effective_at INTEGER;
CREATE INDEX escalations_waiting ON escalations (effective_at) WHERE state = 'open' AND effective_at IS NOT NULL;

-- How many stages were complete when somebody answered: their approval counts for no later one.
ALTER TABLE decisions ADD COLUMN stage INTEGER NOT NULL DEFAULT 0;
