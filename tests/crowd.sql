-- :problems problems of four years beside those of the small company, in a store for every 40 of them, reported by three people of each:
-- enough for a plan to be what it is with millions. What is in them is made by number, at once, without the triggers that watch over
-- real changes: in every state, at each division and at 40 PICs, with a history, movements and notes.
SET session_replication_role = replica;

INSERT INTO store (code, name, time_zone)
SELECT 'X' || n, 'Toko Nomor ' || n, 'Asia/Makassar' FROM generate_series(0, :problems / 40) n;
INSERT INTO employee (nik, name, store_code, departments, department_code, pin_hash)
SELECT (500000 + n)::text, 'Karyawan Nomor ' || n, 'X' || n / 3, CASE WHEN n < 40 THEN ARRAY['MNT'] ELSE '{}' END,
       CASE WHEN n < 40 THEN 'MNT' END, '-' FROM generate_series(0, :problems / 40 * 3) n;
INSERT INTO department_pic (nik, department_code) SELECT (500000 + n)::text, 'MNT' FROM generate_series(0, 39) n;

INSERT INTO problem (status, reported_at, year, changed_at, version, reporter_nik, recorded_by_nik, store_code, title, description,
                     holder_division_code, holder_department_code, holder_pic_nik, assignee_nik, waiting_for,
                     category_code, impact, urgency, identification, solution, search_text, due_at)
SELECT status, at, extract(year FROM at), at + n % 40 * interval '12 hours', 3, nik, nik, store, title, title,
       CASE WHEN pic IS NULL THEN division END, CASE WHEN pic IS NOT NULL THEN 'MNT' END, pic,
       CASE WHEN pic IS NULL AND identified AND status <> 'escalated' AND n % 3 > 0 THEN '2000' || 1 + n % 5 END,
       CASE WHEN status = 'waiting' THEN 'vendor' END, CASE WHEN identified THEN 'NET-WIFI' END,
       CASE WHEN identified THEN 1 + n / 7 % 3 END, CASE WHEN identified THEN 1 + n / 3 % 3 END,
       CASE WHEN identified THEN 'Kabel putus' END, CASE WHEN status = 'closed' THEN 'Diganti' END, lower(title) || ' ' || nik,
       CASE WHEN status NOT IN ('closed', 'void') AND (status <> 'waiting' OR n % 3 = 0) AND n % 11 > 0 THEN at + n % 90 * interval '8 hours' END
  FROM (SELECT *, status NOT IN ('reported', 'void') OR status = 'void' AND n % 2 = 0 AS identified,
               CASE WHEN status <> 'reported' AND n % 10 = 0 THEN (500000 + n / 10 % 40)::text END AS pic
          FROM (SELECT n, now() - interval '4 years' * (1 - n::float / :problems) AS at, 'X' || n % (:problems / 40) AS store,
                       (500000 + n % (:problems / 40) * 3 + n % 4)::text AS nik, 'Kendala nomor ' || n AS title,
                       (ARRAY['HD', 'IT-NET', 'IT-POS', 'GA', 'LOG', 'HD', 'HD'])[1 + n % 7] AS division,
                       CASE WHEN n % 25 = 0 THEN 'void' WHEN n % 8 = 0
                            THEN (ARRAY['reported', 'open', 'waiting', 'escalated', 'open'])[1 + n / 8 % 5] ELSE 'closed' END AS status
                  FROM generate_series(1, :problems) n) made) problems;

INSERT INTO event (problem_id, seq, at, actor_nik, cause, version)
SELECT p.id, v, p.reported_at, p.reporter_nik, 'reported', v FROM problem p, generate_series(1, 2) v;
INSERT INTO custody (problem_id, during, division_code, department_code, pic_nik, assignee_nik, waiting_for)
SELECT id, tstzrange(reported_at, CASE WHEN status IN ('closed', 'void') THEN changed_at + interval '1 second' END),
       holder_division_code, holder_department_code, holder_pic_nik, assignee_nik, waiting_for FROM problem;
INSERT INTO escalation (problem_id, kind, from_division_code, to_division_code, to_department_code, to_pic_nik, reason, sent_at, sent_by_nik)
SELECT id, CASE WHEN holder_pic_nik IS NULL THEN 'it' ELSE 'department' END, CASE WHEN holder_division_code = 'GA' THEN 'HD' ELSE 'GA' END,
       holder_division_code, holder_department_code, holder_pic_nik, 'Perlu ahlinya', changed_at, '20001' FROM problem WHERE status = 'escalated';
INSERT INTO escalation (problem_id, kind, from_division_code, to_division_code, reason, sent_at, sent_by_nik, answer, answered_at, answered_by_nik)
SELECT id, 'it', 'HD', 'IT-NET', 'Perlu ahlinya', reported_at, '20001', 'accepted', reported_at + interval '1 hour', '20003'
  FROM problem WHERE status = 'closed' AND id % 3 = 0;
INSERT INTO movement (problem_id, version, kind, month, at, holder, store_code, category_code, priority)
SELECT id, 1, 'reported', date_trunc('month', reported_at), reported_at, coalesce(holder_division_code, holder_department_code), store_code,
       category_code, priority FROM problem;
INSERT INTO note (problem_id, seq, author_nik, text) SELECT id, 1, '20001', 'Vendor dihubungi' FROM problem WHERE id % 5 = 0;
INSERT INTO note_search (problem_id, text) SELECT id, 'vendor dihubungi' FROM problem WHERE id % 5 = 0;
INSERT INTO photo (problem_id, seq, event_seq, image, thumbnail, width, height) SELECT id, 1, 1, '.', '.', 1, 1 FROM problem WHERE id % 5 = 0;
INSERT INTO file (problem_id, seq, event_seq, kind, name, content) SELECT id, 1, 1, 'pdf', 'nota.pdf', '.' FROM problem WHERE id % 5 = 0;
SET session_replication_role = origin;
UPDATE employee SET active = active WHERE departments <> '{}';     -- what follows from it
ANALYZE;
