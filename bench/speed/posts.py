"""What people send: reports, comments, escalations, and the first step of the login."""

from itertools import cycle

from bench.speed.load import Shot
from bench.speed.world import BROWSER, World, post

REASON = "Perlu pemeriksaan oleh tim tujuan"
RECALL = """
    DO $$
    DECLARE x escalation; p problem; was jsonb;
    BEGIN
        FOR x IN SELECT * FROM escalation WHERE answer IS NULL AND reason = 'Perlu pemeriksaan oleh tim tujuan' LOOP
            SELECT * INTO p FROM problem WHERE id = x.problem_id FOR NO KEY UPDATE;
            was := facts(p);
            UPDATE escalation SET answer = 'recalled', answered_at = clock_timestamp(), answered_by_nik = x.sent_by_nik,
                                  answer_reason = 'Salah tujuan' WHERE id = x.id;
            UPDATE problem SET status = 'open', holder_division_code = x.from_division_code, holder_pic_nik = x.from_pic_nik,
                               holder_department_code = x.from_department_code WHERE id = p.id;
            PERFORM record_change(p.id, x.sent_by_nik, 'recalled', was, 'Salah tujuan');
        END LOOP;
    END $$
"""


async def rest(world: World) -> None:
    """What people may do within some time they may do again, as if that had gone by; what was escalated can be so again."""
    await world.connection.execute("TRUNCATE budget, lookup")
    await world.connection.execute(RECALL)


async def report(world: World) -> list[Shot]:
    people = enumerate(world.people.reporters.values(), 1)
    said = "Sejak pagi lampunya merah dan kertasnya tersangkut. Nomor seri"
    return [
        post("/problems", cookie, title=f"Printer kasir {n} tidak mencetak", description=f"{said} PR-{n}.", asset="")
        for n, cookie in people
    ]


async def comment(world: World) -> list[Shot]:
    people, said = cycle(world.people.handlers.values()), "Sudah dicek bersama pelapor, hasilnya belum baik."
    return [
        post(f"/problems/{id}/comments", next(people), version=str(version), comment=said)
        for id, version in await world.some_problems(5_000)
    ]


async def escalation(world: World) -> list[Shot]:
    """What is open goes to another division, from somebody who holds it."""
    rows = await world.connection.fetch(
        """
        SELECT p.id, p.version, coalesce(p.holder_pic_nik, m.nik) AS nik,
               CASE p.holder_division_code WHEN 'IT-NET' THEN 'IT-SYS' ELSE 'IT-NET' END AS target
          FROM problem p
          LEFT JOIN LATERAL (SELECT d.nik FROM division_member d WHERE d.division_code = p.holder_division_code
                              ORDER BY hashtext(d.nik || p.id) LIMIT 1) m ON true
         WHERE p.status IN ('open', 'waiting') ORDER BY hashint8(p.id)
        """
    )
    handlers = world.people.handlers
    return [
        post(
            f"/problems/{id}/escalation", handlers[nik], version=str(version), kind="it", division=target, reason=REASON
        )
        for id, version, nik, target in rows
    ]


async def lookup(world: World) -> list[Shot]:
    """Names that an address has not asked for: each is counted."""
    rows = await world.connection.fetch("SELECT nik FROM employee ORDER BY hashtext(nik)")
    return [
        Shot(
            "/login/nik",
            BROWSER | {"X-Forwarded-For": f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}", "X-Forwarded-Proto": "https"},
            {"nik": row["nik"]},
        )
        for n, row in enumerate(rows)
    ]
