-- What happened at a store belongs to the months of its clocks, also when these are corrected: counted anew is what is of another month by that.
CREATE FUNCTION store_zone_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM recount(ARRAY(SELECT DISTINCT m.problem_id FROM problem p JOIN movement m ON m.problem_id = p.id
                           WHERE p.store_code = NEW.code AND m.month <> date_trunc('month', m.at AT TIME ZONE NEW.time_zone)::date));
    RETURN NULL;
END $$;
CREATE TRIGGER store_zone_changed AFTER UPDATE ON store FOR EACH ROW
    WHEN (OLD.time_zone <> NEW.time_zone) EXECUTE FUNCTION store_zone_changed();
