"""Fault campaigns: what is acknowledged while things break is recorded, once: `python bench/faults.py [--only WORD]`

SIH as processes, with one worker and with two, on its own database and on one behind a wire (TCP) that can be cut; people report,
open, comment, escalate and close as fast as they can, each sending the same form until it is answered. Then something breaks. One
line a campaign: what was acknowledged, what of it is lost, what is there twice, after how many seconds there was a good answer.
The exit status is 1 if anything was lost, doubled, broken, or not healed in a minute.
"""

import argparse
import asyncio
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.breaking import CAMPAIGNS, Fault, World
from bench.crowd import Act, Crowd
from tests.conftest import connected

CALM = 3  # seconds of work before something breaks, and after it has healed
HEALED = 60  # seconds after a fault within which there has to be a good answer
KEY = re.compile(r"bukti ([0-9a-f-]{36})")

# Problems whose history has a gap, and those whose custody is not theirs for every minute from the report to the end.
WRONG = {
    "history with gaps": """
        SELECT count(*) FROM (SELECT problem_id FROM event GROUP BY 1 HAVING max(seq) <> count(*) OR min(seq) <> 1) x""",
    "custody with gaps": """
        WITH spans AS (
            SELECT e.problem_id, e.at, e.cause,
                   lead(e.at, 1, 'infinity') OVER (PARTITION BY e.problem_id ORDER BY e.seq) AS until
              FROM event e WHERE e.cause <> 'commented')
        SELECT count(*) FROM problem p
         WHERE (SELECT range_agg(tstzrange(at, nullif(until, 'infinity'))) FROM spans s
                 WHERE s.problem_id = p.id AND s.cause NOT IN ('closed', 'confirmed', 'voided'))
               IS DISTINCT FROM (SELECT range_agg(c.during) FROM custody c WHERE c.problem_id = p.id)""",
    "events without a form": """
        SELECT abs((SELECT count(*) FROM event) - (SELECT count(*) FROM submission))""",
}
# The schema's own check of a problem, run over all.
WHOLE = """
    CREATE TEMP TABLE looked_at (id bigint);
    CREATE TRIGGER whole AFTER INSERT ON looked_at FOR EACH ROW EXECUTE FUNCTION problem_is_whole();
    INSERT INTO looked_at SELECT id FROM problem;
    DROP TABLE looked_at;
"""


async def count(url: str, acts: list[Act]) -> tuple[int, int, list[str]]:
    """How many acts are lost, how many there twice, and what else is wrong."""
    async with connected(url) as connection:
        keys = {str(row["key"]) for row in await connection.fetch("SELECT key FROM submission")}
        texts = await connection.fetch(
            "SELECT concat_ws(' ', note, after) AS text FROM event UNION ALL SELECT title FROM problem"
        )
        wrong = [f"{n} × {what}" for what, question in WRONG.items() if (n := await connection.fetchval(question))]
        await connection.execute(WHOLE)
    said = Counter(match[1] for row in texts if (match := KEY.search(row["text"])))
    lost = sum(act.acknowledged and act.key not in keys for act in acts)
    unsaid = sum(act.key in keys and said[act.key] == 0 and act.says for act in acts)
    twice = sum(said[act.key] > 1 for act in acts)
    denied = sum(act.key in keys for act in acts if act.status and not act.acknowledged)
    wrong += [f"{denied} × recorded although refused"] if denied else []
    return lost + unsaid, twice, wrong


async def campaign(where: str, world: World, crowd: Crowd, fault: Fault) -> bool:
    """Run one, print its line: whether all went well."""
    crowd.acts, crowd.broken = [], []
    async with crowd.working():
        await asyncio.sleep(CALM)
        await fault(world, crowd)
        healed = await crowd.acknowledged_after(time.monotonic(), HEALED)
        ended = await world.revive()
        await asyncio.sleep(CALM)
    lost, twice, wrong = await count(world.url, crowd.acts)
    wrong += [f"{n} × {what}" for what, n in Counter(crowd.broken).items()]
    wrong += [f"SIH had ended: {ended}"] if ended else []
    unanswered = sum(not act.status for act in crowd.acts)
    wrong += [f"{unanswered} × never answered"] if unanswered else []
    good = [act for act in crowd.acts if act.acknowledged]
    longest = max((act.answered - act.began for act in good), default=0)
    seconds = "not" if healed is None else f"after {healed:.1f} s"
    name = f"{where}, {world.workers} workers, {named(fault)}"
    print(
        f"{name}: {len(good)} acknowledged, {lost} lost, {twice} twice, healed {seconds}, longest wait {longest:.1f} s",
        *wrong,
        sep="; ",
        flush=True,
    )
    return not (lost or twice or wrong) and healed is not None


def named(fault: Fault) -> str:
    return fault.__name__.replace("_", " ")


async def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=12)
    parser.add_argument("--where", action="append", choices=CAMPAIGNS)
    parser.add_argument("--workers", type=int, action="append")
    parser.add_argument("--only", action="append", help="faults whose name contains it")
    arguments = parser.parse_args()
    went_well = []
    for where in arguments.where or CAMPAIGNS:
        make, faults = CAMPAIGNS[where]
        chosen = [fault for fault in faults if any(word in named(fault) for word in arguments.only or [""])]
        for workers in (arguments.workers or (1, 2)) if chosen else ():
            try:
                with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                    async with make(Path(folder), workers) as world:
                        crowd = Crowd(f"http://127.0.0.1:{world.settings['PORT']}", arguments.people)
                        went_well += [await campaign(where, world, crowd, fault) for fault in chosen]
            except PermissionError as error:
                print(f"{where}, {workers} workers: not tried, {error}", flush=True)
    return all(went_well)


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(main()) else 1)
