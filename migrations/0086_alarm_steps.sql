-- squawk-ignore-file constraint-missing-not-valid, ban-drop-constraint
-- Who is told of a target, and when, is master data: with a name, a history, and a switch.

ALTER TABLE target_step ADD COLUMN name text NOT NULL DEFAULT '', ADD COLUMN active boolean NOT NULL DEFAULT true;
ALTER TABLE master_record DROP CONSTRAINT master_record_kind_check;
ALTER TABLE master_record ADD CONSTRAINT master_record_kind_check CHECK (kind IN ('employee', 'store', 'area', 'division', 'department', 'category', 'asset', 'template',
                                            'calendar', 'holiday', 'target', 'target_step')) NOT VALID;

CREATE OR REPLACE FUNCTION master_state(kind text, code text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
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

CREATE OR REPLACE FUNCTION first_alarm(p promise, base bigint) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
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

CREATE OR REPLACE FUNCTION raise_alarms(portion integer) RETURNS integer LANGUAGE plpgsql AS $$
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

CREATE CONSTRAINT TRIGGER target_step_noted AFTER INSERT OR UPDATE ON target_step DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION master_changed('target_step', 'step');

SELECT set_config('sih.cause', 'setup', true);
UPDATE target_step SET name = CASE step WHEN 'holder' THEN 'Penanggung' WHEN 'desk' THEN 'Meja bantuan' ELSE 'Atasan divisi' END;
