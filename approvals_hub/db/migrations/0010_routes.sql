-- Groups, routes and schedules, as somebody wrote them. A version counts the changes of one name, so that two people
-- who change it at once do not overwrite each other.
CREATE TABLE plans (
  org_id TEXT NOT NULL,
  kind TEXT NOT NULL,             -- group, route or schedule
  name TEXT NOT NULL,
  body TEXT NOT NULL,             -- YAML, as it was written
  hash TEXT NOT NULL,             -- sha256: of the text
  version INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  PRIMARY KEY (org_id, kind, name)
);

-- Who is in a group, and who was: who leaves it stops counting at once for questions that are open.
CREATE TABLE group_members (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  group_name TEXT NOT NULL,
  person_id TEXT NOT NULL,
  place INTEGER NOT NULL,         -- in the order of the text
  since INTEGER NOT NULL,
  until INTEGER
);
CREATE UNIQUE INDEX group_members_now ON group_members (org_id, group_name, person_id) WHERE until IS NULL;
CREATE INDEX group_members_left ON group_members (org_id, until);

-- Who stands in on a schedule beyond what its text says. One that is ended keeps its row, with another end.
CREATE TABLE schedule_overrides (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  schedule TEXT NOT NULL,
  person_id TEXT NOT NULL,
  since INTEGER NOT NULL,
  until INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  recorded_by TEXT NOT NULL
);
CREATE INDEX schedule_overrides_name ON schedule_overrides (org_id, schedule, until);

-- Who is away, and who stands in.
CREATE TABLE absences (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  since INTEGER NOT NULL,
  until INTEGER NOT NULL,
  delegate_id TEXT,
  recorded_at INTEGER NOT NULL,
  recorded_by TEXT NOT NULL
);
CREATE INDEX absences_until ON absences (org_id, until);

-- When somebody is not to be told, unless the policy calls a question urgent.
CREATE TABLE quiet_hours (
  org_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  hours TEXT NOT NULL,            -- JSON of routing/hours.py
  changed_at INTEGER NOT NULL,
  PRIMARY KEY (org_id, person_id)
);

-- The route of questions for which nothing else names one.
ALTER TABLE orgs ADD COLUMN default_route TEXT;
