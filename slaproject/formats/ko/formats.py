"""Days and times in Korean: 2026년 11월 14일 09:30. From the year down to the day."""

DATE_FORMAT = SHORT_DATE_FORMAT = "Y년 n월 j일"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "Y년 n월 j일 H:i"
TIME_FORMAT = "H:i"
YEAR_MONTH_FORMAT = "Y년 n월"
MONTH_DAY_FORMAT = "n월 j일"

# Django looks a pattern up here before it takes it as it stands: those that pages and sentences ask for, in Korean.
globals().update(
    {
        "j M": "n월 j일",
        "j M Y": "Y년 n월 j일",
        "j M Y, H:i": "Y년 n월 j일 H:i",
        "j M Y, H:i T": "Y년 n월 j일 H:i T",
        "D j M": "n월 j일(D)",
        "D j M Y": "Y년 n월 j일(D)",
        "D j M Y, H:i": "Y년 n월 j일(D) H:i",
        "D j M Y, H:i T": "Y년 n월 j일(D) H:i T",
        "F Y": "Y년 n월",
        "j F Y": "Y년 n월 j일",
        "l j F": "n월 j일 l",
        "l j F H:i": "n월 j일 l H:i",
        "l j F, H:i": "n월 j일 l H:i",
        "l j F Y": "Y년 n월 j일 l",
        "M": "n월",
        "M y": "y년 n월",
        "Y": "Y년",
    }
)
