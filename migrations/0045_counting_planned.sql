-- What a change counts is planned once a connection: planning takes ten times as long as counting.

ALTER FUNCTION count_change(problem, jsonb) SET plan_cache_mode = force_generic_plan;
