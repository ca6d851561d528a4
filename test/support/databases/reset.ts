// SQL that makes a used embedded database equal to a new one, and what shows that it is.

export const RESET: readonly string[] = [
  'ROLLBACK',
  // The embedded engine is one session behind many sockets: its settings outlive a client.
  'DISCARD ALL',
  `DO $$
  DECLARE found record;
  BEGIN
    FOR found IN SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' LOOP
      EXECUTE format('DROP EXTENSION %I CASCADE', found.extname);
    END LOOP;
    FOR found IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
      EXECUTE format('DROP SCHEMA %I CASCADE', found.nspname);
    END LOOP;
    FOR found IN SELECT rolname FROM pg_roles WHERE oid >= 16384 LOOP
      EXECUTE format('DROP OWNED BY %I CASCADE', found.rolname);
      EXECUTE format('DROP ROLE %I', found.rolname);
    END LOOP;
    EXECUTE format('ALTER DATABASE %I RESET ALL', current_database());
    EXECUTE format('ALTER ROLE %I RESET ALL', current_user);
  END $$`,
  'CREATE SCHEMA public AUTHORIZATION pg_database_owner',
  'GRANT USAGE ON SCHEMA public TO public',
  // As in the template that new clusters are copied from.
  'CREATE EXTENSION vector SCHEMA public',
  'SET search_path TO public',
];

/** Numbers of everything that a test can make, and the settings that it can leave. */
export const FINGERPRINT = `SELECT
  (SELECT count(*) FROM pg_class) AS relations, (SELECT count(*) FROM pg_type) AS types,
  (SELECT count(*) FROM pg_proc) AS functions, (SELECT count(*) FROM pg_namespace) AS schemas,
  (SELECT count(*) FROM pg_roles) AS roles, (SELECT count(*) FROM pg_extension) AS extensions,
  (SELECT count(*) FROM pg_trigger) AS triggers, (SELECT count(*) FROM pg_event_trigger) AS event_triggers,
  (SELECT count(*) FROM pg_db_role_setting) AS role_settings, (SELECT count(*) FROM pg_default_acl) AS default_rights,
  (SELECT count(*) FROM pg_cast) AS casts, (SELECT count(*) FROM pg_largeobject_metadata) AS large_objects,
  (SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_settings WHERE source = 'session') AS settings`;
