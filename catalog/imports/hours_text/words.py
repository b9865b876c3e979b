"""The words of opening hours as people write them, by language; lower case, without accents."""

from dataclasses import dataclass

WEEK = tuple(range(7))
HOLIDAY = 7
"""Public holidays, beside Monday (0) to Sunday (6)."""


@dataclass(frozen=True)
class Words:
    """`days`: what a word stands for; `halves`: are there a.m. and p.m.; `glue`: words that say nothing here."""

    days: dict[str, tuple[int, ...]]
    moments: dict[str, int]  # minutes after midnight
    around_the_clock: tuple[str, ...]
    closed: tuple[str, ...]
    until: tuple[str, ...]
    also: tuple[str, ...]
    glue: tuple[str, ...]
    halves: bool = False


def _days(*names: str, **groups: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    """Seven texts of words for Monday to Sunday, and words for several days (`_` stands for a space)."""
    single = {word: (day,) for day, words in enumerate(names) for word in words.split()}
    return single | {word.replace("_", " "): days for word, days in groups.items()}


# T, S and R are left out: they stand for two days each, or for one that few people know.
ENGLISH = Words(
    days=_days(
        "monday mondays mon mo m", "tuesday tuesdays tues tue tu", "wednesday wednesdays wed we w",
        "thursday thursdays thurs thur thu th", "friday fridays fri fr f", "saturday saturdays sat sa",
        "sunday sundays sun su",
        daily=WEEK, every_day=WEEK, everyday=WEEK, seven_days_a_week=WEEK,
        weekdays=WEEK[:5], weekends=WEEK[5:], weekend=WEEK[5:], public_holidays=(HOLIDAY,), ph=(HOLIDAY,),
    ) | {"7 days a week": WEEK, "7 days": WEEK},
    moments={"noon": 720, "midnight": 0, "12 noon": 720, "12 midnight": 0, "12:00 noon": 720, "12:00 midnight": 0},
    around_the_clock=("24 hours", "24 hrs", "24h"),
    closed=("closed on", "closed", "off"),
    until=("to", "until", "till", "through", "thru"),
    also=("and",),
    glue=("opening hours", "business hours", "hours", "open", "from", "on", "between"),
    halves=True,
)  # fmt: skip

# “Werktags” is left out: for some it holds Saturday, for others not.
GERMAN = Words(
    days=_days(
        "montag montags mon mo", "dienstag dienstags di", "mittwoch mittwochs mi",
        "donnerstag donnerstags do", "freitag freitags fr", "samstag samstags sonnabend sonnabends sam sa",
        "sonntag sonntags so",
        taglich=WEEK, taeglich=WEEK, jeden_tag=WEEK, alle_tage=WEEK, am_wochenende=WEEK[5:], wochenende=WEEK[5:],
        feiertage=(HOLIDAY,), feiertags=(HOLIDAY,), an_feiertagen=(HOLIDAY,), feiertagen=(HOLIDAY,), ph=(HOLIDAY,),
    ) | dict.fromkeys(("sonn- und feiertage", "sonn- und feiertags", "sonn- und feiertagen"), (6, HOLIDAY)),
    moments={"mitternacht": 0, "mittags": 720, "12 uhr mittags": 720},
    around_the_clock=("rund um die uhr", "24 stunden", "24 std"),
    closed=("ruhetag", "ruhetage", "geschlossen", "zu"),
    until=("bis",),
    also=("und", "sowie", "u"),
    glue=("offnungszeiten", "oeffnungszeiten", "geoffnet", "geoeffnet", "offen", "von", "am", "ist", "sind", "jeweils"),
)  # fmt: skip

FRENCH = Words(
    days=_days(
        "lundi lundis lun lu", "mardi mardis mar ma", "mercredi mercredis mer me", "jeudi jeudis jeu je",
        "vendredi vendredis ven ve", "samedi samedis sam sa", "dimanche dimanches dim di",
        tous_les_jours=WEEK, chaque_jour=WEEK, tlj=WEEK, en_semaine=WEEK[:5], weekend=WEEK[5:], week_end=WEEK[5:],
        jours_feries=(HOLIDAY,), ph=(HOLIDAY,),
    ) | {"7j/7": WEEK, "7 jours sur 7": WEEK, "week-end": WEEK[5:]},
    moments={"midi": 720, "minuit": 0},
    around_the_clock=("24h/24", "24h sur 24", "24 heures sur 24"),
    closed=("ferme", "fermee", "fermeture"),
    until=("a", "au", "jusqu'a", "jusqu'au"),
    also=("et", "puis"),
    glue=("horaires", "ouvert", "ouverte", "ouverture", "de", "du", "le", "les", "la"),
)  # fmt: skip

LANGUAGES = (ENGLISH, GERMAN, FRENCH)
