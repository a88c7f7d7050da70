"""The floor of a report: pgbench inserts the same rows, with what the schema makes of them."""

import re
import subprocess
import tempfile
from pathlib import Path

from bench.speed.load import CONNECTIONS
from bench.speed.machine import SERVER, pinned, processor_seconds
from bench.speed.measuring import Measured
from server.postgres.programs import find_bin_folder

SCRIPT = r"""
\set person random(10000001, 10045000)
BEGIN;
INSERT INTO submission (key, nik, digest, location)
VALUES (gen_random_uuid(), :person::bigint::text, sha256('x'), '/problems');
INSERT INTO problem (reporter_nik, recorded_by_nik, store_code, title, description, holder_division_code)
SELECT e.nik, e.nik, e.store_code, 'Printer kasir ' || e.nik || ' tidak mencetak',
       'Sejak pagi lampunya merah dan kertasnya tersangkut. Nomor seri PR-' || e.nik || '.', 'HD'
  FROM employee e WHERE e.nik = :person::bigint::text RETURNING id, reporter_nik AS nik \gset
SELECT record_change(:id, :nik::bigint::text, 'reported', '{}', NULL);
COMMIT;
"""


def measure_inserts(url: str, postmaster: int, seconds: float) -> Measured:
    """What pgbench does in so many seconds, by as many connections as the load has. Raises RuntimeError."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file, tempfile.TemporaryDirectory() as folder:
        file.write(SCRIPT)
        file.flush()
        command = [
            find_bin_folder() / "pgbench",
            "-n",
            "-M",
            "prepared",
            "-c",
            str(CONNECTIONS),
            "-j",
            "1",
            "-f",
            file.name,
        ]
        before = processor_seconds(postmaster)
        with pinned(SERVER):
            done = subprocess.run(
                [*command, "-T", str(max(1, round(seconds))), "-l", url], cwd=folder, capture_output=True, text=True
            )
        used = processor_seconds(postmaster) - before
        logs = [log.read_text() for log in Path(folder).iterdir()]
        latencies = sorted(int(line.split()[2]) / 1000 for log in logs for line in log.splitlines())
    rate = re.search(r"tps = ([0-9.]+)", done.stdout)
    if not rate or not latencies:
        raise RuntimeError(f"pgbench: {done.stdout}{done.stderr}")
    return Measured(
        rate=float(rate[1]),
        server=0.0,
        postgres=1000 * used / len(latencies),
        p50=latencies[len(latencies) // 2],
        p99=latencies[len(latencies) * 99 // 100],
        bytes=0.0,
        refused=0.0,
    )
