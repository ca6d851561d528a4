// SQL that makes a used embedded database equal to a new one, or to one that has just been
// migrated, and what shows that it is.

/** The last of RESET, and all that a new one needs. */
export const SEARCH = 'SET search_path TO public';

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
  SEARCH,
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

/** Empties migrated tables, and forgets what is known of their rows. */
export const CLEAR: readonly string[] = [
  'ROLLBACK',
  'DISCARD ALL',
  `DO $$
  DECLARE full_tables text;
  BEGIN
    SELECT string_agg(c.oid::regclass::text, ', ') INTO full_tables FROM pg_class c
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> 'hoofprint_migrations'
        AND pg_relation_size(c.oid) > 0;
    IF full_tables IS NOT NULL THEN EXECUTE 'TRUNCATE ' || full_tables || ' RESTART IDENTITY CASCADE'; END IF;
    DELETE FROM pg_statistic WHERE starelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace);
    -- As the migration does.
    INSERT INTO hoofprint_meta (key, value) VALUES ('database_id', to_jsonb(gen_random_uuid()));
  END $$`,
];

/** FINGERPRINT, with all that the tables are made of. */
export const SHAPE = `SELECT made.*, (SELECT md5(string_agg(part, ';' ORDER BY part)) FROM (
    SELECT concat_ws(' ', c.relname, c.relkind, c.relowner, c.relacl, c.reloptions, c.relrowsecurity, obj_description(c.oid, 'pg_class')) AS part
      FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', c.relname, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.attidentity, a.attgenerated,
        a.attacl, a.attoptions, a.attstattarget, pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum))
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
      WHERE c.relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid)) FROM pg_constraint k
      WHERE k.connamespace = 'public'::regnamespace
    UNION ALL SELECT pg_get_indexdef(x.indexrelid) || x.indisvalid FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid
      WHERE c.relnamespace = 'public'::regnamespace
    UNION ALL SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t WHERE NOT t.tgisinternal
    UNION ALL SELECT concat_ws(' ', version, name) FROM hoofprint_migrations) AS parts (part)) AS parts
FROM (${FINGERPRINT}) AS made`;
