"""What a test's database on PostgreSQL knows of itself, for the next test to have it as good as new."""

from __future__ import annotations

WATCHED = """
CREATE SCHEMA watched;
CREATE TABLE watched.changes (tag text);
CREATE FUNCTION watched.note() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $do$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE schema_name = 'watched') THEN
    INSERT INTO watched.changes VALUES (tg_tag);
  END IF;
END $do$;
CREATE EVENT TRIGGER noted ON ddl_command_end EXECUTE FUNCTION watched.note();
ALTER EVENT TRIGGER noted ENABLE ALWAYS;
CREATE FUNCTION watched.migrations() RETURNS text LANGUAGE sql AS $do$
  SELECT string_agg(concat_ws(':', 'migration', name, sha256::text), ' ' ORDER BY name) FROM public.schema_migrations
$do$;
CREATE FUNCTION watched.emptied(kept int[], migrations text) RETURNS bool LANGUAGE plpgsql AS $do$
DECLARE other int;
BEGIN
  -- Whoever is still connected could write after it was emptied.
  FOR other IN SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND backend_type = 'client backend' AND pid <> ALL (kept)
  LOOP
    IF NOT pg_terminate_backend(other, 10000) THEN RETURN false; END IF;
  END LOOP;
  IF EXISTS (SELECT FROM watched.changes) OR migrations IS DISTINCT FROM watched.migrations() OR EXISTS (
    SELECT FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase WHERE d.datname = current_database()
  ) THEN
    RETURN false;
  END IF;
  {deletes}
  RETURN true;
END $do$;
"""
"""What the template has besides the hub's own: it tells whether a database has still its shape, and empties it.

The plans of a function are kept as long as the connection is: thrice as fast as the same statements one by one.
"""
