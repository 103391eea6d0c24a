-- What is kept of a person for one way to prove who they are.
CREATE TABLE factors (
  id TEXT PRIMARY KEY,
  person_id TEXT NOT NULL,
  method TEXT NOT NULL,           -- the provider's name
  name TEXT NOT NULL,             -- as the person calls it; nothing secret
  subject_hash BLOB,              -- keyed hash of the provider's own name for the person; NULL where it has none
  sealed BLOB NOT NULL,           -- the provider's data, sealed with the person's key
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  last_used_at INTEGER,
  removed_at INTEGER
);
CREATE UNIQUE INDEX factors_person ON factors (person_id, method) WHERE removed_at IS NULL;
-- One eID or company account is one person's.
CREATE UNIQUE INDEX factors_subject ON factors (method, subject_hash) WHERE removed_at IS NULL AND subject_hash IS NOT NULL;

CREATE TABLE step_ups (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  session_id TEXT NOT NULL,
  escalation_id TEXT,             -- NULL where a factor is linked
  factor_id TEXT,                 -- NULL where one is linked, and for ways that need none
  method TEXT NOT NULL,
  purpose TEXT NOT NULL,          -- decision, link
  intent_hash TEXT NOT NULL,
  state TEXT NOT NULL,            -- beginning, running, proven, used, ended
  version INTEGER NOT NULL,
  cause TEXT,                     -- why it ended
  hint TEXT,                      -- the provider's own word for that
  sealed BLOB,                    -- what the provider remembers and what the browser may see, sealed with the person's key; NULL at the end
  tries INTEGER NOT NULL,         -- answers that were taken or are being looked at
  collect_at INTEGER,             -- when the hub asks the provider next; NULL where only the person completes it
  began_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  proven_at INTEGER,
  used_at INTEGER,
  decision_id TEXT,
  amr TEXT,
  binding TEXT,
  reported TEXT,                  -- the level that the provider vouches for
  identified TEXT,
  auth_ref TEXT,
  facts TEXT,                     -- canonical JSON; nothing personal
  evidence BLOB,                  -- sealed with the person's key
  evidence_hash TEXT              -- salted: what the log commits to
);
CREATE INDEX step_ups_collect ON step_ups (collect_at) WHERE collect_at IS NOT NULL;
CREATE INDEX step_ups_running ON step_ups (person_id, state) WHERE state IN ('beginning', 'running', 'proven');
CREATE INDEX step_ups_expiry ON step_ups (expires_at) WHERE state IN ('beginning', 'running', 'proven');
CREATE INDEX step_ups_person ON step_ups (person_id, id);
CREATE INDEX step_ups_decision ON step_ups (decision_id) WHERE decision_id IS NOT NULL;

-- What proofs have used up: a time step, an order, a code. A second use is a replay.
CREATE TABLE used_proofs (
  person_id TEXT NOT NULL,
  method TEXT NOT NULL,
  name TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (person_id, method, name)
);

-- Wrong answers by whose they were and by where they came from, counted by the hour.
CREATE TABLE wrong_answers (
  source TEXT NOT NULL,           -- a person's id, an address, or 'everybody'
  hour INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (source, hour)
);
