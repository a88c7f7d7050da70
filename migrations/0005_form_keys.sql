-- squawk-ignore-file adding-not-nullable-field, constraint-missing-not-valid, ban-drop-column, ban-drop-constraint, adding-serial-primary-key-field, require-concurrent-index-creation
-- These tables are small or young: keys, drafts and presence, rewritten in one short transaction.
-- A recorded form keeps where its answer led, not only a problem; drafts are kept by the form's key; names of forms live in the code.

ALTER TABLE submission ADD COLUMN location text;
UPDATE submission SET location = coalesce('/problems/' || problem_id, '/problems');
ALTER TABLE submission
    ALTER COLUMN location SET NOT NULL,
    ADD CONSTRAINT submission_location_check CHECK (location ~ '^/' AND length(location) <= 4000),
    DROP COLUMN problem_id;

ALTER TABLE presence DROP CONSTRAINT presence_editing_check;
ALTER TABLE presence ADD CONSTRAINT presence_editing_check CHECK (length(editing) <= 40);

-- Of one key there is one draft of a person: where a key was used for several forms, the newest stays.
DELETE FROM draft d USING draft n WHERE n.nik = d.nik AND n.key = d.key AND (n.at, n.ctid) > (d.at, d.ctid);
ALTER TABLE draft
    DROP CONSTRAINT draft_one_a_form,
    DROP CONSTRAINT draft_of_a_problem,
    DROP CONSTRAINT draft_form_check;
UPDATE draft SET form = 'return' WHERE form = 'answer';
ALTER TABLE draft
    ADD CONSTRAINT draft_form_check CHECK (length(form) BETWEEN 1 AND 40),
    ADD PRIMARY KEY (nik, key);
CREATE INDEX draft_of_form ON draft (nik, problem_id, form, at);
