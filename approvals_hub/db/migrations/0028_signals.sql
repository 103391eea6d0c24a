-- What people and monitors tell the hub: signals that an organisation has declared, each set or not.
CREATE TABLE signals (
  org_id TEXT NOT NULL,
  name TEXT NOT NULL,
  about TEXT NOT NULL,            -- what it says
  monitors TEXT NOT NULL,         -- JSON: the ids of the agents that may set it, and clear what they set
  changed_at INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  PRIMARY KEY (org_id, name)
);

-- Who holds a signal set: it stands as long as one of them counts.
CREATE TABLE signal_settings (
  org_id TEXT NOT NULL,
  name TEXT NOT NULL,
  setter TEXT NOT NULL,           -- people, or the id of a monitor
  reason BLOB NOT NULL,           -- sealed
  since INTEGER NOT NULL,
  until INTEGER,                  -- NULL: until a person clears it
  set_by TEXT NOT NULL,
  PRIMARY KEY (org_id, name, setter)
);

-- In which mode an organisation works. Who has no row here works in 'normal'.
CREATE TABLE modes (
  org_id TEXT PRIMARY KEY,
  known TEXT NOT NULL,            -- JSON: the words
  usual TEXT NOT NULL,            -- the one when no other is set
  mode TEXT,                      -- NULL: the usual one
  reason BLOB,                    -- sealed
  since INTEGER NOT NULL,
  until INTEGER,                  -- NULL: until a person sets another
  set_by TEXT NOT NULL
);

-- What the hub measures itself is looked up by these, however much there is.
CREATE INDEX decisions_hurried ON decisions (org_id, at) WHERE hurried = 1;
CREATE INDEX escalations_refused ON escalations (agent_id, ended_at) WHERE state IN ('denied', 'not_me') AND cause IS NULL;
CREATE INDEX prompts_day ON prompts (org_id, day);

-- Where an OpenLeash agent said, when it joined, that it takes its events. It is called where its hosts allow it.
CREATE TABLE openleash_webhooks (
  agent_id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  sealed BLOB NOT NULL,           -- {url, secret, token}
  masked TEXT NOT NULL,
  kept_at INTEGER NOT NULL
);
-- Of a call: NULL is a Standard Webhook about a question; else what OpenLeash calls the event.
ALTER TABLE callbacks ADD COLUMN event TEXT;
