-- Approvals that carried a wrong number. Each burns the nonce of its statement; three bar that person's approval of the
-- question. No number is kept, wrong or right.
CREATE TABLE number_tries (
  nonce BLOB PRIMARY KEY,
  org_id TEXT NOT NULL,
  escalation_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  at INTEGER NOT NULL
);
CREATE INDEX number_tries_person ON number_tries (escalation_id, person_id);

-- How many times more the asker sent the very same while it was open.
ALTER TABLE escalations ADD COLUMN repeats INTEGER NOT NULL DEFAULT 0;
