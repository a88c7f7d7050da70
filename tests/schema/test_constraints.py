"""Every CHECK, unique index and exclusion of schema.sql, each by what it alone refuses."""

import pytest
from asyncpg import Connection

from tests.schema.life import LATE, MOVE, PASS, SESSION, WRITE, refused

MOVEMENT_USED = (
    "INSERT INTO movement (month, at, store_code, problem_id, version, kind, holder, worked, allowed) VALUES"
)
MOVEMENT = "INSERT INTO movement (month, at, store_code, problem_id, version, kind, holder, held, waited) VALUES"
DIFFERENCE = "(month, kind, holder, store_code, difference"
STORE = "INSERT INTO store (code, name, time_zone) VALUES"
DIVISION = "INSERT INTO division (code, name, kind, is_general, active) VALUES"
DEPARTMENT = "INSERT INTO department (code, name) VALUES"
CATEGORY = "INSERT INTO category (code, name, parent_code, division_code) VALUES"
ASSET = "INSERT INTO asset (tag, name, store_code) VALUES"
EMPLOYEE = "INSERT INTO employee (nik, name, store_code, pin_hash) VALUES"
CUSTODY = "INSERT INTO custody (problem_id, during, division_code, department_code, pic_nik) VALUES"
CARE = "INSERT INTO custody (problem_id, during, division_code, department_code, pic_nik, assignee_nik, waiting_for) VALUES"
FORCE = "ALTER TABLE problem DISABLE TRIGGER USER; UPDATE problem SET"
RULE = "INSERT INTO budget_rule (kind, capacity, unit, longest) VALUES"
BUDGET = "INSERT INTO budget (kind, key, spent) VALUES"
LOOKUP = "INSERT INTO lookup (address, nik, kind) VALUES"
SEAL = (
    "ALTER TABLE security_event DISABLE TRIGGER USER;"
    "INSERT INTO security_event (seq, at, kind, address, previous_hash, hash) VALUES"
)
HASH = "sha256('')"
AREA = "INSERT INTO area (code, name, parent_code) VALUES"
MASTER = (
    "ALTER TABLE master_change DISABLE TRIGGER USER;"
    "INSERT INTO master_change (seq, at, kind, code, version, cause, before, after, previous_hash, hash) VALUES"
)
KEY = "INSERT INTO submission (key, nik, digest, location) VALUES"
ONE = "'00000000-0000-4000-8000-000000000001'"
REPLY = "UPDATE escalation SET answered_by_nik = '20003', answered_at = clock_timestamp(), "
TEMPLATE = "INSERT INTO template (code, name, division_code, department_code, purpose, text) VALUES"
NOTE = "INSERT INTO note (problem_id, author_nik, text) VALUES"
NOTE_FILE = (
    f"{NOTE} (1, '20001', 'x');"
    "INSERT INTO note_file (problem_id, note_seq, seq, kind, name, width, height, thumbnail, content) VALUES"
)
FILE = "INSERT INTO file (problem_id, seq, event_seq, kind, name, content) VALUES"
KEPT_FILE = "INSERT INTO draft_file (nik, key, digest, position, kind, name, content) VALUES"
EXPORT = (
    "INSERT INTO export (nik, page, narrowed, filter, sees_all, store_code, time_zone, kind, format, rows, size, finished_at)"
    " VALUES ('10001', '/problems', '{}', '{}', false, 'T01', 'Asia/Jakarta', "
)
PART = f"{EXPORT}'problems', 'csv', NULL, NULL, NULL); INSERT INTO export_part (export_id, seq, content) SELECT id, "
PROGRESS = (
    f"{EXPORT}'problems', 'csv', NULL, NULL, NULL); INSERT INTO export_progress (export_id, done, total) SELECT id, "
)
PHOTO = "INSERT INTO photo (problem_id, seq, event_seq, image, thumbnail, width, height) VALUES"
PRESENCE = "INSERT INTO presence (problem_id, nik, editing) VALUES"
VIEW = "INSERT INTO saved_view (nik, name, query) VALUES"
READER = "INSERT INTO reader (nik, theme, density, seen_at, visited_at) VALUES"
DRAFT = "INSERT INTO draft (nik, problem_id, form, key, fields) VALUES"
KEPT = "INSERT INTO draft_photo (nik, key, digest, position, size, image, thumbnail, width, height) VALUES"
LONG, LONGER = "repeat('x', 2001)", "repeat('x', 4001)"

IMPORT = "INSERT INTO import (kind, file, headings, notices, from_1904, total, wrong, taken_at) VALUES"
IMPORTED = f"{IMPORT} ('areas', 'x', '{{}}', '{{}}', false, 0, NULL, NULL);"
MATCH = f"{IMPORTED} INSERT INTO import_match (field, name, rows, import_id, shown) SELECT "
OLD = (
    f"{IMPORTED} INSERT INTO imported_problem (problem_id, number, folded, digest, import_id, row) SELECT p.id, n.*, i.id, 2"
    " FROM import i, problem p, "
)
IMPORT_ROW = f"{IMPORTED} INSERT INTO import_row (import_id, number, cells, misread, outcome) SELECT id, "

# (the name of a constraint or unique index, what it refuses). Problem 1 is open in the hands of the desk, 2 waits at IT-NET.
# Where another guard stands before the one in question, it is taken away first.
CALENDAR = "INSERT INTO calendar (code, name, time_zone, closes_on, is_general, active) VALUES"
SHIFT = "INSERT INTO calendar_shift VALUES ('UMUM',"
USE = "INSERT INTO calendar_use (calendar_code, division_code, area_code, store_code) VALUES ('UMUM',"
HOLIDAY = "INSERT INTO holiday (date, name, kind) VALUES"
TARGET = "INSERT INTO target (code, name, priority, category_code, division_code, department_code, response, resolution) VALUES"
PROMISE = (
    "UPDATE promise SET until = 'infinity', worked = 0 WHERE until IS NULL;"
    "INSERT INTO promise (problem_id, since, holder, calendar_code, time_zone, until, used, part_used, worked, answered,"
    " response_due) VALUES (9, '2026-11-24', 'HD', 'UMUM', 'Asia/Jakarta',"
)
TOLD = "INSERT INTO notification (nik, problem_id, kind, at, event_seq, note_seq, alarm) VALUES"
ALARM = "INSERT INTO target_alarm (problem_id, clock, step, allowed, holder, percent, due) VALUES"
PROFILE = "INSERT INTO profile"
MAIL = "INSERT INTO mail (nik, kind, problem_id, last_id, due_at, sent_at) VALUES"
VIOLATIONS = [
    ("outbox_of_one_thing", "INSERT INTO outbox (problem_id) VALUES (1)"),
    ("notification_kind", f"{TOLD} ('10001', 1, 'x', now(), 1, NULL, NULL)"),
    ("notification_of_one_thing", f"{TOLD} ('10001', 1, 'outcome', now(), 1, 1, NULL)"),
    ("notification_once", f"{TOLD} ('10001', 1, 'outcome', now(), 9, NULL, NULL), ('10001', 1, 'target', now(), 9, NULL, NULL)"),
    ("profile_pending_email", f"{PROFILE} (nik, pending_email, pending_key) VALUES ('10001', 'x', gen_random_uuid())"),
    ("profile_pending", f"{PROFILE} (nik, pending_email) VALUES ('10001', 'x@y')"),
    ("profile_kinds", f"{PROFILE} (nik, daily) VALUES ('10001', '{{x}}')"),
    ("profile_kinds", f"{PROFILE} (nik, daily, silent) VALUES ('10001', '{{target}}', '{{target}}')"),
    ("profile_quiet_hours", f"{PROFILE} (nik, quiet_from) VALUES ('10001', '21:00')"),
    ("profile_quiet_hours", f"{PROFILE} (nik, quiet_from, quiet_until) VALUES ('10001', '21:00', '21:00')"),
    ("profile_refused", f"{PROFILE} (nik, refused_email) VALUES ('10001', 'x@y')"),
    ("mail_kind", f"{MAIL} ('10001', 'x', NULL, NULL, now(), NULL)"),
    ("mail_of_a_problem", f"{MAIL} ('10001', 'problem', NULL, NULL, now(), NULL)"),
    ("mail_over_is_closed", f"{MAIL} ('10001', 'summary', NULL, NULL, NULL, NULL)"),
    ("mail_sent_is_over", f"{MAIL} ('10001', 'summary', NULL, 1, now(), now())"),
    ("mail_open", f"{MAIL} ('10001', 'summary', NULL, NULL, now(), NULL), ('10001', 'summary', NULL, NULL, now(), NULL)"),
    ("unread_number", "INSERT INTO unread VALUES ('10001', -1)"),
    ("import_match_field_check", f"{MATCH}'x', 'x', 1, id, 'x' FROM import"),
    ("import_match_name_check", f"{MATCH}'store', '', 1, id, 'x' FROM import"),
    ("import_match_rows_check", f"{MATCH}'store', 'x', -1, id, 'x' FROM import"),
    ("import_match_once", f"{MATCH}'store', 'x', 1, id, 'x' FROM import, generate_series(1, 2)"),
    ("imported_problem_number_check", f"{OLD}(VALUES ('', '', {HASH})) n"),
    ("imported_problem_digest_check", f"{OLD}(VALUES ('1', '1', ''::bytea)) n"),
    ("imported_problem_once", f"{OLD}(VALUES ('1', '1', {HASH})) n"),
    ("calendar_code_check", f"{CALENDAR} ('x', 'x', NULL, 'all', false, true)"),
    ("calendar_name_check", f"{CALENDAR} ('XX', '', NULL, 'all', false, true)"),
    ("calendar_time_zone_check", f"{CALENDAR} ('XX', 'x', 'UTC', 'all', false, true)"),
    ("calendar_closes_on_check", f"{CALENDAR} ('XX', 'x', NULL, 'x', false, true)"),
    ("calendar_general_is_active", f"{CALENDAR} ('XX', 'x', NULL, 'all', true, false)"),
    ("calendar_one_general", f"{CALENDAR} ('XX', 'x', NULL, 'all', true, true)"),
    ("calendar_shift_weekday", f"{SHIFT} 8, 0, 60)"),
    ("calendar_shift_hours", f"{SHIFT} 7, 60, 1441)"),
    ("calendar_shift_apart", f"{SHIFT} 1, 700, 800)"),
    ("calendar_use_of_one", f"{USE} NULL, NULL, NULL)"),
    ("calendar_use_division", f"{USE} 'HD', NULL, NULL), ('UMUM', 'HD', NULL, NULL)"),
    ("calendar_use_area", f"{AREA} ('JKT', 'x', NULL); {USE} NULL, 'JKT', NULL), ('UMUM', NULL, 'JKT', NULL)"),
    ("calendar_use_store", f"{USE} NULL, NULL, 'T01'), ('UMUM', NULL, NULL, 'T01')"),
    ("holiday_date", f"{HOLIDAY} ('1999-12-31', 'x', 'national')"),
    ("holiday_name_check", f"{HOLIDAY} ('2026-08-17', '', 'national')"),
    ("holiday_kind_check", f"{HOLIDAY} ('2026-08-17', 'x', 'x')"),
    ("target_code_check", f"{TARGET} ('x', 'x', NULL, NULL, 'HD', NULL, NULL, 1)"),
    ("target_name_check", f"{TARGET} ('XX', '', NULL, NULL, 'HD', NULL, NULL, 1)"),
    ("target_priority", f"{TARGET} ('XX', 'x', 6, NULL, NULL, NULL, NULL, 1)"),
    ("target_response", f"{TARGET} ('XX', 'x', 1, 'NET', NULL, NULL, 0, 1)"),
    ("target_resolution", f"{TARGET} ('XX', 'x', 1, 'NET', NULL, NULL, NULL, 0)"),
    ("target_of_one", f"{TARGET} ('XX', 'x', NULL, NULL, 'HD', 'MNT', NULL, 1)"),
    ("target_says_something", f"{TARGET} ('XX', 'x', 1, 'NET', NULL, NULL, NULL, NULL)"),
    ("target_of_holder", f"{TARGET} ('XX', 'x', NULL, NULL, 'HD', NULL, 1, 1)"),
    ("target_in_order", f"{TARGET} ('XX', 'x', 1, 'NET', NULL, NULL, 2, 1)"),
    ("target_once", f"{TARGET} ('XX', 'x', 1, NULL, NULL, NULL, NULL, 1)"),
    ("target_step_step_check", "INSERT INTO target_step VALUES ('x', 1)"),
    ("target_step_percent", "UPDATE target_step SET percent = 0"),
    ("working_span_in_order", "INSERT INTO working_span VALUES ('UMUM', 'x', now(), now(), 0)"),
    ("working_span_so_far_check", "INSERT INTO working_span VALUES ('UMUM', 'x', now(), 'infinity', -1)"),
    ("promise_used", f"{PROMISE} NULL, 1, 2, NULL, NULL, NULL)"),
    ("promise_worked_check", f"{PROMISE} 'infinity', 0, 0, -1, NULL, NULL)"),
    ("promise_in_order", f"{PROMISE} '2026-11-24', 0, 0, 0, NULL, NULL)"),
    ("promise_worked", f"{PROMISE} NULL, 0, 0, 0, NULL, NULL)"),
    ("promise_answered", f"{PROMISE} NULL, 0, 0, NULL, 0, now())"),
    (
        "promise_in_force",
        f"{PROMISE} NULL, 0, 0, NULL, NULL, NULL), (9, now(), 'HD', 'UMUM', 'x', NULL, 0, 0, NULL, NULL, NULL)",
    ),
    ("target_alarm_clock_check", f"{ALARM} (1, 'x', 'desk', 1, 'HD', 100, now())"),
    ("reference_version_one", "INSERT INTO reference_version DEFAULT VALUES"),
    (
        "problem_count_change_difference_check",
        "INSERT INTO problem_count_change VALUES ('{}', 2026, 1, 'open', 2)",
    ),
    ("job_kind_check", "INSERT INTO job (kind) VALUES ('Tidy up')"),
    ("job_arguments_check", "INSERT INTO job (kind, arguments) VALUES ('tidying', '[]')"),
    ("job_attempts_check", "INSERT INTO job (kind, attempts) VALUES ('tidying', -1)"),
    ("job_error_check", "INSERT INTO job (kind, error) VALUES ('tidying', repeat('x', 2001))"),
    ("job_check", "INSERT INTO job (kind, parked_at) VALUES ('tidying', now())"),
    ("schedule_kind_check", "INSERT INTO schedule (kind, rule, next_at) VALUES ('Tidy up', 'hourly', now())"),
    ("movement_kind_check", f"{MOVEMENT} ('2026-11-01', now(), 'T01', 1, 1, 'noted', 'HD', NULL, NULL)"),
    ("movement_times", f"{MOVEMENT} ('2026-11-01', now(), 'T01', 1, 9, 'closed', 'HD', NULL, NULL)"),
    ("movement_times", f"{MOVEMENT} ('2026-11-01', now(), 'T01', 1, 9, 'opened', 'HD', '1 hour', '0')"),
    ("movement_worked", f"{MOVEMENT_USED} ('2026-11-01', now(), 'T01', 1, 9, 'opened', 'HD', -1, NULL)"),
    ("movement_worked", f"{MOVEMENT_USED} ('2026-11-01', now(), 'T01', 1, 9, 'opened', 'HD', NULL, 60)"),
    ("movement_worked", f"{MOVEMENT_USED} ('2026-11-01', now(), 'T01', 1, 9, 'reported', 'HD', 60, NULL)"),
    ("service_month_cause_check", "INSERT INTO service_month (month, cause) VALUES ('2020-01-01', 'late')"),
    ("movement_pkey", f"{MOVEMENT} ('2026-11-01', now(), 'T01', 1, 1, 'reported', 'HD', NULL, NULL)"),
    ("uncounted_difference_check", f"INSERT INTO uncounted {DIFFERENCE}) VALUES ('2026-11-01', 'opened', 'HD', 'T01', 2)"),
    ("restatement_difference_check", f"INSERT INTO restatement {DIFFERENCE}, problem_id, version)"
                                     " VALUES ('2026-11-01', 'opened', 'HD', 'T01', 0, 1, 1)"),
    ("counting_one_check", "INSERT INTO counting VALUES (false, 0, 0)"),
    ("counting_pkey", "INSERT INTO counting (counted, up_to) VALUES (0, 0)"),
    ("store_code_check", f"{STORE} ('t1', 'Toko', 'Asia/Jakarta')"),
    ("store_name_check", f"{STORE} ('T9', '', 'Asia/Jakarta')"),
    ("store_time_zone_check", f"{STORE} ('T9', 'Toko', 'Asia/Singapore')"),
    ("division_code_check", f"{DIVISION} ('X', 'Divisi', 'it', false, true)"),
    ("division_name_check", f"{DIVISION} ('XX', '', 'it', false, true)"),
    ("division_kind_check", f"{DIVISION} ('XX', 'Divisi', 'department', false, true)"),
    ("division_check", "UPDATE division SET active = false WHERE is_general"),
    ("division_check", "UPDATE division SET kind = 'it' WHERE is_general"),
    ("division_check1", "UPDATE division SET active = false WHERE kind = 'desk'"),
    ("division_one_desk", f"{DIVISION} ('HD2', 'Meja kedua', 'desk', false, true)"),
    ("division_one_general", f"{DIVISION} ('GA2', 'Umum kedua', 'other', true, true)"),
    ("department_code_check", f"{DEPARTMENT} ('MNT MNT', 'Perawatan')"),
    ("department_name_check", f"{DEPARTMENT} ('XX', '')"),
    ("employee_nik_check", f"{EMPLOYEE} ('123', 'Nama', 'HO', '')"),
    ("employee_nik_check", f"{EMPLOYEE} ('12345678901234567', 'Nama', 'HO', '')"),
    ("employee_nik_check", f"{EMPLOYEE} ('1234a', 'Nama', 'HO', '')"),
    ("employee_name_check", f"{EMPLOYEE} ('12345', '', 'HO', '')"),
    ("category_code_check", f"{CATEGORY} ('x', 'Kategori', NULL, 'GA')"),
    ("category_name_check", f"{CATEGORY} ('XX', '', NULL, 'GA')"),
    ("category_check", f"{CATEGORY} ('XX', 'Kategori', 'XX', 'GA')"),
    ("asset_tag_check", f"{ASSET} ('T', 'Printer', 'T01')"),
    ("asset_name_check", f"{ASSET} ('T01-X', '', 'T01')"),
    ("session_id_hash_check", f"{SESSION} ('10001', 'kurang')"),
    ("session_pkey", f"{SESSION} ('10001', sha256('')), ('10002', sha256(''))"),
    ("session_id_key", f"{SESSION} ('10001', sha256('a')), ('10002', sha256('b'));"
                       "ALTER TABLE session ALTER id DROP IDENTITY; UPDATE session SET id = 1"),
    ("session_browser_check", f"{SESSION} ('10001', sha256('')); UPDATE session SET browser = repeat('x', 61)"),
    ("session_idle_check", f"{SESSION} ('10001', sha256('')); UPDATE session SET idle = '0'"),
    ("session_check", f"{SESSION} ('10001', sha256('')); UPDATE session SET expires_at = created_at"),
    ("device_id_hash_check", "INSERT INTO device (id_hash, nik) VALUES ('kurang', '10001')"),
    ("device_pkey", f"INSERT INTO device (id_hash, nik) VALUES ({HASH}, '10001'), ({HASH}, '10001')"),
    ("budget_rule_capacity_check", f"{RULE} ('x', 0, '1 s', NULL)"),
    ("budget_rule_unit_check", f"{RULE} ('x', 1, '0', NULL)"),
    ("budget_rule_check", f"{RULE} ('x', 1, '2 s', '1 s')"),
    ("budget_rule_pkey", f"{RULE} ('nik', 1, '1 s', NULL)"),
    ("budget_key_check", f"{BUDGET} ('nik', repeat('1', 121), 0)"),
    ("budget_spent_check", f"{BUDGET} ('nik', '1', -1)"),
    ("budget_pkey", f"{BUDGET} ('nik', '1', 0), ('nik', '1', 0)"),
    ("lookup_address_check", f"{LOOKUP} (repeat('x', 61), '10001', 'names')"),
    ("lookup_nik_check", f"{LOOKUP} ('x', 'x', 'names')"),
    ("lookup_kind_check", f"{LOOKUP} ('x', '10001', 'nik')"),
    ("lookup_pkey", f"{LOOKUP} ('x', '10001', 'names'), ('x', '10001', 'unknown')"),
    ("import_kind_check", f"{IMPORT} ('x', 'x', '{{}}', '{{}}', false, 0, NULL, NULL)"),
    ("import_file_check", f"{IMPORT} ('areas', '', '{{}}', '{{}}', false, 0, NULL, NULL)"),
    ("import_total_check", f"{IMPORT} ('areas', 'x', '{{}}', '{{}}', false, -1, NULL, NULL)"),
    ("import_checked", f"{IMPORT} ('areas', 'x', '{{}}', '{{}}', false, 1, 1, NULL)"),
    ("import_taken", f"{IMPORT} ('areas', 'x', '{{}}', '{{}}', false, 1, NULL, now())"),
    ("import_row_number_check", f"{IMPORT_ROW} 0, '[]', '[]', NULL FROM import"),
    ("import_row_outcome_check", f"{IMPORT_ROW} 1, '[]', '[]', NULL FROM import;"
                                 "UPDATE import_row SET outcome = 'x', before = '{}', after = '{}', faults = '[]'"),
    ("import_row_looked_at", f"{IMPORT_ROW} 1, '[]', '[]', 'new' FROM import"),
    ("import_progress_check", f"{IMPORTED} INSERT INTO import_progress (import_id, done, total) SELECT id, 2, 1 FROM import"),
    ("area_code_check", f"{AREA} ('j', 'x', NULL)"),
    ("area_name_check", f"{AREA} ('JKT', '', NULL)"),
    ("area_check", f"{AREA} ('JKT', 'x', 'JKT')"),
    ("store_address", "UPDATE store SET address = ''"),
    ("asset_model", "UPDATE asset SET model = ''"),
    ("employee_area_of_manager", f"{AREA} ('JKT', 'x', NULL); UPDATE employee SET area_code = 'JKT' WHERE nik = '10001'"),
    ("master_record_kind_check", "UPDATE master_record SET kind = 'x'"),
    ("master_change_seq_check", f"{MASTER} (0, now(), 'x', 'x', 1, 'form', '{{}}', '{{}}', {HASH}, {HASH})"),
    ("master_change_cause_check", f"{MASTER} (1, now(), 'x', 'x', 1, '', '{{}}', '{{}}', {HASH}, {HASH})"),
    ("master_change_previous_hash_check", f"{MASTER} (1, now(), 'x', 'x', 1, 'form', '{{}}', '{{}}', '', {HASH})"),
    ("master_change_hash_check", f"{MASTER} (1, now(), 'x', 'x', 1, 'form', '{{}}', '{{}}', {HASH}, '')"),
    ("master_change_kind_code_version_key", f"{MASTER} (900001, now(), 'x', 'x', 1, 'form', '{{}}', '{{}}', {HASH}, {HASH}), "
                                            f"(900002, now(), 'x', 'x', 1, 'form', '{{}}', '{{}}', {HASH}, {HASH})"),
    ("security_event_seq_check", f"{SEAL} (0, now(), 'login', NULL, {HASH}, {HASH})"),
    ("security_event_kind_check", f"{SEAL} (1, now(), 'lunch', NULL, {HASH}, {HASH})"),
    ("security_event_address_check", f"{SEAL} (1, now(), 'login', repeat('x', 61), {HASH}, {HASH})"),
    ("security_event_previous_hash_check", f"{SEAL} (1, now(), 'login', NULL, '', {HASH})"),
    ("security_event_hash_check", f"{SEAL} (1, now(), 'login', NULL, {HASH}, '')"),
    ("security_event_pkey", f"{SEAL} (1, now(), 'login', NULL, {HASH}, {HASH}), (1, now(), 'login', NULL, {HASH}, {HASH})"),
    ("submission_digest_check", f"{KEY} ({ONE}, '10001', 'kurang', '/problems')"),
    ("submission_location_check", f"{KEY} ({ONE}, '10001', sha256(''), 'problems')"),
    ("submission_pkey", f"{KEY} ({ONE}, '10001', sha256(''), '/'), ({ONE}, '10002', sha256(''), '/')"),
    ("problem_known_status", "ALTER TABLE problem DISABLE TRIGGER USER; UPDATE problem SET status = 'lost'"),
    ("problem_waits", "UPDATE problem SET status = 'waiting' WHERE id = 1"),
    ("problem_waits", f"{FORCE} waiting_for = 'vendor' WHERE id = 1"),
    ("problem_waits", f"{FORCE} waiting_until = now() WHERE id = 1"),
    ("problem_waits_for", "UPDATE problem SET status = 'waiting', waiting_for = 'godot' WHERE id = 1"),
    ("problem_assigned", f"{FORCE} assignee_nik = '20003' WHERE id = 2"),
    ("problem_assigned", f"{FORCE} assignee_nik = '30001', holder_division_code = NULL, holder_department_code = 'MNT',"
                         " holder_pic_nik = '30001' WHERE id = 1"),
    ("problem_asset", f"{WRITE} 'x', 'x', 'T01-AC-01', 'AC')"),
    ("problem_asset_text_check", f"{WRITE} 'x', 'x', NULL, '')"),
    ("problem_asset_text_check", f"{WRITE} 'x', 'x', NULL, repeat('x', 121))"),
    ("problem_title_check", f"{WRITE} '', 'x', NULL, NULL)"),
    ("problem_title_check", f"{WRITE} repeat('x', 121), 'x', NULL, NULL)"),
    ("problem_description_check", f"{WRITE} 'x', '', NULL, NULL)"),
    ("problem_description_check", f"{WRITE} 'x', {LONGER}, NULL, NULL)"),
    ("problem_one_holder", f"{MOVE} holder_division_code = NULL WHERE id = 1"),
    ("problem_one_holder", f"{MOVE} holder_pic_nik = '30001' WHERE id = 1"),
    ("problem_one_holder", f"{MOVE} holder_division_code = NULL, holder_department_code = 'MNT' WHERE id = 1"),
    ("problem_identified", f"{MOVE} category_code = NULL WHERE id = 1"),
    ("problem_identified", f"{MOVE} impact = NULL WHERE id = 1"),
    ("problem_identified", f"{MOVE} urgency = NULL WHERE id = 1"),
    ("problem_identified", f"{MOVE} identification = NULL WHERE id = 1"),
    ("problem_identified", f"{MOVE} category_code = NULL, impact = NULL, urgency = NULL, identification = NULL WHERE id = 1"),
    ("problem_impact_check", f"{MOVE} impact = 0 WHERE id = 1"),
    ("problem_impact_check", f"{MOVE} impact = 4 WHERE id = 1"),
    ("problem_urgency_check", f"{MOVE} urgency = 0 WHERE id = 1"),
    ("problem_urgency_check", f"{MOVE} urgency = 4 WHERE id = 1"),
    ("problem_identification_check", f"{MOVE} identification = '' WHERE id = 1"),
    ("problem_identification_check", f"{MOVE} identification = {LONGER} WHERE id = 1"),
    ("problem_solution_check", "UPDATE problem SET status = 'closed', solution = '' WHERE id = 1"),
    ("problem_solution_check", f"UPDATE problem SET status = 'closed', solution = {LONGER} WHERE id = 1"),
    ("problem_solved", "UPDATE problem SET status = 'closed' WHERE id = 1"),
    ("problem_solved", f"{MOVE} solution = 'Diganti' WHERE id = 1"),
    ("problem_confirmed", f"{MOVE} confirmed_at = now() WHERE id = 1"),
    ("event_seq_check", f"ALTER TABLE event DISABLE TRIGGER USER; {LATE} (1, 0, '20001', 'opened', 9, 'x')"),
    ("event_pkey", f"ALTER TABLE event DISABLE TRIGGER USER; {LATE} (1, 1, '20001', 'opened', 9, 'x')"),
    ("event_known_cause", f"{LATE} (1, 1, '20001', 'deleted', 9, 'x')"),
    ("event_note_check", f"{LATE} (1, 1, '20001', 'opened', 9, '')"),
    ("event_note_check", f"{LATE} (1, 1, '20001', 'opened', 9, {LONGER})"),
    ("event_says_why", f"{LATE} (1, 1, '20001', 'escalated', 9, NULL)"),
    ("event_says_why", f"{LATE} (1, 1, '20001', 'returned', 9, NULL)"),
    ("event_says_why", f"{LATE} (1, 1, '20001', 'voided', 9, NULL)"),
    ("event_says_why", f"{LATE} (1, 1, '20001', 'paused', 9, NULL)"),
    ("event_by_whom", f"{LATE} (1, 1, NULL, 'resumed', 9, NULL)"),
    ("event_version", f"{LATE} (1, 1, '20001', 'opened', 2, NULL)"),
    ("custody_during_check", f"{CUSTODY} (2, 'empty', 'GA', NULL, NULL)"),
    ("custody_during_check", f"{CUSTODY} (2, '(,2020-01-01)', 'GA', NULL, NULL)"),
    ("custody_during_check", f"{CUSTODY} (2, '(2019-01-01,2020-01-01)', 'GA', NULL, NULL)"),
    ("custody_during_check", f"{CUSTODY} (2, '[2019-01-01,2020-01-01]', 'GA', NULL, NULL)"),
    ("custody_one_holder", f"{CUSTODY} (2, '[2019-01-01,2020-01-01)', NULL, NULL, NULL)"),
    ("custody_one_holder", f"{CUSTODY} (2, '[2019-01-01,2020-01-01)', 'GA', NULL, '30001')"),
    ("custody_one_holder", f"{CUSTODY} (2, '[2019-01-01,2020-01-01)', NULL, 'MNT', NULL)"),
    ("custody_assigned", f"{CARE} (2, '[2019-01-01,2020-01-01)', NULL, 'MNT', '30001', '30001', NULL)"),
    ("custody_waits_for", f"{CARE} (2, '[2019-01-01,2020-01-01)', 'GA', NULL, NULL, NULL, 'godot')"),
    ("custody_one_at_a_time", f"{CUSTODY} (1, tstzrange(now(), now() + interval '1 s'), 'GA', NULL, NULL)"),
    ("custody_current", "ALTER TABLE custody DROP CONSTRAINT custody_one_at_a_time; "
                        f"{CUSTODY} (1, '[2019-01-01,)', 'GA', NULL, NULL)"),
    ("escalation_kind_check", f"{PASS} (1, now(), '20001', 'x', 'desk', 'GA', NULL, NULL, 'HD', NULL, NULL)"),
    ("escalation_reason_check", f"{PASS} (1, now(), '20001', '', 'it', 'HD', NULL, NULL, 'IT-NET', NULL, NULL)"),
    ("escalation_reason_check", f"{PASS} (1, now(), '20001', {LONG}, 'it', 'HD', NULL, NULL, 'IT-NET', NULL, NULL)"),
    ("escalation_from", f"{PASS} (1, now(), '20001', 'x', 'it', NULL, NULL, NULL, 'IT-NET', NULL, NULL)"),
    ("escalation_from", f"{PASS} (1, now(), '20001', 'x', 'it', 'HD', NULL, '30001', 'IT-NET', NULL, NULL)"),
    ("escalation_from", f"{PASS} (1, now(), '20001', 'x', 'it', NULL, 'MNT', NULL, 'IT-NET', NULL, NULL)"),
    ("escalation_to", f"{PASS} (1, now(), '20001', 'x', 'it', 'HD', NULL, NULL, 'IT-NET', 'MNT', '30001')"),
    ("escalation_to", f"{PASS} (1, now(), '20001', 'x', 'it', 'HD', NULL, NULL, NULL, 'MNT', '30001')"),
    ("escalation_to", f"{PASS} (1, now(), '20001', 'x', 'department', 'HD', NULL, NULL, 'IT-NET', 'MNT', '30001')"),
    ("escalation_elsewhere", f"{PASS} (1, now(), '20001', 'x', 'it', 'IT-NET', NULL, NULL, 'IT-NET', NULL, NULL)"),
    ("escalation_elsewhere", f"{PASS} (1, now(), '20001', 'x', 'department', NULL, 'MNT', '30001', NULL, 'MNT', '30001')"),
    ("escalation_one_waiting", f"{PASS} (2, now(), '20001', 'x', 'it', 'HD', NULL, NULL, 'IT-NET', NULL, NULL)"),
    ("escalation_known_answer", f"{REPLY} answer = 'ignored'"),
    ("escalation_answered", f"{REPLY} answer = NULL"),
    ("escalation_answered", "UPDATE escalation SET answer = 'accepted'"),
    ("escalation_check", f"{REPLY} answer = 'accepted', sent_at = 'infinity'"),
    ("escalation_says_why", f"{REPLY} answer = 'returned'"),
    ("escalation_says_why", f"{REPLY} answer = 'accepted', answer_reason = 'Sebab'"),
    ("escalation_answer_reason_check", f"{REPLY} answer = 'returned', answer_reason = ''"),
    ("escalation_answer_reason_check", f"{REPLY} answer = 'returned', answer_reason = {LONG}"),
    ("store_phone", "UPDATE store SET phone = 'ada'"),
    ("employee_phone", "UPDATE employee SET phone = '12345'"),
    ("employee_email", "UPDATE employee SET email = 'a b@c'"),
    ("employee_email", "UPDATE employee SET email = repeat('x', 250) || '@b.id'"),
    ("template_code_check", f"{TEMPLATE} ('x', 'x', 'HD', NULL, 'comment', 'x')"),
    ("template_name_check", f"{TEMPLATE} ('X1', '', 'HD', NULL, 'comment', 'x')"),
    ("template_name_check", f"{TEMPLATE} ('X1', repeat('x', 61), 'HD', NULL, 'comment', 'x')"),
    ("template_purpose_check", f"{TEMPLATE} ('X1', 'x', 'HD', NULL, 'title', 'x')"),
    ("template_text_check", f"{TEMPLATE} ('X1', 'x', 'HD', NULL, 'comment', '')"),
    ("template_text_check", f"{TEMPLATE} ('X1', 'x', 'HD', NULL, 'comment', {LONG})"),
    ("template_of_one", f"{TEMPLATE} ('X1', 'x', 'HD', 'MNT', 'comment', 'x')"),
    ("template_of_one", f"{TEMPLATE} ('X1', 'x', NULL, NULL, 'comment', 'x')"),
    ("note_text_check", f"{NOTE} (1, '20001', '')"),
    ("note_text_check", f"{NOTE} (1, '20001', {LONGER})"),
    ("note_file_seq_check", f"{NOTE_FILE} (1, 1, 0, 'pdf', 'x', NULL, NULL, NULL, 'x')"),
    ("note_file_kind_check", f"{NOTE_FILE} (1, 1, 1, 'html', 'x', NULL, NULL, NULL, 'x')"),
    ("note_file_name_check", f"{NOTE_FILE} (1, 1, 1, 'pdf', '', NULL, NULL, NULL, 'x')"),
    ("note_file_width_check", f"{NOTE_FILE} (1, 1, 1, 'jpg', NULL, 0, 1, 'x', 'x')"),
    ("note_file_height_check", f"{NOTE_FILE} (1, 1, 1, 'jpg', NULL, 1, 8001, 'x', 'x')"),
    ("note_file_thumbnail_check", f"{NOTE_FILE} (1, 1, 1, 'jpg', NULL, 1, 1, '', 'x')"),
    ("note_file_content_check", f"{NOTE_FILE} (1, 1, 1, 'pdf', 'x', NULL, NULL, NULL, '')"),
    ("note_file_of_its_kind", f"{NOTE_FILE} (1, 1, 1, 'jpg', 'x', 1, 1, 'x', 'x')"),
    ("note_file_of_its_kind", f"{NOTE_FILE} (1, 1, 1, 'pdf', 'x', 1, NULL, NULL, 'x')"),
    ("note_file_of_its_kind", f"{NOTE_FILE} (1, 1, 1, 'pdf', 'x', NULL, 1, NULL, 'x')"),
    ("note_file_of_its_kind", f"{NOTE_FILE} (1, 1, 1, 'pdf', 'x', NULL, NULL, 'x', 'x')"),
    ("note_file_pkey", f"{NOTE_FILE} (1, 1, 1, 'pdf', 'x', NULL, NULL, NULL, 'x'), (1, 1, 1, 'pdf', 'x', NULL, NULL, NULL, 'x')"),
    ("export_kind_check", f"{EXPORT}'people', 'csv', NULL, NULL, NULL)"),
    ("export_format_check", f"{EXPORT}'problems', 'pdf', NULL, NULL, NULL)"),
    ("export_rows_check", f"{EXPORT}'problems', 'csv', -1, 1, now())"),
    ("export_size_check", f"{EXPORT}'problems', 'csv', 1, 0, now())"),
    ("export_finished", f"{EXPORT}'problems', 'csv', 1, NULL, now())"),
    ("export_part_seq_check", f"{PART}-1, 'x' FROM export"),
    ("export_part_content_check", f"{PART}0, '' FROM export"),
    ("export_part_content_check", f"{PART}0, repeat('x', 524289)::bytea FROM export"),
    ("export_progress_check", f"{PROGRESS}2, 1 FROM export"),
    ("upload_check", f"INSERT INTO upload (nik, key, arrived, total) VALUES ('10001', {ONE}, 2, 1)"),
    ("file_seq_check", f"{FILE} (1, 0, 1, 'pdf', 'x', 'x')"),
    ("file_kind_check", f"{FILE} (1, 1, 1, 'html', 'x', 'x')"),
    ("file_name_check", f"{FILE} (1, 1, 1, 'pdf', '', 'x')"),
    ("file_name_check", f"{FILE} (1, 1, 1, 'pdf', repeat('x', 101), 'x')"),
    ("file_content_check", f"{FILE} (1, 1, 1, 'pdf', 'x', '')"),
    ("file_content_check", f"{FILE} (1, 1, 1, 'pdf', 'x', repeat('x', 10485761)::bytea)"),
    ("file_pkey", f"{FILE} (1, 1, 1, 'pdf', 'x', 'x'), (1, 1, 1, 'pdf', 'x', 'x')"),
    ("photo_seq_check", f"{PHOTO} (1, 0, 1, 'x', 'x', 1, 1)"),
    ("photo_image_check", f"{PHOTO} (1, 1, 1, '', 'x', 1, 1)"),
    ("photo_image_check", f"{PHOTO} (1, 1, 1, repeat('x', 4000001)::bytea, 'x', 1, 1)"),
    ("photo_thumbnail_check", f"{PHOTO} (1, 1, 1, 'x', '', 1, 1)"),
    ("photo_thumbnail_check", f"{PHOTO} (1, 1, 1, 'x', repeat('x', 200001)::bytea, 1, 1)"),
    ("photo_width_check", f"{PHOTO} (1, 1, 1, 'x', 'x', 0, 1)"),
    ("photo_width_check", f"{PHOTO} (1, 1, 1, 'x', 'x', 8001, 1)"),
    ("photo_height_check", f"{PHOTO} (1, 1, 1, 'x', 'x', 1, 0)"),
    ("photo_height_check", f"{PHOTO} (1, 1, 1, 'x', 'x', 1, 8001)"),
    ("photo_pkey", f"{PHOTO} (1, 1, 1, 'x', 'x', 1, 1), (1, 1, 2, 'x', 'x', 1, 1)"),
    ("presence_editing_check", f"{PRESENCE} (1, '20001', repeat('x', 41))"),
    ("presence_pkey", f"{PRESENCE} (1, '20001', NULL), (1, '20001', 'opening')"),
    ("upload_check", f"INSERT INTO upload (nik, key, arrived, total) VALUES ('10001', {ONE}, 2, 1)"),
    ("reader_theme_check", f"{READER} ('10001', 'blue', 'roomy', NULL, NULL)"),
    ("reader_density_check", f"{READER} ('10001', 'auto', 'tight', NULL, NULL)"),
    ("reader_check", f"{READER} ('10001', 'auto', 'roomy', now(), now() + interval '1 second')"),
    ("saved_view_name_check", f"{VIEW} ('10001', '', '')"),
    ("saved_view_name_check", f"{VIEW} ('10001', repeat('x', 41), '')"),
    ("saved_view_query_check", f"{VIEW} ('10001', 'x', {LONG})"),
    ("saved_view_name", f"{VIEW} ('10001', 'Meja', 'a'), ('10001', 'MEJA', 'b')"),
    ("draft_form_check", f"{DRAFT} ('10001', 1, '', {ONE}, '{{}}')"),
    ("draft_fields_check", f"{DRAFT} ('10001', 1, 'comment', {ONE}, '[]')"),
    ("draft_fields_check", f"{DRAFT} ('10001', 1, 'comment', {ONE}, jsonb_build_object('comment', repeat('x', 200000)))"),
    ("draft_file_digest_check", f"{KEPT_FILE} ('10001', {ONE}, 'x', 1, 'pdf', 'x', 'x')"),
    ("draft_file_kind_check", f"{KEPT_FILE} ('10001', {ONE}, {HASH}, 1, 'html', 'x', 'x')"),
    ("draft_file_name_check", f"{KEPT_FILE} ('10001', {ONE}, {HASH}, 1, 'pdf', '', 'x')"),
    ("draft_file_content_check", f"{KEPT_FILE} ('10001', {ONE}, {HASH}, 1, 'pdf', 'x', '')"),
    ("draft_photo_digest_check", f"{KEPT} ('10001', {ONE}, 'x', 1, 1, 'x', 'x', 1, 1)"),
    ("draft_photo_size_check", f"{KEPT} ('10001', {ONE}, {HASH}, 1, 0, 'x', 'x', 1, 1)"),
    ("draft_photo_image_check", f"{KEPT} ('10001', {ONE}, {HASH}, 1, 1, '', 'x', 1, 1)"),
    ("draft_photo_image_check", f"{KEPT} ('10001', {ONE}, {HASH}, 1, 1, repeat('x', 4000001)::bytea, 'x', 1, 1)"),
    ("draft_photo_thumbnail_check", f"{KEPT} ('10001', {ONE}, {HASH}, 1, 1, 'x', '', 1, 1)"),
    ("draft_photo_thumbnail_check", f"{KEPT} ('10001', {ONE}, {HASH}, 1, 1, 'x', repeat('x', 200001)::bytea, 1, 1)"),
    ("draft_photo_width_check", f"{KEPT} ('10001', {ONE}, {HASH}, 1, 1, 'x', 'x', 0, 1)"),
    ("draft_photo_width_check", f"{KEPT} ('10001', {ONE}, {HASH}, 1, 1, 'x', 'x', 8001, 1)"),
    ("draft_photo_height_check", f"{KEPT} ('10001', {ONE}, {HASH}, 1, 1, 'x', 'x', 1, 0)"),
    ("draft_photo_height_check", f"{KEPT} ('10001', {ONE}, {HASH}, 1, 1, 'x', 'x', 1, 8001)"),
    ("draft_photo_pkey", f"{KEPT} ('10001', {ONE}, {HASH}, 1, 1, 'x', 'x', 1, 1), "
                         f"('10001', {ONE}, {HASH}, 2, 1, 'x', 'x', 1, 1)"),
    ("draft_pkey", f"{DRAFT} ('10001', 1, 'comment', {ONE}, '{{}}'), ('10001', NULL, 'report', {ONE}, '{{}}')"),
]  # fmt: skip


@pytest.mark.parametrize(("constraint", "statement"), VIOLATIONS, ids=[name for name, _ in VIOLATIONS])
async def test_constraint(constraint: str, statement: str, draft: Connection):
    with refused() as error:
        await draft.execute(statement)
    assert error.value.constraint_name == constraint


async def test_every_constraint_has_its_test(draft: Connection):
    rows = await draft.fetch(
        """
        SELECT conname::text FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'x')
        UNION
        SELECT c.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
         WHERE c.relnamespace = 'public'::regnamespace AND i.indisunique AND NOT i.indisprimary
        """
    )
    primary_keys = {name for name, _ in VIOLATIONS if name.endswith("_pkey")}  # master data's are held by references
    assert {row[0] for row in rows} == {name for name, _ in VIOLATIONS} - primary_keys
