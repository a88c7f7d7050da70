-- A small company with people in fixed roles. The PIN of everybody is 482913; its hash stands in for $1.
INSERT INTO area (code, name) VALUES ('TIMUR', 'Wilayah Timur');
INSERT INTO store (code, name, time_zone) VALUES
    ('HO', 'Kantor Pusat', 'Asia/Jakarta'), ('T01', 'Toko Bandung', 'Asia/Jakarta'),
    ('T02', 'Toko Denpasar', 'Asia/Makassar'), ('T03', 'Toko Jayapura', 'Asia/Jayapura');
INSERT INTO division (code, name, kind, is_general) VALUES
    ('HD', 'Meja Bantuan', 'desk', false), ('IT-NET', 'Jaringan', 'it', false), ('IT-POS', 'Sistem Kasir', 'it', false),
    ('GA', 'Umum', 'other', true), ('LOG', 'Logistik', 'other', false);
INSERT INTO department (code, name) VALUES ('MNT', 'Maintenance'), ('PRC', 'Procurement');
INSERT INTO category (code, name, parent_code, division_code) VALUES
    ('NET', 'Jaringan', NULL, 'IT-NET'), ('NET-WIFI', 'Wi-Fi', 'NET', 'IT-NET'), ('NET-LAN', 'Kabel', 'NET', 'IT-NET'),
    ('FAS', 'Fasilitas', NULL, 'GA'), ('FAS-AC', 'Pendingin ruangan', 'FAS', 'GA'),
    ('KIR', 'Pengiriman', NULL, 'LOG'), ('KIR-TRK', 'Truk', 'KIR', 'LOG'),
    ('UMUM', 'Pertanyaan umum', NULL, 'HD');
INSERT INTO asset (tag, name, store_code) VALUES
    ('T01-PRN-01', 'Printer kasir 1', 'T01'), ('T01-AC-01', 'AC gudang', 'T01'), ('T02-PRN-01', 'Printer kasir 1', 'T02');
INSERT INTO employee (nik, name, store_code, is_manager, is_admin, active, pin_hash) VALUES
    ('10001', 'Ani Lestari',    'T01', false, false, true,  '$1'),     -- reports
    ('10002', 'Budi Santoso',   'T01', false, false, true,  '$1'),     -- a colleague in the same store
    ('10003', 'Citra Dewi',     'T02', false, false, true,  '$1'),     -- in another store: out of reach
    ('10004', 'Yosep Wenda',    'T03', false, false, true,  '$1'),
    ('10009', 'Kiki Amalia',    'T01', false, false, false, '$1'),     -- deactivated
    ('10011', 'Lina Marlina',   'T01', false, false, true,  '$1'),     -- store head
    ('20001', 'Dewi Anggraini', 'HO',  false, false, true,  '$1'),     -- the desk
    ('20002', 'Dodi Pratama',   'HO',  false, false, true,  '$1'),
    ('20003', 'Eka Saputra',    'HO',  false, false, true,  '$1'),
    ('20004', 'Fajar Nugroho',  'HO',  false, false, true,  '$1'),
    ('20005', 'Putu Ayu',       'HO',  false, false, true,  '$1'),
    ('20006', 'Rina Kusuma',    'HO',  false, false, true,  '$1'),
    ('30001', 'Gita Permata',   'HO',  false, false, true,  '$1'),     -- PICs
    ('30002', 'Hadi Wijaya',    'HO',  false, false, true,  '$1'),
    ('40001', 'Indra Gunawan',  'HO',  true,  false, true,  '$1'),     -- manager
    ('90001', 'Joko Susilo',    'HO',  false, true,  true,  '$1');     -- admin
INSERT INTO template (code, name, division_code, purpose, text) VALUES ('GA-HARI', 'Hari ini', 'GA', 'comment', 'Hari ini kami datang.');
DELETE FROM job;        -- what a new company has done at first
INSERT INTO calendar (code, name, closes_on) VALUES ('SIAGA', 'Siaga', 'none');       -- nobody's
INSERT INTO calendar_shift SELECT 'SIAGA', day, 0, 1440 FROM generate_series(1, 7) AS day;
INSERT INTO holiday (date, name) VALUES ('2027-08-17', 'Hari Kemerdekaan');
SELECT renew_working_time('{SIAGA}');
SET CONSTRAINTS ALL IMMEDIATE;     -- none waits for the end, which the next would not be done beside
ALTER TABLE employee DISABLE TRIGGER employee_changed;     -- nobody's rights change: they begin
UPDATE employee SET is_store_head = true WHERE nik = '10011';
INSERT INTO division_member (nik, division_code) VALUES
    ('20001', 'HD'), ('20002', 'HD'), ('20003', 'IT-NET'), ('20004', 'GA'), ('20005', 'LOG'), ('20006', 'IT-POS');
INSERT INTO department_pic (nik, department_code) VALUES ('30001', 'MNT'), ('30002', 'PRC');
ALTER TABLE employee ENABLE TRIGGER employee_changed;
