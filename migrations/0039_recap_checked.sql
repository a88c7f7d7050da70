-- Whether the movements are what the histories of problems say, and the way to mend them.

-- Of these problems those whose movements are not what their histories say. There are none, or what is wrong is found by this.
CREATE FUNCTION miscounted(ids bigint[]) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    SELECT DISTINCT d.problem_id
      FROM ((SELECT m.* FROM movement m WHERE m.problem_id = ANY (ids) EXCEPT SELECT s.* FROM movements_of(ids, 1) s)
            UNION ALL
            (SELECT s.* FROM movements_of(ids, 1) s EXCEPT SELECT m.* FROM movement m WHERE m.problem_id = ANY (ids))) d
$$;

-- Counts these problems anew, by their histories; nobody changes them meanwhile.
CREATE FUNCTION recount(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM problem p WHERE p.id = ANY (ids) ORDER BY p.id FOR NO KEY UPDATE;
    DELETE FROM movement m WHERE m.problem_id = ANY (ids) AND NOT EXISTS (SELECT FROM movements_of(ids, 1) s WHERE s = m);
    INSERT INTO movement SELECT * FROM movements_of(ids, 1) ON CONFLICT DO NOTHING;
END $$;
