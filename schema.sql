-- SIH: the whole schema, PostgreSQL 15 or newer.
--
-- Applied once, in one transaction, to an empty database; what changes here is a migration as well (migrations/, server/migrate.py).
-- Nothing of the business is ever deleted: people and master data are deactivated, problems end as closed or void, and events cannot
-- be changed. Times are timestamptz from this server's clock.
--
-- How a problem is kept: `problem` holds the present, one row each. Every change of that row goes with an `event`, and every
-- change of its holder with a `custody` row. The constraint trigger at the end refuses to commit one without the others.

CREATE EXTENSION IF NOT EXISTS pg_trgm;        -- search within words
CREATE EXTENSION IF NOT EXISTS btree_gist;     -- "one holder at every moment" as an EXCLUDE constraint

-- The version of this schema is the highest one. It is the number of the last migration, and written when this file or a migration
-- is applied. Earlier and later versions of SIH read this table, to see that it is not theirs: it never changes.
CREATE TABLE schema_version (
    version     integer PRIMARY KEY,
    applied_at  timestamptz NOT NULL DEFAULT now()
);

-- What a search compares: a text without capitals, accents, hyphens, quotes and what cannot be seen, any blank as one. The
-- function of the same name in formats/text.py does the same (docs/decisions/0085). It depends on no collation.
CREATE FUNCTION searchable(typed text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE found text COLLATE "C" := typed;
BEGIN
    IF octet_length(found) = length(found) THEN
        found := translate(found, E'\t\n\x0B\f\r-''"`', '     ');
    ELSE
        -- what cannot be seen; dashes and quotes; blanks; accents; letters and capitals that are none of these
        found := regexp_replace(found,
            '[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164'
            '\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff'
            '''"`\u00ab\u00b4\u00bb\u02b9-\u02bd\u02c8\u02ca\u02cb\u02d7\u02dd\u0374\u058a\u05be\u1400\u1806\u1fef\u1ffd'
            '\u2010-\u2015\u2018-\u201f\u2032-\u2037\u2039\u203a\u2043\u2057\u207b\u208b\u2212\u2e3a\u2e3b\u2e40\u301c-\u301f'
            '\u3030\u30a0\ufe31\ufe32\ufe58\ufe63\uff02\uff07\uff0d\uff40-]', '', 'g');
        found := regexp_replace(found, '[\t\n\x0B\f\r\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]', ' ', 'g');
        found := regexp_replace(normalize(found, NFKD), '[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]', '', 'g');
        IF octet_length(found) <> length(found) THEN
            found := replace(replace(replace(found, 'æ', 'ae'), 'œ', 'oe'), 'ß', 'ss');
            found := replace(replace(replace(found, 'Æ', 'ae'), 'Œ', 'oe'), 'ẞ', 'ss');
            found := translate(found,
                'ÐØÞĐĦŁŊŦΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩςЂЄЅІЈЉЊЋЏАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯøđðłħıŧŋ',
                'doþdhlntαβγδεζηθικλμνξοπρστυφχψωσђєѕіјљњћџабвгдежзиклмнопрстуфхцчшщъыьэюяoddlhitn');
        END IF;
    END IF;
    RETURN btrim(regexp_replace(lower(found), ' {2,}', ' ', 'g'), ' ');
END $$;


-- Master data -----------------------------------------------------------------------------------------------------------

-- A tree, as high as the company needs: stores belong to an area, areas to a larger one.
CREATE TABLE area (
    code         text PRIMARY KEY CHECK (code ~ '^[A-Z0-9-]{2,12}$'),
    name         text NOT NULL CHECK (name <> ''),
    parent_code  text REFERENCES area CHECK (parent_code <> code),
    active       boolean NOT NULL DEFAULT true
);
CREATE INDEX area_parent ON area (parent_code) WHERE parent_code IS NOT NULL;

CREATE TABLE store (
    code        text PRIMARY KEY CHECK (code ~ '^[A-Z0-9-]{2,12}$'),
    name        text NOT NULL CHECK (name <> ''),
    -- WIB, WITA and WIT: the three zones of Indonesia.
    time_zone   text NOT NULL CHECK (time_zone IN ('Asia/Jakarta', 'Asia/Makassar', 'Asia/Jayapura')),
    active      boolean NOT NULL DEFAULT true,
    search_text text NOT NULL GENERATED ALWAYS AS (searchable(code) || ' ' || searchable(name)) STORED,
    phone       text CONSTRAINT store_phone CHECK (phone ~ '^[0-9+() .-]{6,30}$'),    -- as it is written
    area_code   text REFERENCES area,
    address     text CONSTRAINT store_address CHECK (length(address) BETWEEN 1 AND 500)
);
CREATE INDEX store_area ON store (area_code) WHERE area_code IS NOT NULL;

-- Which stores belong to an area or to one below it, in whatever height (closure table, docs/decisions/0119): what a manager of an area
-- sees is one look into an index. It follows from `store` and `area` (renew_area_stores).
CREATE TABLE area_store (
    area_code   text NOT NULL REFERENCES area ON DELETE CASCADE,
    store_code  text NOT NULL REFERENCES store ON DELETE CASCADE,
    PRIMARY KEY (area_code, store_code)
);
CREATE INDEX area_store_store ON area_store (store_code, area_code);

-- Of a tree: no one stands above itself. The rows of a tree are few, and whoever changes one waits for whoever changes another.
CREATE FUNCTION tree_has_no_loop() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE loops boolean;
BEGIN
    PERFORM pg_advisory_xact_lock(1397310470);
    EXECUTE format('WITH RECURSIVE above (code) AS (
            SELECT parent_code FROM %1$I WHERE code = $1 UNION
            SELECT t.parent_code FROM %1$I t JOIN above a ON t.code = a.code)
        SELECT EXISTS (SELECT FROM above WHERE code = $1)', TG_TABLE_NAME) INTO loops USING NEW.code;
    IF loops THEN
        RAISE EXCEPTION '% % stands above itself', TG_TABLE_NAME, NEW.code
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'tree_has_no_loop';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER area_tree AFTER INSERT OR UPDATE OF parent_code ON area FOR EACH ROW
    WHEN (NEW.parent_code IS NOT NULL) EXECUTE FUNCTION tree_has_no_loop();

-- kind: the helpdesk desk takes up what nobody else holds; IT divisions and the others are the two kinds of escalation.
-- is_general: where an escalation outside IT goes when the category's owner is not such a division.
CREATE TABLE division (
    code        text PRIMARY KEY CHECK (code ~ '^[A-Z0-9-]{2,12}$'),
    name        text NOT NULL CHECK (name <> ''),
    kind        text NOT NULL CHECK (kind IN ('desk', 'it', 'other')),
    is_general  boolean NOT NULL DEFAULT false,
    active      boolean NOT NULL DEFAULT true,
    CHECK (NOT is_general OR (kind = 'other' AND active)),
    CHECK (kind <> 'desk' OR active)
);
CREATE UNIQUE INDEX division_one_desk ON division (kind) WHERE kind = 'desk';
CREATE UNIQUE INDEX division_one_general ON division (is_general) WHERE is_general;

-- The desk takes up what nobody else holds.
CREATE FUNCTION desk_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the desk stays the desk' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'division_desk_stays';
END $$;
CREATE TRIGGER division_desk_stays BEFORE UPDATE ON division FOR EACH ROW
    WHEN (OLD.kind = 'desk' AND NEW.kind <> 'desk') EXECUTE FUNCTION desk_stays();

CREATE TABLE department (
    code        text PRIMARY KEY CHECK (code ~ '^[A-Z0-9-]{2,12}$'),
    name        text NOT NULL CHECK (name <> ''),
    active      boolean NOT NULL DEFAULT true
);

-- A code names one holder: the recap knows them by nothing else.
CREATE FUNCTION holder_code_is_free() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM division d WHERE d.code = NEW.code AND TG_TABLE_NAME = 'department')
       OR EXISTS (SELECT FROM department d WHERE d.code = NEW.code AND TG_TABLE_NAME = 'division') THEN
        RAISE EXCEPTION 'a division or department has this code' USING ERRCODE = 'unique_violation', CONSTRAINT = 'holder_code';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER division_1_code BEFORE INSERT ON division FOR EACH ROW EXECUTE FUNCTION holder_code_is_free();
CREATE TRIGGER department_1_code BEFORE INSERT ON department FOR EACH ROW EXECUTE FUNCTION holder_code_is_free();

CREATE TABLE employee (
    nik              text PRIMARY KEY CHECK (nik ~ '^[0-9]{4,16}$'),
    name             text NOT NULL CHECK (name <> ''),
    store_code       text NOT NULL REFERENCES store,
    -- What a handler is a member and a PIC of, by code, as division_member and department_pic say it; set by a trigger. The first of
    -- each stands alone too, for the versions before, while they still serve (docs/decisions/0060), and for the columns below.
    divisions        text[] NOT NULL DEFAULT '{}',
    departments      text[] NOT NULL DEFAULT '{}',
    division_code    text REFERENCES division,
    department_code  text REFERENCES department,
    is_manager       boolean NOT NULL DEFAULT false,
    is_admin         boolean NOT NULL DEFAULT false,
    active           boolean NOT NULL DEFAULT true,
    birth_date       date,                            -- where it is known: no PIN is made of it
    pin_hash         text NOT NULL,                   -- '<id of the pepper>:<argon2id in PHC string format>'
    pin_changed_at   timestamptz NOT NULL DEFAULT now(),
    -- An initial PIN, made by an admin: good until then, and for nothing but choosing another one. NULL: the person's own.
    pin_initial_until  timestamptz,
    email            text CONSTRAINT employee_email CHECK (email ~ '^[^@[:space:]]+@[^@[:space:]]+$' AND length(email) <= 254),
    phone            text CONSTRAINT employee_phone CHECK (phone ~ '^[0-9+() .-]{6,30}$'),
    leaving_since    timestamptz,                     -- still active for what a job is handing over; but gets in no more
    -- What a person may be asked for, and whether all problems are in sight; set by a trigger from the other columns.
    scopes           text[] NOT NULL DEFAULT '{reporter}',
    sees_all         boolean NOT NULL DEFAULT false,
    is_store_head    boolean NOT NULL DEFAULT false,  -- vouches for the people of the store
    area_code        text REFERENCES area,            -- of which this manager sees the stores, instead of all
    pin_vouched      boolean NOT NULL DEFAULT false,  -- goes back to one that a store head gave
    CONSTRAINT employee_area_of_manager CHECK (area_code IS NULL OR is_manager)
);
CREATE INDEX employee_area ON employee (area_code) WHERE area_code IS NOT NULL;
CREATE INDEX employee_store ON employee (store_code);
CREATE INDEX employee_without_pin ON employee (nik) WHERE pin_hash = '!';     -- whom somebody has to give one
CREATE INDEX employee_search ON employee USING gin (searchable(nik || ' ' || name) gin_trgm_ops);
CREATE INDEX employee_department ON employee (department_code) WHERE department_code IS NOT NULL;

-- Of admins who take each other's right away at the same moment the second waits for the first, and is the last.
CREATE FUNCTION admin_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(1397310471);
    IF NOT EXISTS (SELECT FROM employee e WHERE e.is_admin AND e.active AND e.leaving_since IS NULL) THEN
        RAISE EXCEPTION 'the last admin stays' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'admin_stays';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER employee_admin_stays AFTER UPDATE ON employee FOR EACH ROW
    WHEN (OLD.is_admin AND OLD.active AND OLD.leaving_since IS NULL
          AND NOT (NEW.is_admin AND NEW.active AND NEW.leaving_since IS NULL)) EXECUTE FUNCTION admin_stays();

-- Who belongs to which divisions, and who is a PIC of which departments: any number of them. What an employee's row says of it
-- follows in the same statement.
CREATE TABLE division_member (
    nik            text NOT NULL REFERENCES employee,
    division_code  text NOT NULL REFERENCES division,
    PRIMARY KEY (nik, division_code)
);
CREATE INDEX division_member_division ON division_member (division_code);
CREATE TABLE department_pic (
    nik              text NOT NULL REFERENCES employee,
    department_code  text NOT NULL REFERENCES department,
    PRIMARY KEY (nik, department_code)
);
CREATE INDEX department_pic_department ON department_pic (department_code);

CREATE FUNCTION employee_memberships() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.divisions := ARRAY(SELECT m.division_code FROM division_member m WHERE m.nik = NEW.nik ORDER BY m.division_code COLLATE "C");
    NEW.departments := ARRAY(SELECT m.department_code FROM department_pic m WHERE m.nik = NEW.nik ORDER BY m.department_code COLLATE "C");
    IF (NEW.division_code, NEW.department_code) IS DISTINCT FROM (NEW.divisions[1], NEW.departments[1])
       AND (TG_OP = 'INSERT' OR (NEW.division_code, NEW.department_code) IS DISTINCT FROM (OLD.division_code, OLD.department_code)) THEN
        RAISE EXCEPTION 'a membership is a row of division_member or department_pic' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    NEW.division_code := NEW.divisions[1];
    NEW.department_code := NEW.departments[1];
    NEW.scopes := array_remove(ARRAY[
        'reporter',
        CASE WHEN NEW.divisions <> '{}' OR NEW.departments <> '{}' THEN 'handler' END,
        CASE WHEN NEW.is_manager THEN 'manager' END,
        CASE WHEN NEW.is_admin THEN 'admin' END,
        CASE WHEN NEW.is_store_head THEN 'store head' END], NULL);
    NEW.sees_all := 'handler' = ANY (NEW.scopes) OR (NEW.is_manager AND NEW.area_code IS NULL);
    RETURN NEW;
END $$;
CREATE TRIGGER employee_1_memberships BEFORE INSERT OR UPDATE ON employee FOR EACH ROW EXECUTE FUNCTION employee_memberships();

-- A PIN that goes back to one from a store head lets that person in too: it ends with the right to more than a store head may.
CREATE FUNCTION vouched_pin_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.pin_hash := '!';
    NEW.pin_changed_at := clock_timestamp();
    NEW.pin_initial_until := NULL;
    NEW.pin_vouched := false;
    RETURN NEW;
END $$;
CREATE TRIGGER employee_2_vouched_pin BEFORE UPDATE ON employee FOR EACH ROW
    WHEN (NEW.pin_vouched AND NEW.scopes && ARRAY['handler', 'manager', 'admin'])
    EXECUTE FUNCTION vouched_pin_ends();

CREATE FUNCTION membership_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE employee SET active = active WHERE nik IN (SELECT r.nik FROM changed r);
    RETURN NULL;
END $$;
CREATE TRIGGER division_member_added AFTER INSERT ON division_member REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION membership_changed();
CREATE TRIGGER division_member_removed AFTER DELETE ON division_member REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION membership_changed();
CREATE TRIGGER department_pic_added AFTER INSERT ON department_pic REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION membership_changed();
CREATE TRIGGER department_pic_removed AFTER DELETE ON department_pic REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION membership_changed();

-- A tree of two or more levels; a problem is given a leaf. The owner is the division that knows the matter.
CREATE TABLE category (
    code           text PRIMARY KEY CHECK (code ~ '^[A-Z0-9-]{2,20}$'),
    name           text NOT NULL CHECK (name <> ''),
    parent_code    text REFERENCES category CHECK (parent_code <> code),
    division_code  text NOT NULL REFERENCES division,
    active         boolean NOT NULL DEFAULT true
);

CREATE TRIGGER category_tree AFTER INSERT OR UPDATE OF parent_code ON category FOR EACH ROW
    WHEN (NEW.parent_code IS NOT NULL) EXECUTE FUNCTION tree_has_no_loop();

CREATE TABLE asset (
    tag         text PRIMARY KEY CHECK (tag ~ '^[A-Z0-9-]{2,30}$'),
    name        text NOT NULL CHECK (name <> ''),
    store_code  text NOT NULL REFERENCES store,
    active      boolean NOT NULL DEFAULT true,
    model       text CONSTRAINT asset_model CHECK (length(model) BETWEEN 1 AND 120)
);
CREATE INDEX asset_store ON asset (store_code);

-- Texts that are put into a form (canned responses): of a division or a department, each for one purpose.
CREATE TABLE template (
    code             text PRIMARY KEY CHECK (code ~ '^[A-Z0-9-]{2,20}$'),
    name             text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    division_code    text REFERENCES division,
    department_code  text REFERENCES department,
    purpose          text NOT NULL CHECK (purpose IN ('comment', 'reason', 'solution', 'waiting')),
    text             text NOT NULL CHECK (length(text) BETWEEN 1 AND 2000),
    active           boolean NOT NULL DEFAULT true,
    CONSTRAINT template_of_one CHECK (num_nonnulls(division_code, department_code) = 1)
);
CREATE INDEX template_division ON template (division_code) WHERE active;
CREATE INDEX template_department ON template (department_code) WHERE active;

-- The years in which problems were reported: what the list offers to choose from. Noted with the first of each (note_year).
CREATE TABLE reported_year (
    year  smallint PRIMARY KEY
);

-- A value that changes in the same commit as any change of the master data, of what is shown of employees, or of the years: whoever
-- keeps what was read of these asks for it, together with the session, and knows whether it still holds (docs/decisions/0106). It
-- is no number, so that a database that was restored never gives a value again that once meant something else.
CREATE TABLE reference_version (
    version  uuid NOT NULL DEFAULT gen_random_uuid()
);
CREATE UNIQUE INDEX reference_version_one ON reference_version ((true));
INSERT INTO reference_version DEFAULT VALUES;

-- Deferred, so that the one row is locked at the commit only, after every other lock was taken.
CREATE FUNCTION reference_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('sih.reference_changed', true), '') = '' THEN    -- once a transaction, however many rows
        UPDATE reference_version SET version = gen_random_uuid();
        PERFORM set_config('sih.reference_changed', 'yes', true);
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER store_changed AFTER INSERT OR UPDATE OR DELETE ON store DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION reference_changed();
CREATE CONSTRAINT TRIGGER division_changed AFTER INSERT OR UPDATE OR DELETE ON division DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION reference_changed();
CREATE CONSTRAINT TRIGGER department_changed AFTER INSERT OR UPDATE OR DELETE ON department DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION reference_changed();
CREATE CONSTRAINT TRIGGER category_changed AFTER INSERT OR UPDATE OR DELETE ON category DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION reference_changed();
CREATE CONSTRAINT TRIGGER asset_changed AFTER INSERT OR UPDATE OR DELETE ON asset DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION reference_changed();
CREATE CONSTRAINT TRIGGER template_changed AFTER INSERT OR UPDATE OR DELETE ON template DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION reference_changed();
CREATE TRIGGER template_truncated AFTER TRUNCATE ON template EXECUTE FUNCTION reference_changed();
CREATE CONSTRAINT TRIGGER reported_year_changed AFTER INSERT OR DELETE ON reported_year DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION reference_changed();
CREATE CONSTRAINT TRIGGER employee_came_or_went AFTER INSERT OR DELETE ON employee DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION reference_changed();
CREATE CONSTRAINT TRIGGER employee_became AFTER UPDATE ON employee DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.name, OLD.store_code, OLD.divisions, OLD.departments, OLD.is_manager, OLD.is_admin, OLD.active, OLD.email, OLD.phone,
           OLD.leaving_since, OLD.is_store_head, OLD.area_code) IS DISTINCT FROM
          (NEW.name, NEW.store_code, NEW.divisions, NEW.departments, NEW.is_manager, NEW.is_admin, NEW.active, NEW.email, NEW.phone,
           NEW.leaving_since, NEW.is_store_head, NEW.area_code))
    EXECUTE FUNCTION reference_changed();
CREATE CONSTRAINT TRIGGER area_changed AFTER INSERT OR UPDATE OR DELETE ON area DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION reference_changed();


-- Records of the master data: what pages, imports and their history know it by (audit trail) ------------------------------

-- Each person, place and thing as it was last committed, as one object whose keys are the fields of its form; `version` counts its
-- changes (optimistic lock). It follows from the tables above, whoever changes them (record_master).
CREATE TABLE master_record (
    kind         text NOT NULL CHECK (kind IN ('employee', 'store', 'area', 'division', 'department', 'category', 'asset', 'template',
                                            'calendar', 'holiday', 'target', 'target_step')),
    code         text NOT NULL,
    version      integer NOT NULL DEFAULT 1,
    state        jsonb NOT NULL,
    name         text NOT NULL GENERATED ALWAYS AS (state ->> 'name') STORED,
    active       boolean NOT NULL GENERATED ALWAYS AS ((state ->> 'active')::boolean) STORED,
    search_text  text NOT NULL GENERATED ALWAYS AS (searchable(code || ' ' || (state ->> 'name') || ' ' ||
                     coalesce(state ->> 'store', '') || ' ' || coalesce(state ->> 'model', ''))) STORED,
    PRIMARY KEY (kind, code)
);
CREATE INDEX master_record_name ON master_record (kind, lower(name) COLLATE "C", code);
CREATE INDEX master_record_search ON master_record USING gin (search_text gin_trgm_ops);

-- The changes of each: what was before and after, of the fields that differ, and by whom; NULL: by nobody who is logged in. Append-only,
-- and a chain as `security_event` is, but one of its own: an import is many rows.
CREATE TABLE master_change (
    seq            bigint PRIMARY KEY CHECK (seq > 0),
    at             timestamptz NOT NULL,
    kind           text NOT NULL,
    code           text NOT NULL,
    version        integer NOT NULL,        -- of the record, after it
    actor_nik      text REFERENCES employee,
    cause          text NOT NULL CHECK (length(cause) BETWEEN 1 AND 60),    -- 'form', 'deactivation T01 T02', 'import 7', 'command', 'setup', or 'hand': by none of these
    before         jsonb NOT NULL,          -- {}: there was none
    after          jsonb NOT NULL,
    previous_hash  bytea NOT NULL CHECK (octet_length(previous_hash) = 32),
    hash           bytea NOT NULL CHECK (octet_length(hash) = 32),
    UNIQUE (kind, code, version)
);

-- What the hash of a row is taken of; it contains the hash of the row before.
CREATE FUNCTION sealed_text(c master_change) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN jsonb_build_array(c.seq, to_char(c.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), c.kind, c.code, c.version,
                             c.actor_nik, c.cause, c.before, c.after, encode(c.previous_hash, 'hex'))::text;

-- One row at a time, up to the commit, at which they are written.
CREATE FUNCTION master_change_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(1397310469);
    SELECT c.seq, c.hash INTO NEW.seq, NEW.previous_hash FROM master_change c ORDER BY c.seq DESC LIMIT 1;
    NEW.seq := coalesce(NEW.seq, 0) + 1;
    NEW.previous_hash := coalesce(NEW.previous_hash, decode(repeat('00', 32), 'hex'));
    NEW.at := clock_timestamp();
    NEW.hash := sha256(convert_to(sealed_text(NEW), 'UTF8'));
    RETURN NEW;
END $$;
CREATE TRIGGER master_change_1_seal BEFORE INSERT ON master_change FOR EACH ROW EXECUTE FUNCTION master_change_seal();

-- One of the master data as an object, NULL if there is none.
CREATE FUNCTION master_state(kind text, code text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN    -- not one CASE, of which each call would prepare all branches
    IF kind = 'employee' THEN
        RETURN (SELECT jsonb_build_object(
            'name', e.name, 'store', e.store_code, 'divisions', e.divisions, 'departments', e.departments, 'store_head', e.is_store_head,
            'manager', e.is_manager, 'area', e.area_code, 'admin', e.is_admin, 'phone', e.phone, 'email', e.email, 'active', e.active)
            FROM employee e WHERE e.nik = master_state.code);
    ELSIF kind = 'store' THEN
        RETURN (SELECT jsonb_build_object(
            'name', s.name, 'time_zone', s.time_zone, 'area', s.area_code, 'address', s.address, 'phone', s.phone, 'active', s.active)
            FROM store s WHERE s.code = master_state.code);
    ELSIF kind = 'area' THEN
        RETURN (SELECT jsonb_build_object('name', a.name, 'parent', a.parent_code, 'active', a.active)
            FROM area a WHERE a.code = master_state.code);
    ELSIF kind = 'division' THEN
        RETURN (SELECT jsonb_build_object('name', d.name, 'kind', d.kind, 'general', d.is_general, 'active', d.active)
            FROM division d WHERE d.code = master_state.code);
    ELSIF kind = 'department' THEN
        RETURN (SELECT jsonb_build_object('name', d.name, 'active', d.active)
            FROM department d WHERE d.code = master_state.code);
    ELSIF kind = 'category' THEN
        RETURN (SELECT jsonb_build_object('name', c.name, 'parent', c.parent_code, 'division', c.division_code, 'active', c.active)
            FROM category c WHERE c.code = master_state.code);
    ELSIF kind = 'asset' THEN
        RETURN (SELECT jsonb_build_object('name', a.name, 'model', a.model, 'store', a.store_code, 'active', a.active)
            FROM asset a WHERE a.tag = master_state.code);
    ELSIF kind = 'template' THEN
        RETURN (SELECT jsonb_build_object('name', t.name, 'division', t.division_code, 'department', t.department_code,
            'purpose', t.purpose, 'text', t.text, 'active', t.active)
            FROM template t WHERE t.code = master_state.code);
    ELSIF kind = 'calendar' THEN
        RETURN (SELECT jsonb_build_object(
            'name', c.name, 'time_zone', c.time_zone, 'closes_on', c.closes_on, 'general', c.is_general,
            'shifts', coalesce((SELECT jsonb_agg(jsonb_build_array(f.weekday, f.opens, f.closes) ORDER BY f.weekday, f.opens)
                                  FROM calendar_shift f WHERE f.calendar_code = c.code), '[]'),
            'divisions', ARRAY(SELECT u.division_code FROM calendar_use u
                                WHERE u.calendar_code = c.code AND u.division_code IS NOT NULL ORDER BY u.division_code COLLATE "C"),
            'areas', ARRAY(SELECT u.area_code FROM calendar_use u
                            WHERE u.calendar_code = c.code AND u.area_code IS NOT NULL ORDER BY u.area_code COLLATE "C"),
            'stores', ARRAY(SELECT u.store_code FROM calendar_use u
                             WHERE u.calendar_code = c.code AND u.store_code IS NOT NULL ORDER BY u.store_code COLLATE "C"),
            'active', c.active)
            FROM calendar c WHERE c.code = master_state.code);
    ELSIF kind = 'holiday' THEN
        RETURN (SELECT jsonb_build_object('name', h.name, 'kind', h.kind, 'estimated', h.estimated, 'active', h.active)
            FROM holiday h WHERE h.date = master_state.code::date);
    ELSIF kind = 'target' THEN
        RETURN (SELECT jsonb_build_object('name', t.name, 'priority', t.priority, 'category', t.category_code, 'division', t.division_code,
            'department', t.department_code, 'response', t.response, 'resolution', t.resolution, 'active', t.active)
            FROM target t WHERE t.code = master_state.code);
    ELSIF kind = 'target_step' THEN
        RETURN (SELECT jsonb_build_object('name', t.name, 'percent', t.percent, 'active', t.active)
            FROM target_step t WHERE t.step = master_state.code);
    END IF;
    RETURN NULL;
END $$;

-- Notes what has become of one of them since it was noted last: once a transaction, however often it was changed there. `sih.actor` and
-- `sih.cause` are set by the application.
CREATE FUNCTION record_master(kind text, code text) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    present jsonb := master_state(record_master.kind, record_master.code);
    noted jsonb;
    noted_version integer;
    was jsonb := '{}';
    became jsonb := present;
BEGIN
    SELECT r.state INTO noted FROM master_record r
     WHERE r.kind = record_master.kind AND r.code = record_master.code FOR UPDATE;
    IF present IS NULL OR present = noted THEN RETURN; END IF;
    IF noted IS NOT NULL THEN       -- differing(), which would be planned anew for each
        SELECT coalesce(jsonb_object_agg(n.key, n.value), '{}') INTO was FROM jsonb_each(noted) n
         WHERE n.value IS DISTINCT FROM present -> n.key;
        SELECT coalesce(jsonb_object_agg(p.key, p.value), '{}') INTO became FROM jsonb_each(present) p
         WHERE p.value IS DISTINCT FROM noted -> p.key;
    END IF;
    INSERT INTO master_record AS r (kind, code, state) VALUES (record_master.kind, record_master.code, present)
        ON CONFLICT (kind, code) DO UPDATE SET state = excluded.state, version = r.version + 1
        RETURNING r.version INTO noted_version;
    INSERT INTO master_change (seq, at, kind, code, version, actor_nik, cause, before, after, previous_hash, hash)
    VALUES (1, now(), record_master.kind, record_master.code, noted_version, nullif(current_setting('sih.actor', true), ''),
            coalesce(nullif(current_setting('sih.cause', true), ''), 'hand'), was, became, '', '');
END $$;

CREATE FUNCTION master_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM record_master(TG_ARGV[0], to_jsonb(NEW) ->> TG_ARGV[1]);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER employee_noted AFTER INSERT ON employee DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION master_changed('employee', 'nik');
CREATE CONSTRAINT TRIGGER employee_noted_again AFTER UPDATE ON employee DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.name, OLD.store_code, OLD.divisions, OLD.departments, OLD.is_manager, OLD.is_admin, OLD.active, OLD.email, OLD.phone,
           OLD.is_store_head, OLD.area_code) IS DISTINCT FROM
          (NEW.name, NEW.store_code, NEW.divisions, NEW.departments, NEW.is_manager, NEW.is_admin, NEW.active, NEW.email, NEW.phone,
           NEW.is_store_head, NEW.area_code))
    EXECUTE FUNCTION master_changed('employee', 'nik');
CREATE CONSTRAINT TRIGGER store_noted AFTER INSERT OR UPDATE ON store DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION master_changed('store', 'code');
CREATE CONSTRAINT TRIGGER area_noted AFTER INSERT OR UPDATE ON area DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION master_changed('area', 'code');
CREATE CONSTRAINT TRIGGER division_noted AFTER INSERT OR UPDATE ON division DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION master_changed('division', 'code');
CREATE CONSTRAINT TRIGGER department_noted AFTER INSERT OR UPDATE ON department DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION master_changed('department', 'code');
CREATE CONSTRAINT TRIGGER category_noted AFTER INSERT OR UPDATE ON category DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION master_changed('category', 'code');
CREATE CONSTRAINT TRIGGER asset_noted AFTER INSERT OR UPDATE ON asset DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION master_changed('asset', 'tag');
CREATE CONSTRAINT TRIGGER template_noted AFTER INSERT OR UPDATE ON template DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION master_changed('template', 'code');


-- Sessions and login ----------------------------------------------------------------------------------------------------

-- The browser holds a signed random id; here is its hash, so that a copy of this table opens no session. `id` is what pages
-- call it by. How long it lasts was chosen at login: it ends `idle` after it was last seen, and at `expires_at` in any case.
CREATE TABLE session (
    id            bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    id_hash       bytea PRIMARY KEY CHECK (octet_length(id_hash) = 32),
    nik           text NOT NULL REFERENCES employee,
    browser       text NOT NULL DEFAULT '' CHECK (length(browser) <= 60),      -- in words, for the person
    idle          interval NOT NULL DEFAULT '30 minutes' CHECK (idle > interval '0'),
    created_at    timestamptz NOT NULL DEFAULT now(),
    last_seen_at  timestamptz NOT NULL DEFAULT now(),                          -- noted at most once a minute
    expires_at    timestamptz NOT NULL DEFAULT now() + interval '12 hours' CHECK (expires_at > created_at),
    ended_at      timestamptz
);
CREATE INDEX session_employee ON session (nik) WHERE ended_at IS NULL;

CREATE FUNCTION is_live(s session) RETURNS boolean LANGUAGE sql STABLE
    RETURN s.ended_at IS NULL AND s.last_seen_at > now() - s.idle AND s.expires_at > now();

-- On which devices a NIK has logged in; the browser holds a signed random id that outlives its sessions. It opens nothing: it
-- only keeps those who were here before out of the way of strangers who try PINs. A store's computer is known to many.
CREATE TABLE device (
    id_hash        bytea NOT NULL CHECK (octet_length(id_hash) = 32),
    nik            text NOT NULL REFERENCES employee,
    address        text NOT NULL DEFAULT '',                    -- of the last login
    last_login_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id_hash, nik)
);
CREATE INDEX device_employee ON device (nik);

CREATE FUNCTION is_known(device_hash bytea, nik text) RETURNS boolean LANGUAGE sql STABLE
    RETURN EXISTS (SELECT FROM device d WHERE d.id_hash = device_hash AND d.nik = is_known.nik
                                          AND d.last_login_at > now() - interval '180 days');

-- How often something may be tried (docs/decisions/0020). `capacity` tries are free. Then, in a budget that leaks (`longest` is
-- NULL), one more comes back every `unit`; in one that grows, each try costs a wait: `unit`, then twice that, up to `longest`,
-- until a try succeeds or none is made for a day. No wait is endless, and a try during one is not counted.
CREATE TABLE budget_rule (
    kind      text PRIMARY KEY,
    capacity  integer NOT NULL CHECK (capacity > 0),
    unit      interval NOT NULL CHECK (unit > interval '0'),
    longest   interval CHECK (longest >= unit)
);
INSERT INTO budget_rule (kind, capacity, unit, longest) VALUES
    ('nik',         5, '30 seconds', '1 hour'),         -- PINs for one NIK, by all strangers together
    ('known',       5, '30 seconds', '15 minutes'),     -- PINs for one NIK, from one device that it logged in on before
    ('old pin',     5, '30 seconds', '15 minutes'),     -- the old PIN, asked of whoever chooses a new one
    ('device',     30, '2 minutes',  NULL),             -- wrong PINs from one known device, whatever the NIK
    ('address',    60, '1 minute',   NULL),             -- wrong PINs from one address, by strangers
    ('everyone', 2000, '1 second',   NULL),             -- wrong PINs by all strangers: the breaker
    ('names',      50, '30 minutes', NULL),             -- names that one address learns without logging in
    ('unknown',   400, '1 minute',   NULL),             -- NIKs asked for by one address that nobody has
    ('callers',   300, '1 minute',   NULL),             -- NIKs that one handler asks for while recording reports
    ('comments',  200, '10 seconds', NULL),             -- comments of one person: a history is read by all who see the problem
    ('comments of a problem', 60, '1 minute', NULL),    -- the same on one problem
    ('changes',   1000, '4 seconds',  NULL),            -- what one person does to problems beside: each is a line of a history
    ('changes of a problem', 100, '1 minute', NULL),    -- the same to one problem
    ('initial pins', 60, '10 minutes', NULL),           -- PINs that one store head makes: those of a whole store on its first day
    ('initial pins of a person', 5, '1 hour', NULL);    -- the same for one person, who is logged out by each

-- What was spent of a budget at `at`. The keys are NIKs (registered or not), devices and addresses.
CREATE TABLE budget (
    kind           text NOT NULL REFERENCES budget_rule,
    key            text NOT NULL CHECK (length(key) <= 120),
    spent          double precision NOT NULL DEFAULT 0 CHECK (spent >= 0),
    at             timestamptz NOT NULL DEFAULT clock_timestamp(),
    blocked_until  timestamptz,
    PRIMARY KEY (kind, key)
) WITH (fillfactor = 70);       -- so that spending writes no index

-- Who was asked for from an address within a day: asking again costs nothing, and a login gives back what the name cost.
CREATE TABLE lookup (
    address  text NOT NULL CHECK (length(address) <= 60),
    nik      text NOT NULL CHECK (nik ~ '^[0-9]{4,16}$'),
    kind     text NOT NULL CHECK (kind IN ('names', 'unknown')),
    at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (address, nik)
);

CREATE FUNCTION spent_at(b budget, r budget_rule, moment timestamptz) RETURNS double precision LANGUAGE sql IMMUTABLE
    RETURN CASE
        WHEN r.longest IS NULL THEN greatest(0, b.spent - extract(epoch FROM moment - b.at) / extract(epoch FROM r.unit))
        WHEN moment - b.at > interval '1 day' THEN 0
        ELSE b.spent END;

-- The seconds to wait for one more; 0 if it may be spent now.
CREATE FUNCTION wait_at(b budget, r budget_rule, moment timestamptz) RETURNS integer LANGUAGE sql IMMUTABLE
    RETURN ceil(CASE
        WHEN r.longest IS NULL THEN greatest(0, spent_at(b, r, moment) + 1 - r.capacity) * extract(epoch FROM r.unit)
        ELSE greatest(0, extract(epoch FROM b.blocked_until - moment)) END)::integer;

-- The longest wait among some budgets, and which of them asks for it.
CREATE FUNCTION longest_wait(kinds text[], keys text[], OUT wait integer, OUT budget_kind text) LANGUAGE plpgsql AS $$
DECLARE moment timestamptz := clock_timestamp();
BEGIN
    SELECT wait_at(b, r, moment), b.kind INTO wait, budget_kind
      FROM unnest(kinds, keys) AS k (kind, key) JOIN budget b USING (kind, key) JOIN budget_rule r USING (kind)
     ORDER BY 1 DESC LIMIT 1;
END $$;

-- Spends one of each budget, or, if there is a wait, of none. Whoever has to wait locks nothing and leaves nothing behind;
-- rows are locked in one order, so that two of these never wait for each other. `ahead` is the wait that now begins.
CREATE FUNCTION spend(kinds text[], keys text[], OUT wait integer, OUT budget_kind text, OUT ahead integer)
LANGUAGE plpgsql AS $$
DECLARE moment timestamptz;
BEGIN
    SELECT w.wait, w.budget_kind INTO wait, budget_kind FROM longest_wait(kinds, keys) w;
    IF wait > 0 THEN RETURN; END IF;
    INSERT INTO budget (kind, key) SELECT k.kind, k.key FROM unnest(kinds, keys) AS k (kind, key) ORDER BY 1, 2
        ON CONFLICT DO NOTHING;
    PERFORM FROM budget b JOIN unnest(kinds, keys) AS k (kind, key) USING (kind, key) ORDER BY b.kind, b.key FOR UPDATE OF b;
    SELECT w.wait, w.budget_kind INTO wait, budget_kind FROM longest_wait(kinds, keys) w;
    IF wait > 0 THEN RETURN; END IF;
    moment := clock_timestamp();
    WITH changed AS (
        UPDATE budget b SET spent = spent_at(b, r, moment) + 1, at = moment,
               blocked_until = CASE WHEN r.longest IS NOT NULL AND spent_at(b, r, moment) + 1 >= r.capacity
                   THEN moment + least(r.longest, r.unit * 2 ^ least(spent_at(b, r, moment) + 1 - r.capacity, 20)) END
          FROM budget_rule r, unnest(kinds, keys) AS k (kind, key)
         WHERE r.kind = b.kind AND (b.kind, b.key) = (k.kind, k.key)
        RETURNING b.blocked_until)
    SELECT coalesce(ceil(max(extract(epoch FROM c.blocked_until - moment))), 0) INTO ahead FROM changed c;
    wait := 0;
    budget_kind := NULL;
END $$;

-- The opposite of `spend`, after a success: the last try cost nothing, and in a budget that grows neither did those before it.
CREATE FUNCTION give_back(kinds text[], keys text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM budget b JOIN unnest(kinds, keys) AS k (kind, key) USING (kind, key) ORDER BY b.kind, b.key FOR UPDATE OF b;
    UPDATE budget b SET spent = CASE WHEN r.longest IS NULL THEN greatest(b.spent - 1, 0) ELSE 0 END, blocked_until = NULL
      FROM budget_rule r, unnest(kinds, keys) AS k (kind, key)
     WHERE r.kind = b.kind AND (b.kind, b.key) = (k.kind, k.key);
END $$;

-- Which budgets a PIN for `nik` is tried on: those of a device that the NIK is known on, else those of strangers. At the address
-- that a device is used at it has budgets of its own: whoever copies its id and tries PINs elsewhere keeps nobody out there.
CREATE FUNCTION login_budgets(nik text, device_hash bytea, address text, OUT kinds text[], OUT keys text[])
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN is_known(device_hash, nik) THEN ARRAY['device', 'known'] ELSE ARRAY['address', 'nik'] END,
           CASE WHEN is_known(device_hash, nik) THEN ARRAY[d.key, d.key || ' ' || nik] ELSE ARRAY[address, nik] END
      FROM (SELECT encode(device_hash, 'hex') || CASE WHEN EXISTS (
                       SELECT FROM device h WHERE h.id_hash = device_hash AND h.nik = login_budgets.nik
                                              AND h.address = login_budgets.address) THEN ' here' ELSE '' END AS key) d
$$;

-- Counts a try to log in before its PIN is looked at. `kinds` and `keys` are what it was spent on, to be given back.
CREATE FUNCTION count_login(nik text, device_hash bytea, address text, OUT wait integer, OUT budget_kind text,
                            OUT ahead integer, OUT kinds text[], OUT keys text[]) LANGUAGE plpgsql AS $$
BEGIN
    SELECT b.kinds, b.keys INTO kinds, keys FROM login_budgets(nik, device_hash, address) b;
    IF 'nik' = ANY (kinds) THEN
        SELECT w.wait, w.budget_kind INTO wait, budget_kind FROM longest_wait(ARRAY['everyone'], ARRAY['']) w;
        IF wait > 0 THEN RETURN; END IF;
    END IF;
    SELECT s.wait, s.budget_kind, s.ahead INTO wait, budget_kind, ahead FROM spend(kinds, keys) s;
END $$;

-- Counts that an address asks who `nik` is; the seconds to wait, or 0. What it knows already is free: a NIK that logged in on
-- this device, or was asked for within a day. A wait applies to known and unknown NIKs alike, else it would tell them apart.
-- As `spend`, of one budget. A crash of the server may forget what was asked in the second before it.
CREATE FUNCTION count_lookup(nik text, device_hash bytea, address text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    rule budget_rule;
    wait integer;
BEGIN
    IF (device_hash IS NOT NULL AND is_known(device_hash, nik))
       OR EXISTS (SELECT FROM lookup l WHERE l.address = count_lookup.address AND l.nik = count_lookup.nik
                                         AND l.at > moment - interval '1 day') THEN
        RETURN 0;
    END IF;
    SELECT max(wait_at(b, r, moment)) INTO wait FROM budget b JOIN budget_rule r USING (kind)
     WHERE b.kind IN ('names', 'unknown') AND b.key = address;
    IF wait > 0 THEN RETURN wait; END IF;
    SELECT r.* INTO rule FROM budget_rule r
     WHERE r.kind = CASE WHEN EXISTS (SELECT FROM employee e WHERE e.nik = count_lookup.nik) THEN 'names' ELSE 'unknown' END;
    INSERT INTO budget AS b (kind, key, spent, at) VALUES (rule.kind, address, 1, moment)
        ON CONFLICT ON CONSTRAINT budget_pkey DO UPDATE SET spent = spent_at(b, rule, moment) + 1, at = moment
        WHERE wait_at(b, rule, moment) = 0;
    IF NOT FOUND THEN RETURN greatest(1, (SELECT w.wait FROM longest_wait(ARRAY[rule.kind], ARRAY[address]) w)); END IF;
    INSERT INTO lookup AS l (address, nik, kind, at) VALUES (address, count_lookup.nik, rule.kind, moment)
        ON CONFLICT ON CONSTRAINT lookup_pkey DO UPDATE SET at = excluded.at, kind = excluded.kind;
    PERFORM set_config('synchronous_commit', 'off', true);
    RETURN 0;
END $$;


-- Working time and targets (docs/decisions/0123) ----------------------------------------------------------------------------

-- When somebody works: shifts by the day of the week, of the clocks of `time_zone`, or (NULL) of the problem's store; of holidays all are
-- kept, those of the nation alone, or none. The general one is of all who have no other.
CREATE TABLE calendar (
    code        text PRIMARY KEY CHECK (code ~ '^[A-Z0-9-]{2,12}$'),
    name        text NOT NULL CHECK (name <> ''),
    time_zone   text CHECK (time_zone IN ('Asia/Jakarta', 'Asia/Makassar', 'Asia/Jayapura')),
    closes_on   text NOT NULL DEFAULT 'all' CHECK (closes_on IN ('all', 'national', 'none')),
    is_general  boolean NOT NULL DEFAULT false,
    active      boolean NOT NULL DEFAULT true,
    CONSTRAINT calendar_general_is_active CHECK (active OR NOT is_general)
);
CREATE UNIQUE INDEX calendar_one_general ON calendar (is_general) WHERE is_general;

-- Monday is 1; minutes of the day. What goes on over midnight is two.
CREATE TABLE calendar_shift (
    calendar_code  text NOT NULL REFERENCES calendar,
    weekday        smallint NOT NULL CONSTRAINT calendar_shift_weekday CHECK (weekday BETWEEN 1 AND 7),
    opens          smallint NOT NULL,
    closes         smallint NOT NULL,
    PRIMARY KEY (calendar_code, weekday, opens),
    CONSTRAINT calendar_shift_hours CHECK (0 <= opens AND opens < closes AND closes <= 1440),
    CONSTRAINT calendar_shift_apart EXCLUDE USING gist (calendar_code WITH =, weekday WITH =, int4range(opens, closes) WITH &&)
);

-- Whose it is, beside those who have none of their own.
CREATE TABLE calendar_use (
    calendar_code  text NOT NULL REFERENCES calendar,
    division_code  text CONSTRAINT calendar_use_division UNIQUE REFERENCES division,
    area_code      text CONSTRAINT calendar_use_area UNIQUE REFERENCES area,
    store_code     text CONSTRAINT calendar_use_store UNIQUE REFERENCES store,
    CONSTRAINT calendar_use_of_one CHECK (num_nonnulls(division_code, area_code, store_code) = 1)
);
CREATE INDEX calendar_use_calendar ON calendar_use (calendar_code);

CREATE TABLE holiday (
    date       date PRIMARY KEY CONSTRAINT holiday_date CHECK (date BETWEEN '2000-01-01' AND '2099-12-31'),
    name       text NOT NULL CHECK (name <> ''),
    kind       text NOT NULL DEFAULT 'national' CHECK (kind IN ('national', 'joint')),  -- joint leave (cuti bersama)
    estimated  boolean NOT NULL DEFAULT false,                                          -- not yet decreed
    active     boolean NOT NULL DEFAULT true
);

-- How soon a problem is to be answered and solved, in minutes of working time; or, of a holder, how long it may be in that one's hands.
CREATE TABLE target (
    code             text PRIMARY KEY CHECK (code ~ '^[A-Z0-9-]{2,20}$'),
    name             text NOT NULL CHECK (name <> ''),
    priority         smallint CONSTRAINT target_priority CHECK (priority BETWEEN 1 AND 5),
    category_code    text REFERENCES category,
    division_code    text REFERENCES division,
    department_code  text REFERENCES department,
    response         integer CONSTRAINT target_response CHECK (response BETWEEN 1 AND 525600),
    resolution       integer CONSTRAINT target_resolution CHECK (resolution BETWEEN 1 AND 525600),
    active           boolean NOT NULL DEFAULT true,
    holder           text GENERATED ALWAYS AS (coalesce(division_code, department_code)) STORED,
    CONSTRAINT target_of_one CHECK (num_nonnulls(division_code, department_code) <= 1),
    CONSTRAINT target_says_something CHECK (num_nonnulls(response, resolution) > 0),
    CONSTRAINT target_of_holder CHECK (response IS NULL OR num_nonnulls(division_code, department_code) = 0),
    CONSTRAINT target_in_order CHECK (response <= resolution)
);
CREATE UNIQUE INDEX target_once ON target (coalesce(priority, 0), coalesce(category_code, ''), coalesce(holder, '')) WHERE active;

-- At which percentage of a target who is told, one after the other.
CREATE TABLE target_step (
    step     text PRIMARY KEY CHECK (step IN ('holder', 'desk', 'managers')),
    percent  smallint CONSTRAINT target_step_percent CHECK (percent BETWEEN 1 AND 1000),
    name     text NOT NULL DEFAULT '',
    active   boolean NOT NULL DEFAULT true
);

-- Each calendar by the clocks of each zone, laid out to the end of the third year to come; `so_far` is the working time before, in seconds.
-- What is over never changes: neither what has been worked in it.
CREATE TABLE working_span (
    calendar_code  text NOT NULL REFERENCES calendar,
    time_zone      text NOT NULL,
    opens          timestamptz NOT NULL,
    closes         timestamptz NOT NULL,
    so_far         bigint NOT NULL CHECK (so_far >= 0),
    CONSTRAINT working_span_in_order CHECK (opens < closes),
    PRIMARY KEY (calendar_code, time_zone, opens)
);
CREATE INDEX working_span_so_far ON working_span (calendar_code, time_zone, so_far);

-- The working seconds from the beginning until a moment, whole ones; of two moments the difference is what is worked between them.
CREATE FUNCTION worked_by(calendar_code text, time_zone text, at timestamptz) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((SELECT s.so_far + floor(extract(epoch FROM least(at, s.closes) - s.opens))::bigint FROM working_span s
                      WHERE s.calendar_code = worked_by.calendar_code AND s.time_zone = worked_by.time_zone AND s.opens <= at
                      ORDER BY s.opens DESC LIMIT 1), 0);
END $$;

-- The first moment at which so many are worked; NULL: it is beyond the end.
CREATE FUNCTION worked_at(calendar_code text, time_zone text, seconds bigint) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT CASE WHEN due <= s.closes THEN due END
              FROM (SELECT * FROM working_span s
                     WHERE s.calendar_code = worked_at.calendar_code AND s.time_zone = worked_at.time_zone AND s.so_far < seconds
                     ORDER BY s.so_far DESC LIMIT 1) s, LATERAL (SELECT s.opens + (seconds - s.so_far) * interval '1 second' AS due) d);
END $$;

-- By whose calendar a minute counts, and by which clocks: that of the division that holds the problem then, else of its store, else of
-- the nearest of its areas, else the general one.
CREATE FUNCTION calendar_of(holder text, store_code text, OUT calendar_code text, OUT time_zone text) LANGUAGE plpgsql STABLE AS $$
DECLARE
    area text;
    own_zone text;
BEGIN
    SELECT s.area_code, s.time_zone INTO area, own_zone FROM store s WHERE s.code = calendar_of.store_code;
    SELECT u.calendar_code INTO calendar_of.calendar_code FROM calendar_use u WHERE u.division_code = holder;
    IF calendar_of.calendar_code IS NULL THEN
        SELECT u.calendar_code INTO calendar_of.calendar_code FROM calendar_use u WHERE u.store_code = calendar_of.store_code;
    END IF;
    WHILE calendar_of.calendar_code IS NULL AND area IS NOT NULL LOOP
        SELECT u.calendar_code, a.parent_code INTO calendar_of.calendar_code, area
          FROM area a LEFT JOIN calendar_use u ON u.area_code = a.code WHERE a.code = area;
    END LOOP;
    SELECT c.code, coalesce(c.time_zone, own_zone) INTO calendar_of.calendar_code, calendar_of.time_zone
      FROM calendar c WHERE CASE WHEN calendar_of.calendar_code IS NULL THEN c.is_general ELSE c.code = calendar_of.calendar_code END;
END $$;

-- Holds a lock that others share, until the commit. It is not waited for in the queue, where all who share it would then stand behind it.
CREATE FUNCTION hold_alone(lock bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    FOR attempt IN 1..50 LOOP
        EXIT WHEN pg_try_advisory_xact_lock(lock);
        IF attempt = 50 THEN
            RAISE EXCEPTION 'somebody shares lock % all the time', lock USING ERRCODE = 'lock_not_available';
        END IF;
        PERFORM pg_sleep(0.1);
    END LOOP;
END $$;

-- Whoever changes a problem shares this lock until the commit, and who changes working time holds it alone: what has been worked until then
-- has been worked for both. What is only tried, and undone, is in nobody's way.
CREATE FUNCTION share_working_time() RETURNS void LANGUAGE sql AS $$ SELECT pg_advisory_xact_lock_shared(1397310472) $$;
CREATE FUNCTION hold_working_time() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('sih.trial', true) IS DISTINCT FROM 'yes' THEN
        PERFORM hold_alone(1397310472);
    END IF;
END $$;

-- Lays these calendars out anew from a moment on (rounded up to a second; NULL: from this one), as their shifts and the holidays are now; one
-- that has not been laid out, from the beginning.
CREATE FUNCTION renew_working_time(codes text[], moment timestamptz DEFAULT NULL) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    zones CONSTANT text[] := '{Asia/Jakarta,Asia/Makassar,Asia/Jayapura}';
    c calendar;
    zone text;
    since timestamptz;
    before bigint;
BEGIN
    PERFORM hold_working_time();
    FOR c IN SELECT * FROM calendar k WHERE k.code = ANY (codes) LOOP FOREACH zone IN ARRAY zones LOOP
        since := date_trunc('second', coalesce(moment, clock_timestamp()) - interval '1 microsecond') + interval '1 second';
        IF NOT EXISTS (SELECT FROM working_span s WHERE s.calendar_code = c.code AND s.time_zone = zone) THEN
            since := '2015-01-01 00:00:00+00';
        END IF;
        before := worked_by(c.code, zone, since);
        DELETE FROM working_span s WHERE s.calendar_code = c.code AND s.time_zone = zone AND s.opens >= since;
        UPDATE working_span s SET closes = since
         WHERE s.calendar_code = c.code AND s.time_zone = zone AND s.opens < since AND s.closes > since;
        INSERT INTO working_span
        SELECT c.code, zone, t.opens, t.closes, before + coalesce(sum(extract(epoch FROM t.closes - t.opens)) OVER (
                   ORDER BY t.opens ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)
          FROM generate_series((since AT TIME ZONE zone)::date, make_date(extract(year FROM now())::integer + 3, 12, 31),
                               interval '1 day') AS d (day)
          JOIN calendar_shift f ON f.calendar_code = c.code AND f.weekday = extract(isodow FROM d.day)
         CROSS JOIN LATERAL (SELECT greatest((d.day::date + make_interval(mins => f.opens)) AT TIME ZONE zone, since) AS opens,
                                    (d.day::date + make_interval(mins => f.closes)) AT TIME ZONE zone AS closes) t
         WHERE t.closes > since
           AND d.day::date <> ALL (ARRAY(SELECT h.date FROM holiday h
                                          WHERE h.active AND (c.closes_on = 'all' OR c.closes_on = h.kind)));
    END LOOP; END LOOP;
END $$;

-- The minutes that are allowed until a problem is answered and solved, and that this holder may have it: of the targets that fit it those of
-- the nearest category, and of these the one that names its priority. NULL: as many as it takes.
CREATE FUNCTION target_minutes(priority integer, category_code text, holder text,
                               OUT response integer, OUT resolution integer, OUT part integer) LANGUAGE plpgsql STABLE AS $$
DECLARE
    above text[] := '{}';
    next text := category_code;
BEGIN
    WHILE next IS NOT NULL LOOP
        above := above || next;
        SELECT c.parent_code INTO next FROM category c WHERE c.code = next;
    END LOOP;
    SELECT t.response INTO target_minutes.response FROM target t
     WHERE t.active AND t.holder IS NULL AND t.response IS NOT NULL AND coalesce(t.priority = target_minutes.priority, t.priority IS NULL)
       AND (t.category_code IS NULL OR t.category_code = ANY (above))
     ORDER BY array_position(above, t.category_code), t.priority LIMIT 1;
    SELECT t.resolution INTO target_minutes.resolution FROM target t
     WHERE t.active AND t.holder IS NULL AND t.resolution IS NOT NULL AND coalesce(t.priority = target_minutes.priority, t.priority IS NULL)
       AND (t.category_code IS NULL OR t.category_code = ANY (above))
     ORDER BY array_position(above, t.category_code), t.priority LIMIT 1;
    SELECT t.resolution INTO target_minutes.part FROM target t
     WHERE t.active AND t.holder = target_minutes.holder AND coalesce(t.priority = target_minutes.priority, t.priority IS NULL)
       AND (t.category_code IS NULL OR t.category_code = ANY (above))
     ORDER BY array_position(above, t.category_code), t.priority LIMIT 1;
END $$;

CREATE CONSTRAINT TRIGGER calendar_noted AFTER INSERT OR UPDATE ON calendar DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION master_changed('calendar', 'code');
CREATE CONSTRAINT TRIGGER holiday_noted AFTER INSERT OR UPDATE ON holiday DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION master_changed('holiday', 'date');
CREATE CONSTRAINT TRIGGER target_noted AFTER INSERT OR UPDATE ON target DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION master_changed('target', 'code');
CREATE CONSTRAINT TRIGGER target_step_noted AFTER INSERT OR UPDATE ON target_step DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION master_changed('target_step', 'step');
-- The shifts of a calendar, and whose it is, are its own.
CREATE FUNCTION calendar_part_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM record_master('calendar', OLD.calendar_code);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM record_master('calendar', NEW.calendar_code);
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER calendar_shift_noted AFTER INSERT OR UPDATE OR DELETE ON calendar_shift DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION calendar_part_changed();
CREATE CONSTRAINT TRIGGER calendar_use_noted AFTER INSERT OR UPDATE OR DELETE ON calendar_use DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION calendar_part_changed();

-- There is always one for whoever has no other.
CREATE FUNCTION calendar_general_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM calendar c WHERE c.is_general) THEN
        RAISE EXCEPTION 'one calendar is general' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'calendar_general_stays';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER calendar_general_stays AFTER UPDATE ON calendar DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.is_general AND NOT NEW.is_general) EXECUTE FUNCTION calendar_general_stays();

-- What a company begins with. An admin may change all of it.
SELECT set_config('sih.cause', 'setup', true);
INSERT INTO calendar (code, name, is_general) VALUES ('UMUM', 'Jam kerja umum', true);
INSERT INTO calendar_shift SELECT 'UMUM', day, opens, closes FROM generate_series(1, 5) AS day, (VALUES (480, 720), (780, 1020)) AS s (opens, closes);
INSERT INTO target_step VALUES ('holder', 80, 'Penanggung'), ('desk', 100, 'Meja bantuan'), ('managers', 150, 'Atasan divisi');
INSERT INTO target (code, name, priority, response, resolution) VALUES
    ('UMUM', 'Belum diidentifikasi', NULL, 60, 2400), ('P1', 'Prioritas 1', 1, 30, 240), ('P2', 'Prioritas 2', 2, 60, 480),
    ('P3', 'Prioritas 3', 3, 120, 960), ('P4', 'Prioritas 4', 4, 240, 2400), ('P5', 'Prioritas 5', 5, 480, 4800);
SELECT renew_working_time(ARRAY['UMUM']);


-- Problems --------------------------------------------------------------------------------------------------------------

CREATE TABLE problem (
    id                      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version                 integer NOT NULL DEFAULT 1,     -- of what is seen; a form carries it back
    status                  text NOT NULL DEFAULT 'reported',
    reported_at             timestamptz NOT NULL DEFAULT clock_timestamp(),
    year                    smallint NOT NULL,              -- of reported_at in the store's zone; set by a trigger
    changed_at              timestamptz NOT NULL,           -- the moment of `version`; set by a trigger
    reporter_nik            text NOT NULL REFERENCES employee,
    recorded_by_nik         text NOT NULL REFERENCES employee,  -- the desk, where it recorded a caller's problem
    store_code              text NOT NULL REFERENCES store,
    asset_tag               text REFERENCES asset,
    asset_text              text CHECK (length(asset_text) BETWEEN 1 AND 120),
    title                   text NOT NULL CHECK (length(title) BETWEEN 1 AND 120),
    description             text NOT NULL CHECK (length(description) BETWEEN 1 AND 4000),

    -- who holds it: a division, or a department's PIC
    holder_division_code    text REFERENCES division,
    holder_department_code  text REFERENCES department,
    holder_pic_nik          text REFERENCES employee,
    assignee_nik            text,                           -- who of that division works on it; of an end, who worked on it

    -- while it waits: for whom or what, and until when, if that is known
    waiting_for             text,
    waiting_until           timestamptz,

    -- identification; ITIL's priority matrix: impact and urgency of 1 (high) to 3 (low) add up to 1 (critical) to 5
    category_code           text REFERENCES category,
    impact                  smallint CHECK (impact BETWEEN 1 AND 3),
    urgency                 smallint CHECK (urgency BETWEEN 1 AND 3),
    priority                smallint GENERATED ALWAYS AS (impact + urgency - 1) STORED,
    identification          text CHECK (length(identification) BETWEEN 1 AND 4000),

    solution                text CHECK (length(solution) BETWEEN 1 AND 4000),
    confirmed_at            timestamptz,

    search_text             text NOT NULL,                  -- what `Cari` looks in; set by a trigger
    due_at                  timestamptz,                    -- what is promised next (`promise`); set by a trigger

    CONSTRAINT problem_asset CHECK (num_nonnulls(asset_tag, asset_text) <= 1),
    CONSTRAINT problem_one_holder CHECK (
        (holder_division_code IS NOT NULL AND num_nonnulls(holder_department_code, holder_pic_nik) = 0)
        OR (holder_division_code IS NULL AND num_nonnulls(holder_department_code, holder_pic_nik) = 2)),
    CONSTRAINT problem_identified CHECK (
        num_nonnulls(category_code, impact, urgency, identification) IN (0, 4)
        AND (category_code IS NOT NULL OR status IN ('reported', 'void'))),
    CONSTRAINT problem_solved CHECK ((solution IS NOT NULL) = (status = 'closed')),
    CONSTRAINT problem_confirmed CHECK (confirmed_at IS NULL OR status = 'closed'),
    CONSTRAINT problem_known_status CHECK (status IN ('reported', 'open', 'waiting', 'escalated', 'closed', 'void')),
    CONSTRAINT problem_waits CHECK ((waiting_for IS NOT NULL) = (status = 'waiting')
                                    AND (waiting_until IS NULL OR status = 'waiting')),
    CONSTRAINT problem_waits_for CHECK (waiting_for IN ('reporter', 'vendor', 'part', 'visit', 'other')),
    CONSTRAINT problem_assignee FOREIGN KEY (assignee_nik) REFERENCES employee,
    CONSTRAINT problem_assigned CHECK (
        assignee_nik IS NULL OR (holder_division_code IS NOT NULL AND status NOT IN ('reported', 'escalated')))
);

-- The list's pages. Each is a walk along one of these (queries/problem_walks.py, docs/decisions/0107): those of one year, in each order of
-- the list; after the order stands what else narrows it, so that of what is passed over no row is read. Everybody's, a holder's,
-- and those that one person is at: by assignment, or as PIC.
CREATE INDEX problem_year_by_id ON problem (year, id, status);
CREATE INDEX problem_year_by_priority ON problem (year, coalesce(priority, 6), id, status);
CREATE INDEX problem_year_by_change ON problem (year, changed_at, id, status, coalesce(priority, 6));
CREATE INDEX problem_division_by_id ON problem
    (holder_division_code, year, id, status, assignee_nik) WHERE holder_division_code IS NOT NULL;
CREATE INDEX problem_division_by_priority ON problem
    (holder_division_code, year, coalesce(priority, 6), id, status, assignee_nik) WHERE holder_division_code IS NOT NULL;
CREATE INDEX problem_division_by_change ON problem
    (holder_division_code, year, changed_at, id, status, coalesce(priority, 6), assignee_nik)
    WHERE holder_division_code IS NOT NULL;
CREATE INDEX problem_department_by_id ON problem
    (holder_department_code, year, id, status) WHERE holder_department_code IS NOT NULL;
CREATE INDEX problem_department_by_priority ON problem
    (holder_department_code, year, coalesce(priority, 6), id, status) WHERE holder_department_code IS NOT NULL;
CREATE INDEX problem_department_by_change ON problem
    (holder_department_code, year, changed_at, id, status, coalesce(priority, 6)) WHERE holder_department_code IS NOT NULL;
CREATE INDEX problem_person_by_id ON problem
    (coalesce(assignee_nik, holder_pic_nik), year, id, status) WHERE coalesce(assignee_nik, holder_pic_nik) IS NOT NULL;
CREATE INDEX problem_person_by_priority ON problem
    (coalesce(assignee_nik, holder_pic_nik), year, coalesce(priority, 6), id, status)
    WHERE coalesce(assignee_nik, holder_pic_nik) IS NOT NULL;
CREATE INDEX problem_person_by_change ON problem
    (coalesce(assignee_nik, holder_pic_nik), year, changed_at, id, status, coalesce(priority, 6))
    WHERE coalesce(assignee_nik, holder_pic_nik) IS NOT NULL;
-- A store's and a reporter's, which are few: by priority they are sorted.
CREATE INDEX problem_store_by_id ON problem (store_code, year, id, status);
CREATE INDEX problem_store_by_change ON problem (store_code, changed_at, id, year, status);
CREATE INDEX problem_reporter_by_id ON problem (reporter_nik, year, id, status);
CREATE INDEX problem_reporter_by_change ON problem (reporter_nik, changed_at, id, year, status);
-- What is unfinished, of all years, and what is void, which are few too. Of what is void none has to be passed over but by the newest.
CREATE INDEX problem_unfinished_by_id ON problem
    (id, status, holder_division_code, holder_department_code, coalesce(assignee_nik, holder_pic_nik), year)
    WHERE status IN ('reported', 'open', 'waiting', 'escalated');
CREATE INDEX problem_unfinished_by_priority ON problem
    (coalesce(priority, 6), id, status, holder_division_code, holder_department_code, coalesce(assignee_nik, holder_pic_nik), year)
    WHERE status IN ('reported', 'open', 'waiting', 'escalated');
CREATE INDEX problem_unfinished_by_change ON problem
    (changed_at, id, status, coalesce(priority, 6), holder_division_code, holder_department_code, coalesce(assignee_nik, holder_pic_nik), year)
    WHERE status IN ('reported', 'open', 'waiting', 'escalated');
CREATE INDEX problem_unfinished_of_person ON problem
    (coalesce(assignee_nik, holder_pic_nik)) WHERE status IN ('reported', 'open', 'waiting', 'escalated');
CREATE INDEX problem_void_by_priority ON problem
    (year, coalesce(priority, 6), id, holder_division_code, holder_department_code) WHERE status = 'void';
CREATE INDEX problem_void_by_change ON problem
    (year, changed_at, id, coalesce(priority, 6), holder_division_code, holder_department_code) WHERE status = 'void';
-- The last change of all; what a person is to do, has been closed and nobody has answered, and is due; what is searched.
CREATE INDEX problem_changed_id ON problem (changed_at, id);
CREATE INDEX problem_pic_held ON problem (holder_pic_nik) WHERE status IN ('open', 'waiting', 'escalated');
CREATE INDEX problem_assignee_load ON problem (assignee_nik) WHERE status IN ('open', 'waiting');
CREATE INDEX problem_unanswered ON problem (changed_at) WHERE status = 'closed' AND confirmed_at IS NULL;
CREATE INDEX problem_due ON problem
    (due_at, id, status, coalesce(priority, 6), holder_division_code, holder_department_code, coalesce(assignee_nik, holder_pic_nik), store_code, year)
    WHERE status IN ('reported', 'open', 'waiting', 'escalated');
-- The same of the stores of an area, each by itself.
CREATE INDEX problem_store_due ON problem (store_code, due_at, id, status, coalesce(priority, 6), year)
    WHERE status IN ('reported', 'open', 'waiting', 'escalated');
-- The week of a moment, from the first of 1970 on.
CREATE FUNCTION search_week(at timestamptz) RETURNS integer LANGUAGE sql IMMUTABLE
    RETURN date_part('day', at - timestamptz '1970-01-01 00:00:00+00')::integer / 7;
-- A search: what it is narrowed to, from where in the index it goes on, and the trigrams of the text (queries/problem_search.py).
CREATE FUNCTION search_keys(id bigint, year smallint, status text, division_code text, department_code text, pic_nik text,
                            assignee_nik text, store_code text, reporter_nik text, priority smallint, changed_at timestamptz)
RETURNS text[] LANGUAGE sql IMMUTABLE
    RETURN ARRAY['a' || (id >> 12)::text, 'b' || (id >> 16)::text,
                 'w' || search_week(changed_at)::text,
                 'y' || year::text, 's' || status, 'p' || coalesce(priority, 6)::text, 't' || store_code, 'r' || reporter_nik,
                 'd' || division_code, 'm' || department_code, 'i' || pic_nik, 'e' || assignee_nik,
                 CASE WHEN assignee_nik IS NULL THEN 'u' || division_code END];
CREATE INDEX problem_found_by_key ON problem USING gin (search_keys(
    id, year, status, holder_division_code, holder_department_code, holder_pic_nik, assignee_nik, store_code, reporter_nik, priority,
    changed_at), search_text gin_trgm_ops);

-- One line of a problem's history: who, when, what was before and after (only what differs), and why.
CREATE TABLE event (
    problem_id  bigint NOT NULL REFERENCES problem,
    seq         integer NOT NULL CHECK (seq > 0),
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor_nik   text REFERENCES employee,           -- NULL: nobody, what happens by itself
    cause       text NOT NULL,
    version     integer NOT NULL,       -- of the problem, after the event
    before      jsonb NOT NULL DEFAULT '{}',
    after       jsonb NOT NULL DEFAULT '{}',
    note        text CHECK (length(note) BETWEEN 1 AND 4000),
    PRIMARY KEY (problem_id, seq),
    CONSTRAINT event_known_cause CHECK (cause IN (
        'reported', 'opened', 'corrected', 'assigned', 'released', 'paused', 'resumed', 'replied', 'elapsed', 'escalated',
        'accepted', 'returned', 'recalled', 'taken over', 'handed over', 'closed', 'confirmed', 'auto-confirmed', 'reopened', 'voided',
        'restored', 'commented', 'imported')),
    CONSTRAINT event_says_why CHECK (
        note IS NOT NULL OR cause NOT IN ('paused', 'escalated', 'returned', 'recalled', 'taken over', 'voided')),
    CONSTRAINT event_by_whom CHECK (actor_nik IS NOT NULL OR cause IN ('elapsed', 'released', 'handed over', 'auto-confirmed', 'imported'))
);
CREATE UNIQUE INDEX event_version ON event (problem_id, version) WHERE cause <> 'commented';

-- Who had the problem, which person of them, and what it waited for, from when to when. A problem is in custody from its report until it is closed or void; what is not in
-- custody is nobody's time. The age of a problem is the sum of its ranges.
CREATE TABLE custody (
    problem_id       bigint NOT NULL REFERENCES problem,
    during           tstzrange NOT NULL CHECK (NOT isempty(during) AND NOT lower_inf(during)
                                               AND lower_inc(during) AND NOT upper_inc(during)),
    division_code    text REFERENCES division,
    department_code  text REFERENCES department,
    pic_nik          text REFERENCES employee,
    assignee_nik     text,
    waiting_for      text,
    CONSTRAINT custody_assignee FOREIGN KEY (assignee_nik) REFERENCES employee,
    CONSTRAINT custody_assigned CHECK (assignee_nik IS NULL OR division_code IS NOT NULL),
    CONSTRAINT custody_waits_for CHECK (waiting_for IN ('reporter', 'vendor', 'part', 'visit', 'other')),
    CONSTRAINT custody_one_holder CHECK (
        (division_code IS NOT NULL AND num_nonnulls(department_code, pic_nik) = 0)
        OR (division_code IS NULL AND num_nonnulls(department_code, pic_nik) = 2)),
    CONSTRAINT custody_one_at_a_time EXCLUDE USING gist (problem_id WITH =, during WITH &&)
);
CREATE UNIQUE INDEX custody_current ON custody (problem_id) WHERE upper_inf(during);
CREATE INDEX custody_problem ON custody (problem_id);

-- What is promised of an unfinished problem, from when to when: a row a piece of time in which nothing that matters changed. It follows
-- from history, calendars and targets as they were then; a change of these makes a new row, which goes on from what was used. Minutes are
-- what is allowed, seconds what was worked. That something is late is said nowhere: the moment is after what was due.
CREATE TABLE promise (
    problem_id      bigint NOT NULL,
    since           timestamptz NOT NULL,
    until           timestamptz,                -- NULL: it is in force
    holder          text NOT NULL,              -- the code of a division or a department
    waiting_for     text,
    stands          boolean NOT NULL GENERATED ALWAYS AS (coalesce(waiting_for IN ('reporter', 'vendor'), false)) STORED,
    priority        smallint,
    category_code   text,
    calendar_code   text NOT NULL,
    time_zone       text NOT NULL,
    response        integer,
    resolution      integer,
    part            integer,                    -- of this holder, since it came there
    used            bigint NOT NULL,            -- before `since`, while it did not stand
    part_used       bigint NOT NULL,
    worked          bigint CHECK (worked >= 0), -- from `since` until `until`, also where it stands
    answered        bigint,                     -- what had been used when it was opened
    response_due    timestamptz,
    resolution_due  timestamptz,
    part_due        timestamptz,
    alarm_at        timestamptz,                -- when to look whether somebody has to be told (target_step)
    PRIMARY KEY (problem_id, since),
    CONSTRAINT promise_in_order CHECK (since < until),
    CONSTRAINT promise_used CHECK (part_used BETWEEN 0 AND used),
    CONSTRAINT promise_worked CHECK ((until IS NULL) = (worked IS NULL)),
    CONSTRAINT promise_answered CHECK (answered BETWEEN 0 AND used AND (response_due IS NULL OR answered IS NULL))
);
CREATE UNIQUE INDEX promise_in_force ON promise (problem_id) WHERE until IS NULL;
CREATE INDEX promise_alarm ON promise (alarm_at) WHERE until IS NULL AND alarm_at IS NOT NULL;

-- What was raised of a problem: that so many per cent of a target were used, once each as long as the allowance is the same.
CREATE TABLE target_alarm (
    problem_id  bigint NOT NULL REFERENCES problem,
    clock       text NOT NULL CHECK (clock IN ('response', 'resolution', 'part')),
    step        text NOT NULL REFERENCES target_step,
    allowed     integer NOT NULL,               -- minutes
    holder      text NOT NULL,                  -- who had it
    percent     smallint NOT NULL,
    due         timestamptz NOT NULL,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (problem_id, clock, step, allowed, holder)
);

-- A passing-on of responsibility, and its answer. At most one of a problem waits for its answer.
CREATE TABLE escalation (
    id                    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    problem_id            bigint NOT NULL REFERENCES problem,
    kind                  text NOT NULL CHECK (kind IN ('it', 'other', 'department')),
    from_division_code    text REFERENCES division,
    from_department_code  text REFERENCES department,
    from_pic_nik          text REFERENCES employee,
    to_division_code      text REFERENCES division,
    to_department_code    text REFERENCES department,
    to_pic_nik            text REFERENCES employee,
    reason                text NOT NULL CHECK (length(reason) BETWEEN 1 AND 2000),
    sent_at               timestamptz NOT NULL,
    sent_by_nik           text NOT NULL REFERENCES employee,
    answer                text,
    answer_reason         text CHECK (length(answer_reason) BETWEEN 1 AND 2000),
    answered_at           timestamptz CHECK (answered_at > sent_at),
    answered_by_nik       text REFERENCES employee,
    CONSTRAINT escalation_from CHECK (
        (from_division_code IS NOT NULL AND num_nonnulls(from_department_code, from_pic_nik) = 0)
        OR (from_division_code IS NULL AND num_nonnulls(from_department_code, from_pic_nik) = 2)),
    CONSTRAINT escalation_to CHECK (
        (kind <> 'department' AND to_division_code IS NOT NULL AND num_nonnulls(to_department_code, to_pic_nik) = 0)
        OR (kind = 'department' AND to_division_code IS NULL AND num_nonnulls(to_department_code, to_pic_nik) = 2)),
    CONSTRAINT escalation_elsewhere CHECK (
        from_division_code IS DISTINCT FROM to_division_code OR from_pic_nik IS DISTINCT FROM to_pic_nik),
    CONSTRAINT escalation_answered CHECK (num_nonnulls(answer, answered_at) IN (0, 2)
                                          AND (answered_by_nik IS NULL OR answer IS NOT NULL)
                                          AND (answered_by_nik IS NOT NULL OR coalesce(answer, 'handed over') = 'handed over')),
    CONSTRAINT escalation_known_answer CHECK (answer IN ('accepted', 'returned', 'recalled', 'taken over', 'handed over')),
    CONSTRAINT escalation_says_why CHECK (
        (answer_reason IS NOT NULL) = (coalesce(answer, 'accepted') NOT IN ('accepted', 'handed over')))
);
CREATE UNIQUE INDEX escalation_one_waiting ON escalation (problem_id) WHERE answer IS NULL;
CREATE INDEX escalation_waiting ON escalation (sent_at, id) WHERE answer IS NULL;
CREATE INDEX escalation_problem ON escalation (problem_id, sent_at);

-- Photos, each of the event that it came with: the report, or a comment. JPEG, made by SIH from what was sent (pictures.py).
CREATE TABLE photo (
    problem_id  bigint NOT NULL REFERENCES problem,
    seq         integer NOT NULL CHECK (seq > 0),
    event_seq   integer NOT NULL,
    image       bytea NOT NULL CHECK (octet_length(image) BETWEEN 1 AND 4000000),
    thumbnail   bytea NOT NULL CHECK (octet_length(thumbnail) BETWEEN 1 AND 200000),
    width       integer NOT NULL CHECK (width BETWEEN 1 AND 8000),
    height      integer NOT NULL CHECK (height BETWEEN 1 AND 8000),
    PRIMARY KEY (problem_id, seq),
    FOREIGN KEY (problem_id, event_seq) REFERENCES event
);
-- JPEG does not get smaller; without an attempt to compress it, it is stored and read faster.
ALTER TABLE photo ALTER COLUMN image SET STORAGE EXTERNAL, ALTER COLUMN thumbnail SET STORAGE EXTERNAL;

-- Documents, each of the event that it came with, as they were sent (formats/documents.py says what a `kind` is). They are read a
-- part at a time, which only what is not compressed allows.
CREATE TABLE file (
    problem_id  bigint NOT NULL REFERENCES problem,
    seq         integer NOT NULL CHECK (seq > 0),
    event_seq   integer NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('pdf', 'docx', 'xlsx', 'pptx', 'odt', 'ods', 'odp', 'doc', 'xls', 'ppt', 'txt')),
    name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    content     bytea NOT NULL CHECK (octet_length(content) BETWEEN 1 AND 10485760),
    PRIMARY KEY (problem_id, seq),
    FOREIGN KEY (problem_id, event_seq) REFERENCES event
);
ALTER TABLE file ALTER COLUMN content SET STORAGE EXTERNAL;

-- Notes, which only handlers and managers read (docs/decisions/0091). They are no events: what everybody who sees a problem is shown,
-- told, counted or finds of it comes from tables that know nothing of this one.
CREATE TABLE note (
    problem_id  bigint NOT NULL REFERENCES problem,
    seq         integer NOT NULL,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    author_nik  text NOT NULL REFERENCES employee,
    text        text CHECK (length(text) BETWEEN 1 AND 4000),        -- none where files alone say it
    PRIMARY KEY (problem_id, seq)
);

-- Their files, pictures made by us (jpg, as in `photo`) and documents (as in `file`), numbered within the note.
CREATE TABLE note_file (
    problem_id  bigint NOT NULL,
    note_seq    integer NOT NULL,
    seq         integer NOT NULL CHECK (seq > 0),
    kind        text NOT NULL CHECK (
        kind IN ('jpg', 'pdf', 'docx', 'xlsx', 'pptx', 'odt', 'ods', 'odp', 'doc', 'xls', 'ppt', 'txt')),
    name        text CHECK (length(name) BETWEEN 1 AND 100),
    width       integer CHECK (width BETWEEN 1 AND 8000),
    height      integer CHECK (height BETWEEN 1 AND 8000),
    thumbnail   bytea CHECK (octet_length(thumbnail) BETWEEN 1 AND 200000),
    content     bytea NOT NULL CHECK (octet_length(content) BETWEEN 1 AND 10485760),
    PRIMARY KEY (problem_id, note_seq, seq),
    FOREIGN KEY (problem_id, note_seq) REFERENCES note,
    CONSTRAINT note_file_of_its_kind CHECK ((kind = 'jpg') = (name IS NULL)
           AND (kind = 'jpg') = (width IS NOT NULL) AND (kind = 'jpg') = (height IS NOT NULL) AND (kind = 'jpg') = (thumbnail IS NOT NULL))
);
ALTER TABLE note_file ALTER COLUMN content SET STORAGE EXTERNAL, ALTER COLUMN thumbnail SET STORAGE EXTERNAL;

-- What is searched of a problem that has notes, for whoever reads them: the notes, newest first, and, behind the first end of a line,
-- what is searched by everybody.
CREATE TABLE note_search (
    problem_id  bigint PRIMARY KEY REFERENCES problem,
    text        text NOT NULL
);
-- The blocks of 65,536 and of 1,048,576 numbers that a problem is in.
CREATE FUNCTION note_keys(problem_id bigint) RETURNS text[] LANGUAGE sql IMMUTABLE
    RETURN ARRAY['b' || (problem_id >> 16)::text, 'c' || (problem_id >> 20)::text];
CREATE INDEX note_found_by_key ON note_search USING gin (note_keys(problem_id), text gin_trgm_ops);

-- A form's key (idempotency key): recorded in the same transaction as what the form did, so that sending it again changes nothing.
CREATE TABLE submission (
    key         uuid PRIMARY KEY,
    nik         text NOT NULL REFERENCES employee,
    digest      bytea NOT NULL CHECK (octet_length(digest) = 32),     -- of the door and the content
    at          timestamptz NOT NULL DEFAULT now(),
    location    text NOT NULL CHECK (location ~ '^/' AND length(location) <= 4000)  -- where its answer led
);

-- Who is looking at a problem, or filling in one of its forms; renewed while the page is open. Worth nothing after a minute, and
-- so not worth a log record either; nor a lock on the row of the problem, which is what a reference takes, and has every look at it write.
CREATE UNLOGGED TABLE presence (
    problem_id  bigint NOT NULL,
    nik         text NOT NULL,
    since       timestamptz NOT NULL DEFAULT now(),
    seen_at     timestamptz NOT NULL DEFAULT now(),
    editing     text CHECK (length(editing) <= 40),      -- the action whose form it is
    PRIMARY KEY (problem_id, nik)
);

-- What a person has chosen of how pages look, and when they were here: nobody else's business, and no history of it is kept. A visit ends
-- with half an hour in which no page is asked for by hand; `visited_at` is when the one before this one did.
CREATE TABLE reader (
    nik         text PRIMARY KEY REFERENCES employee,
    theme       text NOT NULL DEFAULT 'auto' CHECK (theme IN ('auto', 'light', 'dark')),
    density     text NOT NULL DEFAULT 'roomy' CHECK (density IN ('roomy', 'compact')),
    seen_at     timestamptz,                                      -- noted at most once a minute
    visited_at  timestamptz CHECK (visited_at <= seen_at)
);

-- Somebody is here; after half an hour away it is another visit.
CREATE FUNCTION note_visit(reader_nik text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO reader AS r (nik, seen_at) VALUES (reader_nik, now())
        ON CONFLICT (nik) DO UPDATE SET seen_at = now(),
            visited_at = CASE WHEN r.seen_at < now() - interval '30 minutes' THEN r.seen_at ELSE r.visited_at END
         WHERE r.seen_at IS NULL OR r.seen_at < now() - interval '1 minute'
$$;

-- The filters of the list that a person has given a name: nobody else's business.
CREATE TABLE saved_view (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    nik         text NOT NULL REFERENCES employee,
    name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
    query       text NOT NULL CHECK (length(query) <= 2000)      -- of the list's URL
);
CREATE UNIQUE INDEX saved_view_name ON saved_view (nik, lower(name));

-- What somebody has typed in a form and not sent, by the key of that form: two tabs do not touch each other's. `form` is the action,
-- or, of no single problem, a report or what is done to several.
CREATE TABLE draft (
    nik         text NOT NULL REFERENCES employee,
    problem_id  bigint REFERENCES problem,
    form        text NOT NULL CHECK (length(form) BETWEEN 1 AND 40),
    key         uuid NOT NULL,          -- once that form is recorded, the draft counts no more
    fields      jsonb NOT NULL CHECK (jsonb_typeof(fields) = 'object' AND length(fields::text) <= 200000),  -- quotes count twice
    at          timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (nik, key)
);
CREATE INDEX draft_at ON draft (at);
CREATE INDEX draft_of_form ON draft (nik, problem_id, form, at);

-- Photos that came with a form that was refused, by the key of that form: they are not sent again. As they would be in `photo`.
CREATE TABLE draft_photo (
    nik         text NOT NULL REFERENCES employee,
    key         uuid NOT NULL,
    digest      bytea NOT NULL CHECK (octet_length(digest) = 32),     -- SHA-256 of the file that was sent,
    position    integer NOT NULL,
    size        integer NOT NULL CHECK (size > 0),                    -- and its bytes, which count against what a form may bring
    image       bytea NOT NULL CHECK (octet_length(image) BETWEEN 1 AND 4000000),
    thumbnail   bytea NOT NULL CHECK (octet_length(thumbnail) BETWEEN 1 AND 200000),
    width       integer NOT NULL CHECK (width BETWEEN 1 AND 8000),
    height      integer NOT NULL CHECK (height BETWEEN 1 AND 8000),
    made_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (nik, key, digest)
);
ALTER TABLE draft_photo ALTER COLUMN image SET STORAGE EXTERNAL, ALTER COLUMN thumbnail SET STORAGE EXTERNAL;

-- The documents that came with such a form, as they would be in `file`.
CREATE TABLE draft_file (
    nik         text NOT NULL REFERENCES employee,
    key         uuid NOT NULL,
    digest      bytea NOT NULL CHECK (octet_length(digest) = 32),
    position    integer NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('pdf', 'docx', 'xlsx', 'pptx', 'odt', 'ods', 'odp', 'doc', 'xls', 'ppt', 'txt')),
    name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    content     bytea NOT NULL CHECK (octet_length(content) BETWEEN 1 AND 10485760),
    made_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (nik, key, digest)
);
ALTER TABLE draft_file ALTER COLUMN content SET STORAGE EXTERNAL;

-- How far the large posts are that are arriving at this moment, in bytes, by the key of the form. Written once a second, and lost with
-- the server as they are.
CREATE UNLOGGED TABLE upload (
    nik         text NOT NULL REFERENCES employee,
    key         uuid NOT NULL,
    arrived     bigint NOT NULL CHECK (arrived BETWEEN 0 AND total),
    total       bigint NOT NULL,
    at          timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (nik, key)
);

-- Files that people ask for (docs/decisions/0101): of the list, narrowed by `filter` as it was understood then; `page` is the address and
-- `narrowed` the words of it. It has what was in the reach of that person then, and is nobody else's. A job makes it, which is gone
-- when it is done, or parked; `rows` and what follows are there from then on. After a week all of it goes.
CREATE TABLE export (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    nik         text NOT NULL REFERENCES employee,
    kind        text NOT NULL CHECK (kind IN ('problems', 'recap')),
    format      text NOT NULL CHECK (format IN ('xlsx', 'csv')),
    page        text NOT NULL,
    narrowed    text[] NOT NULL,
    filter      jsonb NOT NULL,
    sees_all    boolean NOT NULL,
    store_code  text NOT NULL REFERENCES store,
    time_zone   text NOT NULL,
    asked_at    timestamptz NOT NULL DEFAULT now(),
    job_id      bigint,
    rows        bigint CHECK (rows >= 0),
    size        bigint CHECK (size > 0),                        -- bytes of all parts
    finished_at timestamptz,
    area_code   text,
    CONSTRAINT export_finished CHECK (num_nonnulls(rows, size, finished_at) IN (0, 3))
);
CREATE INDEX export_asked ON export (nik, asked_at);
CREATE INDEX export_old ON export (asked_at);

-- The content, which is read a part at a time.
CREATE TABLE export_part (
    export_id   bigint NOT NULL REFERENCES export ON DELETE CASCADE,
    seq         integer NOT NULL CHECK (seq >= 0),
    content     bytea NOT NULL CHECK (octet_length(content) BETWEEN 1 AND 524288),
    PRIMARY KEY (export_id, seq)
);
ALTER TABLE export_part ALTER COLUMN content SET STORAGE EXTERNAL;

-- How many rows of how many are written, which the transaction of the job hides. Lost with the server, as its work is.
CREATE UNLOGGED TABLE export_progress (
    export_id   bigint PRIMARY KEY REFERENCES export ON DELETE CASCADE,
    done        bigint NOT NULL CHECK (done BETWEEN 0 AND total),
    total       bigint NOT NULL
);

-- Tables that admins send (docs/decisions/0117). First a job looks at what they would change, then, if that admin wants it, another
-- one takes over what is right; while one is due, it is `job_id`. Who sent it, is nobody where the operators' command did. The rows go
-- after a week; what is left of an import is what `import 7` means in the history of master data.
CREATE TABLE import (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    nik         text REFERENCES employee,
    kind        text NOT NULL CHECK (kind IN ('employees', 'stores', 'areas', 'categories', 'assets', 'problems')),
    file        text NOT NULL CHECK (length(file) BETWEEN 1 AND 100),
    headings    text[] NOT NULL,
    notices     text[] NOT NULL,                                -- what of the file was not read, in words
    from_1904   boolean NOT NULL,                               -- what its days are counted from where they stand as numbers
    asked_at    timestamptz NOT NULL DEFAULT now(),
    job_id      bigint,
    total       integer NOT NULL DEFAULT 0 CHECK (total >= 0),  -- rows
    new         integer,                                        -- how many of them, as they were last looked at
    changed     integer,
    same        integer,
    wrong       integer,
    checked_at  timestamptz,
    taken_at    timestamptz,
    refusal     text,                                           -- why nothing was taken over, in words
    CONSTRAINT import_checked CHECK (num_nonnulls(new, changed, same, wrong, checked_at) IN (0, 5)),
    CONSTRAINT import_taken CHECK (taken_at IS NULL OR checked_at IS NOT NULL)
);
CREATE INDEX import_asked ON import (asked_at);

-- Their rows by the number that Excel shows. What comes of each: `before` and `after` are what would change, as in master_change;
-- `faults` are pairs of a column, from 0, and what is wrong there, `misread` those of them that were found in the file itself.
CREATE TABLE import_row (
    import_id   bigint NOT NULL REFERENCES import ON DELETE CASCADE,
    number      integer NOT NULL CHECK (number > 0),
    cells       jsonb NOT NULL,
    misread     jsonb NOT NULL,
    outcome     text CHECK (outcome IN ('new', 'changed', 'same', 'wrong')),
    code        text,
    before      jsonb,
    after       jsonb,
    faults      jsonb,
    CONSTRAINT import_row_looked_at CHECK (num_nonnulls(outcome, before, after, faults) IN (0, 4)),
    PRIMARY KEY (import_id, number)
);
CREATE INDEX import_row_outcome ON import_row (import_id, outcome, number);

-- How many of how many are done, as export_progress.
CREATE UNLOGGED TABLE import_progress (
    import_id   bigint PRIMARY KEY REFERENCES import ON DELETE CASCADE,
    done        bigint NOT NULL CHECK (done BETWEEN 0 AND total),
    total       bigint NOT NULL
);

-- What names in an old register mean that are no code or name of SIH's, as the admin who sent it says (docs/decisions/0122): stores, people,
-- who held a problem (`D:GA`, or `P:MNT:30000001`), categories. `name` is how they are compared, `shown` how they were written first.
CREATE TABLE import_match (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    import_id   bigint NOT NULL REFERENCES import ON DELETE CASCADE,
    field       text NOT NULL CHECK (field IN ('store', 'reporter', 'category', 'holder')),
    name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 400),
    shown       text NOT NULL,
    rows        integer NOT NULL CHECK (rows >= 0),             -- that it stands in
    code        text,                                           -- NULL: nobody has said it
    CONSTRAINT import_match_once UNIQUE (import_id, field, name)
);
CREATE INDEX import_match_listed ON import_match (import_id, rows DESC, id);

-- Problems that come from an old register: the number that they had there, and how it is compared; and what stood in the row, to know it again.
CREATE TABLE imported_problem (
    problem_id  bigint PRIMARY KEY REFERENCES problem DEFERRABLE INITIALLY DEFERRED,
    number      text NOT NULL CHECK (length(number) BETWEEN 1 AND 60),
    folded      text NOT NULL CONSTRAINT imported_problem_once UNIQUE,
    import_id   bigint NOT NULL REFERENCES import,
    row         integer NOT NULL,
    digest      bytea NOT NULL CHECK (octet_length(digest) = 32)
);


-- Rules -----------------------------------------------------------------------------------------------------------------

-- Who holds a problem: every member of its division, or its PIC, for as long as that person is one of that department.
CREATE FUNCTION is_holder(p problem, e employee) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN coalesce(p.holder_division_code = ANY (e.divisions), false)
        OR coalesce(p.holder_pic_nik = e.nik AND p.holder_department_code = ANY (e.departments), false);

-- Who a problem can be assigned to: the members of the division that holds it. A PIC holds it alone.
CREATE FUNCTION is_assignable(p problem, e employee) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN e.active AND p.holder_division_code IS NOT NULL AND is_holder(p, e);

-- Whether a store belongs to an area or to one below it; to none (NULL) none does.
CREATE FUNCTION is_in_area(store_code text, area_code text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN is_in_area.area_code IS NOT NULL
       AND EXISTS (SELECT FROM area_store w WHERE w.area_code = is_in_area.area_code AND w.store_code = is_in_area.store_code);
END $$;

-- Whose problems a person sees: handlers and managers all (sees_all), managers of an area those of its stores (area_code); everyone those of
-- the own store, and the own ones. It takes the person's columns, not the row, so that a query with parameters plans only the half that
-- applies.
CREATE FUNCTION in_reach(p problem, sees_all boolean, store_code text, nik text, area_code text) RETURNS boolean LANGUAGE sql STABLE
    RETURN sees_all OR p.store_code = in_reach.store_code OR p.reporter_nik = in_reach.nik OR is_in_area(p.store_code, in_reach.area_code);
-- The same for the versions before, while they still serve; it goes with the next one (docs/decisions/0060).
CREATE FUNCTION in_reach(p problem, sees_all boolean, store_code text, nik text) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN sees_all OR p.store_code = in_reach.store_code OR p.reporter_nik = in_reach.nik;

-- What an index finds a problem by beside its text, each with a letter before it: the blocks of 4,096 and of 65,536 numbers it is in, the
-- week of its last change, and what the list is narrowed by; `u` is its division while it has no assignee.
CREATE FUNCTION search_keys(p problem) RETURNS text[] LANGUAGE sql IMMUTABLE
    RETURN search_keys(p.id, p.year, p.status, p.holder_division_code, p.holder_department_code, p.holder_pic_nik, p.assignee_nik,
                       p.store_code, p.reporter_nik, p.priority, p.changed_at);

-- What the list is narrowed to; NULL stands for all, 'unfinished' for the statuses of what is neither closed nor void. `mine` is the
-- NIK of a person and `my_divisions` their divisions: assigned to them, held by them as PIC, or by a division of theirs and assigned
-- to nobody. `patterns` are LIKE patterns that must all be found, the first of them repeated where an index can see it; `number` finds
-- a problem by its number, whatever its text, and `noted` some by what else was found of them.
CREATE FUNCTION in_filter(p problem, year integer, division_code text, department_code text, pic_nik text, mine text,
                          my_divisions text[], store_code text, priority integer, reporter_nik text, patterns text[],
                          number bigint, noted bigint[], status text)
RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN (in_filter.year IS NULL OR p.year = in_filter.year OR p.id = number)
       AND (in_filter.division_code IS NULL OR p.holder_division_code = in_filter.division_code)
       AND (in_filter.department_code IS NULL OR p.holder_department_code = in_filter.department_code)
       AND (in_filter.pic_nik IS NULL OR p.holder_pic_nik = in_filter.pic_nik)
       AND (mine IS NULL OR p.assignee_nik = mine OR p.holder_pic_nik = mine
            OR (p.holder_division_code = ANY (my_divisions) AND p.assignee_nik IS NULL))
       AND (in_filter.store_code IS NULL OR p.store_code = in_filter.store_code)
       AND (in_filter.priority IS NULL OR coalesce(p.priority, 6) = in_filter.priority)
       AND (in_filter.reporter_nik IS NULL OR p.reporter_nik = in_filter.reporter_nik)
       AND ((patterns IS NULL AND number IS NULL)
            OR p.id = number
            OR (p.search_text LIKE patterns[1] AND (patterns[2] IS NULL OR p.search_text LIKE patterns[2])
                AND (patterns[3] IS NULL OR p.search_text LIKE patterns[3]) AND p.search_text LIKE ALL (patterns))
            OR p.id = ANY (noted))
       AND (in_filter.status IS NULL
            OR CASE in_filter.status WHEN 'unfinished' THEN p.status IN ('reported', 'open', 'waiting', 'escalated')
                                     ELSE p.status = in_filter.status END);

-- The same for the versions before, while they still serve; they go with the next one (docs/decisions/0060).
CREATE FUNCTION in_filter(p problem, year integer, division_code text, department_code text, pic_nik text, mine text,
                          my_divisions text[], store_code text, priority integer, reporter_nik text, patterns text[],
                          number bigint, status text)
RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN in_filter(p, year, division_code, department_code, pic_nik, mine, my_divisions, store_code, priority, reporter_nik, patterns,
                     number, NULL, status);
CREATE FUNCTION in_filter(p problem, year integer, division_code text, department_code text, pic_nik text, store_code text,
                          priority integer, reporter_nik text, patterns text[], number bigint, status text)
RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN (in_filter.year IS NULL OR p.year = in_filter.year OR p.id = number)
       AND (in_filter.division_code IS NULL OR p.holder_division_code = in_filter.division_code)
       AND (in_filter.department_code IS NULL OR p.holder_department_code = in_filter.department_code)
       AND (in_filter.pic_nik IS NULL OR p.holder_pic_nik = in_filter.pic_nik)
       AND (in_filter.store_code IS NULL OR p.store_code = in_filter.store_code)
       AND (in_filter.priority IS NULL OR coalesce(p.priority, 6) = in_filter.priority)
       AND (in_filter.reporter_nik IS NULL OR p.reporter_nik = in_filter.reporter_nik)
       AND ((patterns IS NULL AND number IS NULL)
            OR p.id = number
            OR (p.search_text LIKE patterns[1] AND (patterns[2] IS NULL OR p.search_text LIKE patterns[2])
                AND (patterns[3] IS NULL OR p.search_text LIKE patterns[3]) AND p.search_text LIKE ALL (patterns)))
       AND (in_filter.status IS NULL
            OR CASE in_filter.status WHEN 'unfinished' THEN p.status IN ('reported', 'open', 'escalated')
                                     ELSE p.status = in_filter.status END);
CREATE FUNCTION in_filter(p problem, year integer, status text, division_code text, store_code text,
                          patterns text[], number bigint) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN (in_filter.year IS NULL OR p.year = in_filter.year)
       AND (in_filter.status IS NULL OR p.status = in_filter.status)
       AND (in_filter.division_code IS NULL OR p.holder_division_code = in_filter.division_code)
       AND (in_filter.store_code IS NULL OR p.store_code = in_filter.store_code)
       AND ((patterns IS NULL AND number IS NULL)
            OR p.id = number
            OR (p.search_text ILIKE patterns[1] AND p.search_text ILIKE ALL (patterns)));

-- Whether a person is of the helpdesk desk.
CREATE FUNCTION is_desk(e employee) RETURNS boolean LANGUAGE sql STABLE
    RETURN EXISTS (SELECT FROM division d WHERE d.code = ANY (e.divisions) AND d.kind = 'desk');

-- Whether a person reads notes.
CREATE FUNCTION reads_notes(e employee) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN e.active AND (e.scopes && ARRAY['handler', 'manager']);

-- Whether a store head vouches for somebody, and so may give that person a PIN, with which anybody gets in as that person: for
-- people of the own store who may do no more than a store head.
CREATE FUNCTION vouches_for(head employee, e employee) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN head.is_store_head AND head.active AND head.nik <> e.nik AND head.store_code = e.store_code
           AND e.active AND e.leaving_since IS NULL AND e.scopes <@ ARRAY['reporter', 'store head'];

-- Whether a person is of those who passed the problem on, as long as nobody has answered.
CREATE FUNCTION is_sender(p problem, e employee) RETURNS boolean LANGUAGE sql STABLE
    RETURN EXISTS (
        SELECT FROM escalation x
         WHERE x.problem_id = p.id AND x.sent_at <= p.changed_at AND (x.answered_at IS NULL OR x.answered_at > p.changed_at)
           AND (x.from_division_code = ANY (e.divisions)
                OR (x.from_pic_nik = e.nik AND x.from_department_code = ANY (e.departments))));

-- What a person may do with a problem. Outside of it: 403. In PL/pgSQL, which keeps its plans, and looks once at what several depend on.
CREATE FUNCTION rights(p problem, e employee) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
DECLARE
    holds boolean := is_holder(p, e);
    desk boolean := e.divisions <> '{}' AND EXISTS (SELECT FROM division d WHERE d.code = ANY (e.divisions) AND d.kind = 'desk');
    passed_on boolean := p.status = 'escalated' AND is_sender(p, e);
    of_store boolean := e.nik = p.reporter_nik OR e.store_code = p.store_code;
BEGIN
    RETURN array_remove(ARRAY[
        'comment',
        CASE WHEN 'handler' = ANY (e.scopes) THEN 'note' END,
        CASE WHEN reads_notes(e) THEN 'note reading' END,
        CASE WHEN holds OR desk THEN 'opening' END,
        CASE WHEN holds OR desk THEN 'correction' END,
        CASE WHEN holds OR desk THEN 'assignment' END,
        CASE WHEN is_assignable(p, e) AND p.assignee_nik IS DISTINCT FROM e.nik THEN 'taking' END,
        CASE WHEN holds OR desk THEN 'waiting' END,
        CASE WHEN holds OR desk THEN 'resumption' END,
        CASE WHEN holds THEN 'escalation' END,
        CASE WHEN holds THEN 'answer' END,
        CASE WHEN passed_on THEN 'recall' END,
        CASE WHEN desk AND NOT holds THEN 'takeover' END,
        CASE WHEN holds THEN 'closure' END,
        CASE WHEN holds OR (p.reporter_nik = e.nik AND p.status = 'reported') THEN 'voiding' END,
        CASE WHEN desk THEN 'restoration' END,
        CASE WHEN of_store THEN 'confirmation' END,
        CASE WHEN of_store OR (holds AND p.status = 'closed' AND p.confirmed_at IS NULL) THEN 'reopening' END], NULL);
END $$;

-- What the state of a problem admits now. Outside of it: 409.
CREATE FUNCTION admits(p problem) RETURNS text[] LANGUAGE sql IMMUTABLE
    RETURN array_remove(ARRAY[
        'comment',
        'note',
        CASE WHEN p.status = 'reported' THEN 'opening' END,
        CASE WHEN p.status IN ('open', 'waiting', 'escalated') THEN 'correction' END,
        CASE WHEN p.status IN ('open', 'waiting') AND p.holder_division_code IS NOT NULL THEN 'assignment' END,
        CASE WHEN p.status IN ('open', 'waiting') AND p.holder_division_code IS NOT NULL THEN 'taking' END,
        CASE WHEN p.status = 'open' THEN 'waiting' END,
        CASE WHEN p.status = 'waiting' THEN 'resumption' END,
        CASE WHEN p.status IN ('open', 'waiting') THEN 'escalation' END,
        CASE WHEN p.status = 'escalated' THEN 'answer' END,
        CASE WHEN p.status = 'escalated' THEN 'recall' END,
        CASE WHEN p.status IN ('reported', 'open', 'waiting', 'escalated') THEN 'takeover' END,
        CASE WHEN p.status IN ('open', 'waiting') THEN 'closure' END,
        CASE WHEN p.status IN ('reported', 'open', 'waiting') THEN 'voiding' END,
        CASE WHEN p.status = 'void' THEN 'restoration' END,
        CASE WHEN p.status = 'closed' AND p.confirmed_at IS NULL THEN 'confirmation' END,
        CASE WHEN p.status = 'closed' AND p.confirmed_at IS NULL THEN 'reopening' END], NULL);

CREATE FUNCTION may(action text, p problem, e employee) RETURNS boolean LANGUAGE sql STABLE
    RETURN e.active AND in_reach(p, e.sees_all, e.store_code, e.nik, e.area_code) AND action = ANY (admits(p)) AND action = ANY (rights(p, e));

-- The problem as it was at an earlier version, as far as rights depend on it: whose right has ended while they were typing is told
-- so, not sent away. Each fact is what it was before the first event since then that changed it.
CREATE FUNCTION problem_at(p problem, seen integer) RETURNS problem LANGUAGE sql STABLE
    RETURN CASE WHEN seen IS NULL OR seen NOT BETWEEN 1 AND p.version - 1 THEN p ELSE (
        SELECT jsonb_populate_record(p, coalesce(jsonb_object_agg(f.name, f.was), '{}') || jsonb_build_object('changed_at', (
                   SELECT v.at FROM event v WHERE v.problem_id = p.id AND v.version = seen AND v.cause <> 'commented')))
          FROM (SELECT DISTINCT ON (c.name) c.name, v.before -> c.fact AS was
                  FROM event v
                  JOIN (VALUES ('status', 'status'), ('division', 'holder_division_code'), ('pic', 'holder_pic_nik'),
                               ('department', 'holder_department_code'), ('assignee', 'assignee_nik'),
                               ('confirmed_at', 'confirmed_at')) AS c (fact, name)
                    ON v.before ? c.fact OR v.after ? c.fact
                 WHERE v.problem_id = p.id AND v.version > seen
                 ORDER BY c.name, v.version) f) END;

-- The same for the version before, while it still serves; they go with the next one (docs/decisions/0060).
CREATE FUNCTION rights(p problem, e employee, holds boolean) RETURNS text[] LANGUAGE sql STABLE
    RETURN rights(p, e);
CREATE FUNCTION held_at(problem_id bigint, version integer, e employee) RETURNS boolean LANGUAGE sql STABLE
    RETURN EXISTS (
        SELECT FROM event v JOIN custody c ON c.problem_id = v.problem_id AND c.during @> v.at
         WHERE v.problem_id = held_at.problem_id AND v.version = held_at.version AND v.cause <> 'commented'
           AND (c.division_code = ANY (e.divisions) OR (c.pic_nik = e.nik AND c.department_code = ANY (e.departments))));

-- Where an escalation to a division outside IT goes: to the category's owner, or to the general division.
CREATE FUNCTION other_division_for(category_code text) RETURNS text LANGUAGE sql STABLE
    RETURN (SELECT coalesce(
                (SELECT d.code FROM category c JOIN division d ON d.code = c.division_code
                  WHERE c.code = category_code AND d.kind = 'other' AND d.active),
                (SELECT d.code FROM division d WHERE d.is_general)));

-- What of a problem can change, as its history tells it.
CREATE FUNCTION facts(p problem) RETURNS jsonb LANGUAGE sql IMMUTABLE
    RETURN jsonb_strip_nulls(jsonb_build_object(
        'status', p.status, 'division', p.holder_division_code, 'department', p.holder_department_code,
        'pic', p.holder_pic_nik, 'assignee', p.assignee_nik, 'waiting_for', p.waiting_for,
        'waiting_until', p.waiting_until, 'category', p.category_code, 'impact', p.impact, 'urgency', p.urgency,
        'priority', p.priority, 'identification', p.identification, 'solution', p.solution,
        'confirmed_at', p.confirmed_at));

-- The entries of `a` that `b` lacks or has otherwise.
CREATE FUNCTION differing(a jsonb, b jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE
    RETURN (SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}') FROM jsonb_each(a) e
             WHERE e.value IS DISTINCT FROM b -> e.key);

-- Whether two states of a problem differ in who holds it, who of them works on it, what it waits for, and what it is identified as.
CREATE FUNCTION is_held_otherwise(a problem, b problem) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN (a.holder_division_code, a.holder_department_code, a.holder_pic_nik)
           IS DISTINCT FROM (b.holder_division_code, b.holder_department_code, b.holder_pic_nik);
CREATE FUNCTION is_assigned_otherwise(a problem, b problem) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN a.assignee_nik IS DISTINCT FROM b.assignee_nik;
CREATE FUNCTION is_waiting_otherwise(a problem, b problem) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN (a.waiting_for, a.waiting_until) IS DISTINCT FROM (b.waiting_for, b.waiting_until);
CREATE FUNCTION is_identified_otherwise(a problem, b problem) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN (a.category_code, a.impact, a.urgency, a.identification)
           IS DISTINCT FROM (b.category_code, b.impact, b.urgency, b.identification);

-- The transitions of a problem; no others exist.
CREATE FUNCTION is_transition(before problem, after problem) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN CASE before.status || ' > ' || after.status
        WHEN 'reported > reported'   THEN is_held_otherwise(before, after)          -- taken over
                                      AND NOT is_identified_otherwise(before, after)
        WHEN 'reported > open'       THEN true                                      -- opened and identified
        WHEN 'reported > void'       THEN true
        WHEN 'open > open'           THEN CASE WHEN is_held_otherwise(before, after)        -- taken over,
                                               THEN NOT is_identified_otherwise(before, after)
                                               ELSE is_identified_otherwise(before, after)  -- corrected,
                                                 <> is_assigned_otherwise(before, after) END  -- or assigned
        WHEN 'open > waiting'        THEN NOT is_held_otherwise(before, after) AND NOT is_assigned_otherwise(before, after)
                                      AND NOT is_identified_otherwise(before, after)
        WHEN 'open > escalated'      THEN true
        WHEN 'open > closed'         THEN after.confirmed_at IS NULL
        WHEN 'open > void'           THEN true
        WHEN 'waiting > waiting'     THEN NOT is_waiting_otherwise(before, after)
                                      AND CASE WHEN is_held_otherwise(before, after)        -- handed over,
                                               THEN NOT is_identified_otherwise(before, after)
                                               ELSE is_identified_otherwise(before, after)  -- corrected,
                                                 <> is_assigned_otherwise(before, after) END  -- or assigned
        WHEN 'waiting > open'        THEN NOT is_identified_otherwise(before, after)  -- resumed or taken over
                                      AND is_held_otherwise(before, after) >= is_assigned_otherwise(before, after)
        WHEN 'waiting > escalated'   THEN true
        WHEN 'waiting > closed'      THEN after.confirmed_at IS NULL
        WHEN 'waiting > void'        THEN true
        WHEN 'escalated > escalated' THEN is_identified_otherwise(before, after)    -- corrected
                                       <> is_held_otherwise(before, after)          -- or handed over
        WHEN 'escalated > open'      THEN true                                      -- accepted, returned, recalled or taken over
        WHEN 'closed > closed'       THEN before.confirmed_at IS NULL               -- confirmed
                                      AND after.confirmed_at IS NOT NULL
        WHEN 'closed > open'         THEN before.confirmed_at IS NULL               -- reopened
        WHEN 'void > reported'       THEN NOT is_held_otherwise(before, after)      -- restored
        WHEN 'void > open'           THEN NOT is_held_otherwise(before, after) AND NOT is_identified_otherwise(before, after)
        WHEN 'void > waiting'        THEN NOT is_held_otherwise(before, after) AND NOT is_identified_otherwise(before, after)
        ELSE false END;

-- Whether a problem comes from an old register, as what it was there (docs/decisions/0122).
CREATE FUNCTION is_imported(problem_id bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM imported_problem i WHERE i.problem_id = is_imported.problem_id);
END $$;

CREATE FUNCTION problem_before_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.status <> 'reported' OR NEW.version <> 1)
       AND (NEW.status NOT IN ('open', 'closed') OR NEW.version <> 1 OR (NEW.status = 'closed') <> (NEW.confirmed_at IS NOT NULL)
            OR NOT is_imported(NEW.id)) THEN
        RAISE EXCEPTION 'a problem begins as reported' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    NEW.changed_at := CASE WHEN NEW.status = 'closed' THEN NEW.confirmed_at ELSE NEW.reported_at END;
    SELECT extract(year FROM NEW.reported_at AT TIME ZONE s.time_zone) INTO NEW.year FROM store s WHERE s.code = NEW.store_code;
    RETURN NEW;
END $$;

-- Whether who a problem is assigned to stays so, or becomes it: nobody is who works for another holder; and whom an ended problem
-- comes back to can still work on it. Raises an error for whoever it cannot be assigned to.
CREATE FUNCTION keeps_assignee(before problem, after problem) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    is_back boolean := before.status IN ('closed', 'void') AND after.status NOT IN ('closed', 'void');
    can_work boolean;
BEGIN
    IF after.assignee_nik IS NULL OR is_held_otherwise(before, after) OR after.status IN ('reported', 'escalated') THEN
        RETURN false;
    END IF;
    IF NOT is_back AND NOT is_assigned_otherwise(before, after) THEN
        RETURN true;
    END IF;
    SELECT is_assignable(after, e) INTO can_work FROM employee e WHERE e.nik = after.assignee_nik;
    IF NOT can_work AND NOT is_back THEN
        RAISE EXCEPTION 'not of the holder' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN can_work;
END $$;

-- A change: one step up in version, one of the transitions, strictly later than the one before (also if the clock steps back).
CREATE FUNCTION problem_before_update() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE compared problem := NEW;
BEGIN
    compared.search_text := OLD.search_text;
    compared.due_at := OLD.due_at;
    compared.priority := OLD.priority;          -- generated, and not yet
    IF compared IS NOT DISTINCT FROM OLD AND (NEW.search_text, NEW.due_at) IS DISTINCT FROM (OLD.search_text, OLD.due_at) THEN
        RETURN NEW;                             -- only what is searched, or due
    END IF;
    IF NEW.status <> 'waiting' THEN
        NEW.waiting_for := NULL;
        NEW.waiting_until := NULL;
    END IF;
    IF NOT keeps_assignee(OLD, NEW) THEN
        NEW.assignee_nik := NULL;
    END IF;
    IF NOT is_transition(OLD, NEW) THEN
        RAISE EXCEPTION 'no transition from % to %', OLD.status, NEW.status USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (NEW.id, NEW.reported_at, NEW.year, NEW.reporter_nik, NEW.recorded_by_nik, NEW.store_code, NEW.title, NEW.description)
        IS DISTINCT FROM
       (OLD.id, OLD.reported_at, OLD.year, OLD.reporter_nik, OLD.recorded_by_nik, OLD.store_code, OLD.title, OLD.description) THEN
        RAISE EXCEPTION 'a report is never rewritten' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    NEW.version := OLD.version + 1;
    NEW.changed_at := greatest(clock_timestamp(), OLD.changed_at + interval '1 microsecond');
    RETURN NEW;
END $$;

-- What is searched (docs/decisions/0086). The first line is what everybody who sees the problem is shown of it, made anew with every
-- change; the second the words of what was noted in its history that do not stand there yet, up to a length that no history of
-- people has. Both are searchable(): one line each.
CREATE FUNCTION problem_search_text() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE noted text := coalesce(substr(NEW.search_text, nullif(strpos(NEW.search_text, E'\n'), 0) + 1), '');
BEGIN
    SELECT searchable(concat_ws(' ', NEW.title, NEW.description, NEW.asset_text, a.tag, a.name, r.nik, r.name, s.code, s.name,
                                d.code, d.name, t.code, t.name, i.nik, i.name, w.nik, w.name, c.code, c.name, NEW.identification,
                                NEW.solution, o.number))
           || E'\n' || noted
      INTO NEW.search_text
      FROM employee r
      JOIN store s ON s.code = NEW.store_code
      LEFT JOIN asset a ON a.tag = NEW.asset_tag
      LEFT JOIN division d ON d.code = NEW.holder_division_code
      LEFT JOIN department t ON t.code = NEW.holder_department_code
      LEFT JOIN employee i ON i.nik = NEW.holder_pic_nik
      LEFT JOIN employee w ON w.nik = NEW.assignee_nik
      LEFT JOIN category c ON c.code = NEW.category_code
      LEFT JOIN imported_problem o ON o.problem_id = NEW.id
     WHERE r.nik = NEW.reporter_nik;
    RETURN NEW;
END $$;

CREATE TRIGGER problem_1_insert BEFORE INSERT ON problem FOR EACH ROW EXECUTE FUNCTION problem_before_insert();
CREATE TRIGGER problem_1_update BEFORE UPDATE ON problem FOR EACH ROW EXECUTE FUNCTION problem_before_update();
CREATE TRIGGER problem_2_search BEFORE INSERT OR UPDATE ON problem FOR EACH ROW EXECUTE FUNCTION problem_search_text();

-- When something of which so many seconds are used is due, if it began to count at `since`, `base` being worked by then. What is used up
-- already is due when it was said to be, if that is over: it is no less late by another allowance that is used up as well.
CREATE FUNCTION due_of(allowed integer, used bigint, p promise, base bigint, before_due timestamptz)
RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE WHEN allowed * 60 <= used THEN CASE WHEN before_due <= p.since THEN before_due ELSE p.since END
                WHEN NOT coalesce(p.waiting_for IN ('reporter', 'vendor'), false)
                THEN worked_at(p.calendar_code, p.time_zone, base + allowed * 60 - used) END;
END $$;

-- When the first step of its targets' alarms is reached that may be: somebody looks then. NULL: never, or the clock stands.
CREATE FUNCTION first_alarm(p promise, base bigint) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
DECLARE first_percent numeric := (SELECT min(t.percent) / 100.0 FROM target_step t WHERE t.active);
BEGIN
    IF first_percent IS NULL OR p.waiting_for IN ('reporter', 'vendor') THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT min(CASE WHEN k.left <= 0 THEN p.since ELSE worked_at(p.calendar_code, p.time_zone, base + k.left) END)
              FROM (SELECT ceil(c.allowed * 60 * first_percent)::bigint - c.used AS left
                      FROM (VALUES (CASE WHEN p.answered IS NULL THEN p.response END, p.used), (p.resolution, p.used),
                                   (p.part, p.part_used)) c (allowed, used) WHERE c.allowed IS NOT NULL) k);
END $$;

-- What is promised of an unfinished problem that is so from a moment on, after `l`, the last that was (`worked` of it being what was worked
-- until then).
CREATE FUNCTION next_promise(l promise, problem_id bigint, at timestamptz, store_code text, status text, holder text, waiting_for text,
                             priority integer, category_code text) RETURNS promise LANGUAGE plpgsql STABLE AS $$
DECLARE
    p promise;
    base bigint;
    counted bigint := CASE WHEN l.stands THEN 0 ELSE l.worked END;
    is_same_stint boolean := coalesce(l.until IS NULL AND l.holder = next_promise.holder, false);
BEGIN
    p.problem_id := next_promise.problem_id;
    p.since := at;
    p.holder := next_promise.holder;
    p.waiting_for := next_promise.waiting_for;
    p.priority := next_promise.priority;
    p.category_code := next_promise.category_code;
    SELECT c.* INTO p.calendar_code, p.time_zone FROM calendar_of(p.holder, store_code) c;
    SELECT t.* INTO p.response, p.resolution, p.part FROM target_minutes(p.priority, p.category_code, p.holder) t;
    p.used := coalesce(l.used + counted, 0);
    p.part_used := CASE WHEN is_same_stint THEN l.part_used + counted ELSE 0 END;
    p.answered := coalesce(l.answered, CASE WHEN next_promise.status <> 'reported' THEN p.used END);
    base := worked_by(p.calendar_code, p.time_zone, at);
    IF p.answered IS NULL THEN
        p.response_due := due_of(p.response, p.used, p, base, l.response_due);
    END IF;
    p.resolution_due := due_of(p.resolution, p.used, p, base, l.resolution_due);
    p.part_due := due_of(p.part, p.part_used, p, base, CASE WHEN is_same_stint THEN l.part_due END);
    p.alarm_at := first_alarm(p, base);
    RETURN p;
END $$;

-- Whether two say the same, one as of another moment.
CREATE FUNCTION promises_alike(l promise, p promise) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN (l.holder, l.waiting_for, l.priority, l.category_code, l.calendar_code, l.time_zone, l.response, l.resolution,
            l.part, l.answered IS NULL, l.response_due, l.resolution_due, l.part_due) IS NOT DISTINCT FROM
           (p.holder, p.waiting_for, p.priority, p.category_code, p.calendar_code, p.time_zone, p.response, p.resolution,
            p.part, p.answered IS NULL, p.response_due, p.resolution_due, p.part_due);

-- What of it is due next.
CREATE FUNCTION next_due(p promise) RETURNS timestamptz LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN p.answered IS NULL THEN coalesce(p.response_due, p.resolution_due) ELSE p.resolution_due END;

-- Keeps what is promised of a problem that is so from a moment on, after what is kept of it already: ends what was in force, if anything
-- differs, and begins what is, if it is unfinished. When it is due next; NULL: it is not, or the clock stands.
CREATE FUNCTION keep_promise(problem_id bigint, at timestamptz, store_code text, status text, holder text, waiting_for text,
                             priority integer, category_code text) RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
    l promise;                          -- the last one
    p promise;                          -- that which is to be
    in_force boolean;
BEGIN
    PERFORM share_working_time();
    SELECT q.* INTO l FROM promise q WHERE q.problem_id = keep_promise.problem_id ORDER BY q.since DESC LIMIT 1;
    at := greatest(at, l.since + interval '1 microsecond');     -- also if the clock steps back
    in_force := l.problem_id IS NOT NULL AND l.until IS NULL;
    IF in_force THEN
        l.worked := worked_by(l.calendar_code, l.time_zone, at) - worked_by(l.calendar_code, l.time_zone, l.since);
    END IF;
    IF keep_promise.status NOT IN ('closed', 'void') THEN
        p := next_promise(l, keep_promise.problem_id, at, keep_promise.store_code, keep_promise.status, keep_promise.holder,
                          keep_promise.waiting_for, keep_promise.priority, keep_promise.category_code);
        IF in_force AND promises_alike(l, p) THEN
            RETURN next_due(l);
        END IF;
    END IF;
    IF in_force THEN
        UPDATE promise q SET until = at, worked = l.worked WHERE q.problem_id = l.problem_id AND q.since = l.since;
    END IF;
    IF p.problem_id IS NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO promise (problem_id, since, holder, waiting_for, priority, category_code, calendar_code, time_zone, response, resolution,
                         part, used, part_used, answered, response_due, resolution_due, part_due, alarm_at)
    VALUES (p.problem_id, p.since, p.holder, p.waiting_for, p.priority, p.category_code, p.calendar_code, p.time_zone, p.response,
            p.resolution, p.part, p.used, p.part_used, p.answered, p.response_due, p.resolution_due, p.part_due, p.alarm_at);
    RETURN next_due(p);
END $$;

-- What renewing the promises would move, as calendars and targets are in this transaction: of the unfinished problems (`number`) some are looked
-- at, every so-many-th where they are more than `portion`; how many of these would be due later or earlier, by how much at most, and
-- late, or late no more.
CREATE FUNCTION renewal_effect(portion integer, OUT number bigint, OUT looked_at bigint, OUT later bigint, OUT earlier bigint,
                               OUT latest interval, OUT earliest interval, OUT made_late bigint, OUT late_no_more bigint)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    l promise;
    p problem;
    due timestamptz;
    every bigint;
BEGIN
    SELECT count(*) INTO number FROM promise q WHERE q.until IS NULL;
    every := number / portion + 1;
    looked_at := 0; later := 0; earlier := 0; made_late := 0; late_no_more := 0; latest := '0'; earliest := '0';
    FOR l IN SELECT * FROM promise q WHERE q.until IS NULL AND q.problem_id % every = 0 LOOP
        SELECT * INTO p FROM problem r WHERE r.id = l.problem_id;
        looked_at := looked_at + 1;
        l.worked := worked_by(l.calendar_code, l.time_zone, now()) - worked_by(l.calendar_code, l.time_zone, l.since);
        due := next_due(next_promise(l, p.id, now(), p.store_code, p.status, l.holder, p.waiting_for, p.priority, p.category_code));
        later := later + coalesce(due > p.due_at, due IS NULL AND p.due_at IS NOT NULL)::integer;
        earlier := earlier + coalesce(due < p.due_at, p.due_at IS NULL AND due IS NOT NULL)::integer;
        latest := greatest(latest, due - p.due_at);
        earliest := greatest(earliest, p.due_at - due);
        made_late := made_late + coalesce(due < now() AND p.due_at >= now(), false)::integer;
        late_no_more := late_no_more + coalesce(p.due_at < now() AND coalesce(due >= now(), true), false)::integer;
    END LOOP;
END $$;

-- Keeps the promises of a problem that has none, by its history, and counts the working time that was used; when it is due next. What was
-- imported is promised from then on.
CREATE FUNCTION replay_promises(problem_id bigint) RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
    v record;
    state jsonb := '{}';
    due timestamptz;
BEGIN
    FOR v IN SELECT e.at, e.before, e.after, p.store_code, e.version >= coalesce(i.version, 1) AS counts
               FROM problem p JOIN event e ON e.problem_id = p.id AND e.cause <> 'commented'
               LEFT JOIN event i ON i.problem_id = p.id AND i.cause = 'imported'
              WHERE p.id = replay_promises.problem_id ORDER BY e.version LOOP
        state := (state - ARRAY(SELECT jsonb_object_keys(v.before))) || v.after;
        CONTINUE WHEN NOT v.counts;
        due := keep_promise(replay_promises.problem_id, v.at, v.store_code, state ->> 'status',
                            coalesce(state ->> 'division', state ->> 'department'), state ->> 'waiting_for',
                            (state ->> 'priority')::integer, state ->> 'category');
    END LOOP;
    PERFORM recount_worked(ARRAY[replay_promises.problem_id]);
    RETURN due;
END $$;

CREATE FUNCTION problem_promised() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    holder text := coalesce(NEW.holder_division_code, NEW.holder_department_code);
    moment timestamptz := NEW.changed_at;
BEGIN
    IF holder IS NULL THEN
        RETURN NEW;                 -- which is refused
    END IF;
    IF TG_OP = 'INSERT' AND is_imported(NEW.id) THEN
        IF NEW.status = 'closed' THEN
            RETURN NEW;
        END IF;
        moment := now();            -- nothing was promised before
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF NEW.version = OLD.version OR NEW.status = 'closed' AND OLD.status = 'closed' THEN
            RETURN NEW;             -- only what is searched or due, or confirmed
        END IF;
        IF NOT EXISTS (SELECT FROM promise q WHERE q.problem_id = NEW.id) THEN
            PERFORM replay_promises(NEW.id);
        END IF;
    END IF;
    NEW.due_at := keep_promise(NEW.id, moment, NEW.store_code, NEW.status, holder, NEW.waiting_for,
                               NEW.impact + NEW.urgency - 1, NEW.category_code);
    RETURN NEW;
END $$;
CREATE TRIGGER problem_3_promise BEFORE INSERT OR UPDATE ON problem FOR EACH ROW EXECUTE FUNCTION problem_promised();

-- Keeps the promises of unfinished problems beyond a number as calendars and targets are now, of at most `portion`; the number of the last
-- one. NULL: there are none.
CREATE FUNCTION renew_promises(after bigint, portion integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    p problem;
    due timestamptz;
    last bigint;
BEGIN
    FOR p IN SELECT q.* FROM problem q WHERE q.id > after AND q.status IN ('reported', 'open', 'waiting', 'escalated')
              ORDER BY q.id LIMIT portion FOR NO KEY UPDATE OF q LOOP
        IF NOT EXISTS (SELECT FROM promise q WHERE q.problem_id = p.id) THEN
            PERFORM replay_promises(p.id);
        END IF;
        due := keep_promise(p.id, clock_timestamp(), p.store_code, p.status, coalesce(p.holder_division_code, p.holder_department_code),
                            p.waiting_for, p.priority, p.category_code);
        IF due IS DISTINCT FROM p.due_at THEN
            UPDATE problem SET due_at = due WHERE id = p.id;
        END IF;
        last := p.id;
    END LOOP;
    RETURN last;
END $$;

-- Has all promises looked through after this transaction; once, where that is about to be done: the job is not begun before.
CREATE FUNCTION enqueue_renewal() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM job j WHERE j.kind = 'promises' AND j.arguments = '{"after": 0}' AND j.attempts = 0 AND j.parked_at IS NULL
      LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        INSERT INTO job (kind, arguments) VALUES ('promises', '{"after": 0}');
    END IF;
END $$;

-- By whose calendar a minute counts follows from where a store is, and which targets fit from where a category is.
CREATE FUNCTION promises_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM enqueue_renewal();
    RETURN NULL;
END $$;
CREATE TRIGGER store_moved AFTER UPDATE ON store FOR EACH ROW
    WHEN ((OLD.area_code, OLD.time_zone) IS DISTINCT FROM (NEW.area_code, NEW.time_zone)) EXECUTE FUNCTION promises_follow();
CREATE TRIGGER area_moved AFTER UPDATE ON area FOR EACH ROW
    WHEN (OLD.parent_code IS DISTINCT FROM NEW.parent_code) EXECUTE FUNCTION promises_follow();
CREATE TRIGGER category_moved AFTER UPDATE ON category FOR EACH ROW
    WHEN (OLD.parent_code IS DISTINCT FROM NEW.parent_code) EXECUTE FUNCTION promises_follow();

-- Raises what the steps of alarms say of promises in force at which it is time to look, of at most `portion`, and says when to look again;
-- how many it were. What was raised is not raised again, whoever else does the same meanwhile.
CREATE FUNCTION raise_alarms(portion integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    p promise;
    base bigint;
    worked_now bigint;
    looked integer := 0;
BEGIN
    PERFORM share_working_time();
    FOR p IN SELECT q.* FROM promise q WHERE q.until IS NULL AND q.alarm_at <= now()
              ORDER BY q.alarm_at LIMIT portion FOR UPDATE SKIP LOCKED LOOP
        base := worked_by(p.calendar_code, p.time_zone, p.since);
        worked_now := CASE WHEN p.stands THEN base ELSE worked_by(p.calendar_code, p.time_zone, now()) END;
        WITH looked_at AS (
            SELECT c.*, t.step, t.percent, base + ceil(c.allowed * 60 * t.percent / 100.0)::bigint - c.used AS reached
              FROM (VALUES ('response', CASE WHEN p.answered IS NULL THEN p.response END, p.used, p.response_due),
                           ('resolution', p.resolution, p.used, p.resolution_due),
                           ('part', p.part, p.part_used, p.part_due)) c (clock, allowed, used, due)
             CROSS JOIN target_step t WHERE c.allowed IS NOT NULL AND c.due IS NOT NULL AND t.percent IS NOT NULL AND t.active
        ), raised AS (
            INSERT INTO target_alarm (problem_id, clock, step, allowed, holder, percent, due)
            SELECT p.problem_id, l.clock, l.step, l.allowed, p.holder, l.percent, l.due FROM looked_at l WHERE l.reached <= worked_now
                ON CONFLICT DO NOTHING
        )
        UPDATE promise q
           SET alarm_at = (SELECT min(worked_at(p.calendar_code, p.time_zone, l.reached)) FROM looked_at l WHERE l.reached > worked_now)
         WHERE q.problem_id = p.problem_id AND q.since = p.since;
        looked := looked + 1;
    END LOOP;
    RETURN looked;
END $$;

-- Other steps: somebody looks at once.
CREATE FUNCTION target_step_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE promise SET alarm_at = now() WHERE until IS NULL AND NOT stands;
    RETURN NULL;
END $$;
CREATE TRIGGER target_step_changed AFTER INSERT OR UPDATE OR DELETE ON target_step
    FOR EACH STATEMENT EXECUTE FUNCTION target_step_changed();

CREATE FUNCTION note_year() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM reported_year y WHERE y.year = NEW.year) THEN
        INSERT INTO reported_year VALUES (NEW.year) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER problem_year_noted AFTER INSERT ON problem FOR EACH ROW EXECUTE FUNCTION note_year();

-- Events are numbered per problem, under the lock of the problem's row.
CREATE FUNCTION event_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM problem WHERE id = NEW.problem_id FOR NO KEY UPDATE;
    SELECT coalesce(max(seq), 0) + 1 INTO NEW.seq FROM event WHERE problem_id = NEW.problem_id;
    IF NEW.cause = 'imported' AND NEW.seq > 1 THEN
        RAISE EXCEPTION 'a history begins with an import' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER event_1_number BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION event_number();

-- So are notes, among themselves.
CREATE FUNCTION note_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM problem WHERE id = NEW.problem_id FOR NO KEY UPDATE;
    SELECT coalesce(max(seq), 0) + 1 INTO NEW.seq FROM note WHERE problem_id = NEW.problem_id;
    RETURN NEW;
END $$;
CREATE TRIGGER note_1_number BEFORE INSERT ON note FOR EACH ROW EXECUTE FUNCTION note_number();

CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON event FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON event EXECUTE FUNCTION refuse();
CREATE TRIGGER note_append_only BEFORE UPDATE OR DELETE ON note FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER note_no_truncate BEFORE TRUNCATE ON note EXECUTE FUNCTION refuse();
CREATE TRIGGER note_file_append_only BEFORE UPDATE OR DELETE ON note_file FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER note_file_no_truncate BEFORE TRUNCATE ON note_file EXECUTE FUNCTION refuse();
CREATE TRIGGER photo_append_only BEFORE UPDATE OR DELETE ON photo FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER photo_no_truncate BEFORE TRUNCATE ON photo EXECUTE FUNCTION refuse();
CREATE TRIGGER file_append_only BEFORE UPDATE OR DELETE ON file FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER file_no_truncate BEFORE TRUNCATE ON file EXECUTE FUNCTION refuse();
CREATE TRIGGER problem_no_delete BEFORE DELETE ON problem FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER problem_no_truncate BEFORE TRUNCATE ON problem EXECUTE FUNCTION refuse();
CREATE TRIGGER imported_problem_append_only BEFORE UPDATE OR DELETE ON imported_problem FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER imported_problem_no_truncate BEFORE TRUNCATE ON imported_problem EXECUTE FUNCTION refuse();
CREATE TRIGGER custody_no_delete BEFORE DELETE ON custody FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER custody_no_truncate BEFORE TRUNCATE ON custody EXECUTE FUNCTION refuse();
-- A membership ends, and another one begins.
CREATE TRIGGER division_member_no_update BEFORE UPDATE ON division_member FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER department_pic_no_update BEFORE UPDATE ON department_pic FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER division_member_no_truncate BEFORE TRUNCATE ON division_member EXECUTE FUNCTION refuse();
CREATE TRIGGER department_pic_no_truncate BEFORE TRUNCATE ON department_pic EXECUTE FUNCTION refuse();

-- A custody row is only ever ended, once.
CREATE FUNCTION custody_before_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT upper_inf(OLD.during) OR lower(NEW.during) <> lower(OLD.during)
       OR (NEW.problem_id, NEW.division_code, NEW.department_code, NEW.pic_nik, NEW.assignee_nik, NEW.waiting_for)
          IS DISTINCT FROM
          (OLD.problem_id, OLD.division_code, OLD.department_code, OLD.pic_nik, OLD.assignee_nik, OLD.waiting_for) THEN
        RAISE EXCEPTION 'custody is only ever ended' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER custody_1_update BEFORE UPDATE ON custody FOR EACH ROW EXECUTE FUNCTION custody_before_update();

-- The receiver of an escalation is active and of its kind. Checked when it is sent: people and divisions change later.
CREATE FUNCTION escalation_receiver() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM division d WHERE d.code = NEW.to_division_code AND d.kind = NEW.kind AND d.active)
       AND NOT EXISTS (SELECT FROM employee e JOIN department d ON d.code = ANY (e.departments)
                        WHERE e.nik = NEW.to_pic_nik AND e.active AND d.code = NEW.to_department_code AND d.active) THEN
        RAISE EXCEPTION 'no such receiver' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER escalation_1_receiver BEFORE INSERT ON escalation FOR EACH ROW EXECUTE FUNCTION escalation_receiver();

-- At commit, the story is whole: the present has its event; who holds it now, who of them works on it and what it waits for stands
-- in the open custody row, begun no later than the change, without a gap; and an escalation waits exactly while the problem is escalated.
CREATE FUNCTION problem_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    p problem;
    at_end boolean;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.version = NEW.version THEN
            RETURN NULL;    -- only what is searched, or due
        END IF;
    END IF;
    SELECT * INTO p FROM problem WHERE id = NEW.id;
    at_end := p.status IN ('closed', 'void');
    IF NOT EXISTS (SELECT FROM event e WHERE e.problem_id = p.id AND e.version = p.version AND (e.at = p.changed_at OR e.cause = 'imported')
                                         AND e.cause <> 'commented') THEN
        RAISE EXCEPTION 'problem % changed without its event', p.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    -- What comes from an old register says so in the first line of its history, and nothing else does.
    IF TG_OP = 'INSERT' AND is_imported(p.id)
       IS DISTINCT FROM EXISTS (SELECT FROM event e WHERE e.problem_id = p.id AND e.seq = 1 AND e.version = 1 AND e.cause = 'imported') THEN
        RAISE EXCEPTION 'problem %: it was imported, or it was not', p.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF at_end = EXISTS (SELECT FROM custody c WHERE c.problem_id = p.id AND upper_inf(c.during)) THEN
        RAISE EXCEPTION 'problem %: custody does not fit its status', p.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NOT at_end AND NOT EXISTS (
            SELECT FROM custody c WHERE c.problem_id = p.id AND upper_inf(c.during)
               AND (c.division_code, c.department_code, c.pic_nik, c.assignee_nik, c.waiting_for) IS NOT DISTINCT FROM
                   (p.holder_division_code, p.holder_department_code, p.holder_pic_nik, p.assignee_nik, p.waiting_for)
               -- it goes on from the report, from the row before, from a reopening or a restoration
               AND (lower(c.during) IN (p.reported_at, p.changed_at)
                    OR EXISTS (SELECT FROM custody b WHERE b.problem_id = p.id AND upper(b.during) = lower(c.during))
                    OR EXISTS (SELECT FROM event e WHERE e.problem_id = p.id AND e.cause IN ('reopened', 'restored') AND e.at = lower(c.during))))
    THEN
        RAISE EXCEPTION 'problem %: custody is not its holder''s', p.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (p.status = 'escalated') IS DISTINCT FROM
       EXISTS (SELECT FROM escalation x WHERE x.problem_id = p.id AND x.answer IS NULL
                  AND (x.to_division_code, x.to_department_code, x.to_pic_nik) IS NOT DISTINCT FROM
                      (p.holder_division_code, p.holder_department_code, p.holder_pic_nik)) THEN
        RAISE EXCEPTION 'problem %: escalation does not fit its status', p.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER problem_whole AFTER INSERT OR UPDATE ON problem DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION problem_is_whole();

-- At commit, a comment without text has a photo or a document.
CREATE FUNCTION comment_says_something() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM photo f WHERE f.problem_id = NEW.problem_id AND f.event_seq = NEW.seq)
       AND NOT EXISTS (SELECT FROM file f WHERE f.problem_id = NEW.problem_id AND f.event_seq = NEW.seq) THEN
        RAISE EXCEPTION 'a comment without text, photo and file' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER comment_says_something AFTER INSERT ON event DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.cause = 'commented' AND NEW.note IS NULL) EXECUTE FUNCTION comment_says_something();

-- So has a note.
CREATE FUNCTION note_says_something() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM note_file f WHERE f.problem_id = NEW.problem_id AND f.note_seq = NEW.seq) THEN
        RAISE EXCEPTION 'a note without text and file' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER note_says_something AFTER INSERT ON note DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.text IS NULL) EXECUTE FUNCTION note_says_something();


-- Whether anybody can act on what is held by a division, or by a PIC for a department: an active member, or that PIC.
CREATE FUNCTION is_attended(division_code text, department_code text, pic_nik text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF is_attended.division_code IS NOT NULL THEN
        RETURN EXISTS (SELECT FROM division_member m JOIN employee e ON e.nik = m.nik
                        WHERE m.division_code = is_attended.division_code AND e.active);
    END IF;
    RETURN EXISTS (SELECT FROM department_pic m JOIN employee e ON e.nik = m.nik
                    WHERE m.nik = is_attended.pic_nik AND m.department_code = is_attended.department_code AND e.active);
END $$;

-- The same of a division, by somebody other than `nik`.
CREATE FUNCTION is_attended_without(division_code text, nik text) RETURNS boolean LANGUAGE sql STABLE
    RETURN EXISTS (SELECT FROM division_member m JOIN employee e ON e.nik = m.nik
                    WHERE m.division_code = is_attended_without.division_code AND e.active AND e.nik <> is_attended_without.nik);

-- The unfinished problems that nobody can act on. There are none (docs/decisions/0098), or what is wrong is found by this.
CREATE FUNCTION unattended_problems() RETURNS SETOF problem LANGUAGE sql STABLE AS $$
    SELECT p.* FROM problem p
     WHERE p.status IN ('reported', 'open', 'waiting', 'escalated')
       AND NOT is_attended(p.holder_division_code, p.holder_department_code, p.holder_pic_nik)
     ORDER BY p.id
$$;

-- Gives a problem whose holder can act on it no more to a division; without one, or where that has it already, to the desk. What it was
-- and what it waits for stays; an escalation that waits for its answer goes on to that division, but ends at the desk, and with who sent it.
CREATE FUNCTION hand_over(problem_id bigint, division_code text, actor_nik text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p problem;
    x escalation;
    heir division;
    ends boolean;
BEGIN
    SELECT * INTO p FROM problem WHERE id = hand_over.problem_id FOR NO KEY UPDATE;
    SELECT * INTO heir FROM division d
     WHERE d.kind = 'desk'
        OR (d.code = hand_over.division_code AND d.active AND d.code IS DISTINCT FROM p.holder_division_code)
     ORDER BY d.kind = 'desk' LIMIT 1;
    IF heir.code IS NOT DISTINCT FROM p.holder_division_code THEN
        RETURN;     -- the desk itself is empty
    END IF;
    UPDATE escalation e SET answer = 'handed over', answered_at = greatest(clock_timestamp(), e.sent_at + interval '1 microsecond'),
                            answered_by_nik = hand_over.actor_nik
     WHERE e.problem_id = p.id AND e.answer IS NULL RETURNING * INTO x;
    ends := heir.kind = 'desk' OR heir.code IS NOT DISTINCT FROM x.from_division_code;
    IF p.status = 'escalated' AND NOT ends THEN
        INSERT INTO escalation (problem_id, kind, from_division_code, from_department_code, from_pic_nik, to_division_code, reason,
                                sent_at, sent_by_nik)
        VALUES (p.id, heir.kind, x.from_division_code, x.from_department_code, x.from_pic_nik, heir.code, x.reason,
                clock_timestamp(), x.sent_by_nik);
    END IF;
    UPDATE problem SET status = CASE WHEN p.status = 'escalated' AND ends THEN 'open' ELSE p.status END,
                       holder_division_code = heir.code, holder_department_code = NULL, holder_pic_nik = NULL
     WHERE id = p.id;
    PERFORM record_change(p.id, actor_nik, 'handed over', facts(p), NULL);
END $$;

-- What goes with every change of a problem, after it: its event, as the difference between the facts `before` and the present; and
-- custody, which ends where it is another's now or the problem's end, and begins anew; and what that adds to the numbers of the recap.
-- Nobody is `actor_nik` of what happens by itself.
-- Whoever gets it, or gets it back, can act on it and stays so until the commit; who cannot, gives way to the desk at once.
CREATE FUNCTION record_change(problem_id bigint, actor_nik text, cause text, before jsonb, note text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p problem;
    present jsonb;
    is_new boolean := before = '{}';    -- it was just reported
BEGIN
    SELECT * INTO p FROM problem WHERE id = record_change.problem_id;
    present := facts(p);
    INSERT INTO event (problem_id, at, actor_nik, cause, version, before, after, note)
    VALUES (p.id, p.changed_at, actor_nik, cause, p.version, CASE WHEN is_new THEN '{}' ELSE differing(before, present) END,
            CASE WHEN is_new THEN present ELSE differing(present, before) END, note);
    UPDATE custody c SET during = tstzrange(lower(c.during), p.changed_at)
     WHERE NOT is_new AND c.problem_id = p.id AND upper_inf(c.during)
       AND (p.status IN ('closed', 'void')
            OR (c.division_code, c.department_code, c.pic_nik, c.assignee_nik, c.waiting_for) IS DISTINCT FROM
               (p.holder_division_code, p.holder_department_code, p.holder_pic_nik, p.assignee_nik, p.waiting_for));
    IF p.status NOT IN ('closed', 'void')
       AND (is_new OR NOT EXISTS (SELECT FROM custody c WHERE c.problem_id = p.id AND upper_inf(c.during))) THEN
        INSERT INTO custody (problem_id, during, division_code, department_code, pic_nik, assignee_nik, waiting_for)
        VALUES (p.id, tstzrange(p.changed_at, NULL), p.holder_division_code, p.holder_department_code, p.holder_pic_nik,
                p.assignee_nik, p.waiting_for);
    END IF;
    PERFORM count_change(p, cause, before);
    IF p.status NOT IN ('closed', 'void')
       AND (before ->> 'status' IN ('closed', 'void')
            OR (before ->> 'division', before ->> 'department', before ->> 'pic')
               IS DISTINCT FROM (p.holder_division_code, p.holder_department_code, p.holder_pic_nik)) THEN
        PERFORM FROM division d WHERE d.code = p.holder_division_code AND d.kind <> 'desk' FOR SHARE;
        PERFORM FROM employee e WHERE e.nik = p.holder_pic_nik FOR SHARE;
        IF NOT is_attended(p.holder_division_code, p.holder_department_code, p.holder_pic_nik) THEN
            PERFORM hand_over(p.id, NULL, NULL);
        END IF;
    END IF;
END $$;

-- Records a form (idempotency key) with where its answer leads; false if a transaction that came first has done so, which is waited for.
CREATE FUNCTION record_form(key uuid, nik text, digest bytea, location text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO submission (key, nik, digest, location) VALUES (key, nik, digest, location)
        ON CONFLICT ON CONSTRAINT submission_pkey DO NOTHING;
    RETURN FOUND;
END $$;

-- What was kept of a form counts no more: the draft before its files, as everywhere, so that of two none waits for the other one's.
CREATE FUNCTION forget_form(key uuid, nik text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM draft d WHERE d.nik = forget_form.nik AND d.key = forget_form.key;
    DELETE FROM draft_photo d WHERE d.nik = forget_form.nik AND d.key = forget_form.key;
    DELETE FROM draft_file d WHERE d.nik = forget_form.nik AND d.key = forget_form.key;
END $$;

-- Begins a change of what was seen as `version`, by a form: what the problem was before; NULL if it is that no more, or if the person may not.
CREATE FUNCTION begin_change(key uuid, nik text, digest bytea, problem_id bigint, version integer, right_name text,
                             OUT is_first boolean, OUT before jsonb) LANGUAGE plpgsql AS $$
BEGIN
    is_first := record_form(key, nik, digest, '/problems/' || problem_id);
    -- NO KEY: two forms may have referred to the problem above; a stronger lock would have each wait for the other.
    SELECT facts(p) INTO before FROM problem p, employee e
     WHERE is_first AND p.id = problem_id AND p.version = begin_change.version AND e.nik = begin_change.nik AND may(right_name, p, e)
       FOR NO KEY UPDATE OF p;
END $$;

-- A report, by a form, in the custody of the desk: the number of the problem; NULL if the form was recorded before. What was kept of the
-- form goes, unless it `has_files`, which are still to be taken from there.
CREATE FUNCTION report_problem(key uuid, nik text, digest bytea, reporter_nik text, title text, description text, asset_tag text,
                               asset_text text, has_files boolean) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE problem_id bigint;
BEGIN
    IF NOT record_form(key, nik, digest, '/problems') THEN
        RETURN NULL;
    END IF;
    INSERT INTO problem (reporter_nik, recorded_by_nik, store_code, title, description, asset_tag, asset_text, holder_division_code)
    SELECT e.nik, report_problem.nik, e.store_code, report_problem.title, report_problem.description, report_problem.asset_tag,
           report_problem.asset_text, d.code
      FROM employee e, division d WHERE e.nik = report_problem.reporter_nik AND d.kind = 'desk'
    RETURNING id INTO problem_id;
    UPDATE submission s SET location = '/problems/' || problem_id WHERE s.key = report_problem.key;
    PERFORM record_change(problem_id, nik, 'reported', '{}', NULL);
    IF NOT has_files THEN
        PERFORM forget_form(key, nik);
    END IF;
    RETURN problem_id;
END $$;

-- A comment, by a form: its number in the history; NULL if the person may not. A problem that waits for its reporter goes on when the
-- reporter, or somebody of that store, has said something; a holder who works there says nothing that was waited for.
CREATE FUNCTION comment_on(key uuid, nik text, digest bytea, problem_id bigint, said text, has_files boolean,
                           OUT is_first boolean, OUT event_seq integer) LANGUAGE plpgsql AS $$
DECLARE
    p problem;
    e employee;
BEGIN
    is_first := record_form(key, nik, digest, '/problems/' || problem_id);
    SELECT * INTO e FROM employee a WHERE a.nik = comment_on.nik;
    SELECT * INTO p FROM problem q WHERE is_first AND q.id = comment_on.problem_id AND may('comment', q, e) FOR NO KEY UPDATE;
    IF p.id IS NULL THEN
        DELETE FROM submission s WHERE is_first AND s.key = comment_on.key;     -- what was not done is not recorded
        RETURN;
    END IF;
    INSERT INTO event (problem_id, actor_nik, cause, version, note) VALUES (p.id, e.nik, 'commented', p.version, said)
    RETURNING seq INTO event_seq;
    IF NOT has_files THEN
        PERFORM forget_form(key, nik);
    END IF;
    IF p.status = 'waiting' AND p.waiting_for = 'reporter'
       AND (p.reporter_nik = e.nik OR (p.store_code = e.store_code AND NOT is_holder(p, e))) THEN
        UPDATE problem SET status = 'open' WHERE id = p.id;
        PERFORM record_change(p.id, e.nik, 'replied', facts(p), NULL);
    END IF;
END $$;

-- Hands over what somebody leaves, who was `before` and is, or is about to be, `after`: at most `portion` of it; how many problems it were,
-- with those that somebody else has closed by then.
-- What they hold as a PIC, and what a division holds of which they are the last active member, goes to the division `sih.heir`, set by the
-- application, or else to the desk, whose last member stays; what is assigned to them is their division's. `sih.actor` did it.
-- Whoever takes several locks takes people first, then divisions, then problems, each in the order of their keys (docs/decisions/0098).
CREATE FUNCTION hand_over_left(before employee, after employee, portion integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    actor_nik text := nullif(current_setting('sih.actor', true), '');
    heir_code text := nullif(current_setting('sih.heir', true), '');
    emptied text[];
    p problem;
    was jsonb;
    handed integer := 0;
BEGIN
    emptied := ARRAY(SELECT code FROM unnest(before.divisions) AS code
                      WHERE before.active AND NOT (after.active AND code = ANY (after.divisions)));
    PERFORM FROM division d         -- whoever gives something to one of these at this moment is waited for
     WHERE d.code = ANY (emptied) OR (d.code = heir_code AND d.kind <> 'desk') ORDER BY d.code FOR NO KEY UPDATE;
    emptied := ARRAY(SELECT code FROM unnest(emptied) AS code WHERE NOT is_attended_without(code, after.nik));
    IF EXISTS (SELECT FROM division d WHERE d.code = ANY (emptied) AND d.kind = 'desk') THEN
        RAISE EXCEPTION 'the last of the desk stays' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'desk_attended';
    END IF;
    IF NOT is_attended_without(heir_code, after.nik) THEN
        heir_code := NULL;
    END IF;
    FOR p IN SELECT q.* FROM problem q WHERE q.id IN (
                    SELECT h.id FROM problem h
                     WHERE h.holder_division_code = ANY (emptied) AND h.status IN ('reported', 'open', 'waiting', 'escalated')
                    UNION
                    SELECT h.id FROM problem h WHERE h.holder_pic_nik = after.nik AND h.status IN ('open', 'waiting', 'escalated')
                       AND NOT (after.active AND h.holder_department_code = ANY (after.departments))
                    UNION
                    SELECT a.id FROM problem a
                     WHERE a.assignee_nik = after.nik AND a.status IN ('open', 'waiting') AND NOT is_assignable(a, after))
              ORDER BY q.id LIMIT portion FOR NO KEY UPDATE LOOP
        handed := handed + 1;
        CONTINUE WHEN p.status IN ('closed', 'void');   -- by now
        IF p.holder_division_code = ANY (emptied) OR p.holder_pic_nik = after.nik THEN
            PERFORM hand_over(p.id, heir_code, actor_nik);
        ELSIF p.assignee_nik = after.nik THEN
            was := facts(p);
            UPDATE problem SET assignee_nik = NULL WHERE id = p.id;
            PERFORM record_change(p.id, actor_nik, 'released', was, NULL);
        END IF;
    END LOOP;
    RETURN handed;
END $$;

-- Lets an employee in no longer once nobody needs them: at most `portion` problems that they would leave are handed over in one transaction,
-- the last of them with the end itself. Until then they are there, and nothing is nobody's; but from the first on they are logged out
-- and get in no more. Whether that is done.
CREATE FUNCTION let_go(nik text, portion integer) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    before employee;
    after employee;
BEGIN
    SELECT * INTO before FROM employee e WHERE e.nik = let_go.nik AND e.active FOR NO KEY UPDATE;
    after := before;
    after.active := false;
    IF before.nik IS NOT NULL AND hand_over_left(before, after, portion) = portion THEN
        UPDATE employee e SET leaving_since = now() WHERE e.nik = let_go.nik AND e.leaving_since IS NULL;
        UPDATE session s SET ended_at = now() WHERE s.nik = let_go.nik AND s.ended_at IS NULL;
        RETURN false;
    END IF;
    UPDATE employee e SET active = false, leaving_since = NULL
     WHERE e.nik = let_go.nik AND (e.active OR e.leaving_since IS NOT NULL);
    RETURN true;
END $$;

-- Brings to the desk at most `portion` of the problems that nobody can act on; how many it were.
CREATE FUNCTION bring_home(portion integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    stray_id bigint;
    brought integer := 0;
BEGIN
    FOR stray_id IN
        SELECT p.id FROM unattended_problems() p
          LEFT JOIN division d ON d.code = p.holder_division_code
         WHERE d.kind IS DISTINCT FROM 'desk' LIMIT portion LOOP
        PERFORM hand_over(stray_id, NULL, NULL);
        brought := brought + 1;
    END LOOP;
    RETURN brought;
END $$;

-- Since when a problem is in the hands that it is in, whoever of them worked on it and whatever it waited for; and, for the version before
-- while it still serves (docs/decisions/0060), how long of that it waited. NULL once it has ended.
CREATE FUNCTION held_since(problem_id bigint) RETURNS timestamptz LANGUAGE sql STABLE
    RETURN (SELECT max(lower(k.during)) FILTER (WHERE NOT k.continues) FROM (
                SELECT c.during, bool_or(upper_inf(c.during)) OVER () AS is_held,
                       coalesce(lag(upper(c.during)) OVER w = lower(c.during)
                           AND lag((c.division_code, c.department_code, c.pic_nik)::text) OVER w
                               = (c.division_code, c.department_code, c.pic_nik)::text, false) AS continues
                  FROM custody c WHERE c.problem_id = held_since.problem_id WINDOW w AS (ORDER BY c.during)) k
             WHERE k.is_held);
CREATE FUNCTION waited_since(problem_id bigint, since timestamptz) RETURNS interval LANGUAGE sql STABLE
    RETURN (SELECT sum(coalesce(upper(c.during), now()) - lower(c.during)) FROM custody c
             WHERE c.problem_id = waited_since.problem_id AND c.waiting_for IS NOT NULL AND lower(c.during) >= since);

-- How long somebody has had a problem; and, while somebody has it, how long its holder has, whoever of them worked on it, and how long of
-- that it waited.
CREATE FUNCTION held(problem_id bigint, OUT age interval, OUT held_for interval, OUT waited_for interval) LANGUAGE plpgsql STABLE AS $$
DECLARE
    c custody;
    later custody;          -- the row after it
    is_present boolean;     -- whether it is of the time that the holder of now has had it
BEGIN
    FOR c IN SELECT * FROM custody u WHERE u.problem_id = held.problem_id ORDER BY u.during DESC LOOP
        is_present := CASE WHEN later IS NULL THEN upper_inf(c.during)
                           ELSE is_present AND upper(c.during) = lower(later.during)
                                AND (c.division_code, c.department_code, c.pic_nik)
                                    IS NOT DISTINCT FROM (later.division_code, later.department_code, later.pic_nik) END;
        age := coalesce(age, '0') + (coalesce(upper(c.during), now()) - lower(c.during));
        IF is_present THEN
            held_for := now() - lower(c.during);
            IF c.waiting_for IS NOT NULL THEN
                waited_for := coalesce(waited_for, '0') + (coalesce(upper(c.during), now()) - lower(c.during));
            END IF;
        END IF;
        later := c;
    END LOOP;
END $$;

-- Until when somebody may say whether what was closed is solved: five working days, by the calendar and the clocks of its store. What
-- was closed on another day has them whole.
CREATE FUNCTION answer_until(closed_at timestamptz, store_code text) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
DECLARE
    own_zone text := (SELECT s.time_zone FROM store s WHERE s.code = answer_until.store_code);
    closed timestamp := closed_at AT TIME ZONE own_zone;
    days date[];        -- the working ones, from that of the closure on
BEGIN
    days := ARRAY(SELECT DISTINCT (w.opens AT TIME ZONE own_zone)::date
                    FROM calendar_of(NULL, answer_until.store_code) c
                    JOIN working_span w ON w.calendar_code = c.calendar_code AND w.time_zone = c.time_zone
                   WHERE w.opens >= date_trunc('day', closed) AT TIME ZONE own_zone AND w.opens < closed_at + interval '60 days'
                   ORDER BY 1 LIMIT 6);
    RETURN coalesce(CASE WHEN days[1] = closed::date THEN days[6] + closed::time ELSE days[5] + interval '1 day' END,
                    closed + interval '7 days') AT TIME ZONE own_zone;
END $$;

-- The same for the version before, which knows of no holidays; it goes with the next one (docs/decisions/0060).
CREATE FUNCTION answer_due(closed_at timestamptz, time_zone text) RETURNS timestamptz LANGUAGE sql STABLE
    RETURN CASE WHEN extract(isodow FROM closed_at AT TIME ZONE time_zone) < 6
                THEN (closed_at AT TIME ZONE time_zone + interval '7 days') AT TIME ZONE time_zone
                ELSE (date_trunc('week', closed_at AT TIME ZONE time_zone) + interval '12 days') AT TIME ZONE time_zone END;

-- Confirms what nobody has answered in that time, of at most `portion` problems, those closed last first; how many it were. What
-- somebody is answering at this moment is left for the next time.
CREATE FUNCTION confirm_unanswered(portion integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    p problem;
    confirmed integer := 0;
BEGIN
    FOR p IN SELECT q.* FROM problem q
              WHERE q.status = 'closed' AND q.confirmed_at IS NULL AND q.changed_at < now() - interval '5 days'
                AND answer_until(q.changed_at, q.store_code) <= now()
              ORDER BY q.changed_at DESC LIMIT portion FOR NO KEY UPDATE OF q SKIP LOCKED LOOP
        UPDATE problem SET confirmed_at = clock_timestamp() WHERE id = p.id;
        PERFORM record_change(p.id, NULL, 'auto-confirmed', facts(p), NULL);
        confirmed := confirmed + 1;
    END LOOP;
    RETURN confirmed;
END $$;


-- Jobs ------------------------------------------------------------------------------------------------------------------

-- Work that is not a request's (docs/decisions/0065). A row is put in by the transaction that wants the work, and deleted by the
-- one that does it. Before an attempt it is counted and `due_at` set to when the next one would be; during it the row is locked.
-- After the last attempt a job is parked, and stays until somebody looks at it.
CREATE TABLE job (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind         text NOT NULL CHECK (kind ~ '^[a-z_]{1,40}$'),
    arguments    jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(arguments) = 'object'),
    enqueued_at  timestamptz NOT NULL DEFAULT now(),
    due_at       timestamptz NOT NULL DEFAULT now(),
    attempts     integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    error        text CHECK (length(error) <= 2000),            -- of the last attempt that failed
    parked_at    timestamptz,
    CHECK (parked_at IS NULL OR error IS NOT NULL)
);
CREATE INDEX job_due ON job (due_at, id) WHERE parked_at IS NULL;
CREATE INDEX job_parked ON job (parked_at) WHERE parked_at IS NOT NULL;
CREATE INDEX job_resumption ON job (((arguments ->> 'problem_id')::bigint)) WHERE kind = 'resumption';

-- Heard by every worker when the transaction commits.
CREATE FUNCTION job_wakes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NOTIFY job;
    RETURN NULL;
END $$;
CREATE TRIGGER job_wakes AFTER INSERT ON job FOR EACH STATEMENT EXECUTE FUNCTION job_wakes();

-- A wait that ends, however, needs no job any more that ends it. The one that is at it ends it at this moment, or finds nothing to do.
CREATE FUNCTION forget_resumption() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM job WHERE id IN (SELECT j.id FROM job j WHERE j.kind = 'resumption' AND (j.arguments ->> 'problem_id')::bigint = NEW.id
                                    FOR UPDATE SKIP LOCKED);
    RETURN NULL;
END $$;
CREATE TRIGGER problem_wait_ended AFTER UPDATE ON problem FOR EACH ROW
    WHEN (OLD.waiting_until IS NOT NULL AND NEW.waiting_until IS DISTINCT FROM OLD.waiting_until) EXECUTE FUNCTION forget_resumption();

-- When a job of a kind is enqueued next by its schedule. Whoever of the workers comes first does it, and sets the time anew.
CREATE TABLE schedule (
    kind     text PRIMARY KEY CHECK (kind ~ '^[a-z_]{1,40}$'),
    rule     text NOT NULL,                                     -- in words, to notice that it was changed
    next_at  timestamptz NOT NULL
);

-- What a new company has done at first: its holidays.
INSERT INTO job (kind) VALUES ('holidays');


-- Recap -----------------------------------------------------------------------------------------------------------------

-- What the numbers of a month count (docs/decisions/0100): one occurrence each, told by an event and by who had the problem before
-- and after it. It follows from `event` and `custody` alone (movements_of), and is written with them. An event belongs to the month in
-- which it happened by the clocks of the problem's store. Category and priority are those that the problem has now. `held` is, where a
-- holder's custody ended, how long that was, whoever of them had it, `waited` how long of the time besides it waited. `worked` are the
-- seconds of working time that were used, by the promises of the problem, when it was opened or closed; `allowed` the minutes that it might
-- have taken until it was closed, `due` when they were over (NULL: they were not, since the clock stood).
CREATE TABLE movement (
    problem_id     bigint NOT NULL,
    version        integer NOT NULL,        -- that of the event
    kind           text NOT NULL CHECK (kind IN (
                       'reported', 'opened', 'received', 'passed_on', 'returned', 'closed', 'confirmed', 'auto_confirmed',
                       'reopened', 'voided', 'restored')),
    month          date NOT NULL,
    at             timestamptz NOT NULL,
    holder         text NOT NULL,           -- the code of a division or a department
    store_code     text NOT NULL,
    category_code  text,
    priority       smallint,
    held           interval,
    waited         interval,
    worked         integer,
    allowed        integer,
    due            timestamptz,
    PRIMARY KEY (problem_id, version, kind),
    CONSTRAINT movement_times CHECK (num_nonnulls(held, waited) = CASE WHEN kind IN ('passed_on', 'closed', 'voided') THEN 2 ELSE 0 END),
    CONSTRAINT movement_worked CHECK (CASE WHEN kind IN ('opened', 'closed') AND worked IS NOT NULL THEN worked >= 0
                                           ELSE num_nonnulls(worked, allowed, due) = 0 END)
) WITH (autovacuum_vacuum_insert_scale_factor = 0.005);     -- those of this month are read from their indexes alone
CREATE INDEX movement_listed ON movement (month, kind, at, problem_id);
CREATE INDEX movement_held ON movement (month, holder, held) WHERE held IS NOT NULL;
CREATE INDEX movement_longest ON movement (month, held, problem_id, version) WHERE held IS NOT NULL;
CREATE INDEX movement_waited ON movement (month, holder, waited) WHERE waited > '0';
CREATE INDEX movement_store ON movement (store_code, month);

-- What changed of the movements and is not added up in `tally` yet: one row a movement, which nobody has to wait for (no row is hot).
CREATE TABLE uncounted (
    month          date NOT NULL,
    kind           text NOT NULL,
    holder         text NOT NULL,
    store_code     text NOT NULL,
    category_code  text,
    priority       smallint,
    difference     smallint NOT NULL CHECK (difference IN (-1, 1))
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);   -- every page of the present month reads it all

-- The movements of the months that are not frozen, added up by cuts(): of the company (holder '') and of each holder, in all and by
-- store, category and priority. `net` is what they add to what is unfinished.
CREATE TABLE tally (
    month           date NOT NULL,
    holder          text NOT NULL,
    by              text NOT NULL,          -- '', 'store', 'category' or 'priority'
    key             text NOT NULL,
    reported        integer NOT NULL,
    opened          integer NOT NULL,
    received        integer NOT NULL,
    passed_on       integer NOT NULL,
    returned        integer NOT NULL,
    closed          integer NOT NULL,
    confirmed       integer NOT NULL,
    auto_confirmed  integer NOT NULL,
    reopened        integer NOT NULL,
    voided          integer NOT NULL,
    restored        integer NOT NULL,
    net             integer NOT NULL,
    PRIMARY KEY (month, by, holder, key)
);

-- Months that are over, as they were counted then (version 1): they never change. `restatement_id` is the last restatement of months
-- before that is in it already.
CREATE TABLE recap_month (
    month           date PRIMARY KEY,
    version         smallint NOT NULL DEFAULT 1,
    frozen_at       timestamptz NOT NULL DEFAULT now(),
    restatement_id  bigint NOT NULL
);
CREATE TABLE frozen (
    month           date NOT NULL REFERENCES recap_month,
    holder          text NOT NULL,
    by              text NOT NULL,
    key             text NOT NULL,
    opening         integer NOT NULL,
    reported        integer NOT NULL,
    opened          integer NOT NULL,
    received        integer NOT NULL,
    passed_on       integer NOT NULL,
    returned        integer NOT NULL,
    closed          integer NOT NULL,
    confirmed       integer NOT NULL,
    auto_confirmed  integer NOT NULL,
    reopened        integer NOT NULL,
    voided          integer NOT NULL,
    restored        integer NOT NULL,
    closing         integer NOT NULL,
    held_median     interval,                -- of the company and of each holder in all
    held_p90        interval,
    waited_median   interval,
    waited_p90      interval,
    PRIMARY KEY (month, by, holder, key)
);

-- What changed of a month after it was frozen, and the event that did it: frozen and restated, it is what is counted now.
CREATE TABLE restatement (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    month          date NOT NULL,
    kind           text NOT NULL,
    holder         text NOT NULL,
    store_code     text NOT NULL,
    category_code  text,
    priority       smallint,
    difference     smallint NOT NULL CHECK (difference IN (-1, 1)),
    problem_id     bigint NOT NULL,
    version        integer NOT NULL,
    at             timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX restatement_month ON restatement (month, id);

-- How soon problems were answered and solved in a month that is frozen, by cuts and by the tree of categories: seconds of working time, and
-- how many closures kept their target and missed it. It is known since the month was frozen, or since it began to be counted.
CREATE TABLE service_month (
    month  date PRIMARY KEY REFERENCES recap_month,
    cause  text NOT NULL CHECK (cause IN ('frozen', 'targets')),
    at     timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE frozen_service (
    month              date NOT NULL REFERENCES service_month,
    holder             text NOT NULL,
    by                 text NOT NULL,
    key                text NOT NULL,
    response_median    integer,
    response_p90       integer,
    resolution_median  integer,
    resolution_p90     integer,
    kept               integer NOT NULL,
    missed             integer NOT NULL,
    PRIMARY KEY (month, by, holder, key)
);

-- How far the history from before there were movements is counted: the problems up to number `up_to`, of which those up to `counted`
-- are; and up to which number it has no promises yet, which come from the newest on. One row.
CREATE TABLE counting (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    counted     bigint NOT NULL,
    up_to       bigint NOT NULL,
    unpromised  bigint NOT NULL DEFAULT 0
);
INSERT INTO counting (counted, up_to) VALUES (0, 0);

-- The working time that was used, by the promises of a problem, at the moment when it was opened or closed: in seconds; and of a closure
-- in how many minutes it was to be, and when these were over. Nothing of other kinds of movements, and of what had no promises then.
CREATE FUNCTION used_until(problem_id bigint, at timestamptz, kind text, OUT worked integer, OUT allowed integer, OUT due timestamptz)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF kind = 'opened' THEN
        SELECT q.answered INTO worked FROM promise q WHERE q.problem_id = used_until.problem_id AND q.since = used_until.at;
    ELSIF kind = 'closed' THEN
        SELECT q.used + CASE WHEN q.stands THEN 0 ELSE q.worked END, q.resolution, q.resolution_due
          INTO worked, allowed, due
          FROM promise q WHERE q.problem_id = used_until.problem_id AND q.until = used_until.at;
    END IF;
END $$;

-- What the events of problems count, from a version on. A stint is the time that a holder has a problem without a break.
CREATE FUNCTION movements_of(ids bigint[], since_version integer) RETURNS SETOF movement LANGUAGE sql STABLE AS $$
    WITH stint AS (
        SELECT c.problem_id, c.holder, min(lower(c.during)) AS since, max(coalesce(upper(c.during), 'infinity')) AS until,
               coalesce(sum(upper(c.during) - lower(c.during)) FILTER (WHERE c.waiting_for IS NOT NULL), '0') AS waited,
               coalesce(lead(min(lower(c.during))) OVER (PARTITION BY c.problem_id ORDER BY min(lower(c.during))), 'infinity') AS next
          FROM (SELECT b.*, count(*) FILTER (WHERE b.begins) OVER (PARTITION BY b.problem_id ORDER BY b.during) AS number
                  FROM (SELECT c.problem_id, c.during, c.waiting_for, k.holder,
                               (lag(k.holder) OVER w, lag(upper(c.during)) OVER w) IS DISTINCT FROM (k.holder, lower(c.during)) AS begins
                          FROM custody c, LATERAL (SELECT coalesce(c.division_code, c.department_code) AS holder) k
                         WHERE c.problem_id = ANY (ids) WINDOW w AS (PARTITION BY c.problem_id ORDER BY c.during)) b) c
         GROUP BY c.problem_id, c.number, c.holder)
    SELECT v.problem_id, v.version, k.kind, date_trunc('month', v.at AT TIME ZONE s.time_zone)::date, v.at, k.holder,
           p.store_code, p.category_code, p.priority,
           CASE WHEN k.ends THEN v.at - b.since - b.waited END, CASE WHEN k.ends THEN b.waited END, w.worked, w.allowed, w.due
      FROM event v
      JOIN problem p ON p.id = v.problem_id
      JOIN store s ON s.code = p.store_code
      LEFT JOIN stint b ON b.problem_id = v.problem_id AND b.since < v.at AND v.at <= b.next      -- who had it, or had it last,
      LEFT JOIN stint a ON a.problem_id = v.problem_id AND a.since <= v.at AND v.at < a.until     -- and who has it then
     CROSS JOIN LATERAL (SELECT coalesce(v.at <= b.until, false) AS was_held, a.holder IS NOT NULL AS is_held) h
     CROSS JOIN LATERAL (VALUES
               ('reported',       a.holder, false, v.cause = 'reported' AND NOT was_held AND is_held),
               ('opened',         b.holder, false, v.cause = 'opened'),
               ('received',       a.holder, false, is_held AND CASE WHEN was_held THEN a.holder <> b.holder ELSE v.cause <> 'reopened' END),
               ('passed_on',      b.holder, true,  is_held AND was_held AND a.holder <> b.holder),
               ('returned',       b.holder, false, v.cause = 'returned'),
               ('closed',         b.holder, true,  v.cause = 'closed' AND was_held AND NOT is_held),
               ('confirmed',      b.holder, false, v.cause = 'confirmed'),
               ('auto_confirmed', b.holder, false, v.cause = 'auto-confirmed'),
               ('reopened',       a.holder, false, v.cause = 'reopened' AND NOT was_held AND is_held),
               ('voided',         b.holder, true,  v.cause = 'voided' AND was_held AND NOT is_held),
               ('restored',       a.holder, false, v.cause = 'restored' AND NOT was_held AND is_held)) k (kind, holder, ends, counts)
     CROSS JOIN LATERAL used_until(v.problem_id, v.at, k.kind) w
     WHERE v.problem_id = ANY (ids) AND v.version >= since_version AND v.cause NOT IN ('commented', 'imported')
       AND k.counts AND k.holder IS NOT NULL
     UNION ALL      -- what comes from an old register happened when that says
    SELECT v.problem_id, v.version, k.kind, date_trunc('month', k.at AT TIME ZONE s.time_zone)::date, k.at,
           coalesce(c.division_code, c.department_code), p.store_code, p.category_code, p.priority,
           CASE WHEN k.ends THEN k.at - lower(c.during) END, CASE WHEN k.ends THEN interval '0' END,
           NULL::integer, NULL::integer, NULL::timestamptz
      FROM event v
      JOIN problem p ON p.id = v.problem_id
      JOIN store s ON s.code = p.store_code
      JOIN custody c ON c.problem_id = p.id AND lower(c.during) = p.reported_at
     CROSS JOIN LATERAL (VALUES
               ('reported', p.reported_at, false, true),
               ('received', p.reported_at, false, true),
               ('opened', p.reported_at, false, v.after ? 'category'),
               ('closed', upper(c.during), true, v.after ->> 'status' = 'closed')) k (kind, at, ends, counts)
     WHERE v.problem_id = ANY (ids) AND v.version >= since_version AND v.cause = 'imported' AND k.counts
$$;

-- Counts what a change of a problem, whose event and custody are written, adds to the numbers; and counts otherwise what it added
-- before, if it is identified otherwise now. Of this one event it says what movements_of says of any, from what is known of it here.
CREATE FUNCTION count_change(p problem, cause text, before jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    was_held boolean := coalesce(before ->> 'status' NOT IN ('closed', 'void'), false);
    is_held boolean := p.status NOT IN ('closed', 'void');
    giver text := coalesce(before ->> 'division', before ->> 'department');
    taker text := coalesce(p.holder_division_code, p.holder_department_code);
    kinds text[];
    c custody;
    since timestamptz := p.changed_at;      -- from when on the giver had it without a break
    waited interval := '0';
BEGIN
    IF (before ->> 'category', before ->> 'priority') IS DISTINCT FROM (p.category_code, p.priority::text) THEN
        UPDATE movement m SET category_code = p.category_code, priority = p.priority
         WHERE m.problem_id = p.id AND (m.category_code, m.priority) IS DISTINCT FROM (p.category_code, p.priority);
    END IF;
    kinds := array_remove(ARRAY[
        CASE WHEN cause IN ('reported', 'reopened', 'restored') AND NOT was_held AND is_held THEN cause END,
        CASE WHEN cause IN ('opened', 'returned', 'confirmed') THEN cause WHEN cause = 'auto-confirmed' THEN 'auto_confirmed' END,
        CASE WHEN is_held AND CASE WHEN was_held THEN taker <> giver ELSE cause <> 'reopened' END THEN 'received' END,
        CASE WHEN is_held AND was_held AND taker <> giver THEN 'passed_on' END,
        CASE WHEN cause IN ('closed', 'voided') AND was_held AND NOT is_held THEN cause END], NULL);
    IF kinds = '{}' THEN
        RETURN;
    END IF;
    IF kinds && ARRAY['passed_on', 'closed', 'voided'] THEN
        FOR c IN SELECT * FROM custody k WHERE k.problem_id = p.id AND upper(k.during) <= p.changed_at ORDER BY k.during DESC LOOP
            EXIT WHEN upper(c.during) <> since OR coalesce(c.division_code, c.department_code) <> giver;
            since := lower(c.during);
            IF c.waiting_for IS NOT NULL THEN
                waited := waited + (upper(c.during) - lower(c.during));
            END IF;
        END LOOP;
    END IF;
    INSERT INTO movement
    SELECT p.id, p.version, k.kind, date_trunc('month', p.changed_at AT TIME ZONE s.time_zone)::date, p.changed_at,
           CASE WHEN k.kind IN ('reported', 'received', 'reopened', 'restored') THEN taker ELSE giver END,
           p.store_code, p.category_code, p.priority,
           CASE WHEN k.ends THEN p.changed_at - since - waited END, CASE WHEN k.ends THEN waited END, w.worked, w.allowed, w.due
      FROM store s, LATERAL (SELECT u AS kind, u IN ('passed_on', 'closed', 'voided') AS ends FROM unnest(kinds) AS u) k,
           used_until(p.id, p.changed_at, k.kind) w
     WHERE s.code = p.store_code;
END $$;

-- Whoever counts something shares this lock until the commit, and freezing takes it alone: nobody adds to a month that is being frozen.
CREATE FUNCTION share_counting() RETURNS void LANGUAGE sql AS $$ SELECT pg_advisory_xact_lock_shared(1397310466) $$;

-- Whatever changes the movements changes the numbers: those of a month that is frozen by a restatement.
CREATE FUNCTION movement_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last_frozen date;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NOT EXISTS (SELECT FROM removed r JOIN added a ON (a.problem_id, a.version, a.kind) = (r.problem_id, r.version, r.kind)
                        WHERE (a.month, a.holder, a.store_code, a.category_code, a.priority) IS DISTINCT FROM
                              (r.month, r.holder, r.store_code, r.category_code, r.priority)) THEN
            RETURN NULL;            -- it counts where it did
        END IF;
    END IF;
    PERFORM share_counting();
    last_frozen := coalesce((SELECT max(r.month) FROM recap_month r), '-infinity');
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO uncounted SELECT m.month, m.kind, m.holder, m.store_code, m.category_code, m.priority, -1
          FROM removed m WHERE m.month > last_frozen;
        INSERT INTO restatement (month, kind, holder, store_code, category_code, priority, difference, problem_id, version)
        SELECT m.month, m.kind, m.holder, m.store_code, m.category_code, m.priority, -1, p.id, p.version
          FROM removed m JOIN problem p ON p.id = m.problem_id WHERE m.month <= last_frozen;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO uncounted SELECT m.month, m.kind, m.holder, m.store_code, m.category_code, m.priority, 1
          FROM added m WHERE m.month > last_frozen;
        INSERT INTO restatement (month, kind, holder, store_code, category_code, priority, difference, problem_id, version)
        SELECT m.month, m.kind, m.holder, m.store_code, m.category_code, m.priority, 1, p.id, p.version
          FROM added m JOIN problem p ON p.id = m.problem_id WHERE m.month <= last_frozen;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER movement_added AFTER INSERT ON movement REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION movement_changed();
CREATE TRIGGER movement_updated AFTER UPDATE ON movement REFERENCING OLD TABLE AS removed NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION movement_changed();
CREATE TRIGGER movement_removed AFTER DELETE ON movement REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION movement_changed();
CREATE TRIGGER recap_month_append_only BEFORE UPDATE OR DELETE ON recap_month FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER recap_month_no_truncate BEFORE TRUNCATE ON recap_month EXECUTE FUNCTION refuse();
CREATE TRIGGER frozen_append_only BEFORE UPDATE OR DELETE ON frozen FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER frozen_no_truncate BEFORE TRUNCATE ON frozen EXECUTE FUNCTION refuse();
CREATE TRIGGER restatement_append_only BEFORE UPDATE OR DELETE ON restatement FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER restatement_no_truncate BEFORE TRUNCATE ON restatement EXECUTE FUNCTION refuse();
CREATE TRIGGER service_month_append_only BEFORE UPDATE OR DELETE ON service_month FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER service_month_no_truncate BEFORE TRUNCATE ON service_month EXECUTE FUNCTION refuse();
CREATE TRIGGER frozen_service_append_only BEFORE UPDATE OR DELETE ON frozen_service FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER frozen_service_no_truncate BEFORE TRUNCATE ON frozen_service EXECUTE FUNCTION refuse();
CREATE TRIGGER movement_no_truncate BEFORE TRUNCATE ON movement EXECUTE FUNCTION refuse();

-- What a movement of this kind adds to what is unfinished: in the company, or in its holder's hands.
CREATE FUNCTION net(kind text, of_company boolean) RETURNS integer LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN kind = 'reopened' THEN 1
                WHEN kind IN ('closed', 'voided') THEN -1
                WHEN kind IN ('reported', 'restored') AND of_company THEN 1
                WHEN kind = 'received' AND NOT of_company THEN 1
                WHEN kind = 'passed_on' AND NOT of_company THEN -1
                ELSE 0 END;

-- Under which rows of the recap something is counted. What is not identified has the key ''.
CREATE FUNCTION cuts(holder text, store_code text, category_code text, priority integer)
RETURNS TABLE (holder text, by text, key text) LANGUAGE sql IMMUTABLE AS $$
    SELECT h.holder, c.by, c.key
      FROM (VALUES (''), (cuts.holder)) h (holder),
           (VALUES ('', ''), ('store', cuts.store_code), ('category', coalesce(cuts.category_code, '')),
                   ('priority', coalesce(cuts.priority::text, ''))) c (by, key)
$$;

-- `uncounted` as it will be added to `tally`; and both.
CREATE VIEW uncounted_tally AS
    SELECT u.month, c.holder, c.by, c.key,
           coalesce(sum(u.difference) FILTER (WHERE u.kind = 'reported'), 0)::integer AS reported,
           coalesce(sum(u.difference) FILTER (WHERE u.kind = 'opened'), 0)::integer AS opened,
           coalesce(sum(u.difference) FILTER (WHERE u.kind = 'received'), 0)::integer AS received,
           coalesce(sum(u.difference) FILTER (WHERE u.kind = 'passed_on'), 0)::integer AS passed_on,
           coalesce(sum(u.difference) FILTER (WHERE u.kind = 'returned'), 0)::integer AS returned,
           coalesce(sum(u.difference) FILTER (WHERE u.kind = 'closed'), 0)::integer AS closed,
           coalesce(sum(u.difference) FILTER (WHERE u.kind = 'confirmed'), 0)::integer AS confirmed,
           coalesce(sum(u.difference) FILTER (WHERE u.kind = 'auto_confirmed'), 0)::integer AS auto_confirmed,
           coalesce(sum(u.difference) FILTER (WHERE u.kind = 'reopened'), 0)::integer AS reopened,
           coalesce(sum(u.difference) FILTER (WHERE u.kind = 'voided'), 0)::integer AS voided,
           coalesce(sum(u.difference) FILTER (WHERE u.kind = 'restored'), 0)::integer AS restored,
           sum(u.difference * net(u.kind, c.holder = ''))::integer AS net
      FROM uncounted u, cuts(u.holder, u.store_code, u.category_code, u.priority) c
     GROUP BY u.month, c.holder, c.by, c.key;
CREATE VIEW live_tally AS SELECT * FROM tally UNION ALL SELECT * FROM uncounted_tally;

-- Adds up what is not added up yet. Nobody reads other numbers for it.
CREATE FUNCTION fold_tally() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(1397310467);      -- one at a time
    WITH folded AS (
        INSERT INTO tally AS t SELECT * FROM uncounted_tally
        ON CONFLICT (month, by, holder, key) DO UPDATE SET
            reported = t.reported + excluded.reported, opened = t.opened + excluded.opened,
            received = t.received + excluded.received, passed_on = t.passed_on + excluded.passed_on,
            returned = t.returned + excluded.returned, closed = t.closed + excluded.closed,
            confirmed = t.confirmed + excluded.confirmed, auto_confirmed = t.auto_confirmed + excluded.auto_confirmed,
            reopened = t.reopened + excluded.reopened, voided = t.voided + excluded.voided,
            restored = t.restored + excluded.restored, net = t.net + excluded.net)
    DELETE FROM uncounted;
END $$;

-- The numbers of a month by cuts(): the frozen ones, or those of now. What was unfinished before a month that is not frozen is what was
-- so after the last one that is, with what was restated since, and what happened in the months between.
CREATE FUNCTION numbers_of(month date)
RETURNS TABLE (holder text, by text, key text, opening bigint,
               reported bigint, opened bigint, received bigint, passed_on bigint, returned bigint, closed bigint,
               confirmed bigint, auto_confirmed bigint, reopened bigint, voided bigint, restored bigint, closing bigint)
LANGUAGE sql STABLE AS $$
    SELECT n.holder, n.by, n.key, sum(n.opening),
           sum(n.reported), sum(n.opened), sum(n.received), sum(n.passed_on), sum(n.returned), sum(n.closed),
           sum(n.confirmed), sum(n.auto_confirmed), sum(n.reopened), sum(n.voided), sum(n.restored),
           sum(n.opening + n.net)
      FROM (SELECT f.holder, f.by, f.key, f.opening,
                   f.reported, f.opened, f.received, f.passed_on, f.returned, f.closed, f.confirmed, f.auto_confirmed,
                   f.reopened, f.voided, f.restored,
                   f.closing - f.opening AS net
              FROM frozen f WHERE f.month = numbers_of.month
             UNION ALL
            SELECT t.holder, t.by, t.key, 0,
                   t.reported, t.opened, t.received, t.passed_on, t.returned, t.closed, t.confirmed, t.auto_confirmed,
                   t.reopened, t.voided, t.restored, t.net
              FROM live_tally t WHERE t.month = numbers_of.month AND (SELECT coalesce(max(r.month), '-infinity') FROM recap_month r) < numbers_of.month
             UNION ALL
            SELECT t.holder, t.by, t.key, t.net, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
              FROM live_tally t WHERE t.month < numbers_of.month AND (SELECT coalesce(max(r.month), '-infinity') FROM recap_month r) < numbers_of.month
             UNION ALL
            SELECT f.holder, f.by, f.key, f.closing, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
              FROM frozen f WHERE f.month = (SELECT max(r.month) FROM recap_month r) AND f.month < numbers_of.month
             UNION ALL
            SELECT c.holder, c.by, c.key, r.difference * net(r.kind, c.holder = ''), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
              FROM (SELECT l.month, l.restatement_id FROM recap_month l ORDER BY l.month DESC LIMIT 1) l
              JOIN restatement r ON r.id > l.restatement_id,
                   cuts(r.holder, r.store_code, r.category_code, r.priority) c
             WHERE l.month < numbers_of.month) n
     GROUP BY n.holder, n.by, n.key
    HAVING (sum(n.opening), sum(n.reported), sum(n.opened), sum(n.received), sum(n.passed_on), sum(n.returned), sum(n.closed),
            sum(n.confirmed), sum(n.auto_confirmed), sum(n.reopened), sum(n.voided), sum(n.restored))
           <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
$$;

-- The numbers of a month by store, category or priority, or of all (''), of these holders together ('' for the company), and of one key or all
-- (NULL); or by 'holder', of one store or of all. Planned once a connection: planning takes longer than reading.
CREATE FUNCTION numbers_by(month date, by text, holders text[], only_key text)
RETURNS TABLE (key text, opening bigint, reported bigint, opened bigint, received bigint, passed_on bigint, returned bigint,
               closed bigint, confirmed bigint, auto_confirmed bigint, reopened bigint, voided bigint, restored bigint,
               closing bigint)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    IF numbers_by.by = 'holder' THEN
        RETURN QUERY
        SELECT n.holder, n.opening, n.reported, n.opened, n.received, n.passed_on, n.returned, n.closed, n.confirmed, n.auto_confirmed,
               n.reopened, n.voided, n.restored, n.closing
          FROM numbers_of(numbers_by.month) n
         WHERE n.holder <> '' AND (holders IS NULL OR n.holder = ANY (holders)) AND n.key = coalesce(only_key, '')
           AND n.by = CASE WHEN only_key IS NULL THEN '' ELSE 'store' END;
    ELSE
        RETURN QUERY
        SELECT n.key, sum(n.opening)::bigint, sum(n.reported)::bigint, sum(n.opened)::bigint, sum(n.received)::bigint,
               sum(n.passed_on)::bigint, sum(n.returned)::bigint, sum(n.closed)::bigint, sum(n.confirmed)::bigint,
               sum(n.auto_confirmed)::bigint, sum(n.reopened)::bigint, sum(n.voided)::bigint, sum(n.restored)::bigint,
               sum(n.closing)::bigint
          FROM numbers_of(numbers_by.month) n
         WHERE n.by = numbers_by.by AND n.holder = ANY (holders) AND (only_key IS NULL OR n.key = only_key)
         GROUP BY n.key;
    END IF;
END $$;

-- The same by store, of these stores alone: a page of them.
CREATE FUNCTION numbers_of_stores(month date, holders text[], codes text[])
RETURNS TABLE (key text, opening bigint, reported bigint, opened bigint, received bigint, passed_on bigint, returned bigint,
               closed bigint, confirmed bigint, auto_confirmed bigint, reopened bigint, voided bigint, restored bigint,
               closing bigint)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN QUERY
    SELECT n.key, sum(n.opening)::bigint, sum(n.reported)::bigint, sum(n.opened)::bigint, sum(n.received)::bigint,
           sum(n.passed_on)::bigint, sum(n.returned)::bigint, sum(n.closed)::bigint, sum(n.confirmed)::bigint,
           sum(n.auto_confirmed)::bigint, sum(n.reopened)::bigint, sum(n.voided)::bigint, sum(n.restored)::bigint,
           sum(n.closing)::bigint
      FROM numbers_of(numbers_of_stores.month) n
     WHERE n.by = 'store' AND n.holder = ANY (holders) AND n.key = ANY (codes)
     GROUP BY n.key;
END $$;

-- How long holders had what left their hands in a month, and how long of the time besides it waited: medians and 90th percentiles, each
-- a time that occurred. Of all of them (holder ''), and of each; of one store, or of all (NULL).
CREATE FUNCTION times_of(month date, store_code text)
RETURNS TABLE (holder text, held_median interval, held_p90 interval, waited_median interval, waited_p90 interval)
LANGUAGE sql STABLE AS $$
    SELECT t.holder, t.held[1], t.held[2], t.waited[1], t.waited[2]
      FROM (SELECT coalesce(m.holder, '') AS holder, percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY m.held) AS held,
                   percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY m.waited) AS waited
              FROM movement m
             WHERE m.month = times_of.month AND m.held IS NOT NULL
               AND (times_of.store_code IS NULL OR m.store_code = times_of.store_code)
             GROUP BY GROUPING SETS ((), (m.holder))) t
$$;

-- The same of a month that is not frozen, of these holders ('' for the company) or all: read from the indexes, whose order is that of the
-- times, at the place where each stands.
CREATE FUNCTION nth_held(month date, holder text, place bigint, of bigint) RETURNS interval LANGUAGE sql STABLE
    RETURN CASE
        WHEN nth_held.holder = '' AND place * 2 <= of THEN (
            SELECT m.held FROM movement m WHERE m.month = nth_held.month AND m.held IS NOT NULL
             ORDER BY m.held OFFSET place - 1 LIMIT 1)
        WHEN nth_held.holder = '' THEN (
            SELECT m.held FROM movement m WHERE m.month = nth_held.month AND m.held IS NOT NULL
             ORDER BY m.held DESC OFFSET of - place LIMIT 1)
        WHEN place * 2 <= of THEN (
            SELECT m.held FROM movement m WHERE m.month = nth_held.month AND m.holder = nth_held.holder AND m.held IS NOT NULL
             ORDER BY m.held OFFSET place - 1 LIMIT 1)
        ELSE (
            SELECT m.held FROM movement m WHERE m.month = nth_held.month AND m.holder = nth_held.holder AND m.held IS NOT NULL
             ORDER BY m.held DESC OFFSET of - place LIMIT 1) END;
CREATE FUNCTION nth_waited(month date, holder text, place bigint, of bigint) RETURNS interval LANGUAGE sql STABLE
    RETURN coalesce(CASE
        WHEN nth_waited.holder = '' THEN (
            SELECT m.waited FROM movement m WHERE m.month = nth_waited.month AND m.waited > '0'
             ORDER BY m.waited DESC OFFSET of - place LIMIT 1)
        ELSE (
            SELECT m.waited FROM movement m WHERE m.month = nth_waited.month AND m.holder = nth_waited.holder AND m.waited > '0'
             ORDER BY m.waited DESC OFFSET of - place LIMIT 1) END, '0');
CREATE FUNCTION live_times(month date, holders text[])
RETURNS TABLE (holder text, held_median interval, held_p90 interval, waited_median interval, waited_p90 interval)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE h record;
BEGIN
    FOR h IN
        SELECT t.holder, ceil(0.5 * sum(t.ended))::bigint AS half, ceil(0.9 * sum(t.ended))::bigint AS most, sum(t.ended)::bigint AS every
          FROM (SELECT l.holder, l.passed_on + l.closed + l.voided AS ended FROM live_tally l
                 WHERE l.month = live_times.month AND l.by = '' AND (holders IS NULL OR l.holder = ANY (holders))) t
         GROUP BY t.holder HAVING sum(t.ended) > 0 LOOP
        holder := h.holder;
        held_median := nth_held(live_times.month, h.holder, h.half, h.every);
        held_p90 := nth_held(live_times.month, h.holder, h.most, h.every);
        waited_median := nth_waited(live_times.month, h.holder, h.half, h.every);
        waited_p90 := nth_waited(live_times.month, h.holder, h.most, h.every);
        RETURN NEXT;
    END LOOP;
END $$;

-- Of these problems those whose movements are not what their histories say. There are none, or what is wrong is found by this.
CREATE FUNCTION miscounted(ids bigint[]) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    SELECT DISTINCT d.problem_id
      FROM ((SELECT m.* FROM movement m WHERE m.problem_id = ANY (ids) EXCEPT SELECT s.* FROM movements_of(ids, 1) s)
            UNION ALL
            (SELECT s.* FROM movements_of(ids, 1) s EXCEPT SELECT m.* FROM movement m WHERE m.problem_id = ANY (ids))) d
$$;

-- Has the movements of these problems say what their promises do. No count changes by it.
CREATE FUNCTION recount_worked(ids bigint[]) RETURNS void LANGUAGE sql AS $$
    UPDATE movement m SET (worked, allowed, due) = (w.worked, w.allowed, w.due)
      FROM movement k, LATERAL (SELECT * FROM used_until(k.problem_id, k.at, k.kind) OFFSET 0) w
     WHERE k.problem_id = ANY (ids) AND k.kind IN ('opened', 'closed')
       AND (m.problem_id, m.version, m.kind) = (k.problem_id, k.version, k.kind)
       AND (k.worked, k.allowed, k.due) IS DISTINCT FROM (w.worked, w.allowed, w.due)
$$;

-- Counts these problems anew, by their histories; nobody changes them meanwhile.
CREATE FUNCTION recount(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM problem p WHERE p.id = ANY (ids) ORDER BY p.id FOR NO KEY UPDATE;
    PERFORM recount_worked(ids);
    DELETE FROM movement m WHERE m.problem_id = ANY (ids) AND NOT EXISTS (SELECT FROM movements_of(ids, 1) s WHERE s = m);
    INSERT INTO movement SELECT * FROM movements_of(ids, 1) ON CONFLICT DO NOTHING;
END $$;

-- What happened at a store belongs to the months of its clocks, also when these are corrected: counted anew is what is of another month by that.
CREATE FUNCTION store_zone_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM recount(ARRAY(SELECT DISTINCT m.problem_id FROM problem p JOIN movement m ON m.problem_id = p.id
                           WHERE p.store_code = NEW.code AND m.month <> date_trunc('month', m.at AT TIME ZONE NEW.time_zone)::date));
    RETURN NULL;
END $$;
CREATE TRIGGER store_zone_changed AFTER UPDATE ON store FOR EACH ROW
    WHEN (OLD.time_zone <> NEW.time_zone) EXECUTE FUNCTION store_zone_changed();

-- Of a month the sums that are not those of its movements, by cuts(), and by how much they differ; of a frozen one what was restated since is
-- taken off first. There are none, or what is wrong is found by this.
CREATE FUNCTION miscounted_sums(month date) RETURNS TABLE (holder text, by text, key text, number text, difference bigint)
LANGUAGE sql STABLE AS $$
    WITH counted AS (
        SELECT m.kind, m.holder, m.store_code, m.category_code, m.priority, count(*) AS times
          FROM movement m WHERE m.month = miscounted_sums.month
         GROUP BY m.kind, m.holder, m.store_code, m.category_code, m.priority
         UNION ALL
        SELECT r.kind, r.holder, r.store_code, r.category_code, r.priority, -r.difference
          FROM restatement r WHERE r.month = miscounted_sums.month
    ), kept AS (
        SELECT t.holder, t.by, t.key, to_jsonb(t) AS numbers FROM live_tally t WHERE t.month = miscounted_sums.month
         UNION ALL
        SELECT f.holder, f.by, f.key, to_jsonb(f) || jsonb_build_object('net', f.closing - f.opening)
          FROM frozen f WHERE f.month = miscounted_sums.month
    )
    SELECT b.holder, b.by, b.key, b.number, sum(b.times)::bigint
      FROM (SELECT c.holder, c.by, c.key, n.number, n.times
              FROM counted m, cuts(m.holder, m.store_code, m.category_code, m.priority) c,
                   LATERAL (VALUES (m.kind, m.times), ('net', m.times * net(m.kind, c.holder = ''))) n (number, times)
             UNION ALL
            SELECT r.holder, r.by, r.key, n.key, -n.value::bigint
              FROM kept r, jsonb_each_text(r.numbers - '{month,holder,by,key,opening,closing}'::text[]) n
             WHERE n.key !~ '_(median|p90)$') b
     GROUP BY b.holder, b.by, b.key, b.number HAVING sum(b.times) <> 0
$$;

-- Holds the lock that whoever counts something shares, until the commit.
CREATE FUNCTION hold_counting() RETURNS void LANGUAGE sql AS $$ SELECT hold_alone(1397310466) $$;

-- Adds up anew all months that are not frozen, from their movements. Whoever counts something waits for it.
CREATE FUNCTION recount_sums() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM hold_counting();
    PERFORM pg_advisory_xact_lock(1397310467);      -- as fold_tally
    DELETE FROM uncounted;
    DELETE FROM tally;
    INSERT INTO uncounted SELECT m.month, m.kind, m.holder, m.store_code, m.category_code, m.priority, 1
      FROM movement m WHERE m.month > coalesce((SELECT max(r.month) FROM recap_month r), '-infinity');
    PERFORM fold_tally();
END $$;

-- Counts the history of at most `portion` problems that were there before movements were; whether some are left. Nobody changes them
-- meanwhile, and what they count already stays.
CREATE FUNCTION count_history(portion integer) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    c counting;
    ids bigint[];
BEGIN
    SELECT * INTO c FROM counting FOR UPDATE;
    ids := ARRAY(SELECT p.id FROM problem p WHERE p.id > c.counted AND p.id <= c.up_to ORDER BY p.id LIMIT portion);
    PERFORM FROM problem p WHERE p.id = ANY (ids) ORDER BY p.id FOR NO KEY UPDATE;
    INSERT INTO movement SELECT * FROM movements_of(ids, 1) ON CONFLICT DO NOTHING;
    PERFORM fold_tally();
    c.counted := CASE WHEN cardinality(ids) < portion THEN c.up_to ELSE ids[portion] END;
    UPDATE counting SET counted = c.counted;
    RETURN c.counted < c.up_to;
END $$;

-- Has at most `portion` problems that were there before promises were, the newest first, have theirs, and counts the working time that was
-- used by then; whether some are left. Nobody changes them meanwhile. What it asks is planned while there are few promises, and stays planned.
CREATE FUNCTION promise_history(portion integer) RETURNS boolean LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    c counting;
    ids bigint[];
    p problem;
    due timestamptz;
BEGIN
    SELECT * INTO c FROM counting FOR UPDATE;
    ids := ARRAY(SELECT q.id FROM problem q WHERE q.id <= c.unpromised ORDER BY q.id DESC LIMIT portion);
    FOR p IN SELECT q.* FROM problem q WHERE q.id = ANY (ids) ORDER BY q.id FOR NO KEY UPDATE LOOP
        CONTINUE WHEN EXISTS (SELECT FROM promise q WHERE q.problem_id = p.id);
        due := replay_promises(p.id);
        IF due IS DISTINCT FROM p.due_at THEN
            UPDATE problem SET due_at = due WHERE id = p.id;
        END IF;
    END LOOP;
    PERFORM recount_worked(ids);
    c.unpromised := CASE WHEN cardinality(ids) < portion THEN 0 ELSE ids[portion] - 1 END;
    UPDATE counting SET unpromised = c.unpromised;
    RETURN c.unpromised > 0;
END $$;

-- How soon problems were answered and solved in a month: the median and the 90th percentile of the seconds of working time, each one that
-- occurred; and how many closures kept and missed their target. Of the company (holder '') and of each holder, in all and by store, category
-- (with those below it) and priority.
CREATE FUNCTION service_of(month date)
RETURNS TABLE (holder text, by text, key text, response_median integer, response_p90 integer, resolution_median integer,
               resolution_p90 integer, kept integer, missed integer)
LANGUAGE sql STABLE AS $$
    WITH RECURSIVE above (code, category_code) AS (
        SELECT c.code, c.code FROM category c
         UNION
        SELECT c.parent_code, a.category_code FROM above a JOIN category c ON c.code = a.code WHERE c.parent_code IS NOT NULL
    ), used AS (
        SELECT m.holder, m.store_code, m.category_code, m.priority, m.worked, m.kind = 'opened' AS answers, m.allowed IS NOT NULL AS counts,
               coalesce(m.at > m.due, false) AS late
          FROM movement m WHERE m.month = service_of.month AND m.kind IN ('opened', 'closed') AND m.worked IS NOT NULL
    )
    SELECT s.holder, s.by, s.key, s.response[1], s.response[2], s.resolution[1], s.resolution[2], s.kept, s.missed
      FROM (SELECT h.holder, k.by, k.key,
                   percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY u.worked) FILTER (WHERE u.answers) AS response,
                   percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY u.worked) FILTER (WHERE NOT u.answers) AS resolution,
                   (count(*) FILTER (WHERE u.counts AND NOT u.late))::integer AS kept,
                   (count(*) FILTER (WHERE u.counts AND u.late))::integer AS missed
              FROM used u
             CROSS JOIN LATERAL (VALUES (''), (u.holder)) h (holder)
             CROSS JOIN LATERAL (
                   VALUES ('', ''), ('store', u.store_code), ('priority', coalesce(u.priority::text, ''))
                    UNION ALL
                   SELECT 'category', a.code FROM above a WHERE a.category_code = u.category_code
                    UNION ALL
                   SELECT 'category', '' WHERE u.category_code IS NULL) k (by, key)
             GROUP BY h.holder, k.by, k.key) s
$$;

-- Keeps that of the newest month that was frozen before it was counted; which one it was. NULL: there is none, or some problems have no
-- promises yet. It stays, as what is frozen does.
CREATE FUNCTION restate_service() RETURNS date LANGUAGE plpgsql AS $$
DECLARE
    restated date := (SELECT max(r.month) FROM recap_month r WHERE NOT EXISTS (SELECT FROM service_month s WHERE s.month = r.month));
BEGIN
    IF restated IS NULL OR EXISTS (SELECT FROM counting c WHERE c.unpromised > 0) THEN
        RETURN NULL;
    END IF;
    INSERT INTO service_month (month, cause) VALUES (restated, 'targets');
    INSERT INTO frozen_service SELECT restated, s.* FROM service_of(restated) s;
    RETURN restated;
END $$;

-- Freezes the oldest month that is over and not frozen, in WIB, where a month ends last; which one it was. NULL: there is none, or the
-- history is not counted yet.
CREATE FUNCTION freeze_month() RETURNS date LANGUAGE plpgsql AS $$
DECLARE frozen_month date;
BEGIN
    PERFORM hold_counting();
    IF EXISTS (SELECT FROM counting c WHERE c.counted < c.up_to OR c.unpromised > 0) THEN
        RETURN NULL;
    END IF;
    PERFORM fold_tally();
    frozen_month := coalesce((SELECT max(r.month) + interval '1 month' FROM recap_month r), (SELECT min(t.month) FROM tally t));
    IF ((frozen_month + interval '1 month') AT TIME ZONE 'Asia/Jakarta' <= now()) IS NOT TRUE THEN
        RETURN NULL;
    END IF;
    WITH numbers AS MATERIALIZED (
        SELECT n.*, t.held_median, t.held_p90, t.waited_median, t.waited_p90
          FROM numbers_of(frozen_month) n LEFT JOIN times_of(frozen_month, NULL) t ON t.holder = n.holder AND n.by = ''
    ), noted AS (
        INSERT INTO recap_month (month, restatement_id)
        SELECT frozen_month, coalesce(max(r.id), 0) FROM restatement r
    )
    INSERT INTO frozen SELECT frozen_month, n.* FROM numbers n;
    INSERT INTO service_month (month, cause) VALUES (frozen_month, 'frozen');
    INSERT INTO frozen_service SELECT frozen_month, s.* FROM service_of(frozen_month) s;
    DELETE FROM tally t WHERE t.month = frozen_month;
    RETURN frozen_month;
END $$;


-- Counts beside the list ------------------------------------------------------------------------------------------------

-- Under which scopes of the list a problem is counted (docs/decisions/0109): that of all, of its store, its holder, its PIC in whichever
-- department, who it is assigned to, and of the division that holds what is assigned to nobody.
CREATE FUNCTION scopes(store_code text, division_code text, department_code text, pic_nik text, assignee_nik text) RETURNS text[]
LANGUAGE sql IMMUTABLE
    RETURN array_remove(ARRAY['all', 'store=' || store_code, 'division=' || division_code, 'department=' || department_code,
                              'pic=' || department_code || ':' || pic_nik, 'held=' || pic_nik, 'assigned=' || assignee_nik,
                              CASE WHEN assignee_nik IS NULL THEN 'unassigned=' || division_code END], NULL);

-- Under which scopes it is counted in an area that its store is in: those that the list of a manager can be narrowed to.
CREATE FUNCTION area_scopes(area_code text, scopes text[]) RETURNS SETOF text LANGUAGE sql IMMUTABLE AS $$
    SELECT 'area=' || area_code || CASE WHEN s.scope = 'all' THEN '' ELSE ' ' || s.scope END
      FROM unnest(scopes) s (scope) WHERE s.scope = 'all' OR s.scope ^@ 'division=' OR s.scope ^@ 'department=' OR s.scope ^@ 'pic='
$$;
-- All its scopes, with those of the areas; the second of `scopes` is its store's.
CREATE FUNCTION with_areas(scopes text[]) RETURNS SETOF text LANGUAGE sql STABLE AS $$
    SELECT s.scope FROM unnest(scopes) s (scope)
     UNION ALL
    SELECT k.scope FROM area_store w, area_scopes(w.area_code, scopes) k (scope) WHERE w.store_code = substr(scopes[2], 7)
$$;

-- How many problems there are in each scope, by year, priority (6: none) and status; without what changed since it was added up last.
-- Empty: nothing is counted yet.
CREATE TABLE problem_count (
    scope     text NOT NULL,
    year      smallint NOT NULL,
    priority  smallint NOT NULL,
    status    text NOT NULL,
    number    integer NOT NULL,
    PRIMARY KEY (scope, year, priority, status)
) WITH (fillfactor = 70);       -- so that adding up writes no index

-- What changed and is not added up yet: one row for what a problem was, one for what it became (no row is hot).
CREATE TABLE problem_count_change (
    scopes      text[] NOT NULL,
    year        smallint NOT NULL,
    priority    smallint NOT NULL,
    status      text NOT NULL,
    difference  smallint NOT NULL CHECK (difference IN (-1, 1))
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);    -- every list reads it all

CREATE VIEW problem_count_now AS
    SELECT c.scope, c.year, c.priority, c.status, c.number FROM problem_count c
     UNION ALL
    SELECT s.scope, c.year, c.priority, c.status, c.difference FROM problem_count_change c, with_areas(c.scopes) s (scope);

-- Notes what a problem counts as no more, and as what it counts now. About every 200th change has what is noted added up.
CREATE FUNCTION problem_counted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO problem_count_change (scopes, year, priority, status, difference)
        VALUES (scopes(OLD.store_code, OLD.holder_division_code, OLD.holder_department_code, OLD.holder_pic_nik, OLD.assignee_nik),
                OLD.year, coalesce(OLD.priority, 6), OLD.status, -1),
               (scopes(NEW.store_code, NEW.holder_division_code, NEW.holder_department_code, NEW.holder_pic_nik, NEW.assignee_nik),
                NEW.year, coalesce(NEW.priority, 6), NEW.status, 1);
    ELSE
        INSERT INTO problem_count_change (scopes, year, priority, status, difference)
        VALUES (scopes(NEW.store_code, NEW.holder_division_code, NEW.holder_department_code, NEW.holder_pic_nik, NEW.assignee_nik),
                NEW.year, coalesce(NEW.priority, 6), NEW.status, 1);
    END IF;
    IF (NEW.id + NEW.version) % 200 = 0 AND NOT (TG_OP = 'INSERT' AND is_imported(NEW.id)) THEN
        INSERT INTO job (kind) VALUES ('fold');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER problem_reported_counted AFTER INSERT ON problem FOR EACH ROW EXECUTE FUNCTION problem_counted();
CREATE TRIGGER problem_changed_counted AFTER UPDATE ON problem FOR EACH ROW
    WHEN ((OLD.status, OLD.year, OLD.priority, OLD.store_code, OLD.holder_division_code, OLD.holder_department_code, OLD.holder_pic_nik,
           OLD.assignee_nik) IS DISTINCT FROM
          (NEW.status, NEW.year, NEW.priority, NEW.store_code, NEW.holder_division_code, NEW.holder_department_code, NEW.holder_pic_nik,
           NEW.assignee_nik))
    EXECUTE FUNCTION problem_counted();

-- What is counted otherwise than the problems are, and by how much; of an empty `problem_count` all that is to be added up.
CREATE FUNCTION miscounted_problems() RETURNS SETOF problem_count LANGUAGE sql STABLE AS $$
    SELECT b.scope, b.year, b.priority, b.status, sum(b.number)::integer
      FROM (SELECT s.scope, p.year, coalesce(p.priority, 6)::smallint AS priority, p.status, count(*) AS number
              FROM problem p,
                   unnest(scopes(p.store_code, p.holder_division_code, p.holder_department_code, p.holder_pic_nik, p.assignee_nik)) s (scope)
             GROUP BY s.scope, p.year, coalesce(p.priority, 6), p.status
             UNION ALL
            SELECT k.scope, a.year, a.priority, a.status, a.number
              FROM (SELECT w.area_code, p.holder_division_code AS division, p.holder_department_code AS department, p.holder_pic_nik AS pic,
                           p.year, coalesce(p.priority, 6)::smallint AS priority, p.status, count(*) AS number
                      FROM problem p JOIN area_store w ON w.store_code = p.store_code GROUP BY 1, 2, 3, 4, 5, 6, 7) a,
                   area_scopes(a.area_code, scopes('', a.division, a.department, a.pic, NULL)) k (scope)
             UNION ALL
            SELECT n.scope, n.year, n.priority, n.status, -n.number FROM problem_count_now n) b
     GROUP BY b.scope, b.year, b.priority, b.status HAVING sum(b.number) <> 0
     ORDER BY b.scope, b.year, b.priority, b.status
$$;

-- Counts the problems, of which nobody has to wait: those that its one statement sees. What is changed meanwhile is noted.
CREATE FUNCTION recount_problems() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(1397310468);      -- one at a time, as fold_problem_counts
    INSERT INTO problem_count AS c SELECT * FROM miscounted_problems()
    ON CONFLICT (scope, year, priority, status) DO UPDATE SET number = c.number + excluded.number;
END $$;

-- Adds up what is not added up yet. Nobody reads other numbers for it. The first time it counts the problems.
CREATE FUNCTION fold_problem_counts() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(1397310468);
    IF NOT EXISTS (SELECT FROM problem_count) THEN
        PERFORM recount_problems();
    END IF;
    WITH folded AS (DELETE FROM problem_count_change RETURNING *)
    INSERT INTO problem_count AS c
    SELECT s.scope, f.year, f.priority, f.status, sum(f.difference) FROM folded f, with_areas(f.scopes) s (scope)
     GROUP BY s.scope, f.year, f.priority, f.status HAVING sum(f.difference) <> 0
    ON CONFLICT (scope, year, priority, status) DO UPDATE SET number = c.number + excluded.number;
END $$;

-- Has `area_store` say what `store` and `area` do, and what is counted of an area along with it: what the problems of a store that comes or
-- goes count, but for what is not added up yet. One at a time, as fold_problem_counts: nothing is added up meanwhile.
CREATE FUNCTION renew_area_stores() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(1397310468);
    WITH RECURSIVE below (area_code, store_code) AS (
        SELECT s.area_code, s.code FROM store s WHERE s.area_code IS NOT NULL
         UNION
        SELECT a.parent_code, b.store_code FROM below b JOIN area a ON a.code = b.area_code WHERE a.parent_code IS NOT NULL
    ), gone AS (
        DELETE FROM area_store w
         WHERE NOT EXISTS (SELECT FROM below b WHERE (b.area_code, b.store_code) = (w.area_code, w.store_code))
        RETURNING w.area_code, w.store_code, -1 AS sign
    ), come AS (
        INSERT INTO area_store SELECT b.area_code, b.store_code FROM below b
        ON CONFLICT DO NOTHING RETURNING area_code, store_code, 1 AS sign
    ), changed AS (
        SELECT * FROM gone UNION ALL SELECT * FROM come
    )
    INSERT INTO problem_count AS c
    SELECT n.scope, n.year, n.priority, n.status, sum(n.number)
      FROM (SELECT k.scope, a.year, a.priority, a.status, a.number
              FROM (SELECT h.area_code, p.holder_division_code AS division, p.holder_department_code AS department, p.holder_pic_nik AS pic,
                           p.year, coalesce(p.priority, 6)::smallint AS priority, p.status, sum(h.sign) AS number
                      FROM changed h
                     CROSS JOIN LATERAL (SELECT * FROM problem p WHERE p.store_code = h.store_code OFFSET 0) p      -- store by store
                     GROUP BY 1, 2, 3, 4, 5, 6, 7) a,
                   area_scopes(a.area_code, scopes('', a.division, a.department, a.pic, NULL)) k (scope)
             UNION ALL
            SELECT k.scope, d.year, d.priority, d.status, -h.sign * d.difference
              FROM problem_count_change d JOIN changed h ON 'store=' || h.store_code = d.scopes[2],
                   area_scopes(h.area_code, d.scopes) k (scope)) n
     WHERE EXISTS (SELECT FROM problem_count)
     GROUP BY n.scope, n.year, n.priority, n.status HAVING sum(n.number) <> 0
    ON CONFLICT (scope, year, priority, status) DO UPDATE SET number = c.number + excluded.number;
END $$;

CREATE FUNCTION areas_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM area) THEN
        PERFORM renew_area_stores();
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER store_in_area AFTER INSERT OR UPDATE OF area_code ON store FOR EACH STATEMENT EXECUTE FUNCTION areas_changed();
CREATE TRIGGER area_in_area AFTER INSERT OR UPDATE OF parent_code ON area FOR EACH STATEMENT EXECUTE FUNCTION areas_changed();


-- An old register --------------------------------------------------------------------------------------------------------

-- Writes the next `portion` problems of an import beyond a row, each as it was in the register it comes from (docs/decisions/0122): up to which
-- row it went, and how many they were; NULL and 0: none is left. `nik` sent it; nobody where the operators' command did. It tells nobody:
-- whoever tells people of events leaves out those of the cause 'imported'.
CREATE FUNCTION import_problems(import_id bigint, after integer, portion integer, nik text, OUT last integer, OUT written integer)
LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
    stray_id bigint;
BEGIN
    WITH next AS (
        SELECT r.number, r.after, r.code FROM import_row r
         WHERE r.import_id = import_problems.import_id AND r.outcome = 'new' AND r.number > import_problems.after
         ORDER BY r.number LIMIT portion
    ), numbered AS (
        INSERT INTO imported_problem AS i (problem_id, number, folded, import_id, row, digest)
        SELECT nextval(pg_get_serial_sequence('problem', 'id')), n.after ->> 'number', n.code, import_problems.import_id, n.number,
               decode(n.after ->> 'digest', 'hex')
          FROM next n RETURNING i.problem_id, i.row
    )
    SELECT array_agg(n.problem_id ORDER BY n.problem_id), max(n.row), count(*) INTO ids, last, written FROM numbered n;
    IF written = 0 THEN
        RETURN;
    END IF;
    INSERT INTO problem (id, status, reported_at, reporter_nik, recorded_by_nik, store_code, title, description, holder_division_code,
                         holder_department_code, holder_pic_nik, category_code, impact, urgency, identification, solution, confirmed_at)
    OVERRIDING SYSTEM VALUE
    SELECT i.problem_id, CASE WHEN r.after ? 'closed' THEN 'closed' WHEN r.after ? 'category' THEN 'open' ELSE 'reported' END,
           (r.after ->> 'reported')::timestamptz, r.after ->> 'reporter', r.after ->> 'reporter', r.after ->> 'store', r.after ->> 'title',
           r.after ->> 'description',
           CASE WHEN h.held[1] = 'D' THEN h.held[2] WHEN h.held IS NULL THEN (SELECT d.code FROM division d WHERE d.kind = 'desk') END,
           CASE WHEN h.held[1] = 'P' THEN h.held[2] END, CASE WHEN h.held[1] = 'P' THEN h.held[3] END,
           r.after ->> 'category', (r.after ->> 'impact')::smallint, (r.after ->> 'urgency')::smallint, r.after ->> 'identification',
           r.after ->> 'solution', (r.after ->> 'closed')::timestamptz
      FROM imported_problem i
      JOIN import_row r ON r.import_id = i.import_id AND r.number = i.row
     CROSS JOIN LATERAL (SELECT string_to_array(r.after ->> 'holder', ':') AS held) h
     WHERE i.problem_id = ANY (ids) ORDER BY i.problem_id;
    INSERT INTO event (problem_id, at, actor_nik, cause, version, after)
    SELECT p.id, now(), import_problems.nik, 'imported', 1, facts(p) FROM problem p WHERE p.id = ANY (ids) ORDER BY p.id;
    INSERT INTO custody (problem_id, during, division_code, department_code, pic_nik)
    SELECT p.id, tstzrange(p.reported_at, p.confirmed_at), p.holder_division_code, p.holder_department_code, p.holder_pic_nik
      FROM problem p WHERE p.id = ANY (ids) ORDER BY p.id;
    INSERT INTO movement SELECT * FROM movements_of(ids, 1);
    -- What nobody can act on goes to the desk, as record_change has it.
    PERFORM FROM employee e WHERE e.nik IN (SELECT p.holder_pic_nik FROM problem p WHERE p.id = ANY (ids) AND p.status <> 'closed')
      ORDER BY e.nik FOR SHARE;
    PERFORM FROM division d WHERE d.kind <> 'desk'
        AND d.code IN (SELECT p.holder_division_code FROM problem p WHERE p.id = ANY (ids) AND p.status <> 'closed')
      ORDER BY d.code FOR SHARE;
    FOR stray_id IN SELECT p.id FROM problem p JOIN division d ON d.kind = 'desk'
                     WHERE p.id = ANY (ids) AND p.status <> 'closed' AND p.holder_division_code IS DISTINCT FROM d.code
                       AND NOT is_attended(p.holder_division_code, p.holder_department_code, p.holder_pic_nik) ORDER BY p.id LOOP
        PERFORM hand_over(stray_id, NULL, NULL);
    END LOOP;
    SET CONSTRAINTS ALL IMMEDIATE;      -- what it queues is done portion by portion
    SET CONSTRAINTS ALL DEFERRED;
END $$;

-- What an import of them leaves to be added up is added up: it is more than whoever reads would want to add. Months before the first that was
-- frozen had nothing then, and are restated as those after it are.
CREATE FUNCTION end_import_of_problems() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO recap_month (month, restatement_id)
    SELECT m.month::date, 0
      FROM generate_series((SELECT min(r.month) FROM restatement r)::timestamp, (SELECT min(r.month) FROM recap_month r) - interval '1 month',
                           interval '1 month') m (month)
    ON CONFLICT DO NOTHING;
    PERFORM fold_tally();
    PERFORM fold_problem_counts();
END $$;


-- Search ----------------------------------------------------------------------------------------------------------------

-- Whose notes all who see a problem may read. What is not named here is not searched.
CREATE FUNCTION is_read_by_all(cause text) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN cause IN ('reported', 'opened', 'corrected', 'assigned', 'released', 'paused', 'resumed', 'replied', 'elapsed', 'escalated',
                     'accepted', 'returned', 'recalled', 'taken over', 'handed over', 'closed', 'confirmed', 'reopened', 'voided',
                     'restored', 'commented');

CREATE FUNCTION event_searched() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE added text;
BEGIN
    SELECT string_agg(DISTINCT word, ' ') INTO added
      FROM problem p, regexp_split_to_table(searchable(NEW.note), ' ') AS word
     WHERE p.id = NEW.problem_id AND length(p.search_text) < 100000 AND strpos(p.search_text, word) = 0;
    IF added IS NOT NULL THEN
        UPDATE problem SET search_text = search_text || ' ' || added WHERE id = NEW.problem_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER event_searched AFTER INSERT ON event FOR EACH ROW WHEN (NEW.note IS NOT NULL AND is_read_by_all(NEW.cause))
    EXECUTE FUNCTION event_searched();

-- What was noted is searched apart, with the rest, by whoever reads notes. Who writes a note holds the problem's row.
CREATE FUNCTION note_searched() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO note_search AS n (problem_id, text)
    SELECT p.id, searchable(NEW.text) || E'\n' || p.search_text FROM problem p WHERE p.id = NEW.problem_id
    ON CONFLICT (problem_id) DO UPDATE SET text = searchable(NEW.text) || ' ' || n.text WHERE length(n.text) < 200000;
    RETURN NULL;
END $$;
CREATE TRIGGER note_searched AFTER INSERT ON note FOR EACH ROW WHEN (NEW.text IS NOT NULL) EXECUTE FUNCTION note_searched();
CREATE FUNCTION problem_searched() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE note_search n SET text = left(n.text, strpos(n.text, E'\n')) || NEW.search_text WHERE n.problem_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER problem_searched AFTER UPDATE ON problem FOR EACH ROW WHEN (OLD.search_text <> NEW.search_text)
    EXECUTE FUNCTION problem_searched();
-- Puts in what was noted on at most `portion` problems after a number, as it is when their rows are held; after which number to go on, NULL
-- at the end.
CREATE FUNCTION fill_note_search(after bigint, portion integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[] := ARRAY(SELECT DISTINCT n.problem_id FROM note n WHERE n.problem_id > after AND n.text IS NOT NULL ORDER BY 1 LIMIT portion);
BEGIN
    PERFORM FROM problem p WHERE p.id = ANY (ids) ORDER BY p.id FOR NO KEY UPDATE;
    INSERT INTO note_search AS s (problem_id, text)
    SELECT p.id, string_agg(searchable(n.text), ' ' ORDER BY n.seq DESC) || E'\n' || p.search_text
      FROM note n JOIN problem p ON p.id = n.problem_id WHERE p.id = ANY (ids) AND n.text IS NOT NULL GROUP BY p.id
    ON CONFLICT (problem_id) DO UPDATE SET text = excluded.text WHERE s.text <> excluded.text;
    RETURN ids[portion];
END $$;

-- Makes what is searched anew, of the problems among the `portion` numbers below `before` (or of the last ones) that show the name of
-- the row `code` of the table `of`; of 'problem' of all of them, with what was noted. Below which number to go on; NULL at the end.
CREATE FUNCTION renew_search(of text, code text, before bigint, portion integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE lowest bigint := coalesce(before, (SELECT max(p.id) + 1 FROM problem p)) - portion;
BEGIN
    IF of = 'problem' THEN
        UPDATE problem p SET search_text = E'\n' || left(coalesce((
                   SELECT string_agg(DISTINCT word, ' ') FROM event v, regexp_split_to_table(searchable(v.note), ' ') AS word
                    WHERE v.problem_id = p.id AND is_read_by_all(v.cause)), ''), 100000)
         WHERE p.id >= lowest AND p.id < lowest + portion;
    ELSE
        UPDATE problem p SET search_text = E'\n' || substr(p.search_text, strpos(p.search_text, E'\n') + 1)
         WHERE p.id >= lowest AND p.id < lowest + portion
           AND CASE of WHEN 'store' THEN p.store_code = code
                       WHEN 'employee' THEN code IN (p.reporter_nik, p.holder_pic_nik, p.assignee_nik)
                       WHEN 'asset' THEN p.asset_tag = code
                       WHEN 'division' THEN p.holder_division_code = code
                       WHEN 'department' THEN p.holder_department_code = code
                       WHEN 'category' THEN p.category_code = code END;
    END IF;
    RETURN CASE WHEN lowest > 1 THEN lowest END;
END $$;

-- Who or what has another name is found by it at once in the newest problems, in the others when the job has come to them.
CREATE FUNCTION name_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    code text := to_jsonb(NEW) ->> TG_ARGV[0];
    before bigint := renew_search(TG_TABLE_NAME, code, NULL, 5000);
BEGIN
    IF before IS NOT NULL THEN
        INSERT INTO job (kind, arguments)
        VALUES ('search', jsonb_build_object('of', TG_TABLE_NAME, 'code', code, 'before', before));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER store_named AFTER UPDATE ON store FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION name_changed('code');
CREATE TRIGGER employee_named AFTER UPDATE ON employee FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION name_changed('nik');
CREATE TRIGGER asset_named AFTER UPDATE ON asset FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION name_changed('tag');
CREATE TRIGGER division_named AFTER UPDATE ON division FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION name_changed('code');
CREATE TRIGGER department_named AFTER UPDATE ON department FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION name_changed('code');
CREATE TRIGGER category_named AFTER UPDATE ON category FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION name_changed('code');


-- Security events -------------------------------------------------------------------------------------------------------

-- Who got in, who did not, and who changed what anybody may do. It can only grow, and each row seals the one before it with
-- SHA-256: `bin/sih verify` finds the row that was changed, removed or put in. No PIN, session or typed text is in it;
-- `nik` is NULL where nobody has the NIK that was typed, which might have been anything.
CREATE TABLE security_event (
    seq            bigint PRIMARY KEY CHECK (seq > 0),
    at             timestamptz NOT NULL,
    kind           text NOT NULL CHECK (kind IN (
                       'login', 'login failed', 'login must wait', 'breaker', 'lookup walk', 'logout',
                       'pin changed', 'pin reset', 'session ended', 'sessions ended',
                       'deactivated', 'activated', 'scope changed', 'export')),
    nik            text,
    address        text CHECK (length(address) <= 60),
    detail         jsonb NOT NULL DEFAULT '{}',
    previous_hash  bytea NOT NULL CHECK (octet_length(previous_hash) = 32),
    hash           bytea NOT NULL CHECK (octet_length(hash) = 32)
);
CREATE INDEX security_event_recent ON security_event (kind, at);

-- What the hash of a row is taken of; it contains the hash of the row before.
CREATE FUNCTION sealed_text(e security_event) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN jsonb_build_array(e.seq, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), e.kind, e.nik, e.address,
                             e.detail, encode(e.previous_hash, 'hex'))::text;

-- One row at a time, up to the commit: whoever writes one does so last in the transaction.
CREATE FUNCTION lock_security_events() RETURNS void LANGUAGE sql AS $$ SELECT pg_advisory_xact_lock(1397310465) $$;

CREATE FUNCTION security_event_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_security_events();
    SELECT e.seq, e.hash INTO NEW.seq, NEW.previous_hash FROM security_event e ORDER BY e.seq DESC LIMIT 1;
    NEW.seq := coalesce(NEW.seq, 0) + 1;
    NEW.previous_hash := coalesce(NEW.previous_hash, decode(repeat('00', 32), 'hex'));
    NEW.at := clock_timestamp();
    NEW.hash := sha256(convert_to(sealed_text(NEW), 'UTF8'));
    RETURN NEW;
END $$;
CREATE TRIGGER security_event_1_seal BEFORE INSERT ON security_event FOR EACH ROW EXECUTE FUNCTION security_event_seal();
CREATE TRIGGER master_change_append_only BEFORE UPDATE OR DELETE ON master_change FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER master_change_no_truncate BEFORE TRUNCATE ON master_change EXECUTE FUNCTION refuse();
CREATE TRIGGER security_event_append_only BEFORE UPDATE OR DELETE ON security_event FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER security_event_no_truncate BEFORE TRUNCATE ON security_event EXECUTE FUNCTION refuse();

CREATE FUNCTION note_security_event(kind text, nik text, address text, detail jsonb) RETURNS void LANGUAGE sql AS $$
    INSERT INTO security_event (seq, at, kind, nik, address, detail, previous_hash, hash)
    VALUES (1, now(), kind, (SELECT e.nik FROM employee e WHERE e.nik = note_security_event.nik), address, detail, '', '')
$$;

-- The same, once in `pause` for the same NIK and address: an attack is a few rows, not a flood.
CREATE FUNCTION note_security_event_once(kind text, nik text, address text, detail jsonb, pause interval)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE known_nik text := (SELECT e.nik FROM employee e WHERE e.nik = note_security_event_once.nik);
BEGIN
    FOR attempt IN 1..2 LOOP
        IF EXISTS (SELECT FROM security_event s
                    WHERE s.kind = note_security_event_once.kind AND s.at > clock_timestamp() - pause
                      AND s.nik IS NOT DISTINCT FROM known_nik
                      AND s.address IS NOT DISTINCT FROM note_security_event_once.address) THEN
            RETURN false;
        END IF;
        PERFORM lock_security_events();     -- and look again: another one may have come first
    END LOOP;
    PERFORM note_security_event(kind, nik, address, detail);
    RETURN true;
END $$;

-- Whoever is deactivated, gets another PIN, or may see or do something else than before, is logged out everywhere at once, also
-- where this was done by hand. `sih.actor` is set by the application.
CREATE FUNCTION employee_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE by_whom jsonb := jsonb_strip_nulls(jsonb_build_object('by', nullif(current_setting('sih.actor', true), '')));
BEGIN
    UPDATE session SET ended_at = now() WHERE nik = NEW.nik AND ended_at IS NULL;
    PERFORM hand_over_left(OLD, NEW, NULL);
    IF OLD.active AND NOT NEW.active THEN
        -- Not of the colleagues either: whoever leaves may have kept its id. The next login makes it known again.
        DELETE FROM device WHERE id_hash IN (SELECT d.id_hash FROM device d WHERE d.nik = NEW.nik);
    END IF;
    IF OLD.active <> NEW.active THEN
        PERFORM note_security_event(CASE WHEN NEW.active THEN 'activated' ELSE 'deactivated' END, NEW.nik, NULL, by_whom);
    END IF;
    IF rights_of(OLD) <> rights_of(NEW) THEN
        PERFORM note_security_event('scope changed', NEW.nik, NULL, by_whom || jsonb_build_object(
            'before', differing(rights_of(OLD), rights_of(NEW)), 'after', differing(rights_of(NEW), rights_of(OLD))));
    END IF;
    RETURN NULL;
END $$;

-- What somebody may see and do, by the columns that decide it.
CREATE FUNCTION rights_of(e employee) RETURNS jsonb LANGUAGE sql IMMUTABLE
    RETURN jsonb_build_object('store', e.store_code, 'divisions', e.divisions, 'departments', e.departments,
                              'manager', e.is_manager, 'area', e.area_code, 'admin', e.is_admin, 'store head', e.is_store_head);

CREATE TRIGGER employee_changed AFTER UPDATE ON employee FOR EACH ROW
    WHEN (OLD.active <> NEW.active OR OLD.pin_changed_at <> NEW.pin_changed_at OR rights_of(OLD) <> rights_of(NEW))
    EXECUTE FUNCTION employee_changed();


-- Notifications (docs/decisions/0127) --------------------------------------------------------------------------------------

-- What is to be told: a row in the transaction of what happened, an event, a note or an alarm; whoever tells it deletes the row. As
-- everywhere here, nothing is referred to: it is never deleted, and a reference would lock rows that everybody else is at.
CREATE TABLE outbox (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    problem_id  bigint NOT NULL,
    event_seq   integer,
    note_seq    integer,
    alarm       text,                           -- as alarm_name has it
    CONSTRAINT outbox_of_one_thing CHECK (num_nonnulls(event_seq, note_seq, alarm) = 1)
);

-- Clock, step, allowance and holder: what an alarm is known by beside its problem.
CREATE FUNCTION alarm_name(a target_alarm) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN a.clock || ':' || a.step || ':' || a.allowed || ':' || a.holder;

-- What somebody was told, once of each thing; a kind is a row of SPEC's table.
CREATE TABLE notification (
    id          bigint GENERATED ALWAYS AS IDENTITY,
    nik         text NOT NULL,
    problem_id  bigint NOT NULL,
    kind        text NOT NULL CONSTRAINT notification_kind CHECK (
        kind IN ('reached', 'assigned', 'returned', 'withdrawn', 'commented', 'mentioned', 'outcome', 'reopened', 'target')),
    event_seq   integer,
    note_seq    integer,
    alarm       text,
    at          timestamptz NOT NULL,           -- when it happened
    read_at     timestamptz,
    in_summary  boolean,                        -- mailed in the daily summary, or (false) at once; NULL: not by mail
    PRIMARY KEY (nik, id),
    CONSTRAINT notification_of_one_thing CHECK (num_nonnulls(event_seq, note_seq, alarm) = 1)
);
CREATE UNIQUE INDEX notification_once ON notification (nik, problem_id, event_seq, note_seq, alarm) NULLS NOT DISTINCT;
CREATE INDEX notification_unread ON notification (nik, problem_id) WHERE read_at IS NULL;
CREATE INDEX notification_at ON notification (at);

-- How many of them somebody has not read: what every page says, known with who asks for it.
CREATE TABLE unread (
    nik         text PRIMARY KEY,
    number      integer NOT NULL CONSTRAINT unread_number CHECK (number >= 0)
);

-- Who wants to be told of a problem.
CREATE TABLE following (
    problem_id  bigint NOT NULL,
    nik         text NOT NULL,
    since       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (problem_id, nik)
);
CREATE INDEX following_nik ON following (nik);

-- Who may know of a problem, or of a note on it: who sees it, and gets in.
CREATE FUNCTION may_know(p problem, e employee, of_note boolean) RETURNS boolean LANGUAGE sql STABLE
    RETURN e.active AND e.leaving_since IS NULL AND in_reach(p, e.sees_all, e.store_code, e.nik, e.area_code)
       AND (NOT of_note OR reads_notes(e));

-- The NIKs behind an `@` in a text, in digits of whatever width, the first twenty. actions/mentions.py finds the same.
CREATE FUNCTION mentioned(typed text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT
    RETURN ARRAY(SELECT m.nik FROM (SELECT f.found[1] AS nik, min(f.place) AS place
                                      FROM regexp_matches(normalize(typed, NFKC), '(?<![A-Za-z0-9_@.])@([0-9]{4,16})(?![A-Za-z0-9_])', 'g')
                                           WITH ORDINALITY AS f (found, place) GROUP BY 1) m ORDER BY m.place LIMIT 20);

-- Who holds a problem; and who works on it: its assignee, or else all of these.
CREATE FUNCTION holders(p problem) RETURNS SETOF text LANGUAGE sql STABLE ROWS 20 AS $$
    SELECT m.nik FROM division_member m WHERE m.division_code = p.holder_division_code
    UNION ALL SELECT p.holder_pic_nik WHERE p.holder_pic_nik IS NOT NULL
$$;
CREATE FUNCTION workers(p problem) RETURNS SETOF text LANGUAGE plpgsql STABLE ROWS 20 AS $$
BEGIN
    RETURN QUERY SELECT e.nik FROM employee e WHERE e.nik = p.assignee_nik AND is_assignable(p, e);
    IF NOT FOUND THEN
        RETURN QUERY SELECT h FROM holders(p) h;
    END IF;
END $$;

-- Whom an event of a problem concerns, and as what of it, whether they may know of it or not; of somebody twice, the first counts.
CREATE FUNCTION concerned(p problem, v event) RETURNS TABLE (nik text, kind text) LANGUAGE plpgsql STABLE ROWS 20 AS $$
DECLARE q problem := problem_at(p, v.version);      -- as it was then
BEGIN
    IF v.cause IN ('reported', 'escalated', 'handed over', 'restored') THEN
        RETURN QUERY SELECT h, 'reached' FROM holders(q) h;
    ELSIF v.cause = 'returned' THEN
        RETURN QUERY SELECT h, 'returned' FROM holders(q) h;
    ELSIF v.cause = 'assigned' THEN
        RETURN QUERY SELECT q.assignee_nik, 'assigned';
    ELSIF v.cause IN ('recalled', 'taken over') THEN
        RETURN QUERY SELECT h, 'withdrawn' FROM holders(problem_at(p, v.version - 1)) h;
    ELSIF v.cause = 'commented' THEN
        RETURN QUERY SELECT m, 'mentioned' FROM unnest(mentioned(v.note)) m
           UNION ALL SELECT q.reporter_nik, 'commented'
           UNION ALL SELECT w, 'commented' FROM workers(q) w
           UNION ALL SELECT b.actor_nik, 'commented' FROM event b
                      WHERE b.problem_id = v.problem_id AND b.cause = 'commented' AND b.seq < v.seq
           UNION ALL SELECT f.nik, 'commented' FROM following f WHERE f.problem_id = v.problem_id;
    ELSIF v.cause IN ('paused', 'closed', 'voided') THEN
        RETURN QUERY SELECT q.reporter_nik, 'outcome'
           UNION ALL SELECT f.nik, 'outcome' FROM following f WHERE f.problem_id = v.problem_id;
    ELSIF v.cause = 'reopened' THEN
        RETURN QUERY SELECT w, 'reopened' FROM workers(q) w UNION ALL SELECT q.reporter_nik, 'reopened'
           UNION ALL SELECT f.nik, 'reopened' FROM following f WHERE f.problem_id = v.problem_id;
    END IF;
END $$;

-- The same of an alarm: who had the problem then, beyond the target the desk too; at the last step the managers among that holder's
-- people, or, where there are none, all managers.
CREATE FUNCTION concerned(p problem, a target_alarm) RETURNS SETOF text LANGUAGE plpgsql STABLE ROWS 20 AS $$
DECLARE c custody;
BEGIN
    SELECT * INTO c FROM custody u WHERE u.problem_id = a.problem_id AND u.during @> a.at;
    p.holder_division_code := c.division_code;
    p.holder_department_code := c.department_code;
    p.holder_pic_nik := c.pic_nik;
    IF a.step = 'holder' AND EXISTS (SELECT FROM target_alarm b WHERE (b.problem_id, b.clock, b.allowed, b.holder)
                                        = (a.problem_id, a.clock, a.allowed, a.holder) AND b.step = 'desk' AND b.percent > a.percent) THEN
        RETURN;     -- what is missed is not nearly so
    ELSIF a.step <> 'managers' THEN
        RETURN QUERY SELECT h FROM holders(p) h;
        RETURN QUERY SELECT m.nik FROM division_member m JOIN division d ON d.code = m.division_code
                      WHERE d.kind = 'desk' AND a.step = 'desk';
    ELSE
        RETURN QUERY SELECT e.nik FROM employee e WHERE e.is_manager AND e.active AND a.holder = ANY (e.divisions || e.departments);
        IF NOT FOUND THEN
            RETURN QUERY SELECT e.nik FROM employee e WHERE e.is_manager AND e.active;
        END IF;
    END IF;
END $$;

-- What a person wants to be told by mail; who has no row wants all of it, at once, at any time. Nobody else's business, and no history of it
-- is kept. The address itself is the employee's: one that is typed here stands there once it is confirmed.
CREATE TABLE profile (
    nik            text PRIMARY KEY,
    daily          text[] NOT NULL DEFAULT '{}',      -- kinds of notifications that come in a daily summary
    silent         text[] NOT NULL DEFAULT '{}',      -- kinds that are not mailed
    quiet_from     time,                              -- by the clocks of the workplace
    quiet_until    time,
    pending_email  text CONSTRAINT profile_pending_email CHECK (pending_email ~ '^[^@[:space:]]+@[^@[:space:]]+$' AND length(pending_email) <= 254),
    pending_key    uuid,                              -- what the link that confirms it has to know
    refused_email  text,                              -- a mail server said that there is no such address
    refused_at     timestamptz,
    refusal        text,                              -- in its words
    CONSTRAINT profile_kinds CHECK (daily || silent <@ ARRAY['reached', 'assigned', 'returned', 'withdrawn', 'commented', 'mentioned', 'outcome', 'reopened', 'target']
                                    AND NOT daily && silent),
    CONSTRAINT profile_quiet_hours CHECK (num_nonnulls(quiet_from, quiet_until) <> 1 AND quiet_from <> quiet_until),
    CONSTRAINT profile_pending CHECK (num_nonnulls(pending_email, pending_key) <> 1),
    CONSTRAINT profile_refused CHECK (num_nonnulls(refused_email, refused_at, refusal) IN (0, 3))
);

-- Mails: what is to be told somebody of a problem, or in a summary, are the notifications from the first to the last one, as they are when
-- it is sent. It is open, so that what is told meanwhile comes into it, until it is first handed to the mail server.
CREATE TABLE mail (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    nik         text NOT NULL,
    kind        text NOT NULL CONSTRAINT mail_kind CHECK (kind IN ('problem', 'summary', 'confirmation')),
    problem_id  bigint,
    first_id    bigint NOT NULL DEFAULT 0,
    last_id     bigint,                             -- NULL: open
    made_at     timestamptz NOT NULL DEFAULT now(),
    due_at      timestamptz,                        -- NULL: it is over
    attempts    integer NOT NULL DEFAULT 0,
    tried_at    timestamptz,                        -- first
    address     text,                               -- to which it was last sent, or was to be
    sent_at     timestamptz,
    error       text,                               -- why it could not go, the last time
    CONSTRAINT mail_of_a_problem CHECK ((kind = 'problem') = (problem_id IS NOT NULL)),
    CONSTRAINT mail_over_is_closed CHECK (due_at IS NOT NULL OR last_id IS NOT NULL),
    CONSTRAINT mail_sent_is_over CHECK (sent_at IS NULL OR due_at IS NULL)
);
CREATE UNIQUE INDEX mail_open ON mail (nik, kind, problem_id) NULLS NOT DISTINCT WHERE last_id IS NULL;
CREATE INDEX mail_due ON mail (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX mail_of_person ON mail (nik, problem_id, id);
CREATE INDEX mail_made ON mail (made_at);
CREATE INDEX mail_unsent ON mail (id) WHERE error IS NOT NULL;

-- From an attempt to send a mail to the next, after so many: half a minute, then longer and longer.
CREATE FUNCTION mail_pause(attempts integer) RETURNS interval LANGUAGE sql IMMUTABLE
    RETURN least(make_interval(secs => 30 * 2 ^ least(attempts, 12)), interval '1 hour');

-- Whether a person is told something of a kind in the daily summary (false: at once). NULL: not by mail.
CREATE FUNCTION in_summary(e employee, told_kind text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN e.email IS NULL OR e.email = p.refused_email OR told_kind = ANY (p.silent) THEN NULL
                ELSE coalesce(told_kind = ANY (p.daily), false) END
      FROM (SELECT) one LEFT JOIN profile p ON p.nik = e.nik
$$;

-- When the next daily summary is due, at a moment and by the clocks of a workplace: at 07.00.
CREATE FUNCTION next_summary(workplace text, moment timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT ((moment AT TIME ZONE s.time_zone - interval '7 hours')::date + 1 + time '07:00') AT TIME ZONE s.time_zone
      FROM store s WHERE s.code = workplace
$$;

-- Until when a mail has to wait at a moment for the quiet hours of its receiver; NULL: it has not. A problem of priority 1 does not wait.
CREATE FUNCTION quiet_until(m mail, moment timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT (c.clock::date + CASE WHEN c.clock::time < p.quiet_until THEN 0 ELSE 1 END + p.quiet_until) AT TIME ZONE s.time_zone
      FROM profile p JOIN employee e ON e.nik = p.nik JOIN store s ON s.code = e.store_code
     CROSS JOIN LATERAL (SELECT moment AT TIME ZONE s.time_zone AS clock) c
     WHERE p.nik = m.nik AND m.kind <> 'confirmation'
       AND CASE WHEN p.quiet_from < p.quiet_until THEN c.clock::time >= p.quiet_from AND c.clock::time < p.quiet_until
                ELSE c.clock::time >= p.quiet_from OR c.clock::time < p.quiet_until END
       AND NOT EXISTS (SELECT FROM problem q WHERE q.id = m.problem_id AND q.priority = 1)
$$;

-- Tells of what is in the outbox whom it concerns: who may know of it at this moment, and has not done it. Told of twice, it is there
-- once. What is to be mailed goes into a mail, two minutes after it happened or with the next summary, in the order of people.
CREATE FUNCTION tell_of(o outbox) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p problem;
    v event;
    n note;
    a target_alarm;
BEGIN
    SELECT * INTO p FROM problem q WHERE q.id = o.problem_id;
    SELECT * INTO v FROM event b WHERE b.problem_id = o.problem_id AND b.seq = o.event_seq;
    SELECT * INTO n FROM note b WHERE b.problem_id = o.problem_id AND b.seq = o.note_seq;
    SELECT * INTO a FROM target_alarm b WHERE b.problem_id = o.problem_id AND alarm_name(b) = o.alarm;
    WITH told AS (
        INSERT INTO notification (nik, problem_id, kind, event_seq, note_seq, alarm, at, in_summary)
        SELECT DISTINCT ON (c.nik) c.nik, o.problem_id, c.kind, o.event_seq, o.note_seq, o.alarm, coalesce(v.at, n.at, a.at),
               in_summary(e, c.kind)
          FROM (SELECT f.nik, f.kind, f.place FROM concerned(p, v) WITH ORDINALITY AS f (nik, kind, place) WHERE o.event_seq IS NOT NULL
                UNION ALL SELECT m, 'mentioned', 0 FROM unnest(mentioned(n.text)) m
                UNION ALL SELECT h, 'target', 0 FROM concerned(p, a) h WHERE o.alarm IS NOT NULL) c
          JOIN employee e ON e.nik = c.nik
         WHERE may_know(p, e, o.note_seq IS NOT NULL) AND c.nik IS DISTINCT FROM coalesce(v.actor_nik, n.author_nik)
         ORDER BY c.nik, c.place
        ON CONFLICT (nik, problem_id, event_seq, note_seq, alarm) DO NOTHING
        RETURNING nik, id, at, in_summary)
    INSERT INTO mail AS m (nik, kind, problem_id, first_id, due_at)
    SELECT t.nik, CASE WHEN t.in_summary THEN 'summary' ELSE 'problem' END, CASE WHEN NOT t.in_summary THEN o.problem_id END, t.id,
           CASE WHEN t.in_summary THEN next_summary(e.store_code, now()) ELSE t.at + interval '2 minutes' END
      FROM told t JOIN employee e ON e.nik = t.nik WHERE t.in_summary IS NOT NULL ORDER BY t.nik
    ON CONFLICT (nik, kind, problem_id) WHERE last_id IS NULL DO UPDATE SET due_at = least(m.due_at, excluded.due_at);
    DELETE FROM outbox b WHERE b.id = o.id;
END $$;

-- What happens puts itself into the outbox, whoever does it: what SPEC's table names, and notes only where somebody is named.
CREATE FUNCTION to_be_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'event' THEN
        INSERT INTO outbox (problem_id, event_seq) VALUES (NEW.problem_id, NEW.seq);
    ELSIF TG_TABLE_NAME = 'note' THEN
        INSERT INTO outbox (problem_id, note_seq) VALUES (NEW.problem_id, NEW.seq);
    ELSE
        INSERT INTO outbox (problem_id, alarm) VALUES (NEW.problem_id, alarm_name(NEW));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER event_to_be_told AFTER INSERT ON event FOR EACH ROW
    WHEN (NEW.cause IN ('reported', 'escalated', 'handed over', 'restored', 'returned', 'assigned', 'recalled', 'taken over', 'commented',
                        'closed', 'voided', 'reopened')
          OR NEW.cause = 'paused' AND NEW.after ->> 'waiting_for' = 'reporter')
    EXECUTE FUNCTION to_be_told();
CREATE TRIGGER note_to_be_told AFTER INSERT ON note FOR EACH ROW
    WHEN (NEW.text ~ '[@＠﹫]') EXECUTE FUNCTION to_be_told();
CREATE TRIGGER target_alarm_to_be_told AFTER INSERT ON target_alarm FOR EACH ROW EXECUTE FUNCTION to_be_told();

-- The number of unread ones follows, in the order of people, so that of two who count none waits for the other's.
CREATE FUNCTION notifications_counted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE person record;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO unread AS u (nik, number)
        SELECT t.nik, count(*) FROM added t WHERE t.read_at IS NULL GROUP BY t.nik ORDER BY t.nik
        ON CONFLICT (nik) DO UPDATE SET number = u.number + excluded.number;
    ELSIF TG_OP = 'UPDATE' THEN
        FOR person IN SELECT t.nik, sum(t.more) AS more
                        FROM (SELECT r.nik, -1 AS more FROM removed r WHERE r.read_at IS NULL
                              UNION ALL SELECT a.nik, 1 FROM added a WHERE a.read_at IS NULL) t
                       GROUP BY t.nik HAVING sum(t.more) <> 0 ORDER BY t.nik LOOP
            UPDATE unread u SET number = u.number + person.more WHERE u.nik = person.nik;
        END LOOP;
    ELSE
        FOR person IN SELECT t.nik, count(*) AS more FROM removed t WHERE t.read_at IS NULL GROUP BY t.nik ORDER BY t.nik LOOP
            UPDATE unread u SET number = u.number - person.more WHERE u.nik = person.nik;
        END LOOP;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER notification_added AFTER INSERT ON notification REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION notifications_counted();
CREATE TRIGGER notification_updated AFTER UPDATE ON notification REFERENCING OLD TABLE AS removed NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION notifications_counted();
CREATE TRIGGER notification_removed AFTER DELETE ON notification REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION notifications_counted();

-- Who sees a problem no more follows it no more, and is left with nothing that was told of it.
CREATE FUNCTION reach_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM unread u WHERE u.nik = NEW.nik FOR UPDATE;
    DELETE FROM following f USING problem p WHERE f.nik = NEW.nik AND p.id = f.problem_id AND NOT may_know(p, NEW, false);
    DELETE FROM notification n USING problem p
     WHERE n.nik = NEW.nik AND p.id = n.problem_id AND NOT may_know(p, NEW, n.note_seq IS NOT NULL);
    RETURN NULL;
END $$;
CREATE TRIGGER employee_reach_changed AFTER UPDATE ON employee FOR EACH ROW
    WHEN (OLD.active <> NEW.active OR rights_of(OLD) <> rights_of(NEW)) EXECUTE FUNCTION reach_changed();
