-- squawk-ignore-file ban-drop-constraint, require-concurrent-index-creation
-- A person belongs to any number of divisions and is a PIC of any number of departments. Both were columns of the employee; they stay,
-- for the version before.

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

INSERT INTO division_member (nik, division_code) SELECT nik, division_code FROM employee WHERE division_code IS NOT NULL;
INSERT INTO department_pic (nik, department_code) SELECT nik, department_code FROM employee WHERE department_code IS NOT NULL;
ALTER TABLE employee
    DROP CONSTRAINT employee_check,
    ADD COLUMN divisions text[] NOT NULL DEFAULT '{}',
    ADD COLUMN departments text[] NOT NULL DEFAULT '{}';
UPDATE employee SET divisions = array_remove(ARRAY[division_code], NULL), departments = array_remove(ARRAY[department_code], NULL)
 WHERE division_code IS NOT NULL OR department_code IS NOT NULL;

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
    RETURN NEW;
END $$;
CREATE TRIGGER employee_1_memberships BEFORE INSERT OR UPDATE ON employee FOR EACH ROW EXECUTE FUNCTION employee_memberships();

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

CREATE TRIGGER division_member_no_update BEFORE UPDATE ON division_member FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER department_pic_no_update BEFORE UPDATE ON department_pic FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER division_member_no_truncate BEFORE TRUNCATE ON division_member EXECUTE FUNCTION refuse();
CREATE TRIGGER department_pic_no_truncate BEFORE TRUNCATE ON department_pic EXECUTE FUNCTION refuse();

CREATE OR REPLACE FUNCTION is_holder(p problem, e employee) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN coalesce(p.holder_division_code = ANY (e.divisions), false)
        OR coalesce(p.holder_pic_nik = e.nik AND p.holder_department_code = ANY (e.departments), false);

CREATE OR REPLACE FUNCTION is_desk(e employee) RETURNS boolean LANGUAGE sql STABLE
    RETURN EXISTS (SELECT FROM division d WHERE d.code = ANY (e.divisions) AND d.kind = 'desk');

CREATE OR REPLACE FUNCTION is_sender(p problem, e employee) RETURNS boolean LANGUAGE sql STABLE
    RETURN EXISTS (
        SELECT FROM escalation x
         WHERE x.problem_id = p.id AND x.sent_at <= p.changed_at AND (x.answered_at IS NULL OR x.answered_at > p.changed_at)
           AND (x.from_division_code = ANY (e.divisions)
                OR (x.from_pic_nik = e.nik AND x.from_department_code = ANY (e.departments))));

CREATE OR REPLACE FUNCTION held_at(problem_id bigint, version integer, e employee) RETURNS boolean LANGUAGE sql STABLE
    RETURN EXISTS (
        SELECT FROM event v JOIN custody c ON c.problem_id = v.problem_id AND c.during @> v.at
         WHERE v.problem_id = held_at.problem_id AND v.version = held_at.version AND v.cause <> 'commented'
           AND (c.division_code = ANY (e.divisions) OR (c.pic_nik = e.nik AND c.department_code = ANY (e.departments))));

CREATE OR REPLACE FUNCTION escalation_receiver() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM division d WHERE d.code = NEW.to_division_code AND d.kind = NEW.kind AND d.active)
       AND NOT EXISTS (SELECT FROM employee e JOIN department d ON d.code = ANY (e.departments)
                        WHERE e.nik = NEW.to_pic_nik AND e.active AND d.code = NEW.to_department_code AND d.active) THEN
        RAISE EXCEPTION 'no such receiver' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION rights_of(e employee) RETURNS jsonb LANGUAGE sql IMMUTABLE
    RETURN jsonb_build_object('store', e.store_code, 'divisions', e.divisions, 'departments', e.departments,
                              'manager', e.is_manager, 'admin', e.is_admin);
