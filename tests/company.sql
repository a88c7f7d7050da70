-- A small company with people in fixed roles. The PIN of everybody is 482913; its hash stands in for $1.
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
INSERT INTO employee (nik, name, store_code, division_code, department_code, is_manager, is_admin, active, pin_hash) VALUES
    ('10001', 'Ani Lestari',    'T01', NULL,     NULL,  false, false, true,  '$1'),     -- reports
    ('10002', 'Budi Santoso',   'T01', NULL,     NULL,  false, false, true,  '$1'),     -- a colleague in the same store
    ('10003', 'Citra Dewi',     'T02', NULL,     NULL,  false, false, true,  '$1'),     -- in another store: out of reach
    ('10004', 'Yosep Wenda',    'T03', NULL,     NULL,  false, false, true,  '$1'),
    ('10009', 'Kiki Amalia',    'T01', NULL,     NULL,  false, false, false, '$1'),     -- deactivated
    ('20001', 'Dewi Anggraini', 'HO',  'HD',     NULL,  false, false, true,  '$1'),     -- the desk
    ('20002', 'Dodi Pratama',   'HO',  'HD',     NULL,  false, false, true,  '$1'),
    ('20003', 'Eka Saputra',    'HO',  'IT-NET', NULL,  false, false, true,  '$1'),
    ('20004', 'Fajar Nugroho',  'HO',  'GA',     NULL,  false, false, true,  '$1'),
    ('20005', 'Putu Ayu',       'HO',  'LOG',    NULL,  false, false, true,  '$1'),
    ('30001', 'Gita Permata',   'HO',  NULL,     'MNT', false, false, true,  '$1'),     -- PICs
    ('30002', 'Hadi Wijaya',    'HO',  NULL,     'PRC', false, false, true,  '$1'),
    ('40001', 'Indra Gunawan',  'HO',  NULL,     NULL,  true,  false, true,  '$1'),     -- manager
    ('90001', 'Joko Susilo',    'HO',  NULL,     NULL,  false, true,  true,  '$1');     -- admin
