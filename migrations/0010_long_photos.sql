-- squawk-ignore-file ban-drop-constraint
-- A long or wide picture keeps a width that can be read. What was allowed stays allowed: 0014 looks, and keeps nobody out.

ALTER TABLE photo
    DROP CONSTRAINT photo_width_check,
    DROP CONSTRAINT photo_height_check,
    ADD CONSTRAINT photo_width_check CHECK (width BETWEEN 1 AND 8000) NOT VALID,
    ADD CONSTRAINT photo_height_check CHECK (height BETWEEN 1 AND 8000) NOT VALID;
