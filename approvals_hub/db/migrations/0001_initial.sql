-- Times are milliseconds since 1970 UTC. Column types: TEXT, INTEGER, REAL, BLOB only; db/migrate.py maps them for PostgreSQL.

CREATE TABLE hub_settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

CREATE TABLE data_keys (
  id TEXT PRIMARY KEY,
  scope TEXT NOT NULL,            -- 'hub', an organisation's id or a person's id
  kek_id TEXT NOT NULL,
  wrapped BLOB NOT NULL,
  created_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX data_keys_scope ON data_keys (scope);

CREATE TABLE signing_keys (
  kid TEXT PRIMARY KEY,
  purpose TEXT NOT NULL,          -- 'token' or 'log'
  public_key BLOB NOT NULL,
  sealed_seed BLOB,               -- NULL in a copy that carries no signing keys
  created_at INTEGER NOT NULL,
  active_from INTEGER NOT NULL,
  retired_at INTEGER,             -- signs nothing from then on
  valid_until INTEGER,            -- verifies nothing issued after then
  compromised_at INTEGER
);

CREATE TABLE orgs (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  requirement TEXT NOT NULL,      -- the default requirement, canonical JSON
  created_at INTEGER NOT NULL,
  stopped_at INTEGER,
  stopped_by TEXT
);

CREATE TABLE people (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  email TEXT,
  user_handle BLOB NOT NULL UNIQUE,
  state TEXT NOT NULL,            -- active, disabled
  created_at INTEGER NOT NULL
);

CREATE TABLE memberships (
  org_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  roles TEXT NOT NULL,            -- space-separated
  created_at INTEGER NOT NULL,
  removed_at INTEGER,
  PRIMARY KEY (org_id, person_id)
);
CREATE INDEX memberships_person ON memberships (person_id);

CREATE TABLE person_invites (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  purpose TEXT NOT NULL,          -- 'setup' (the link is its own confirmation) or 'invite'
  token_hash BLOB NOT NULL UNIQUE,
  invited_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER
);

CREATE TABLE devices (
  id TEXT PRIMARY KEY,
  person_id TEXT NOT NULL,
  kind TEXT NOT NULL,             -- 'device_key' or 'passkey'
  alg TEXT NOT NULL,              -- 'EdDSA' or 'ES256', pinned at enrolment
  jwk TEXT,                       -- device keys
  credential_id BLOB UNIQUE,      -- passkeys
  public_key BLOB,                -- passkeys: COSE
  key_hash TEXT NOT NULL,
  sign_count INTEGER NOT NULL,
  backup_eligible INTEGER NOT NULL,
  backed_up INTEGER NOT NULL,
  flagged TEXT,                   -- 'counter_regression'
  name TEXT NOT NULL,
  platform TEXT,
  app_version TEXT,
  installation_id TEXT,
  push_address BLOB,              -- sealed
  state TEXT NOT NULL,            -- pending, active, revoked
  digits TEXT,                    -- what both screens show while pending
  wrong_digits INTEGER NOT NULL DEFAULT 0,
  invited_by TEXT,
  created_at INTEGER NOT NULL,
  confirmed_at INTEGER,
  confirmed_by TEXT,
  revoked_at INTEGER,
  last_used_at INTEGER
);
CREATE INDEX devices_person ON devices (person_id);
CREATE UNIQUE INDEX devices_key ON devices (key_hash);

CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  token_hash BLOB NOT NULL UNIQUE,
  org_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  device_id TEXT,
  scope TEXT NOT NULL,            -- 'full' or 'enrolment'
  invite_id TEXT,
  acr TEXT NOT NULL,
  amr TEXT NOT NULL,
  authenticated_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  ended_at INTEGER,
  client TEXT,
  address TEXT
);
CREATE INDEX sessions_person ON sessions (person_id);

CREATE TABLE challenges (
  id TEXT PRIMARY KEY,
  purpose TEXT NOT NULL,          -- sign_in, enrol, fresh
  session_id TEXT,
  person_id TEXT,
  challenge BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER
);

CREATE TABLE agents (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  owner_id TEXT NOT NULL,
  state TEXT NOT NULL,            -- active, paused, revoked
  cause TEXT,
  created_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  last_seen_at INTEGER
);
CREATE INDEX agents_org ON agents (org_id, id);
CREATE INDEX agents_owner ON agents (owner_id);

CREATE TABLE agent_keys (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  agent_id TEXT NOT NULL,
  public_key BLOB NOT NULL UNIQUE,
  thumbprint TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  valid_until INTEGER             -- set at rotation (end of the overlap) and at revocation
);
CREATE INDEX agent_keys_agent ON agent_keys (agent_id);

CREATE TABLE agent_api_keys (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  agent_id TEXT NOT NULL,
  secret_hash BLOB NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  revoked_at INTEGER
);
CREATE INDEX agent_api_keys_agent ON agent_api_keys (agent_id);

CREATE TABLE agent_invites (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  token_hash BLOB NOT NULL UNIQUE,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  owner_id TEXT NOT NULL,
  invited_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER,
  agent_id TEXT
);

CREATE TABLE request_nonces (
  key_id TEXT NOT NULL,
  nonce TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (key_id, nonce)
);
CREATE INDEX request_nonces_expiry ON request_nonces (expires_at);

CREATE TABLE idempotency_keys (
  caller TEXT NOT NULL,
  key TEXT NOT NULL,
  request_hash BLOB NOT NULL,
  result TEXT NOT NULL,           -- the id of what was made
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (caller, key)
);
CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);

CREATE TABLE escalations (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  agent_id TEXT NOT NULL,
  trust TEXT NOT NULL,            -- how the asker proved itself: 'signed' or 'api_key'
  revision INTEGER NOT NULL,
  revises TEXT,
  action_id TEXT NOT NULL,
  action_type TEXT NOT NULL,
  action_hash TEXT NOT NULL,
  plain_hash TEXT NOT NULL,       -- of the action as it was sent, unsalted: finds an identical open question
  similarity_hash TEXT NOT NULL,
  presentation_hash TEXT NOT NULL,
  requirement TEXT NOT NULL,
  requirement_hash TEXT NOT NULL,
  audience TEXT NOT NULL,
  salt TEXT NOT NULL,
  sealed BLOB NOT NULL,           -- {action, justification}, sealed with the organisation's key
  state TEXT NOT NULL,            -- open, or the outcome
  version INTEGER NOT NULL,
  ended_by TEXT,
  cause TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  latest_expiry INTEGER NOT NULL,
  seen_at INTEGER,
  ended_at INTEGER,
  ended_reason BLOB,              -- {code, text} of a denial, sealed with the organisation's key
  epoch TEXT NOT NULL,
  jti TEXT,
  token_state TEXT,               -- ready, redeemed, revoked, expired
  token_cause TEXT,
  approval TEXT,                  -- who approved, how surely, with which statements; canonical JSON
  valid_until INTEGER
);
-- The state is a column of two partial indexes though it is the same in every row: without statistics a planner takes
-- the index that more conditions fit, and must not walk through all that an agent ever asked.
CREATE INDEX escalations_open ON escalations (expires_at) WHERE state = 'open';
CREATE INDEX escalations_open_agent ON escalations (agent_id, state, plain_hash) WHERE state = 'open';
CREATE INDEX escalations_ready ON escalations (agent_id, token_state) WHERE token_state = 'ready';
CREATE UNIQUE INDEX escalations_jti ON escalations (jti) WHERE jti IS NOT NULL;
CREATE INDEX escalations_agent ON escalations (agent_id, id);
CREATE INDEX escalations_org ON escalations (org_id, id);
CREATE UNIQUE INDEX escalations_revises ON escalations (revises) WHERE revises IS NOT NULL;

-- One row for each frozen person of an open question; gone when it ends.
CREATE TABLE inbox (
  person_id TEXT NOT NULL,
  escalation_id TEXT NOT NULL,
  org_id TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (person_id, escalation_id)
);
CREATE INDEX inbox_escalation ON inbox (escalation_id);

CREATE TABLE decisions (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  escalation_id TEXT NOT NULL,
  approver_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  decision TEXT NOT NULL,         -- approve, deny, not_me
  reason_code TEXT,
  nonce BLOB NOT NULL UNIQUE,
  statement_hash TEXT NOT NULL,
  sealed BLOB NOT NULL,           -- {statement, reason, reason_salt, signature | assertion}, sealed with the person's key
  acr TEXT NOT NULL,
  amr TEXT NOT NULL,
  methods TEXT NOT NULL,
  binding TEXT NOT NULL,
  at INTEGER NOT NULL,
  superseded_at INTEGER
);
CREATE UNIQUE INDEX decisions_current ON decisions (escalation_id, approver_id) WHERE superseded_at IS NULL;
CREATE INDEX decisions_approver ON decisions (approver_id, id);

CREATE TABLE redemptions (
  jti TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  escalation_id TEXT NOT NULL,
  idempotency_key TEXT NOT NULL,
  audience TEXT NOT NULL,
  proof_jti TEXT NOT NULL,
  proof_token TEXT NOT NULL,
  redeemed_at INTEGER NOT NULL,
  report TEXT,                    -- done, failed, unknown
  report_detail BLOB,             -- sealed with the organisation's key
  reported_at INTEGER
);

CREATE TABLE outbox (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  escalation_id TEXT,
  person_id TEXT,
  due_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  leased_until INTEGER
);
CREATE INDEX outbox_due ON outbox (due_at);
CREATE INDEX outbox_escalation ON outbox (escalation_id);

-- Lines in the admins' inbox.
CREATE TABLE notices (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  by_id TEXT,
  at INTEGER NOT NULL,
  closed_at INTEGER
);
CREATE INDEX notices_org ON notices (org_id, id);

CREATE TABLE audit_entries (
  org_id TEXT NOT NULL,
  writer TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  actor_type TEXT NOT NULL,
  actor_id TEXT NOT NULL,
  agent_id TEXT,
  escalation_id TEXT,
  action_id TEXT,
  action_type TEXT,
  decision TEXT,
  policy_id TEXT,
  body BLOB NOT NULL,
  mac BLOB NOT NULL,
  idx INTEGER,
  PRIMARY KEY (org_id, writer, seq)
);
CREATE UNIQUE INDEX audit_entries_index ON audit_entries (org_id, idx) WHERE idx IS NOT NULL;
CREATE INDEX audit_entries_escalation ON audit_entries (org_id, escalation_id) WHERE escalation_id IS NOT NULL;
CREATE INDEX audit_entries_unsealed ON audit_entries (org_id, at) WHERE idx IS NULL;

CREATE TABLE audit_tiles (
  org_id TEXT NOT NULL,
  level INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  width INTEGER NOT NULL,
  hashes BLOB NOT NULL,
  PRIMARY KEY (org_id, level, idx)
);

CREATE TABLE audit_checkpoints (
  org_id TEXT NOT NULL,
  size INTEGER NOT NULL,
  root BLOB NOT NULL,
  note TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (org_id, size)
);

CREATE TABLE refusal_counts (
  source TEXT NOT NULL,           -- who is not known before authentication: an address
  minute INTEGER NOT NULL,
  code TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (source, minute, code)
);
