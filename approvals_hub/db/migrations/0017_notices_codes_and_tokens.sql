-- Up to which notice an owner or admin has read; one row for each person in each organisation.
CREATE TABLE notice_reads (
  org_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  notice_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (org_id, person_id)
);
CREATE INDEX notices_subject ON notices (org_id, kind, subject_id, at);

-- Token buckets of codes that are sent: one number each, when the bucket is full again. The hub's own, as an address is
-- one address whichever organisation writes to it; addresses are keyed hashes.
CREATE TABLE sending_allowances (
  id TEXT PRIMARY KEY,            -- link:to:HASH, prove:to:HASH, link:org:ORG, prove:org:ORG, link:hub, prove:hub
  full_at INTEGER NOT NULL
);
CREATE INDEX sending_allowances_full ON sending_allowances (full_at);

-- A refresh token from before a step-up ends then, used or not: its session's client has a new one.
ALTER TABLE refresh_tokens ADD COLUMN ends_at INTEGER;
