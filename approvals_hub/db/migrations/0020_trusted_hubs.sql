-- Whose proofs an organisation takes: other hubs, with their keys; and its own hub, where that is to know its names.
CREATE TABLE trusted_hubs (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  name TEXT NOT NULL,
  issuer TEXT NOT NULL,           -- `iss` of its tokens
  audiences TEXT NOT NULL,        -- JSON: the names under which its proofs may name this organisation
  added_at INTEGER NOT NULL,
  added_by TEXT NOT NULL,
  removed_at INTEGER
);
CREATE UNIQUE INDEX trusted_hubs_issuer ON trusted_hubs (org_id, issuer) WHERE removed_at IS NULL;

CREATE TABLE trusted_hub_keys (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  hub_id TEXT NOT NULL,
  kid TEXT NOT NULL,
  public_key BLOB NOT NULL,
  valid_from INTEGER,
  valid_until INTEGER,
  added_at INTEGER NOT NULL,
  added_by TEXT NOT NULL,
  ended_at INTEGER,
  cause TEXT                      -- revoked: never again; removed: with its hub
);
CREATE UNIQUE INDEX trusted_hub_keys_kid ON trusted_hub_keys (org_id, kid) WHERE ended_at IS NULL;
CREATE INDEX trusted_hub_keys_hub ON trusted_hub_keys (hub_id, id);

-- The counterparties' proofs that redemptions came with. Each is taken once in an organisation.
CREATE TABLE counterparty_proofs (
  org_id TEXT NOT NULL,
  issuer TEXT NOT NULL,
  proof_jti TEXT NOT NULL,
  redemption_jti TEXT NOT NULL,
  place INTEGER NOT NULL,         -- from 0, as they were handed in
  proof_token TEXT NOT NULL,
  PRIMARY KEY (org_id, issuer, proof_jti)
);
CREATE INDEX counterparty_proofs_redemption ON counterparty_proofs (redemption_jti, place);

-- What receipt bundles look for: the entries about people's keys, which are of no question.
CREATE INDEX audit_entries_devices ON audit_entries (org_id, idx)
  WHERE kind IN ('device.enrolled', 'device.confirmed', 'device.revoked') AND idx IS NOT NULL;
