-- Texts that are put into a form (canned responses): of a division or a department, each for one purpose.
CREATE TABLE template (
    code             text PRIMARY KEY CHECK (code ~ '^[A-Z0-9-]{2,20}$'),
    name             text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    division_code    text REFERENCES division,
    department_code  text REFERENCES department,
    purpose          text NOT NULL CHECK (purpose IN ('comment', 'reason', 'solution', 'waiting')),
    text             text NOT NULL CHECK (length(text) BETWEEN 1 AND 2000),
    active           boolean NOT NULL DEFAULT true,
    CONSTRAINT template_of_one CHECK (num_nonnulls(division_code, department_code) = 1)
);
CREATE INDEX template_division ON template (division_code) WHERE active;
CREATE INDEX template_department ON template (department_code) WHERE active;
