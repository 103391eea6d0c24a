-- 1: the person wants no more said in messages to them than the least, whatever their organisations allow.
ALTER TABLE people ADD COLUMN least_said INTEGER NOT NULL DEFAULT 0;
