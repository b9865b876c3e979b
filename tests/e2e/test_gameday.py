"""Small game days on the running cloud: whatever goes wrong, no acknowledged order is lost or doubled."""

import re
import signal
import subprocess
import sys

import pytest

from localcloud import faults
from localcloud.layout import ROOT
from tests.cloud import Cloud
from tests.e2e.store import eventually, eventually_equal

pytestmark = pytest.mark.cloud


def run(cloud: Cloud, scenario: str, *, orders: int) -> str:
    """What is told of a game day; it fails when the day was lost."""
    picture = cloud.data / f"{scenario}.svg"
    told = cloud.manage(
        "gameday", scenario, "--orders", str(orders), "--rate", "12", "--picture", str(picture), seconds=560
    )
    assert re.search(rf"orders acknowledged +{orders} of {orders}", told), told
    for name in ("lost", "doubled", "twins misjudged", "changes lost", "writes outside home", "copies that differ"):
        assert re.search(rf"{name} +0\b", told), told
    assert "</svg>" in picture.read_text()
    assert faults.read(cloud.layout.faults_file).links == {}, "what was wrong is healed"
    return told


def test_a_region_is_lost_in_the_rush_and_no_order_is(cloud: Cloud) -> None:
    told = run(cloud, "stop", orders=120)
    assert re.search(r"under the fault +p50 [^0]", told), f"nothing was late: was the region away at all?\n{told}"


def test_of_the_twins_of_a_partition_one_survives(cloud: Cloud) -> None:
    told = run(cloud, "partition", orders=120)
    twins = re.search(r"doubled +0 \((\d+) twins\)", told)
    assert twins, told
    assert int(twins[1]) > 0, told


def test_records_that_come_five_times_and_out_of_order_do_no_harm(cloud: Cloud) -> None:
    run(cloud, "repeat", orders=80)


def test_a_poison_record_waits_beside_all_others(cloud: Cloud) -> None:
    told = run(cloud, "poison", orders=80)
    assert "the poison record was refused by eu-west-1" in told
    assert re.search(r"it was copied \d+\.\d s after the repair", told), told


def test_a_worker_that_is_killed_is_started_again_and_forgets_nothing(cloud: Cloud) -> None:
    told = run(cloud, "crash", orders=80)
    assert "was killed 3 times and started again" in told


LOST = re.compile(r"The stream of \S+ has lost \d+ records, of which \d+ are still missing elsewhere")


@pytest.mark.parametrize(
    ("scenario", "number", "wrong"),
    [
        ("lossy", signal.SIGTERM, "the stream of us-east-1 loses 30% of its records"),
        ("stop", signal.SIGHUP, "web eu-west-1 is frozen"),
    ],
)
def test_a_fault_ends_with_its_game_day(cloud: Cloud, scenario: str, number: signal.Signals, wrong: str) -> None:
    command = [sys.executable, "manage.py", "gameday", scenario, "--orders", "400", "--rate", "8", "--throughout"]
    with subprocess.Popen(command, cwd=ROOT, env=cloud.environment, stdout=subprocess.DEVNULL) as game_day:
        eventually(lambda: faults.read(cloud.layout.faults_file).describe(), seconds=120)
        assert f"In force (a game day): {wrong}" in cloud.manage("region", "status")
        if scenario == "lossy":
            assert "Another game day is on" in cloud.manage("gameday", "calm", "--orders", "1", check=False)
            eventually(lambda: LOST.search(cloud.manage("region", "status")), seconds=60)
        game_day.send_signal(number)
    assert game_day.returncode == 128 + number
    eventually(lambda: not cloud.layout.faults_file.exists(), seconds=60)
    cloud.wait_for_health("eu-west-1", healthy=True)
    eventually_equal(cloud)
    told = cloud.manage("region", "status")
    assert "In force" not in told
    assert not LOST.search(told)


def test_every_scenario_is_explained(cloud: Cloud) -> None:
    told = cloud.manage("gameday", "--list")
    assert "partition  Two regions" in told
    assert "1 to 100000 orders" in cloud.manage("gameday", "--orders", "0", check=False)
