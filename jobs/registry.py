"""The kinds of jobs there are, by the name under which they are enqueued."""

from jobs import confirming, resuming, searching, tidying
from jobs.kind import Kind
from jobs.schedule import Hourly
from queries.waiting import RESUMPTION

KINDS = {
    "confirmation": Kind(confirming.confirm, schedule=Hourly(minute=47)),
    RESUMPTION: Kind(resuming.resume),
    "search": Kind(searching.renew),
    "tidying": Kind(tidying.tidy, schedule=Hourly(minute=17)),
}
