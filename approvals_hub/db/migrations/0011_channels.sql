-- Channels that an organisation set up for itself. Its secrets lie apart from what may be shown, sealed with its key.
CREATE TABLE channels (
  org_id TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,             -- smtp, slack, … or the entry point of an installed package
  takes TEXT NOT NULL,            -- mail, text, notice, event
  settings TEXT NOT NULL,         -- JSON, without secrets
  secrets BLOB,                   -- sealed JSON, place → value; null where there are none
  fingerprint TEXT,               -- keyed hash of the secrets
  rotated_at INTEGER,             -- when they last changed
  recipient TEXT,                 -- of a room: where it is told, masked
  public_key TEXT,                -- what a page subscribes with
  language TEXT NOT NULL,         -- of a room
  revision TEXT NOT NULL,         -- another one with every change
  version INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  PRIMARY KEY (org_id, name)
);

-- Messages that admins sent to see whether a channel works: counted, so that nobody floods a vendor with them.
CREATE TABLE channel_tests (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  at INTEGER NOT NULL
);
CREATE INDEX channel_tests_org ON channel_tests (org_id, at);
CREATE INDEX channel_tests_age ON channel_tests (at);

-- Lanes that some process leaves alone, as nothing was taken there: a channel, or one host of it.
CREATE TABLE left_alone (
  lane TEXT PRIMARY KEY,
  channel TEXT NOT NULL,
  since INTEGER NOT NULL,
  until INTEGER NOT NULL,
  said TEXT NOT NULL
);
CREATE INDEX left_alone_channel ON left_alone (channel);

-- What is sent together and left alone together. The channel of an organisation is called ORG/NAME here and in
-- `contacts`, `tellings` and `delivery_attempts`; one of the settings by its name alone.
ALTER TABLE tellings ADD COLUMN lane TEXT NOT NULL DEFAULT '';
UPDATE tellings SET lane = channel;
DROP INDEX tellings_due;
CREATE INDEX tellings_due ON tellings (lane, attempts, send_at) WHERE send_at IS NOT NULL;
CREATE INDEX tellings_channel ON tellings (channel) WHERE send_at IS NOT NULL;

CREATE INDEX contacts_channel ON contacts (channel) WHERE gone_at IS NULL;
CREATE INDEX delivery_attempts_channel ON delivery_attempts (org_id, channel, at);
CREATE INDEX delivery_attempts_escalation ON delivery_attempts (org_id, escalation_id, id);
CREATE INDEX delivery_attempts_person ON delivery_attempts (org_id, person_id, id);
