-- The newest problems at once, the others by a job, in portions: until it has come to them they are found by less than is shown.
INSERT INTO job (kind, arguments)
SELECT 'search', jsonb_build_object('of', 'problem', 'code', '', 'before', below)
  FROM renew_search('problem', '', NULL, 5000) AS below
 WHERE below IS NOT NULL;
