-- Documents (Lampiran) beside photos: of the problem, and of a form that was refused.

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
CREATE TRIGGER file_append_only BEFORE UPDATE OR DELETE ON file FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER file_no_truncate BEFORE TRUNCATE ON file EXECUTE FUNCTION refuse();

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

-- At commit, a comment without text has a photo or a document. The version before has no documents: to it this says the same.
CREATE OR REPLACE FUNCTION comment_says_something() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM photo f WHERE f.problem_id = NEW.problem_id AND f.event_seq = NEW.seq)
       AND NOT EXISTS (SELECT FROM file f WHERE f.problem_id = NEW.problem_id AND f.event_seq = NEW.seq) THEN
        RAISE EXCEPTION 'a comment without text, photo and file' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
