"""A laptop's clock can be set, for all of its cloud alike; nobody takes the time past it, and nothing deployed has one to set."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from catalog.models import Availability
from core import clock
from localcloud.joining import join_running_cloud
from localcloud.layout import ROOT, Layout
from localcloud.leftovers import only_cloud_on
from localcloud.supervisor import Supervisor
from regions import backlog

GIVEN = "2031-11-01T05:30:00Z"
HOUR_MS = 3_600_000


@pytest.fixture
def ask_anew(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The clock as a process sees it that is started with this environment."""
    monkeypatch.setattr(clock, "offset_ms", lambda: clock.offset_from(os.environ))

    def start_with(**environment: str) -> None:
        for name in (clock.SET, clock.OFFSET, "FFT_DATA", "FFT_ENDPOINTS", "FFT_DOMAIN"):
            monkeypatch.setenv(name, "")  # so that it is put back, whoever sets it meanwhile
            monkeypatch.delenv(name)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)

    return start_with


def test_it_is_what_it_is_set_to_and_the_real_time_otherwise(ask_anew: Callable[..., None]) -> None:
    ask_anew()
    assert clock.offset_ms() == 0
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=5)
    ask_anew(FFT_CLOCK=GIVEN)
    assert abs(clock.now() - datetime.fromisoformat(GIVEN)) < timedelta(minutes=5)
    assert abs(clock.now_ms() - clock.to_ms(clock.now())) < 5 * 60_000


@pytest.mark.parametrize("text", ["noon", "2031-11-01", "2031-11-01T05:30:00", "2031-11-01T05:30:00-05:00"])
def test_only_a_utc_time_sets_it(text: str, ask_anew: Callable[..., None]) -> None:
    ask_anew(FFT_CLOCK=text)
    with pytest.raises(ValueError, match=f"FFT_CLOCK is “{text}”; a UTC time is wanted, such as 2026-"):
        clock.now()


def test_every_process_has_the_offset_of_the_one_that_was_given_the_time(ask_anew: Callable[..., None]) -> None:
    """Not the time itself: a process that is started an hour later is an hour further on."""
    ask_anew(FFT_CLOCK=GIVEN)
    handed_on = Layout().environment("eu-west-1")
    ask_anew(FFT_CLOCK=GIVEN, FFT_CLOCK_OFFSET_MS=handed_on[clock.OFFSET])
    offset_ms = clock.offset_ms()
    assert offset_ms == int(handed_on[clock.OFFSET])
    told = subprocess.run(
        [sys.executable, "-c", "from core import clock; print(clock.offset_ms())"],
        cwd=ROOT, env=handed_on, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert int(told.stdout) == offset_ms


def test_a_cloud_whose_clock_is_set_has_a_directory_of_its_own(ask_anew: Callable[..., None], tmp_path: Path) -> None:
    ask_anew(FFT_DATA=str(tmp_path))
    assert Layout().data == tmp_path
    ask_anew(FFT_DATA=str(tmp_path), FFT_CLOCK=GIVEN)
    own = Layout()
    assert own.data == tmp_path / "clock"
    handed_on = own.environment("eu-west-1")
    ask_anew(**{name: handed_on[name] for name in ("FFT_DATA", clock.SET, clock.OFFSET)})
    assert Layout().data == own.data, "its processes are led there, not to one more inside it"


def test_a_set_clock_begins_with_nothing_and_a_restart_with_what_there_was(
    ask_anew: Callable[..., None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Records of its own future would be newer than anything that it writes."""
    ordinary, of_the_last_time = tmp_path / "kept", tmp_path / "clock" / "aws" / "state"
    for file in (ordinary, of_the_last_time):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    ask_anew(FFT_DATA=str(tmp_path / "clock"), FFT_CLOCK=GIVEN, FFT_CLOCK_OFFSET_MS="1")
    Supervisor(Layout(), near="us-east-1")._set_clock()
    assert of_the_last_time.exists()
    ask_anew(FFT_DATA=str(tmp_path), FFT_CLOCK=GIVEN)
    Supervisor(Layout(), near="us-east-1")._set_clock()
    assert not of_the_last_time.exists()
    assert ordinary.exists()
    assert "it is 2031-11-01 05:" in capsys.readouterr().out, "whatever the machine does to its own clock meanwhile"


def test_a_command_joins_the_running_cloud_and_its_clock(ask_anew: Callable[..., None], tmp_path: Path) -> None:
    ask_anew(FFT_DATA=str(tmp_path), FFT_CLOCK=GIVEN)
    layout = Layout(port=9000)
    layout.data.mkdir()
    state = {"supervisor": os.getpid(), "port": 9000, "environment": layout.cloud_environment(), "regions": {}}
    layout.state_file.write_text(json.dumps(state))
    offset_ms = clock.offset_ms()
    ask_anew(FFT_DATA=str(tmp_path))
    with only_cloud_on(layout):
        join_running_cloud()
    assert abs(clock.offset_ms() - offset_ms) < 5 * 60_000
    assert Layout().data == layout.data


@pytest.mark.parametrize("name", [clock.SET, clock.OFFSET])
def test_what_is_deployed_refuses_to_start_with_it(name: str) -> None:
    environment = {"AWS_LAMBDA_FUNCTION_NAME": "web", "AWS_REGION": "eu-west-1", "SECRET_KEY": "a secret of the stage"}
    code = "import foodforthought.settings"
    refused = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**environment, name: "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode != 0
    assert "set the clock of a laptop" in refused.stderr
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)


def test_no_age_is_reckoned_from_two_clocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a queue says is real; a clock that is set ten hours back makes nothing new, and none old."""
    monkeypatch.setattr(clock, "offset_ms", lambda: -10 * HOUR_MS)
    real_ms = clock.now_ms() + 10 * HOUR_MS
    message = {"Body": "not even JSON", "ReceiptHandle": "1", "Attributes": {"SentTimestamp": str(real_ms - 60_000)}}
    waiting = backlog._entry(message)
    assert waiting.sent_ms == waiting.since_ms == real_ms - 60_000 - 10 * HOUR_MS


TAKES_THE_TIME = {
    "**/*.py": re.compile(
        r"\btime\.(time|time_ns|localtime|gmtime|ctime)\b|\b(datetime|date)\.(now|utcnow|today)\b"
        r"|\btimezone\.(now|localtime|localdate)\b|from time import"
    ),
    "templates/**/*.html": re.compile(r"\{% now|timesince|timeuntil|naturaltime"),
}


def test_what_is_kept_for_a_while_is_not_over_at_once_where_the_clock_was_set_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DynamoDB's TTL, the embedded one's too, takes away what is over by the real time."""
    monkeypatch.setattr(clock, "offset_ms", lambda: -200 * 24 * HOUR_MS)
    record = Availability(key="us-east-1#a", home="us-east-1", restaurant="a")
    record.bury()
    assert clock.from_ms(record.expires_at * 1000) > datetime.now(UTC) + timedelta(days=80)


def test_nobody_takes_the_time_past_the_clock() -> None:
    """`monotonic` and `perf_counter` measure how long something takes; they are no time."""
    may = {ROOT / "core" / "clock.py", ROOT / "tests" / "test_clock.py"}
    code = [
        (file, takes_the_time)
        for pattern, takes_the_time in TAKES_THE_TIME.items()
        for file in ROOT.glob(pattern)
        if not {".venv", "var", "dist"} & set(file.relative_to(ROOT).parts) and file not in may
    ]
    assert len(code) > 200
    past_it = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()}"
        for file, takes_the_time in code
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if takes_the_time.search(line)
    ]
    assert past_it == []


def test_a_page_counts_from_the_servers_time() -> None:
    """A browser's clock is not that of the cloud, and may be wrong; what is shown is reckoned where the order is."""
    asks = [file.name for file in ROOT.glob("static/*.js") if re.search(r"Date\.now|new Date\(\)", file.read_text())]
    assert asks == []
