-- "Not mine, ask X": who asked that somebody else be told of a question instead. Once for each person and question.
CREATE TABLE hand_overs (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  escalation_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  to_id TEXT NOT NULL,
  at INTEGER NOT NULL
);
CREATE UNIQUE INDEX hand_overs_person ON hand_overs (escalation_id, person_id);
