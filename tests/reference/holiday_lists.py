"""The public holidays of the two years that only one of the two readers has, by country and state: ours by `holidays`,
the reference's by its own lists. And who is right, as far as is known.
"""

DIFFERENCES: dict[str, tuple[str, str, str]] = {
    "US": (
        "2027-12-31",
        "",
        "New Year's Day 2028 is a Saturday: federal offices close on the Friday before. Either is right, the "
        "day itself is in both.",
    ),
    "US NY": (
        "2027-12-31",
        "2027-02-12 2028-02-12 2028-02-15",
        "The reference has days of state offices.",
    ),
    "US CA": (
        "2027-12-31",
        "2027-03-31 2028-03-31",
        "The reference has days of state offices.",
    ),
    "US TX": (
        "2027-12-31",
        "2026-12-24 2026-12-26 2027-12-26",
        "The reference has days of state offices.",
    ),
    "US IL": (
        "2027-12-31",
        "2027-02-12 2027-03-01 2027-05-19 2028-02-12 2028-03-06 2028-05-19",
        "The reference has days of state offices.",
    ),
    "CA": ("2027-12-27 2028-01-03", "", "Ours has the Mondays instead of Christmas and New Year's Day: right by law."),
    "CA ON": (
        "2026-12-28 2027-12-27 2027-12-28 2028-01-03",
        "2027-03-29 2028-04-17",
        "Ours has the Mondays instead: right by law. Easter Monday is no holiday in Ontario.",
    ),
    "CA QC": (
        "2027-12-27 2028-01-03",
        "2027-03-29 2028-04-17",
        "Ours has the Mondays instead. In Québec, the employer chooses Good Friday or Easter Monday.",
    ),
    "BE": (
        "2027-03-28 2027-05-16 2028-04-16 2028-06-04",
        "",
        "Ours lists Easter Sunday and Pentecost, Sundays anyway.",
    ),
    "DE BY": ("", "2027-08-08 2028-08-08", "8 August is Augsburg's alone."),
    "ES": ("", "2026-11-01 2026-12-06 2027-08-15", "Days on a Sunday, which regions move to Monday: by law ours."),
    "ES MD": (
        "2026-11-02 2026-12-07 2027-03-19",
        "2026-11-01 2026-12-06 2027-08-15",
        "Days on a Sunday, which Madrid moves to Monday: by law ours.",
    ),
    "ES CT": (
        "2026-12-26 2027-03-29 2027-06-24 2027-09-11 2028-04-17 2028-06-24 2028-09-11",
        "2026-11-01 2026-12-06 2027-08-15",
        "Ours has Catalonia's own days: right.",
    ),
    "FI": (
        "2026-12-24 2027-06-25 2027-12-24 2028-06-23",
        "",
        "Ours has the eves of Christmas and Midsummer: no holidays by law, but everything is closed.",
    ),
    "GR": (
        "2027-05-04",
        "2027-05-02 2028-04-16",
        "Ours moves 1 May 2027, which is Holy Saturday; the reference lists Easter Sunday.",
    ),
    "IT": ("2027-11-07", "", "Ours lists the Unity Day on a Sunday; nobody has it off."),
    "LT": (
        "2027-05-02 2027-06-06 2028-05-07 2028-06-04",
        "",
        "Ours lists Mother's and Father's Day, Sundays anyway: right by law.",
    ),
    "LU": ("2027-05-09 2028-05-09", "", "Ours has Europe Day, a holiday since 2019: right."),
    "LV": (
        "2027-05-09 2027-05-16 2028-05-14 2028-06-04",
        "",
        "Ours lists Mother's Day and Pentecost, Sundays anyway; right by law.",
    ),
    "NL": (
        "2027-03-28 2027-05-16 2028-04-16 2028-06-04",
        "2027-05-05 2028-05-05",
        "Ours lists the Sundays; Liberation Day is a day off every fifth year: ours by law.",
    ),
    "SK": (
        "2027-05-08 2027-09-15 2028-05-08 2028-09-15",
        "",
        "Holidays on which shops may open since 2025; they are holidays: ours.",
    ),
    "BG": (
        "2026-12-26 2026-12-28 2027-05-04 2027-12-26 2027-12-27 2027-12-28 2028-01-03 2028-04-15 2028-05-08",
        "",
        "Ours has the days that are moved to Mondays: right by law.",
    ),
    "CH": (
        "",
        "2026-12-26 2027-03-26 2027-03-28 2027-03-29 2027-05-16 2027-05-17 2027-09-19 2027-12-26 2028-04-14 "
        "2028-04-16 2028-04-17 2028-06-04 2028-06-05 2028-09-17",
        "Without its canton, the reference takes days that only some cantons have.",
    ),
    "CH ZH": (
        "",
        "2027-03-28 2027-05-16 2027-09-19 2028-04-16 2028-06-04 2028-09-17",
        "The reference lists Sundays (Easter, Pentecost, the Federal Fast).",
    ),
    "CH GE": (
        "2027-09-09 2028-09-07",
        "2026-12-26 2027-03-28 2027-05-16 2027-09-19 2027-12-26 2028-04-16 2028-06-04 2028-09-17",
        "Ours has the Fast of Geneva: right. The reference lists Sundays, and 26 December, which is none there.",
    ),
    "DK": (
        "",
        "2026-12-24 2027-06-05 2027-12-24",
        "Christmas Eve and Constitution Day: no holidays by law, but shops close. By custom the reference is right.",
    ),
    "HU": ("2026-12-24 2027-12-24", "", "Ours has Christmas Eve, a holiday since 2024: right."),
}
"""Place → the days that are only ours, only the reference's, judgement."""

EQUAL = (
    "MX",
    "AT",
    "DE",
    "DE BE",
    "DE NW",
    "DE SN",
    "EE",
    "FR",
    "FR 57",
    "HR",
    "IE",
    "MT",
    "PT",
    "SI",
    "CZ",
    "GB ENG",
    "GB SCT",
    "GB NIR",
    "NO",
    "PL",
    "RO",
    "SE",
)

NOT_THERE = ("CY", "GB", "IS", "LI")
"""The reference has no list for them."""
