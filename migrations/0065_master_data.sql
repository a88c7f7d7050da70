-- squawk-ignore-file adding-foreign-key-constraint, require-concurrent-index-creation, constraint-missing-not-valid, adding-required-field, ban-drop-generated-expression
-- Areas, what else is known of stores, things and people, and the record of all master data with its changes (docs/decisions/0112).
-- The new columns are empty: nothing is looked through for them. Stores, people and categories are some ten thousand rows at the most.

-- A tree, as high as the company needs: stores belong to an area, areas to a larger one.
CREATE TABLE area (
    code         text PRIMARY KEY CHECK (code ~ '^[A-Z0-9-]{2,12}$'),
    name         text NOT NULL CHECK (name <> ''),
    parent_code  text REFERENCES area CHECK (parent_code <> code),
    active       boolean NOT NULL DEFAULT true
);
CREATE INDEX area_parent ON area (parent_code) WHERE parent_code IS NOT NULL;

ALTER TABLE store
    ADD COLUMN area_code text REFERENCES area,
    ADD COLUMN address text CONSTRAINT store_address CHECK (length(address) BETWEEN 1 AND 500);
CREATE INDEX store_area ON store (area_code) WHERE area_code IS NOT NULL;
ALTER TABLE asset ADD COLUMN model text CONSTRAINT asset_model CHECK (length(model) BETWEEN 1 AND 120);

-- Of a tree: no one stands above itself. The rows of a tree are few, and whoever changes one waits for whoever changes another.
CREATE FUNCTION tree_has_no_loop() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE loops boolean;
BEGIN
    PERFORM pg_advisory_xact_lock(1397310467);
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
CREATE TRIGGER category_tree AFTER INSERT OR UPDATE OF parent_code ON category FOR EACH ROW
    WHEN (NEW.parent_code IS NOT NULL) EXECUTE FUNCTION tree_has_no_loop();

ALTER TABLE employee
    ALTER COLUMN scopes DROP EXPRESSION,
    ALTER COLUMN scopes SET DEFAULT '{reporter}',
    ALTER COLUMN sees_all DROP EXPRESSION,
    ALTER COLUMN sees_all SET DEFAULT false,
    ADD COLUMN is_store_head boolean NOT NULL DEFAULT false,
    ADD COLUMN area_code text REFERENCES area,
    ADD CONSTRAINT employee_area_of_manager CHECK (area_code IS NULL OR is_manager);
CREATE INDEX employee_area ON employee (area_code) WHERE area_code IS NOT NULL;

CREATE OR REPLACE FUNCTION employee_memberships() RETURNS trigger LANGUAGE plpgsql AS $$
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

-- What somebody may see and do, by the columns that decide it.
CREATE OR REPLACE FUNCTION rights_of(e employee) RETURNS jsonb LANGUAGE sql IMMUTABLE
    RETURN jsonb_build_object('store', e.store_code, 'divisions', e.divisions, 'departments', e.departments,
                              'manager', e.is_manager, 'area', e.area_code, 'admin', e.is_admin, 'store head', e.is_store_head);

DROP TRIGGER employee_became ON employee;
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
    kind         text NOT NULL CHECK (kind IN ('employee', 'store', 'area', 'division', 'department', 'category', 'asset', 'template')),
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
    cause          text NOT NULL CHECK (length(cause) BETWEEN 1 AND 60),    -- 'form', 'import 7', 'command', or 'hand': by none of these
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
    PERFORM pg_advisory_xact_lock(1397310466);
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

CREATE TRIGGER master_change_append_only BEFORE UPDATE OR DELETE ON master_change FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER master_change_no_truncate BEFORE TRUNCATE ON master_change EXECUTE FUNCTION refuse();

INSERT INTO master_record (kind, code, state)
SELECT 'employee', nik, master_state('employee', nik) FROM employee UNION ALL
SELECT 'store', code, master_state('store', code) FROM store UNION ALL
SELECT 'division', code, master_state('division', code) FROM division UNION ALL
SELECT 'department', code, master_state('department', code) FROM department UNION ALL
SELECT 'category', code, master_state('category', code) FROM category UNION ALL
SELECT 'asset', tag, master_state('asset', tag) FROM asset UNION ALL
SELECT 'template', code, master_state('template', code) FROM template;
