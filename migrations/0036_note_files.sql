-- squawk-ignore-file ban-drop-not-null
-- Files of notes, as private as these: a table of their own. A note of files alone has no text.

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
CREATE TRIGGER note_file_append_only BEFORE UPDATE OR DELETE ON note_file FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER note_file_no_truncate BEFORE TRUNCATE ON note_file EXECUTE FUNCTION refuse();

ALTER TABLE note ALTER COLUMN text DROP NOT NULL;
CREATE FUNCTION note_says_something() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM note_file f WHERE f.problem_id = NEW.problem_id AND f.note_seq = NEW.seq) THEN
        RAISE EXCEPTION 'a note without text and file' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER note_says_something AFTER INSERT ON note DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.text IS NULL) EXECUTE FUNCTION note_says_something();
