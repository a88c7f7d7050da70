-- Files that people ask for (docs/decisions/0101).

CREATE TABLE export (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    nik         text NOT NULL REFERENCES employee,
    kind        text NOT NULL CHECK (kind IN ('problems', 'recap')),
    format      text NOT NULL CHECK (format IN ('xlsx', 'csv')),
    page        text NOT NULL,
    narrowed    text[] NOT NULL,
    filter      jsonb NOT NULL,
    sees_all    boolean NOT NULL,
    store_code  text NOT NULL REFERENCES store,
    time_zone   text NOT NULL,
    asked_at    timestamptz NOT NULL DEFAULT now(),
    job_id      bigint,
    rows        bigint CHECK (rows >= 0),
    size        bigint CHECK (size > 0),
    finished_at timestamptz,
    CONSTRAINT export_finished CHECK (num_nonnulls(rows, size, finished_at) IN (0, 3))
);
CREATE INDEX export_asked ON export (nik, asked_at);
CREATE INDEX export_old ON export (asked_at);

CREATE TABLE export_part (
    export_id   bigint NOT NULL REFERENCES export ON DELETE CASCADE,
    seq         integer NOT NULL CHECK (seq >= 0),
    content     bytea NOT NULL CHECK (octet_length(content) BETWEEN 1 AND 524288),
    PRIMARY KEY (export_id, seq)
);
ALTER TABLE export_part ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE UNLOGGED TABLE export_progress (
    export_id   bigint PRIMARY KEY REFERENCES export ON DELETE CASCADE,
    done        bigint NOT NULL CHECK (done BETWEEN 0 AND total),
    total       bigint NOT NULL
);
