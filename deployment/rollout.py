"""Brings a release to the regions, one after the other: what is as it should be is left alone, what fails is put back, and the
regions after it stay as they were. Run again, it goes on where it stopped."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Timer

from botocore.exceptions import BotoCoreError, ClientError

from deployment import change_sets, filling, functions, secret_values, smoke, stacks
from deployment.account import CannotDeploy
from deployment.functions import SHOWN, Function
from deployment.stacks import Stack
from regions.topology import Topology

GOOD_ANSWERS = 10
LONG_SECONDS = 20.0
NOT_BEGUN = "not begun: as it was"


class Stopped(Exception):
    """A region could not be deployed; the message says what state every region is in, and what to do."""


@dataclass(frozen=True)
class Rollout:
    """What is to be deployed, and how. `given`: values of templates' parameters. `left_out`: templates that an emulator lacks."""

    topology: Topology
    tell: Callable[[str], None]
    given: Mapping[str, str] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()
    good_answers: int = GOOD_ANSWERS
    is_dry: bool = False

    def run(self, regions: Iterable[str]) -> None:
        """Raises `Stopped`. Nothing of a region is begun before the one before it is done."""
        ordered = order(self.topology, regions)
        states = dict.fromkeys(ordered, NOT_BEGUN)
        home = stacks.once_region(self.topology)
        where = "for all regions"
        try:
            for template in stacks.ONCE:
                self.step(f"{template} ({home})", partial(self._once, Stack(template, home)))
            for where in ordered:
                before = self._deploy(where, states)
                states[where] = "deployed" + (f", was {before}" if before else "")
        except (CannotDeploy, BotoCoreError, ClientError) as error:
            raise Stopped(report(states, where, str(error))) from error

    def _deploy(self, region: str, states: dict[str, str]) -> str:
        """Deploys a region; which release it had. When that fails, its functions get that one again."""
        self.tell(f"{region} ({self.topology.region(region).title})")
        before = releases(region)
        states[region] = "failed; what was done before is kept, and done over by the next run"
        try:
            for name, step in self.steps(region).items():
                self.step(name, step)
        except CannotDeploy:
            if not self.is_dry:
                states[region] = f"failed: {self.put_back(before)}"
            raise
        return before_in_words(before)

    def steps(self, region: str) -> dict[str, Callable[[], str]]:
        """What is done in a region, in this order; each says what it has done, or raises `CannotDeploy`."""

        def stack(template: str) -> Callable[[], str]:
            return partial(self._stack, Stack(template, region))

        steps: dict[str, Callable[[], str]] = {template: stack(template) for template in stacks.DATA}
        steps["keys"] = self._unless_dry(
            lambda: secret_values.fill(self.topology, region), "would be made, if there are none"
        )
        for function in functions.of_region(region):
            steps[function.name] = partial(self._function, function)
        steps["wakes the worker"] = stack(stacks.WAKING)
        steps["edge"] = partial(self._edge, region)
        steps["smoke test"] = self._unless_dry(lambda: smoke.test(self.topology, region), "would be made")
        steps["health"] = self._unless_dry(
            lambda: smoke.watch(self.topology, region, self.good_answers),
            f"would be watched for {self.good_answers} answers",
        )
        steps["fill"] = self._unless_dry(lambda: self._fill(region), "would be filled, unless it takes traffic already")
        steps |= {template: stack(template) for template in stacks.TRAFFIC}
        steps["release"] = self._unless_dry(lambda: keep(region), "would be kept")  # last: it has proved itself
        return steps

    def _stack(self, stack: Stack) -> str:
        if stack.template in self.left_out:
            return "left out, as you said"
        act = change_sets.plan if self.is_dry else stacks.apply
        return act(self.topology, stack, self.given)

    def _once(self, stack: Stack) -> str:
        done = self._stack(stack)
        if stack.template == "zone" and done == "made":  # the first certificate waits for it, which looks like hanging
            return (
                f"made. Have the registrar of {self.topology.domain} name these: {stacks.output(stack, 'NameServers')}"
            )
        return done

    def _edge(self, region: str) -> str:
        done = self._stack(Stack(stacks.EDGE, region))
        if done in {"made", "updated"}:
            stacks.deploy_api(region)  # what it answers by itself counts from its next deployment on
        return done

    def _function(self, function: Function) -> str:
        release = functions.release_of(function.package)
        if self.is_dry:
            return functions.plan(function, release)
        if not functions.is_up_to_date(function, release):
            functions.upload(function)
        return functions.apply(function, release)

    def _fill(self, region: str) -> str:
        """A region that takes no traffic yet is given first what has its home in those that do."""
        if takes_traffic(region):
            return "takes traffic already"
        homes = [name for name in self.topology.regions if name != region and takes_traffic(name)]
        if not homes:
            return "the first one: there is nothing to be filled with"
        try:
            done = filling.fill(region, homes, filling.ON_AWS, self.tell)
            filling.check_streams(region, homes, filling.ON_AWS)
        except filling.NotFilled as error:
            raise CannotDeploy(str(error)) from error
        return done

    def _unless_dry(self, act: Callable[[], str], would: str) -> Callable[[], str]:
        return (lambda: would) if self.is_dry else act

    def step(self, name: str, act: Callable[[], str]) -> None:
        """A line for each. What AWS does not answer is no different from what it refuses."""
        begun = time.monotonic()
        waiting = Timer(LONG_SECONDS, self.tell, [f"           {name} is still being done …"])
        waiting.daemon = True
        waiting.start()
        try:
            done = act()
        except (BotoCoreError, ClientError, CannotDeploy) as error:
            self.tell(f"{time.monotonic() - begun:7.1f} s  {name}: failed")
            raise CannotDeploy(f"{name}: {error}") from error
        finally:
            waiting.cancel()
        self.tell(f"{time.monotonic() - begun:7.1f} s  {name}: {done}")

    def go_back(self, regions: Iterable[str]) -> None:
        """Have their functions run the releases that ran before. Raises `Stopped`, or `CannotDeploy` while all is as it was."""
        ordered = order(self.topology, regions)
        states = dict.fromkeys(ordered, NOT_BEGUN)
        targets = {region: earlier(region) for region in ordered}
        try:
            for where in ordered:
                self.tell(f"{where} ({self.topology.region(where).title})")
                states[where] = "failed; what was done is kept"
                for function, release in targets[where].items():
                    self.step(function.name, partial(self._go_back, function, release))
                self.step("smoke test", partial(smoke.test, self.topology, where))
                self.step("health", partial(smoke.watch, self.topology, where, self.good_answers))
                self.step("release", partial(keep, where))
                states[where] = f"back at {before_in_words(releases(where))}"
        except CannotDeploy as error:
            raise Stopped(report(states, where, str(error))) from error

    @staticmethod
    def _go_back(function: Function, release: str) -> str:
        return f"{functions.apply(function, release)} to {release[:SHOWN]}"

    def put_back(self, before: Mapping[Function, str | None]) -> str:
        """Give the functions the packages that they had; what state they are in then. Stacks put themselves back."""
        states = []
        for function, release in before.items():
            try:
                now = functions.deployed_release(function)
            except (BotoCoreError, ClientError) as error:
                states.append(f"{function} NOT put back if it was changed, AWS does not answer ({error})")
                continue
            if release == now:
                states.append(f"{function} as it was")
            elif release is None:
                states.append(f"{function} new, and not led to unless it was before")
            else:
                states.append(self._put_back(function, release))
        return ", ".join(states)

    def _put_back(self, function: Function, release: str) -> str:
        try:
            self.step(f"{function} back", lambda: functions.apply(function, release))
        except CannotDeploy as error:
            return f"{function} NOT put back to {release[:SHOWN]} ({error})"
        return f"{function} back at {release[:SHOWN]}"


def order(topology: Topology, regions: Iterable[str]) -> Sequence[str]:
    """The master last: it is the home of the whole catalogue, so the release has proved itself elsewhere by then.

    Behind it those that take no traffic yet: they are filled by the others, which have to know of them.
    """
    wanted = [name for name in topology.regions if name in set(regions)]
    return sorted(wanted, key=lambda name: (not takes_traffic(name), name == topology.master))


def takes_traffic(region: str) -> bool:
    """Do the domain's names lead there?"""
    return stacks.exists(Stack("traffic", region))


def earlier(region: str) -> dict[Function, str]:
    """What to go back to, pages first: they write what their worker has to keep up with. What never had another release stays."""
    try:
        kept = {function: functions.previous(function) for function in reversed(functions.of_region(region))}
    except (BotoCoreError, ClientError) as error:
        raise CannotDeploy(f"{region}: {error}. Nothing was changed.") from error
    targets = {function: release for function, release in kept.items() if release}
    if not targets:
        raise CannotDeploy(f"{region} has kept no release but the one that runs. Nothing was changed.")
    return targets


def keep(region: str) -> str:
    return ", ".join(functions.keep(function) for function in functions.of_region(region))


def releases(region: str) -> dict[Function, str | None]:
    return {function: functions.deployed_release(function) for function in functions.of_region(region)}


def before_in_words(before: Mapping[Function, str | None]) -> str:
    return ", ".join(release[:SHOWN] for release in before.values() if release)


def report(states: Mapping[str, str], where: str, why: str) -> str:
    lines = [f"{region:15} {state}" for region, state in states.items()]
    return "\n".join(
        [
            f"Stopped at {where}: {why}",
            "",
            *lines,
            "",
            "Mend what is said above and run the same again: it goes on there.",
        ]
    )
