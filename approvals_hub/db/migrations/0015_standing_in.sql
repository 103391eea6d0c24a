-- What is frozen beside the requirement: who never stands in for somebody, who else may, the names of a veto. JSON of
-- domain/beside.py; NULL for questions of before: nobody stands in there.
ALTER TABLE escalations ADD COLUMN beside TEXT;

-- In whose place an answer was given, too, and by which absences: JSON of routing/stand_in.py.
ALTER TABLE decisions ADD COLUMN stands_in TEXT;

-- When somebody ended it before its time: answers that were given in that person's place stop counting.
ALTER TABLE absences ADD COLUMN ended_at INTEGER;

-- The end of the last absence with a delegate: an organisation that has none pays nothing for them.
ALTER TABLE orgs ADD COLUMN absent_until INTEGER;
UPDATE orgs SET absent_until = (SELECT MAX(a.until) FROM absences a WHERE a.org_id = orgs.id AND a.delegate_id IS NOT NULL);
