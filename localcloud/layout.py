"""Where everything of a laptop cloud is: ports, directories, and the environment that each process gets."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from core import clock
from localcloud.pidfile import PidFile
from localcloud.saves import Saves
from regions import topology

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_PORT = 8000
DOMAIN = "foodforthought.localhost"
CLOCK_DIRECTORY = "clock"


def data_directory() -> Path:
    """`var/` beside the code, or where `FFT_DATA` says; in it `clock/` for a cloud whose clock is set."""
    data = Path(os.environ.get("FFT_DATA") or ROOT / "var")
    return data / CLOCK_DIRECTORY if clock.is_being_set() else data


@dataclass(frozen=True)
class Layout:
    """All ports follow from the router's: the regions' pages come right behind it, then their AWS, the gazetteers, the links."""

    port: int = DEFAULT_PORT
    data: Path = field(default_factory=data_directory)

    @property
    def regions(self) -> tuple[str, ...]:
        return tuple(topology.current().regions)

    def web_port(self, region: str) -> int:
        return self.port + 1 + self.regions.index(region)

    def aws_port(self, region: str) -> int:
        return self.port + 1 + len(self.regions) + self.regions.index(region)

    def link_ports(self) -> dict[tuple[str, str], int]:
        """From a region's processes to another region's AWS; see `localcloud.links`."""
        pairs = [(source, target) for source in self.regions for target in self.regions if source != target]
        first = self.port + 1 + 2 * len(self.regions) + len(topology.current().jurisdictions)
        return dict(zip(pairs, range(first, 2**16), strict=False))

    def gazetteer_ports(self) -> dict[str, int]:
        """Of each jurisdiction; see `localcloud.gazetteer`."""
        return {
            name: self.port + 1 + 2 * len(self.regions) + number
            for number, name in enumerate(topology.current().jurisdictions)
        }

    def ports(self) -> dict[str, int]:
        """Process → port, of all that listen."""
        ports = {"router": self.port}
        for region in self.regions:
            ports |= {f"web {region}": self.web_port(region), f"aws {region}": self.aws_port(region)}
        ports |= {f"gazetteer {name}": port for name, port in self.gazetteer_ports().items()}
        return ports | {f"link {source} to {target}": port for (source, target), port in self.link_ports().items()}

    def processes(self) -> list[str]:
        """The names of all, in the order in which they are ended."""
        kinds = ("web", "worker", "aws")
        return ["router", *(f"{kind} {region}" for kind in kinds for region in self.regions), "gazetteer", "links"]

    def aws_url(self, region: str) -> str:
        return f"http://127.0.0.1:{self.aws_port(region)}"

    def web_url(self, region: str) -> str:
        return f"http://127.0.0.1:{self.web_port(region)}"

    @property
    def domain(self) -> str:
        return f"{DOMAIN}:{self.port}"

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def state_file(self) -> Path:
        return self.data / "localcloud.json"

    @property
    def faults_file(self) -> Path:
        return self.data / "faults.json"

    def lost_file(self, region: str) -> Path:
        """What the region's stream has lost on purpose; see `localcloud.lost`."""
        return self.data / f"lost-{region}.jsonl"

    @property
    def run(self) -> Path:
        """What says which processes there are, and holds this directory for one cloud."""
        return self.data / "run"

    def pid_file(self, name: str) -> PidFile:
        """Of a process by its name: “supervisor”, “router”, “web eu-west-1”."""
        return PidFile(self.run / f"{name.replace(' ', '-')}.pid")

    def aws_home(self, region: str) -> Path:
        return self.data / "aws" / region

    def saves(self, region: str) -> Saves:
        return Saves(self.aws_home(region) / "saves")

    def environment(self, region: str) -> dict[str, str]:
        """What a process of a region sees: its region, the domain, its own AWS and gazetteer, and the links to the others'."""
        gazetteer = f"http://127.0.0.1:{self.gazetteer_ports()[topology.current().jurisdiction_of(region)]}"
        links = {target: f"http://127.0.0.1:{port}" for (of, target), port in self.link_ports().items() if of == region}
        return {
            **os.environ,
            "FFT_DOMAIN": self.domain,
            "FFT_ENDPOINTS": json.dumps({region: self.aws_url(region), **links, f"geo-places {region}": gazetteer}),
            "FFT_DATA": str(self.data),
            clock.OFFSET: str(clock.offset_ms()),
            "AWS_REGION": region,
            "DJANGO_SETTINGS_MODULE": "foodforthought.settings",
        }

    def cloud_environment(self) -> dict[str, str]:
        """What a command on the developer's machine sees: every region's AWS directly, whatever is wrong between them."""
        return {
            "FFT_DOMAIN": self.domain,
            "FFT_ENDPOINTS": json.dumps({name: self.aws_url(name) for name in self.regions}),
            "FFT_DATA": str(self.data.resolve()),
            clock.OFFSET: str(clock.offset_ms()),
        }

    def aws_environment(self, region: str) -> dict[str, str]:
        """What a region's MiniStack is told. It loads what `localcloud.aws` has laid out in its `STATE_DIR`."""
        home = self.aws_home(region)
        (home / "tmp").mkdir(parents=True, exist_ok=True)
        return {
            **os.environ,
            "FFT_SAVES": str(self.saves(region).directory),
            "GATEWAY_PORT": str(self.aws_port(region)),
            "MINISTACK_REGION": region,
            "STATE_DIR": str(home / "state"),
            "S3_DATA_DIR": str(home / "s3"),
            "TMPDIR": str(home / "tmp"),
            "PERSIST_STATE": "1",
            "S3_PERSIST": "1",
            "IOT_MTLS_ENABLED": "0",
            "LOG_LEVEL": "WARNING",
            clock.OFFSET: str(clock.offset_ms()),  # what a save is called
        }
