-- How much agents may ask, as canonical JSON; NULL: the defaults.
ALTER TABLE orgs ADD COLUMN limits TEXT;

-- Token buckets in one number each: when the bucket is full again. One for an agent, one for a person, one for both.
CREATE TABLE allowances (
  id TEXT PRIMARY KEY,            -- agent:AGENT, person:ORG:PERSON, pair:AGENT:PERSON
  org_id TEXT NOT NULL,
  kind TEXT NOT NULL,             -- agent, person, pair
  full_at INTEGER NOT NULL
);

-- Denials of an agent in a row, of all it asks ('') and of one kind of action. An approval ends the row.
CREATE TABLE back_offs (
  agent_id TEXT NOT NULL,
  similarity_hash TEXT NOT NULL,
  org_id TEXT NOT NULL,
  denials INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  PRIMARY KEY (agent_id, similarity_hash)
);

-- How many questions came into somebody's inbox on a day (UTC, counted from 1970).
CREATE TABLE prompts (
  org_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  day INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (org_id, person_id, day)
);

-- Characters of what is shown to people, and how long who answered had it before them.
ALTER TABLE escalations ADD COLUMN shown_length INTEGER NOT NULL DEFAULT 0;
ALTER TABLE decisions ADD COLUMN read_ms INTEGER;   -- NULL where nobody knows
ALTER TABLE decisions ADD COLUMN hurried INTEGER;   -- 1: faster than a person can read it
CREATE INDEX decisions_org_at ON decisions (org_id, at);
