-- What is added up leaves dead rows, which every page of the present month would read: they go within a minute (autovacuum).
ALTER TABLE uncounted SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
