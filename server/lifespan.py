"""What lasts as long as a process serves: connections, migrations, jobs, and the way out (lifespan)."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from starlette.applications import Starlette

import db
from server.draining import draining
from server.migrating import migrating
from settings import Settings

Working = Callable[[Settings], AbstractAsyncContextManager[None]]
Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


def lifespan(working: Working) -> Lifespan:
    """That of an application beside which `working` does the jobs."""

    @asynccontextmanager
    async def serving(app: Starlette) -> AsyncIterator[None]:
        await app.state.database.connect()
        try:
            async with migrating(app.state), working(app.state.settings):
                with draining(app.state.settings.drain_seconds, app.state):
                    yield
        finally:
            await db.disconnect(app.state.database)

    return serving
