-- Signing in with an identity provider: one attempt, bound to the page that began it. Nobody is known yet, so no
-- organisation is either; what the provider remembers is sealed with the hub's key.
CREATE TABLE sign_ins (
  id TEXT PRIMARY KEY,
  secret_hash BLOB NOT NULL,      -- the page has the secret
  method TEXT NOT NULL,           -- the provider's name
  wanted_org TEXT,                -- the organisation that was asked for; NULL: whichever the person is in
  state TEXT NOT NULL,            -- beginning, running, proven, done, ended
  version INTEGER NOT NULL,
  sealed BLOB,                    -- what the provider remembers, then what it proved; NULL at the end
  tries INTEGER NOT NULL,
  collect_at INTEGER,             -- when the hub asks the provider next; NULL where only the person completes it
  source TEXT NOT NULL,           -- where it came from: an address
  began_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
);
CREATE INDEX sign_ins_collect ON sign_ins (collect_at) WHERE collect_at IS NOT NULL;
CREATE INDEX sign_ins_expiry ON sign_ins (expires_at);
CREATE INDEX sign_ins_source ON sign_ins (source, began_at);
CREATE INDEX sign_ins_began ON sign_ins (began_at);

-- Links by mail. A request for an address that nobody has gets a row as well: it takes as long.
CREATE TABLE sign_in_links (
  id TEXT PRIMARY KEY,
  person_id TEXT,
  org_id TEXT,                    -- where it leads
  secret_hash BLOB NOT NULL,      -- the page that asked has the secret
  code_hash BLOB NOT NULL,        -- keyed: the six digits which that page shows
  token_hash BLOB UNIQUE,         -- of the link that was sent; NULL while it was not
  language TEXT NOT NULL,
  tries INTEGER NOT NULL,
  send_at INTEGER,                -- when it is to be sent; NULL when it was, and for nobody
  source TEXT NOT NULL,
  began_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER
);
CREATE INDEX sign_in_links_send ON sign_in_links (send_at) WHERE send_at IS NOT NULL;
CREATE INDEX sign_in_links_expiry ON sign_in_links (expires_at);
CREATE INDEX sign_in_links_source ON sign_in_links (source, began_at);
CREATE INDEX sign_in_links_began ON sign_in_links (began_at);
CREATE INDEX sign_in_links_person ON sign_in_links (person_id, began_at) WHERE person_id IS NOT NULL;

-- How a session was opened: the kind of device, a provider's name, 'email_link' or 'invitation'.
ALTER TABLE sessions ADD COLUMN method TEXT;
UPDATE sessions SET method = (SELECT d.kind FROM devices d WHERE d.id = sessions.device_id);
UPDATE sessions SET method = 'invitation' WHERE method IS NULL;

-- When somebody showed that they read mail to this address.
ALTER TABLE people ADD COLUMN email_verified_at INTEGER;
CREATE INDEX people_email ON people (lower(email)) WHERE email IS NOT NULL;
