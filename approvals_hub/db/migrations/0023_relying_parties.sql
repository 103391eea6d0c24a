-- How far an organisation trusts those whom its agents deal with. Who is not here is trusted LOW.
CREATE TABLE relying_parties (
  org_id TEXT NOT NULL,
  domain TEXT NOT NULL,           -- one host, or *. and a name for every host below it
  trust_profile TEXT NOT NULL,    -- LOW, MEDIUM, HIGH or REGULATED
  changed_at INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  PRIMARY KEY (org_id, domain)
);
