"""What a change of calendars, holidays or targets would move, seen before it is saved (impact preview)."""

from asyncpg import IntegrityConstraintViolationError

from actions.master import Master
from actions.master_change import refused, state_of
from actions.state import Request
from forms.form import Form
from queries.masters import State
from queries.promise_renewal import Effect, begin_trial, get_effect

LOOKED_AT = 1000  # problems, of which each takes a third of a millisecond


async def try_out(request: Request, master: Master, form: Form, code: str, before: State) -> tuple[Form, Effect | None]:
    """What saving a form that is valid would move: done, looked at, and undone. The form, with what the database would refuse."""
    connection = request.state.connection
    trial = connection.transaction()
    await trial.start()
    try:
        await begin_trial(connection)
        await master.put(connection, [state_of(master, form, before) | {"code": code}])
        return form, await get_effect(connection, LOOKED_AT)
    except IntegrityConstraintViolationError as error:
        return refused(master, form, error), None
    finally:
        await trial.rollback()
