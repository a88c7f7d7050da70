"""The kinds of jobs there are, by the name under which they are enqueued."""

from datetime import time

from jobs import (
    alarming,
    attending,
    confirming,
    departing,
    dissolving,
    exporting,
    importing,
    keeping_holidays,
    mailing,
    promising,
    recapping,
    resuming,
    searching,
    telling,
    tidying,
)
from jobs.kind import Kind
from jobs.schedule import Daily, Every, Hourly
from queries.deactivation import DISSOLUTION
from queries.exports import JOB as EXPORT
from queries.imports import CHECK, TAKE
from queries.leaving import DEPARTURE
from queries.mails import MAILING, is_mail_due
from queries.outbox import TELLING, is_filled
from queries.promise_renewal import RENEWAL
from queries.waiting import RESUMPTION

KINDS = {
    alarming.ALARMS: Kind(alarming.alarm, schedule=Every(minutes=1)),
    "attendance": Kind(attending.attend, schedule=Daily(time(3, 40))),
    "confirmation": Kind(confirming.confirm, schedule=Hourly(minute=47)),
    EXPORT: Kind(exporting.export, seconds=1800, at_once=2, steady=True),
    CHECK: Kind(importing.look, attempts=4, seconds=600),
    TAKE: Kind(importing.import_rows, attempts=4, seconds=600),
    DEPARTURE: Kind(departing.depart),
    DISSOLUTION: Kind(dissolving.go_on),
    RENEWAL: Kind(promising.renew),
    "holidays": Kind(keeping_holidays.keep, seconds=60, schedule=Daily(time(4, 30))),
    "working_time": Kind(promising.extend, schedule=Daily(time(4, 20))),
    RESUMPTION: Kind(resuming.resume),
    "overdue": Kind(resuming.catch_up, schedule=Hourly(minute=7)),
    "fold": Kind(recapping.fold, seconds=600, schedule=Every(minutes=5)),  # the first time it counts all problems
    recapping.HISTORY: Kind(recapping.count),
    recapping.FREEZE: Kind(recapping.freeze, schedule=Daily(time(6))),
    recapping.PROMISES: Kind(recapping.promise),
    recapping.SERVICE: Kind(recapping.restate),
    "search": Kind(searching.renew),
    "note_search": Kind(searching.fill),
    MAILING: Kind(mailing.send_due, seconds=180, wanted=is_mail_due),
    TELLING: Kind(telling.tell, wanted=is_filled),
    "tidying": Kind(tidying.tidy, schedule=Hourly(minute=17)),
}
