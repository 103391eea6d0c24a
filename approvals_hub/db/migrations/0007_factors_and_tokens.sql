-- Whose eID a person's must be, as an owner or admin of an organisation said beforehand. It proves nothing: the person
-- makes it a factor, with a key of their own and that very eID.
CREATE TABLE expected_factors (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  method TEXT NOT NULL,
  subject_hash BLOB NOT NULL,     -- keyed hash of the provider's own name for the person, as in factors
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  ended_at INTEGER,
  cause TEXT                      -- linked, declined or replaced
);
CREATE UNIQUE INDEX expected_factors_person ON expected_factors (org_id, person_id, method) WHERE ended_at IS NULL;
CREATE INDEX expected_factors_expiry ON expected_factors (expires_at);

-- What was used up by proofs that are over is dropped, by its age.
CREATE INDEX used_proofs_age ON used_proofs (method, at);

-- A refresh whose answer was lost can be asked for again by whoever has its key: what it gave is made anew from the
-- token, the key and this salt, and lies nowhere.
ALTER TABLE refresh_tokens ADD COLUMN retry_hash BLOB;
ALTER TABLE refresh_tokens ADD COLUMN salt BLOB;
