-- Where an agent's programs may be called back, and what the calls are signed with.
CREATE TABLE agent_callbacks (
  agent_id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  hosts TEXT NOT NULL,            -- JSON, as an admin wrote them
  secret BLOB NOT NULL,           -- sealed
  previous BLOB,                  -- sealed; signs beside the other until previous_until
  previous_until INTEGER,
  fingerprint TEXT NOT NULL,
  rotated_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  changed_by TEXT NOT NULL
);

-- One call for a question that names an address; it is due when the question has ended.
CREATE TABLE callbacks (
  id TEXT PRIMARY KEY,            -- the receiver knows a repeated call by it
  org_id TEXT NOT NULL,
  escalation_id TEXT NOT NULL,
  agent_id TEXT NOT NULL,
  url BLOB NOT NULL,              -- sealed: it may be a secret
  masked TEXT NOT NULL,
  state TEXT NOT NULL,            -- waiting, due, delivered or failed
  send_at INTEGER,
  until INTEGER,
  attempts INTEGER NOT NULL,
  said TEXT,                      -- why the last attempt brought nothing
  created_at INTEGER NOT NULL,
  settled_at INTEGER
);
CREATE UNIQUE INDEX callbacks_escalation ON callbacks (escalation_id);
CREATE INDEX callbacks_agent ON callbacks (agent_id, id);
CREATE INDEX callbacks_settled ON callbacks (settled_at) WHERE settled_at IS NOT NULL;
CREATE INDEX callbacks_send ON callbacks (send_at) WHERE send_at IS NOT NULL;
