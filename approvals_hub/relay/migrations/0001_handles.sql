-- What wakes an app, and nothing of who owns it, of any hub, or of any wake. Both capabilities are hashed.
CREATE TABLE handles (
    handle_hash BLOB PRIMARY KEY,
    owner_hash BLOB NOT NULL UNIQUE,
    platform TEXT NOT NULL,
    language TEXT NOT NULL,
    address BLOB NOT NULL,
    kek_id TEXT NOT NULL,
    registered_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX handles_by_age ON handles (registered_at);
