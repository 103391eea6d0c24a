-- How much may be said outside, by form of channel, as canonical JSON; NULL: the least everywhere.
ALTER TABLE orgs ADD COLUMN disclosure TEXT;

-- The X25519 key to which a device has words sealed, 32 bytes; NULL: it opens none.
ALTER TABLE contacts ADD COLUMN seal_key BLOB;

-- When something is due next in a lane, and which lane comes after it, without reading all that waits.
CREATE INDEX tellings_next ON tellings (lane, send_at) WHERE send_at IS NOT NULL;
