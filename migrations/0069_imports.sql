-- Tables that admins send, to be looked at and then taken over (docs/decisions/0117).

CREATE TABLE import (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    nik         text REFERENCES employee,
    kind        text NOT NULL CHECK (kind IN ('employees', 'stores', 'areas', 'categories', 'assets', 'problems')),
    file        text NOT NULL CHECK (length(file) BETWEEN 1 AND 100),
    headings    text[] NOT NULL,
    notices     text[] NOT NULL,
    from_1904   boolean NOT NULL,
    asked_at    timestamptz NOT NULL DEFAULT now(),
    job_id      bigint,
    total       integer NOT NULL DEFAULT 0 CHECK (total >= 0),
    new         integer,
    changed     integer,
    same        integer,
    wrong       integer,
    checked_at  timestamptz,
    taken_at    timestamptz,
    refusal     text,
    CONSTRAINT import_checked CHECK (num_nonnulls(new, changed, same, wrong, checked_at) IN (0, 5)),
    CONSTRAINT import_taken CHECK (taken_at IS NULL OR checked_at IS NOT NULL)
);
CREATE INDEX import_asked ON import (asked_at);

CREATE TABLE import_row (
    import_id   bigint NOT NULL REFERENCES import ON DELETE CASCADE,
    number      integer NOT NULL CHECK (number > 0),
    cells       jsonb NOT NULL,
    misread     jsonb NOT NULL,
    outcome     text CHECK (outcome IN ('new', 'changed', 'same', 'wrong')),
    code        text,
    before      jsonb,
    after       jsonb,
    faults      jsonb,
    CONSTRAINT import_row_looked_at CHECK (num_nonnulls(outcome, before, after, faults) IN (0, 4)),
    PRIMARY KEY (import_id, number)
);
CREATE INDEX import_row_outcome ON import_row (import_id, outcome, number);

CREATE UNLOGGED TABLE import_progress (
    import_id   bigint PRIMARY KEY REFERENCES import ON DELETE CASCADE,
    done        bigint NOT NULL CHECK (done BETWEEN 0 AND total),
    total       bigint NOT NULL
);
