"""The working time of the demo company, and what it promises."""

from datetime import date

from formats.national_holidays import NationalHoliday, national_holidays

# Beside the general one, Monday to Friday 08.00–12.00 and 13.00–17.00: whose they are, and their shifts by day of the week.
CALENDARS = [("SIAGA", "Siaga jaringan, setiap hari", None, "none"), ("PAPUA", "Papua dan Maluku", None, "all")]
SHIFTS = [
    ("SIAGA", day, opens, closes) for day in range(1, 8) for opens, closes in ((6 * 60, 14 * 60), (14 * 60, 22 * 60))
]
SHIFTS += [("PAPUA", day, 7 * 60 + 30, 15 * 60 + 30) for day in range(1, 6)]
USES = [("SIAGA", "IT-NET", None, None), ("PAPUA", None, "PAPUA", None)]

# Beside those of a priority: minutes until it is answered, and solved; and those that are of one holder.
TARGETS = [
    ("POS-P1", "Kasir berhenti", 1, "POS", None, None, 15, 120),
    ("BAGIAN-NET", "Bagian Jaringan", None, None, "IT-NET", None, None, 480),
    ("BAGIAN-GA", "Bagian Umum dan Fasilitas", None, None, "GA", None, None, 1440),
    ("BAGIAN-MNT", "Bagian Maintenance", None, None, None, "MNT", None, 2400),
]


def holidays_until(year: int) -> list[NationalHoliday]:
    """Those of the years of the demo company's problems, and of those to come."""
    return [holiday for each in range(2023, year + 1) for holiday in national_holidays(each)]


def days_off(holidays: list[NationalHoliday]) -> set[date]:
    """When nobody works who keeps all of them."""
    return {holiday.date for holiday in holidays}
