-- Test messages that people sent to a device of their own; NULL: one to see whether an organisation's channel works.
ALTER TABLE channel_tests ADD COLUMN device_id TEXT;
CREATE INDEX channel_tests_person ON channel_tests (person_id, at) WHERE device_id IS NOT NULL;

-- How often somebody's approval of a question of this agent was barred, as they typed wrong numbers.
ALTER TABLE agents ADD COLUMN barred INTEGER NOT NULL DEFAULT 0;
