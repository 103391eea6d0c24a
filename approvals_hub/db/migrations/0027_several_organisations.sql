-- A membership can be set aside in its own organisation; nothing of the person's others is touched.
ALTER TABLE memberships ADD COLUMN disabled_at INTEGER;   -- not removed, and does nothing here meanwhile
ALTER TABLE memberships ADD COLUMN counts_from INTEGER;   -- set when it began anew: what was voted before does not count
ALTER TABLE orgs ADD COLUMN made_by TEXT;                 -- the person; NULL: the operator

-- Somebody who is on this hub already follows an invitation with their own key, and whoever may invite compares.
CREATE TABLE joinings (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  invite_id TEXT NOT NULL,
  invited_id TEXT NOT NULL,       -- the person that the invitation made up
  person_id TEXT NOT NULL,        -- who joins in that one's place
  digits TEXT,                    -- what both screens show while it is pending
  wrong_digits INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL,            -- pending, joined, ended
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  ended_at INTEGER
);
CREATE INDEX joinings_org ON joinings (org_id, state);
CREATE INDEX joinings_person ON joinings (person_id, state);

-- A way was tied to the person while nobody answered: the session's next look brings it another token.
ALTER TABLE sessions ADD COLUMN renewal_owed_at INTEGER;
