-- How somebody who lost their keys gets a new one: by a code on paper, by colleagues' signed answers, or from the host.
CREATE TABLE recoveries (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  way TEXT NOT NULL,              -- code, colleagues, host
  state TEXT NOT NULL,            -- open (no key yet), waiting (its key is pending), completed, ended
  cause TEXT,                     -- why it ended
  opened_by TEXT NOT NULL,        -- the person, whoever made the link, or 'operator'
  invite_id TEXT NOT NULL,        -- the link, or the spent one that stands for a code
  wait INTEGER NOT NULL,          -- milliseconds that its key waits, or its link
  usable_from INTEGER NOT NULL,   -- when the link opens
  expires_at INTEGER NOT NULL,
  opened_at INTEGER NOT NULL,
  device_id TEXT,
  counts_at INTEGER,              -- when the key may count at the earliest
  escalation_id TEXT,             -- what the colleagues are asked
  hurried_until INTEGER,          -- break-glass: until then an approved key waits no longer
  epoch TEXT NOT NULL,            -- a restored copy completes nothing of before
  ended_at INTEGER,
  ended_by TEXT
);
-- A person has one at a time; a new one takes the place of the one before.
CREATE UNIQUE INDEX recoveries_person ON recoveries (person_id) WHERE state IN ('open', 'waiting');
CREATE UNIQUE INDEX recoveries_invite ON recoveries (invite_id);
CREATE INDEX recoveries_org ON recoveries (org_id, id);

ALTER TABLE devices ADD COLUMN recovery_id TEXT;

-- Two owners or admins together, for an hour at most.
CREATE TABLE break_glass (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  recovery_id TEXT NOT NULL,
  state TEXT NOT NULL,            -- asked (one person), open (two), used, ended
  cause TEXT,
  reason BLOB NOT NULL,           -- sealed with the organisation's key
  asked_by TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  joined_by TEXT,
  joined_at INTEGER,
  expires_at INTEGER NOT NULL,
  ended_at INTEGER,
  ended_by TEXT
);
CREATE UNIQUE INDEX break_glass_recovery ON break_glass (recovery_id) WHERE state IN ('asked', 'open');
CREATE INDEX break_glass_org ON break_glass (org_id, id);
