-- Test messages that people sent to a device of their own; NULL: one to see whether an organisation's channel works.
ALTER TABLE channel_tests ADD COLUMN device_id TEXT;
CREATE INDEX channel_tests_person ON channel_tests (person_id, at) WHERE device_id IS NOT NULL;
