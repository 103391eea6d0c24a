-- From here on plain_hash and similarity_hash are HMAC-SHA256 under a key of the organisation, as idempotency_keys'
-- request_hash is, and the salt lies sealed within the action alone: a short payload could be guessed from plain ones.
-- What is there cannot be made keyed in SQL, so it goes: an open question finds no twin, and an Idempotency-Key of
-- before the upgrade is not known again.
UPDATE escalations SET plain_hash = id, similarity_hash = id, salt = '';
DELETE FROM idempotency_keys;
