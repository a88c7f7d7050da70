"""What one server carries: what a problem brings with it, times what each of that was measured to take."""

from bench.speed.run import Run
from bench.speed.screens import SCREENS

# Of one problem: the report, the changes and comments of its life, the page that follows each of these and is looked at as often
# again, the lists that lead there, and how often lists that stay open ask for what is new.
LIFE = {"lookup": 2, "report": 1, "escalation": 5, "comment": 1, "problem": 15, "year": 20, "same-list": 60}
CHANGES = ("report", "escalation", "comment", "lookup")  # what only the server that is written to can do
BUSY = 10 * 3600 * 1000 / 2  # milliseconds of a processor that is half busy for ten hours
STORE = 2  # problems of a store a day


def carry(run: Run) -> str:
    """As a table in Markdown; nothing where not all of it was measured."""
    app = run.of("app")
    if not app.keys() >= LIFE.keys():
        return ""
    titles = {screen.name: screen.title for screen in SCREENS}
    lines = ["\n| of one problem | times | server, ms | PostgreSQL, ms |", "|---|--:|--:|--:|"]
    lines += [
        f"| {titles[name]} | {times} | {times * app[name].server:.1f} | {times * app[name].postgres:.1f} |"
        for name, times in LIFE.items()
    ]
    server = sum(times * app[name].server for name, times in LIFE.items())
    postgres = sum(times * app[name].postgres for name, times in LIFE.items())
    changes = sum(LIFE[name] * app[name].postgres for name in CHANGES)
    lines.append(f"| **sum** | | **{server:.1f}** | **{postgres:.1f}** |")
    said = (
        f"A worker that is half busy for ten hours a day carries {BUSY / server:,.0f} problems a day, a core of PostgreSQL "
        f"{BUSY / postgres:,.0f}: those of {BUSY / postgres / STORE:,.0f} stores with {STORE} problems a day. Of the time of "
        f"PostgreSQL {changes / postgres:.0%} are changes, which alone would be {BUSY / changes:,.0f} problems a day and core."
    )
    return "\n".join([*lines, "", said]) + "\n"
