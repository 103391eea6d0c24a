-- Where a person is told: the push address of a device, or an address that they proved to be theirs.
CREATE TABLE contacts (
  id TEXT PRIMARY KEY,
  person_id TEXT NOT NULL,
  channel TEXT NOT NULL,          -- the name of a channel of the settings
  source TEXT NOT NULL,           -- what it comes from: dev_…, fac_…, or mail: and a keyed hash of the address
  device_id TEXT,
  address BLOB NOT NULL,          -- sealed with the person's key; empty once it is gone
  address_hash BLOB,              -- keyed: one push address is one person's
  masked TEXT NOT NULL,           -- as much of it as its owner needs to know it again
  language TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  registered_at INTEGER NOT NULL, -- when the device last said that it still has it
  gone_at INTEGER,
  cause TEXT                      -- replaced, removed, gone
);
CREATE UNIQUE INDEX contacts_live ON contacts (person_id, channel, source) WHERE gone_at IS NULL;
CREATE INDEX contacts_person ON contacts (person_id, channel, source);
CREATE INDEX contacts_device ON contacts (device_id);
CREATE INDEX contacts_address ON contacts (address_hash) WHERE gone_at IS NULL;

-- One person is told once, at one address. The id is made of what the telling is, so each is inserted once; none is
-- deleted while its question is open.
CREATE TABLE tellings (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  kind TEXT NOT NULL,             -- escalation.opened, escalation.ended, or the news of an account
  escalation_id TEXT,
  person_id TEXT NOT NULL,
  contact_id TEXT NOT NULL,
  channel TEXT NOT NULL,
  level INTEGER NOT NULL,
  reason TEXT NOT NULL,
  replaces INTEGER NOT NULL,      -- 1 where a later message takes this one's place on the screen
  due_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  state TEXT NOT NULL,            -- waiting, sent, failed, cancelled
  attempts INTEGER NOT NULL,
  send_at INTEGER,                -- when it is tried, or when the time of whoever tries it now is over; null: never again
  settled_at INTEGER,
  provider_id TEXT
);
CREATE INDEX tellings_due ON tellings (channel, attempts, send_at) WHERE send_at IS NOT NULL;
CREATE INDEX tellings_escalation ON tellings (escalation_id);
CREATE INDEX tellings_age ON tellings (expires_at);

-- The delivery log: every attempt. No text, no whole address.
CREATE TABLE delivery_attempts (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  telling_id TEXT NOT NULL,
  escalation_id TEXT,
  person_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  channel TEXT NOT NULL,
  recipient TEXT NOT NULL,        -- masked
  status TEXT NOT NULL,           -- delivered, gone, later, settings, permanent
  provider_id TEXT,
  latency_ms INTEGER NOT NULL,
  said TEXT
);
CREATE INDEX delivery_attempts_org ON delivery_attempts (org_id, id);
CREATE INDEX delivery_attempts_telling ON delivery_attempts (telling_id);
CREATE INDEX delivery_attempts_age ON delivery_attempts (at);

-- What a device said of a telling, or, without one, who opened a question.
CREATE TABLE telling_receipts (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  escalation_id TEXT,
  person_id TEXT NOT NULL,
  telling_id TEXT,
  kind TEXT NOT NULL,             -- delivered, opened
  at INTEGER NOT NULL
);
CREATE UNIQUE INDEX telling_receipts_telling ON telling_receipts (telling_id, kind) WHERE telling_id IS NOT NULL;
CREATE UNIQUE INDEX telling_receipts_person ON telling_receipts (escalation_id, person_id, kind)
  WHERE telling_id IS NULL;
CREATE INDEX telling_receipts_escalation ON telling_receipts (escalation_id);
CREATE INDEX telling_receipts_age ON telling_receipts (at);

-- inbox (nobody is told by a channel), trying, reached, unreachable.
ALTER TABLE escalations ADD COLUMN delivery TEXT NOT NULL DEFAULT 'inbox';
-- The route and what it names, frozen at the opening as JSON; null where nobody is told by a channel.
ALTER TABLE escalations ADD COLUMN routing TEXT;
CREATE INDEX outbox_person ON outbox (due_at) WHERE person_id IS NOT NULL;
