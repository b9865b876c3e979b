"""Regions that lost what they had not saved are restored homes: what others hold that is newer comes back from their copies.

`python -m localcloud.adopting '{"<home>": ["<region to ask>", …], …}'` answers with a line of JSON for each home.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

from localcloud.layout import Layout
from localcloud.processes import CloudError, python

SECONDS = 300


@dataclass(frozen=True)
class Adoption:
    home: str
    records: int  # brought home
    left: int  # of which others know more than home, and not enough: an outline
    silent: Sequence[str]  # regions that did not answer


def adopt(layout: Layout, sources: Mapping[str, Sequence[str]]) -> list[Adoption]:
    """Home → the regions to ask; to be done before a home's pages open. Everyone is reached directly, whatever links do."""
    log = layout.logs / "adopting.log"
    with log.open("a") as errors:
        try:
            done = subprocess.run(
                python("localcloud.adopting", json.dumps(sources)),
                env={**layout.environment(next(iter(sources))), **layout.cloud_environment()},
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                check=True,
                timeout=SECONDS,
            )
            return [Adoption(**json.loads(line)) for line in done.stdout.splitlines()]
        except (subprocess.SubprocessError, ValueError) as error:
            raise CloudError(f"What other regions hold could not be brought home: {error}; see {log}") from error


def main(sources: Mapping[str, Sequence[str]]) -> None:
    from foodforthought.stream_worker import replicator
    from regions import topology
    from regions.comparison import Standing
    from regions.reconciliation import Reconciliation
    from regions.restored_home import adopt as adopt_record

    def adopt_all(home: str) -> Adoption:
        here = topology.seen_from(home)
        outcomes: list[str] = []

        def decide(standing: Standing) -> None:
            outcomes.append(adopt_record(standing, replicator.rules[standing.table], topology=here))

        comparison = Reconciliation(
            topology=here,
            rules=replicator.rules,
            targets=sources[home],
            replicator=None,  # what the others lack is found by the home's worker, which starts with a comparison
            purpose="adopt",
            standing=decide,
            progress=lambda progress: None,
        )
        silent = list(comparison.run(from_start=True).lost)
        adopted = sum(outcome.startswith("adopted") for outcome in outcomes)
        return Adoption(home, adopted, len(outcomes) - adopted, silent)

    with ThreadPoolExecutor(len(sources)) as pool:
        for adoption in pool.map(adopt_all, sources):
            print(json.dumps(asdict(adoption)), flush=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
