-- squawk-ignore-file prefer-bigint-over-smallint
-- A value that changes together with whatever everybody reads and hardly anybody changes, in one transaction (docs/decisions/0106).

LOCK TABLE problem IN SHARE ROW EXCLUSIVE MODE;     -- no year comes between its being looked for and its being noted

CREATE TABLE reference_version (
    version  uuid NOT NULL DEFAULT gen_random_uuid()
);
CREATE UNIQUE INDEX reference_version_one ON reference_version ((true));
INSERT INTO reference_version DEFAULT VALUES;

CREATE TABLE reported_year (
    year  smallint PRIMARY KEY
);
WITH RECURSIVE years AS (
    (SELECT p.year FROM problem p ORDER BY p.year DESC LIMIT 1)
    UNION ALL
    SELECT (SELECT p.year FROM problem p WHERE p.year < y.year ORDER BY p.year DESC LIMIT 1) FROM years y WHERE y.year IS NOT NULL)
INSERT INTO reported_year SELECT year FROM years WHERE year IS NOT NULL;

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
           OLD.leaving_since) IS DISTINCT FROM
          (NEW.name, NEW.store_code, NEW.divisions, NEW.departments, NEW.is_manager, NEW.is_admin, NEW.active, NEW.email, NEW.phone,
           NEW.leaving_since))
    EXECUTE FUNCTION reference_changed();

CREATE FUNCTION note_year() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM reported_year y WHERE y.year = NEW.year) THEN
        INSERT INTO reported_year VALUES (NEW.year) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER problem_year_noted AFTER INSERT ON problem FOR EACH ROW EXECUTE FUNCTION note_year();
