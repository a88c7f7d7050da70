-- How far an upload is, for the form that is being sent.

CREATE UNLOGGED TABLE upload (
    nik         text NOT NULL REFERENCES employee,
    key         uuid NOT NULL,
    arrived     bigint NOT NULL CHECK (arrived BETWEEN 0 AND total),
    total       bigint NOT NULL,
    at          timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (nik, key)
);
