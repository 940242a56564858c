-- In the tracker's database: what PostgreSQL lets everybody do and the tracker's roles must not.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
DO $$
DECLARE one regprocedure;
BEGIN
    FOR one IN
        SELECT oid FROM pg_proc
        WHERE pronamespace = 'pg_catalog'::regnamespace
        AND (proname ~ '^(lo_|lowrite$|loread$)' OR proname ~ 'advisory')
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', one);
    END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION pg_advisory_xact_lock(bigint) TO tracker, tracker_low;
