-- Added to a database that tests use one after the other: how it was at the beginning, and the way back to that. Rows and
-- sequences are set back; whatever is altered beyond them is noted, and then there is no way back.

CREATE SCHEMA pristine;

CREATE TABLE pristine.alteration (at timestamptz NOT NULL);

CREATE FUNCTION pristine.note_alteration() RETURNS event_trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO pristine.alteration VALUES (now()); END $$;

DO $do$
DECLARE
    name    text;
    columns text;
    is_used boolean;
    seed    bigint;
    called  boolean;
    steps   text := '';
BEGIN
    FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' LOOP
        EXECUTE format('SELECT EXISTS (TABLE public.%I)', name) INTO is_used;
        IF is_used THEN
            EXECUTE format('CREATE TABLE pristine.%I AS TABLE public.%1$I', name);
            SELECT string_agg(quote_ident(attname), ', ') INTO columns FROM pg_attribute
             WHERE attrelid = format('public.%I', name)::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
            steps := steps || format('
                IF EXISTS ((TABLE public.%1$I EXCEPT ALL TABLE pristine.%1$I) UNION ALL
                           (TABLE pristine.%1$I EXCEPT ALL TABLE public.%1$I)) THEN
                    DELETE FROM public.%1$I;
                    INSERT INTO public.%1$I (%2$s) OVERRIDING SYSTEM VALUE SELECT %2$s FROM pristine.%1$I;
                END IF;', name, columns);
        ELSE
            steps := steps || format('
                DELETE FROM public.%I;', name);
        END IF;
    END LOOP;
    FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S' LOOP
        EXECUTE format('SELECT last_value, is_called FROM public.%I', name) INTO seed, called;
        steps := steps || format('
                PERFORM setval(%L, %s, %L);', 'public.' || quote_ident(name), seed, called);
    END LOOP;
    -- Without triggers: what only grows for people is emptied here, and no row is held by another one.
    EXECUTE format($set_back$
        CREATE FUNCTION pristine.set_back(spared integer[]) RETURNS boolean LANGUAGE plpgsql
            SET session_replication_role = replica SET lock_timeout = '5s' AS $$
        BEGIN
            PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
              WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
                AND (pid <> ALL (spared) OR state <> 'idle');
            IF EXISTS (TABLE pristine.alteration) THEN
                RETURN false;
            END IF;
            %s
            RETURN true;
        END $$
        $set_back$, steps);
END $do$;

CREATE EVENT TRIGGER alteration ON ddl_command_end EXECUTE FUNCTION pristine.note_alteration();
ALTER EVENT TRIGGER alteration ENABLE ALWAYS;
DELETE FROM pristine.alteration;
