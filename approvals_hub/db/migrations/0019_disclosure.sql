-- How much may be said outside, by form of channel, as canonical JSON; NULL: the least everywhere.
ALTER TABLE orgs ADD COLUMN disclosure TEXT;

-- The X25519 key to which a device has words sealed, 32 bytes; NULL: it opens none.
ALTER TABLE contacts ADD COLUMN seal_key BLOB;
