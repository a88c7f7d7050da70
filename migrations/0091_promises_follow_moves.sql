-- What is promised of unfinished problems follows a store that moves to another area or zone, and an area or category below another one.

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
