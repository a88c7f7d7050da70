-- The queue of jobs, and their schedules (docs/decisions/0065).

CREATE TABLE job (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind         text NOT NULL CHECK (kind ~ '^[a-z_]{1,40}$'),
    arguments    jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(arguments) = 'object'),
    enqueued_at  timestamptz NOT NULL DEFAULT now(),
    due_at       timestamptz NOT NULL DEFAULT now(),
    attempts     integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    error        text CHECK (length(error) <= 2000),
    parked_at    timestamptz,
    CHECK (parked_at IS NULL OR error IS NOT NULL)
);
CREATE INDEX job_due ON job (due_at, id) WHERE parked_at IS NULL;
CREATE INDEX job_parked ON job (parked_at) WHERE parked_at IS NOT NULL;

CREATE FUNCTION job_wakes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NOTIFY job;
    RETURN NULL;
END $$;
CREATE TRIGGER job_wakes AFTER INSERT ON job FOR EACH STATEMENT EXECUTE FUNCTION job_wakes();

CREATE TABLE schedule (
    kind     text PRIMARY KEY CHECK (kind ~ '^[a-z_]{1,40}$'),
    rule     text NOT NULL,
    next_at  timestamptz NOT NULL
);
