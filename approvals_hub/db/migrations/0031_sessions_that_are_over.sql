-- Sessions that still say where they came from, by when they were over: what is blanked next is found without the others.
CREATE INDEX sessions_place ON sessions (COALESCE(ended_at, expires_at)) WHERE client IS NOT NULL OR address IS NOT NULL;
