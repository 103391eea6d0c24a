-- The policies of organisations. What is in force of each stands in policy_versions; older versions stay.
CREATE TABLE policies (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  name TEXT NOT NULL,
  tier TEXT NOT NULL,             -- owner, group or agent
  bound_to TEXT,                  -- an agent's id, or a team of agents; NULL: every agent of the organisation
  rank INTEGER NOT NULL,          -- within a tier, the lower first
  version INTEGER NOT NULL,       -- the one in force
  removed_at INTEGER
);
CREATE UNIQUE INDEX policies_name ON policies (org_id, name) WHERE removed_at IS NULL;

CREATE TABLE policy_versions (
  policy_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  org_id TEXT NOT NULL,
  body TEXT NOT NULL,             -- as it was written
  hash TEXT NOT NULL,
  source TEXT,                    -- where the text comes from, like a commit
  published_at INTEGER NOT NULL,
  published_by TEXT NOT NULL,
  PRIMARY KEY (policy_id, version)
);

-- Grows with each change of what is in force, or of what the policies look up.
ALTER TABLE orgs ADD COLUMN policies_version INTEGER NOT NULL DEFAULT 0;

-- What the hub knows of an agent: policies of teams hold for it, and rules select by the others.
CREATE TABLE agent_labels (
  agent_id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  teams TEXT NOT NULL,            -- JSON
  project TEXT,
  environment TEXT,
  changed_at INTEGER NOT NULL,
  changed_by TEXT NOT NULL
);

-- The policy that decided that people are asked, as JSON: id, version, hash, rule.
ALTER TABLE escalations ADD COLUMN policy TEXT;

-- One row for each total that a policy limits: held while it is read and added to.
CREATE TABLE counters (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL
);

-- One decision of policies about an action that an agent asked about before it acts.
CREATE TABLE authorizations (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  agent_id TEXT NOT NULL,
  action_id TEXT NOT NULL,
  plain_hash TEXT NOT NULL,       -- keyed: finds the same action asked again
  decided_by TEXT NOT NULL,       -- hash of what decided beside the action: the policies' version and the labels
  decision TEXT NOT NULL,
  answer BLOB NOT NULL,           -- sealed: what the agent was told
  escalation_id TEXT,
  proof_jti TEXT,
  report_detail BLOB,             -- sealed
  report TEXT,                    -- what the executor said came of it
  reported_at INTEGER,
  at INTEGER NOT NULL
);
CREATE INDEX authorizations_same ON authorizations (agent_id, plain_hash, at);
CREATE INDEX authorizations_at ON authorizations (at);
CREATE UNIQUE INDEX authorizations_proof ON authorizations (proof_jti) WHERE proof_jti IS NOT NULL;

-- What was added to a total: by an answer that allowed, or by a question, which counts while it is open, approved and
-- spendable, or redeemed.
CREATE TABLE reservations (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  counter TEXT NOT NULL,
  amount INTEGER NOT NULL,        -- minor units of the counter's currency, or times
  at INTEGER NOT NULL,
  escalation_id TEXT,
  authorization_id TEXT
);
CREATE INDEX reservations_counter ON reservations (counter, at);
CREATE INDEX reservations_at ON reservations (at);
