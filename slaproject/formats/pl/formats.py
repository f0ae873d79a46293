"""Days and times in Polish: 14 lis 2026, 09:30. Months in lower case, and declined after a day."""

DATE_FORMAT = SHORT_DATE_FORMAT = "j b Y"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "j b Y, H:i"
TIME_FORMAT = "H:i"
YEAR_MONTH_FORMAT = "F Y"
MONTH_DAY_FORMAT = "j E"

# Django looks a pattern up here before it takes it as it stands: those that pages and sentences ask for, in Polish.
globals().update(
    {
        "j M": "j b",
        "j M Y": "j b Y",
        "j M Y, H:i": "j b Y, H:i",
        "j M Y, H:i T": "j b Y, H:i T",
        "D j M": "D, j b",
        "D j M Y": "D, j b Y",
        "D j M Y, H:i": "D, j b Y, H:i",
        "D j M Y, H:i T": "D, j b Y, H:i T",
        "j F Y": "j E Y",
        "l j F": "l, j E",
        "l j F H:i": "l, j E, H:i",
        "l j F, H:i": "l, j E, H:i",
        "l j F Y": "l, j E Y",
        "M": "b",
        "M y": "b y",
    }
)
