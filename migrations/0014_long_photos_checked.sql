-- What 0010 asks of new photos holds for all of them.

ALTER TABLE photo VALIDATE CONSTRAINT photo_width_check;
ALTER TABLE photo VALIDATE CONSTRAINT photo_height_check;
