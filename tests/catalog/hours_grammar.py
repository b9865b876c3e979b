"""Hours as OpenStreetMap's language writes them, made up: rules of dates, days, times, states and comments."""

from hypothesis import strategies as st

from catalog.hours_rules import DAYS

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_quarters = st.integers(0, 95).map(lambda n: n * 15)
_dates_of_year = st.builds(lambda month, day: f"{month} {day:02d}", st.sampled_from(MONTHS), st.integers(1, 28))


def clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


@st.composite
def spans(draw: st.DrawFn) -> str:
    """One to three spans of a day, the last may go on past midnight, or have no end."""
    count = draw(st.integers(1, 3))
    moments = sorted(draw(st.lists(_quarters, min_size=2 * count, max_size=2 * count, unique=True)))
    pairs = list(zip(moments[::2], moments[1::2], strict=True))
    texts = [f"{clock(begin)}-{clock(end)}" for begin, end in pairs]
    last = draw(st.sampled_from(["as it is"] * 6 + ["late", "late", "24:00", "26:00", "open end"]))
    begin = clock(pairs[-1][0])
    if last == "late" and pairs[0][0] > 0:
        texts[-1] = f"{begin}-{clock(draw(st.integers(0, pairs[0][0] // 15)) * 15)}"
    elif last in ("24:00", "26:00"):
        texts[-1] = f"{begin}-{last}"
    elif last == "open end":
        texts[-1] = f"{begin}+"
    return draw(st.sampled_from([",", ", "])).join(texts)


sun = st.sampled_from(["sunrise-sunset", "10:00-sunset", "(sunset-01:00)-24:00", "dawn-dusk", "08:00-(sunset+00:30)"])
some_days = st.one_of(
    st.sampled_from(DAYS), st.builds(lambda a, b: f"{a}-{b}", st.sampled_from(DAYS), st.sampled_from(DAYS))
)
nth_days = st.builds(lambda day, nth: f"{day}[{nth}]", st.sampled_from(DAYS), st.sampled_from([1, 2, 3, 4, -1]))
holidays = st.sampled_from(["PH", "PH", "PH", "SH"])


def days() -> st.SearchStrategy[str]:
    """`Mo-Fr,PH`, sometimes with spaces."""
    item = st.one_of(some_days, some_days, some_days, some_days, holidays, nth_days)
    return st.builds(
        lambda joint, items: joint.join(items),
        st.sampled_from([",", ",", ", "]),
        st.lists(item, min_size=1, max_size=3),
    )


dates = st.one_of(
    st.sampled_from(MONTHS),
    st.builds(lambda a, b: f"{a}-{b}", st.sampled_from(MONTHS), st.sampled_from(MONTHS)),
    _dates_of_year,
    st.builds(lambda a, b: f"{a}-{b}", _dates_of_year, _dates_of_year),
    st.builds(lambda year, date: f"{year} {date}", st.sampled_from([2027, 2028]), _dates_of_year),
    st.sampled_from(
        ["easter", "easter -2 days", "easter +1 day", "week 10-20", "week 01-53/2", "2027", "2027-2028", "2027 Aug"]
    ),
)
comments = st.sampled_from(['"by appointment"', '"last order 22:30"', '"lunch; set menu, Mo-Fr"'])


@st.composite
def rules(draw: st.DrawFn) -> str:
    kind = draw(st.sampled_from(["times"] * 8 + ["off", "off", "unknown", "comment", "sun"]))
    parts = []
    if draw(st.sampled_from([False, False, False, True])):
        parts.append(draw(dates))
    if draw(st.sampled_from([True, True, True, False])):
        parts.append(draw(days()))
    if kind == "comment":
        return " ".join([*parts, draw(comments)])
    if kind in ("times", "unknown", "sun"):
        parts.append(draw(sun if kind == "sun" else spans()))
    if kind in ("off", "unknown"):
        parts.append(draw(st.sampled_from(["off", "closed"])) if kind == "off" else "unknown")
    if draw(st.integers(0, 7)) == 0:
        parts.append(draw(comments))
    return " ".join(parts)


@st.composite
def texts(draw: st.DrawFn) -> str:
    text = draw(rules())
    for _ in range(draw(st.integers(0, 3))):
        text += draw(st.sampled_from(["; ", "; ", "; ", ";", ", ", " || "])) + draw(rules())
    return text
