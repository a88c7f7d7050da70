-- A company of the size that SIH is for: :problems problems in four years, of which the last 2 % are unfinished, in 1,000 stores, with 20,000
-- employees. Its rows are made at once, without the triggers that watch over real changes; histories are one event and one custody.
SET session_replication_role = replica;

INSERT INTO store (code, name, time_zone)
SELECT 'T' || to_char(n, 'FM0000'), 'Toko Serba Ada Cabang Nomor ' || n, (ARRAY['Asia/Jakarta', 'Asia/Makassar', 'Asia/Jayapura'])[1 + n % 3]
  FROM generate_series(1, 1000) n;
INSERT INTO division (code, name, kind, is_general) VALUES
    ('HD', 'Meja Bantuan', 'desk', false), ('IT-NET', 'Jaringan', 'it', false), ('IT-SYS', 'Sistem', 'it', false),
    ('IT-POS', 'Kasir', 'it', false), ('GA', 'Umum', 'other', true), ('LOG', 'Logistik', 'other', false);
INSERT INTO department (code, name) VALUES ('MNT', 'Maintenance'), ('PRC', 'Procurement');
INSERT INTO category (code, name, division_code)
SELECT d.code || '-' || n, 'Kategori ' || n || ' ' || d.name, d.code FROM division d, generate_series(1, 8) n;
-- NIKs 20000 to 20119 are handlers of the divisions in turn, 30000 to 30039 PICs of the departments, 40000 a manager.
INSERT INTO division_member (nik, division_code)
SELECT (20000 + n)::text, (ARRAY['HD', 'IT-NET', 'IT-SYS', 'IT-POS', 'GA', 'LOG'])[1 + n % 6] FROM generate_series(0, 119) n;
INSERT INTO department_pic (nik, department_code) SELECT (30000 + n)::text, (ARRAY['MNT', 'PRC'])[1 + n % 2] FROM generate_series(0, 39) n;
INSERT INTO employee (nik, name, store_code, divisions, departments, division_code, department_code, is_manager, pin_hash, scopes,
                      sees_all)
SELECT (10000 + n)::text, 'Karyawan Bernama ' || n, 'T' || to_char(1 + n % 1000, 'FM0000'), array_remove(ARRAY[m.division_code], NULL),
       array_remove(ARRAY[i.department_code], NULL), m.division_code, i.department_code, n = 30000, '-',
       array_remove(ARRAY['reporter', CASE WHEN m.nik IS NOT NULL OR i.nik IS NOT NULL THEN 'handler' END,
                          CASE WHEN n = 30000 THEN 'manager' END], NULL),
       m.nik IS NOT NULL OR i.nik IS NOT NULL OR n = 30000
  FROM generate_series(1, 30000) n
  LEFT JOIN division_member m ON m.nik = (10000 + n)::text
  LEFT JOIN department_pic i ON i.nik = (10000 + n)::text;

INSERT INTO problem (status, reported_at, year, changed_at, version, reporter_nik, recorded_by_nik, store_code, title, description,
                     holder_division_code, holder_department_code, holder_pic_nik, category_code, impact, urgency, identification,
                     solution, assignee_nik, waiting_for, search_text)
SELECT status, at, extract(year FROM at), at + random() * least(now() - at, interval '20 days'), 3, nik, nik, store,
       'Printer kasir ' || n || ' tidak dapat mencetak struk', 'Sejak pagi lampunya merah.',
       CASE WHEN NOT with_pic THEN division END, CASE WHEN with_pic THEN (ARRAY['MNT', 'PRC'])[1 + pic % 2] END,
       CASE WHEN with_pic THEN (30000 + pic)::text END, CASE WHEN identified THEN division || '-' || (1 + n % 8) END,
       CASE WHEN identified THEN 1 + n / 7 % 3 END, CASE WHEN identified THEN 1 + n / 3 % 3 END,
       CASE WHEN identified THEN 'Kepala cetak aus' END, CASE WHEN status = 'closed' THEN 'Diganti' END,
       CASE WHEN identified AND NOT with_pic AND status <> 'escalated' AND n % 3 > 0
            THEN (20000 + 6 * (n / 10 % 20) + greatest(n % 7 - 1, 0))::text END,
       CASE WHEN status = 'waiting' THEN 'vendor' END,
       'Printer kasir ' || n || ' tidak dapat mencetak struk'
  FROM (SELECT n, at, nik, store, status, division, pic, status <> 'reported' AND status <> 'void' AS identified,
               status <> 'reported' AND n % 10 = 0 AS with_pic
          FROM (SELECT n, now() - interval '4 years' * (1 - n::float / :problems) AS at, (10001 + n % 9000)::text AS nik,
                       'T' || to_char(1 + n % 1000, 'FM0000') AS store, n / 10 % 40 AS pic,
                       (ARRAY['HD', 'HD', 'IT-NET', 'IT-SYS', 'IT-POS', 'GA', 'LOG'])[1 + n % 7] AS division,
                       CASE WHEN n > :problems * 0.98 THEN (ARRAY['reported', 'open', 'open', 'waiting', 'escalated'])[1 + n % 5]
                            WHEN n % 25 = 0 THEN 'void' ELSE 'closed' END AS status
                  FROM generate_series(1, :problems) n) made) problems;
INSERT INTO event (problem_id, seq, at, actor_nik, cause, version) SELECT id, 1, reported_at, reporter_nik, 'reported', 1 FROM problem;
INSERT INTO custody (problem_id, during, division_code, department_code, pic_nik, assignee_nik, waiting_for)
SELECT id, tstzrange(reported_at, CASE WHEN status IN ('closed', 'void') THEN changed_at + interval '1 second' END),
       holder_division_code, holder_department_code, holder_pic_nik, assignee_nik, waiting_for FROM problem;
INSERT INTO escalation (problem_id, kind, from_division_code, to_division_code, to_department_code, to_pic_nik, reason, sent_at, sent_by_nik)
SELECT id, CASE WHEN holder_pic_nik IS NULL THEN 'it' ELSE 'department' END, CASE WHEN holder_division_code = 'HD' THEN 'GA' ELSE 'HD' END, holder_division_code, holder_department_code,
       holder_pic_nik, 'Perlu ahlinya', changed_at, '20000' FROM problem WHERE status = 'escalated';
INSERT INTO reported_year SELECT DISTINCT year FROM problem;
-- What is unfinished is promised from its report on, as if nothing had been changed since.
INSERT INTO promise (problem_id, since, holder, waiting_for, priority, category_code, calendar_code, time_zone, response, resolution, part,
                     used, part_used, answered, response_due, resolution_due, part_due, alarm_at)
SELECT q.problem_id, q.since, q.holder, q.waiting_for, q.priority, q.category_code, q.calendar_code, q.time_zone, q.response, q.resolution,
       q.part, q.used, q.part_used, q.answered, q.response_due, q.resolution_due, q.part_due, q.alarm_at
  FROM problem p CROSS JOIN LATERAL next_promise(NULL, p.id, p.reported_at, p.store_code, p.status,
                                                 coalesce(p.holder_division_code, p.holder_department_code), p.waiting_for, p.priority,
                                                 p.category_code) q
 WHERE p.status IN ('reported', 'open', 'waiting', 'escalated');
UPDATE problem p SET due_at = next_due(q) FROM promise q WHERE q.problem_id = p.id;
