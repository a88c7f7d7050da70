-- New divisions and departments have different codes. Those that share one today stay, and are counted together.

-- A code names one holder: the recap knows them by nothing else.
CREATE FUNCTION holder_code_is_free() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM division d WHERE d.code = NEW.code AND TG_TABLE_NAME = 'department')
       OR EXISTS (SELECT FROM department d WHERE d.code = NEW.code AND TG_TABLE_NAME = 'division') THEN
        RAISE EXCEPTION 'a division or department has this code' USING ERRCODE = 'unique_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER division_1_code BEFORE INSERT ON division FOR EACH ROW EXECUTE FUNCTION holder_code_is_free();
CREATE TRIGGER department_1_code BEFORE INSERT ON department FOR EACH ROW EXECUTE FUNCTION holder_code_is_free();
