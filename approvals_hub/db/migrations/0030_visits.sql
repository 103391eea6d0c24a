-- Where a recorded sign-in came from: network and client lie beside the log, which holds a salted commitment to them.
CREATE TABLE visits (
  org_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  visit TEXT NOT NULL,            -- the commitment
  at INTEGER NOT NULL,
  sealed BLOB NOT NULL,           -- {client, network, salt}, with the person's own key
  PRIMARY KEY (org_id, person_id, visit)
);
