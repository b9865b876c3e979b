"""What is looked at before anything is changed: what this machine would deploy, and what is there."""

import re
import subprocess
from collections.abc import Callable, Iterable, Sequence

from deployment import ROOT, drift, secret_values, stacks
from deployment.account import CannotDeploy
from deployment.functions import DIST, of_region
from deployment.packaging import VIRTUALENV, runtime, stage_settings, stages
from regions.topology import Topology


def check(topology: Topology, regions: Sequence[str], tell: Callable[[str], None], left_out: frozenset[str]) -> None:
    """`CannotDeploy` names everything that is wrong, at once."""
    wrong = [*interpreter(), *settings(topology, regions), *templates(), *packages(regions)]
    wrong += [
        *drift.tables(regions, left_out),
        *drift.mappings(topology, regions),
        *drift.certificates(topology, regions),
    ]
    wrong += secret_values.differences(topology, regions)
    if wrong:
        raise CannotDeploy("\n".join(["Nothing was changed, because of this:", *(f"- {line}" for line in wrong)]))
    for line in drift.unequal_stacks(regions):
        tell(line)


def interpreter() -> list[str]:
    """The packages hold libraries and bytecode for one version of Python: that of the virtualenv that they were made in."""
    try:
        text = (DIST / VIRTUALENV / "pyvenv.cfg").read_text()
    except FileNotFoundError:
        return ["dist/ has no Zappa: make package"]
    version = re.search(r"^version\w* *= *(\d+\.\d+)", text, re.MULTILINE)
    if version and f"python{version[1]}" == runtime():
        return []
    return [f"the packages were made with {version and version[1]}, and Lambda runs {runtime()}: make package PYTHON=…"]


def settings(topology: Topology, regions: Iterable[str]) -> list[str]:
    """zappa_settings.json names each region's own."""
    wrong = []
    for region in regions:
        for kind, stage in zip(("worker", "web"), (function.stage for function in of_region(region)), strict=True):
            if stage not in stages():
                wrong.append(f"zappa_settings.json has no stage {stage}, and regions.toml has {region}")
                continue
            wanted = {
                "aws_region": region,
                "role_name": f"foodforthought-{kind}-{region}",
                "s3_bucket": f"{topology.domain.replace('.', '-')}-packages-{region}",
                **({"domain": topology.region_host(region)} if kind == "web" else {}),
            }
            said = stage_settings(stage)
            wrong += [
                f"zappa_settings.json: {stage} has {name} “{said.get(name)}”, and regions.toml wants “{value}”"
                for name, value in wanted.items()
                if said.get(name) != value
            ]
    return wrong


def templates() -> list[str]:
    """What cfn-lint says of them, and what is too large to be sent."""
    files = sorted((ROOT / "infrastructure").glob("*.yaml"))
    large = [file.name for file in files if file.stat().st_size > stacks.MOST_BYTES]
    linted = subprocess.run(
        [ROOT / ".venv/bin/cfn-lint", "--format", "parseable", *map(str, files)],
        cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    return [f"{name} is larger than {stacks.MOST_BYTES} bytes" for name in large] + linted.stdout.splitlines()


def packages(regions: Iterable[str]) -> list[str]:
    files = [function.package for region in regions for function in of_region(region)]
    missing = [file.name for file in files if not file.exists()]
    return [f"dist/ has no {', '.join(missing)}: make package"] if missing else []
