-- Photos that came with a form that was refused are kept until it is sent again.

CREATE TABLE draft_photo (
    nik         text NOT NULL REFERENCES employee,
    key         uuid NOT NULL,
    digest      bytea NOT NULL CHECK (octet_length(digest) = 32),
    position    integer NOT NULL,
    size        integer NOT NULL CHECK (size > 0),
    image       bytea NOT NULL CHECK (octet_length(image) BETWEEN 1 AND 4000000),
    thumbnail   bytea NOT NULL CHECK (octet_length(thumbnail) BETWEEN 1 AND 200000),
    width       integer NOT NULL CHECK (width BETWEEN 1 AND 8000),
    height      integer NOT NULL CHECK (height BETWEEN 1 AND 8000),
    made_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (nik, key, digest)
);
ALTER TABLE draft_photo ALTER COLUMN image SET STORAGE EXTERNAL, ALTER COLUMN thumbnail SET STORAGE EXTERNAL;
