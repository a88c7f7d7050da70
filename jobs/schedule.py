"""When a scheduled job is due (cron): every few minutes, every hour, or every day at a local time. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Every:
    """At each multiple of so many minutes of an hour, which they divide."""

    minutes: int

    def after(self, moment: datetime) -> datetime:
        """The first time after `moment`, in UTC."""
        moment = moment.astimezone(UTC)
        begun = moment.replace(minute=moment.minute - moment.minute % self.minutes, second=0, microsecond=0)
        return begun + timedelta(minutes=self.minutes)


@dataclass(frozen=True)
class Hourly:
    """At this minute of every hour."""

    minute: int

    def after(self, moment: datetime) -> datetime:
        """The first time after `moment`, in UTC. The zones of Indonesia are whole hours away."""
        this_hour = moment.astimezone(UTC).replace(minute=self.minute, second=0, microsecond=0)
        return this_hour if this_hour > moment else this_hour + timedelta(hours=1)


@dataclass(frozen=True)
class Daily:
    """Every day at `at` by the clocks of a zone, WIB unless another is named."""

    at: time
    zone: str = "Asia/Jakarta"

    def after(self, moment: datetime) -> datetime:
        """The first time after `moment`, in UTC."""
        zone = ZoneInfo(self.zone)
        day = moment.astimezone(zone).date()
        today = datetime.combine(day, self.at, zone)
        return (today if today > moment else datetime.combine(day + timedelta(days=1), self.at, zone)).astimezone(UTC)
