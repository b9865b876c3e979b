"""Opening regions, all of them at first and one that has died later: their data, what was lost of it, and then their pages."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from subprocess import SubprocessError
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from localcloud import aws, sample_data
from localcloud.adopting import adopt
from localcloud.children import Children
from localcloud.processes import CloudError, say, wait_for
from localcloud.saves import Beginning

FAILURES = (CloudError, BotoCoreError, ClientError, OSError, SubprocessError)
"""What may keep a process or a region from starting."""
PAGES_SECONDS = 60


class Opening:
    """`failed` is told of a region that cannot be opened; the others go on unless it raises."""

    def __init__(
        self,
        children: Children,
        *,
        restaurants: int,
        failed: Callable[[str, Exception], None],
        stopping: threading.Event,
    ) -> None:
        self.children = children
        self.layout = children.layout
        self.restaurants = restaurants
        self.failed = failed
        self.stopping = stopping
        self.unheard: dict[str, set[str]] = {}  # restored home → regions that it has not been able to ask yet

    def open(self, regions: Sequence[str], *, is_first: bool) -> None:
        regions = self.open_data(regions, is_first=is_first)
        if self.stopping.is_set():
            return
        for region in regions:
            self.children.spawn(f"web {region}")
            self.children.spawn(f"worker {region}")
        self._each(regions, self._wait_for_pages)

    def open_data(self, regions: Sequence[str], *, is_first: bool) -> list[str]:
        """The regions' AWS, with all that is known of their data; those that did."""
        opened = self._start_aws(regions)
        if self.stopping.is_set():
            return []
        has_sample = self._each(opened, lambda region: sample_data.is_loaded(self.layout, region))
        if bare := [region for region, is_there in has_sample.items() if not is_there]:
            say(f"Loading {self.restaurants} sample restaurants into {', '.join(bare)} …")
            self._each(bare, lambda region: sample_data.load(self.layout, [region], restaurants=self.restaurants))
        if any(region in self.unheard for region in opened):
            self.ask_others()
        if (
            is_first
        ):  # so that there is a save; later the clock sees to it, and a full disk keeps nobody from coming back
            self._each(opened, lambda region: aws.save(self.layout, region, self.children.by_name[f"aws {region}"]))
        return [region for region in opened if f"aws {region}" in self.children.by_name]

    def ask_others(self) -> None:
        """What restored homes have lost, of every region that can answer; the others are asked when they can."""
        able = {region for region in self.layout.regions if self.children.has_aws(region)}
        sources = {home: sorted(asked & able) for home, asked in self.unheard.items() if home in able and asked & able}
        for adoption in adopt(self.layout, sources) if sources else []:
            home, heard = adoption.home, [name for name in sources[adoption.home] if name not in adoption.silent]
            say(f"{home}: {adoption.records} newer records were brought home from the copies in {', '.join(heard)}.")
            if adoption.left:
                say(
                    f"{home}: of {adoption.left} records others know more, but only the outline; they stay as they are."
                )
            self.unheard[home] -= set(heard)
            if self.unheard[home]:
                say(f"{home}: {', '.join(sorted(self.unheard[home]))} will be asked when it answers.")
            else:
                del self.unheard[home]

    def _start_aws(self, regions: Sequence[str]) -> list[str]:
        beginnings = self._each(regions, lambda region: aws.begin(self.layout, region))
        for region, beginning in beginnings.items():
            self.children.spawn(f"aws {region}")
            if beginning.is_restored:
                self.unheard[region] = set(self.layout.regions) - {region}
                say(f"{region}: {told(beginning)}")
        return list(self._each(list(beginnings), self._wait_for_aws))

    def _wait_for_aws(self, region: str) -> None:
        aws.wait_and_deploy(self.layout, region, self.children.by_name[f"aws {region}"])

    def _wait_for_pages(self, region: str) -> None:
        url = f"{self.layout.web_url(region)}/health/ready"
        wait_for(url, self.children.by_name[f"web {region}"], seconds=PAGES_SECONDS)

    def _each(self, regions: Sequence[str], step: Callable[[str], Any]) -> dict[str, Any]:
        """Side by side; the results of those that did not fail."""
        with ThreadPoolExecutor(max(1, len(regions))) as pool:
            pending = {region: pool.submit(step, region) for region in regions}
        results: dict[str, Any] = {}
        for region, future in pending.items():
            try:
                results[region] = future.result()
            except FAILURES as error:
                self.failed(region, error)
        return results


def told(beginning: Beginning) -> str:
    """What a start that is not an ordinary one goes on from."""
    parts = [f"a save is damaged and was put aside: {damaged}." for damaged in beginning.damaged]
    parts += ["it had not been stopped in order."] if beginning.was_cut_off else []
    if beginning.save:
        parts.append(
            f"It goes on from its save of {beginning.save.time}; what came later is asked from the other regions."
        )
    else:
        parts.append("It had not been saved yet; what other regions hold of it is brought home.")
    return " ".join(parts)
