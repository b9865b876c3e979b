"""Where everything of a laptop cloud is: ports, directories, and the environment that each process gets."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from core import clock
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
    """All ports follow from the router's: the regions' pages come right behind it, then their AWS, then the links."""

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
        return dict(zip(pairs, range(self.port + 1 + 2 * len(self.regions), 2**16), strict=False))

    def ports(self) -> dict[str, int]:
        """Process → port, of all that listen."""
        ports = {"router": self.port}
        for region in self.regions:
            ports |= {f"web {region}": self.web_port(region), f"aws {region}": self.aws_port(region)}
        return ports | {f"link {source} to {target}": port for (source, target), port in self.link_ports().items()}

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

    @property
    def sample_marker(self) -> Path:
        return self.data / "sample-data-loaded"

    def environment(self, region: str) -> dict[str, str]:
        """What a process of a region sees: its region, the domain, its own AWS, and the links to the others'."""
        links = {target: f"http://127.0.0.1:{port}" for (of, target), port in self.link_ports().items() if of == region}
        return {
            **os.environ,
            "FFT_DOMAIN": self.domain,
            "FFT_ENDPOINTS": json.dumps({region: self.aws_url(region), **links}),
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
        """What a region's MiniStack is told. It listens on this machine only and keeps its state on SIGTERM."""
        home = self.data / "aws" / region
        (home / "tmp").mkdir(parents=True, exist_ok=True)
        return {
            **os.environ,
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.aws_port(region)),
            "MINISTACK_REGION": region,
            "STATE_DIR": str(home / "state"),
            "S3_DATA_DIR": str(home / "s3"),
            "TMPDIR": str(home / "tmp"),
            "PERSIST_STATE": "1",
            "S3_PERSIST": "1",
            "IOT_MTLS_ENABLED": "0",
            "LOG_LEVEL": "WARNING",
        }
