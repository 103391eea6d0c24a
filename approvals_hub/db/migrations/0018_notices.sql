-- Up to which notice an owner or admin has read; one row for each person in each organisation.
CREATE TABLE notice_reads (
  org_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  notice_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (org_id, person_id)
);
CREATE INDEX notices_subject ON notices (org_id, kind, subject_id, at);
