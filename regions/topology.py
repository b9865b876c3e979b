"""The regions there are, which of them this process is, and the addresses of their endpoints: `regions.toml`, read once.

The environment adds what the file cannot know:

- `AWS_REGION`: which region this process is (Lambda sets it; on a laptop it defaults to the master);
- `FFT_DOMAIN`: another domain than the file's, with a port if need be (the laptop cloud sets it);
- `FFT_ENDPOINTS`: a JSON object of region to the URL of its AWS, for the laptop cloud and tests; a service that is elsewhere
  has an entry of its own, "geo-places eu-west-1".
"""

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from core.errors import Invalid, NotFound, WrongJurisdiction
from core.messages import say

HEARTBEATS = 16
"""How many heartbeats each home writes into each of its tables, every minute: see `regions.heartbeat`.

The chance that none of 16 goes through a given shard is 1 % with 4 shards (a new table on demand has about as many), 12 %
with 8, and 36 % for one of the 4 parallel readers of each of 4 shards. Lambda's own `IteratorAge`, the highest of all
readers, leaves none out and is alarmed (infrastructure/worker.yaml), but knows nothing of the copies. With four regions
these are some 150 writes a minute in each.
"""

FILE = Path(__file__).resolve().parent.parent / "regions.toml"


@dataclass(frozen=True)
class Region:
    """One AWS region that runs one identical stage."""

    name: str
    jurisdiction: str
    title: str
    latitude: float
    longitude: float


@dataclass(frozen=True)
class Topology:
    """All regions as one of them, `here`, sees them."""

    here: str
    master: str
    domain: str
    global_host: str
    scheme: str
    regions: Mapping[str, Region]
    jurisdictions: Mapping[str, str]
    country_jurisdictions: Mapping[str, str]
    aws_endpoints: Mapping[str, str] = field(default_factory=dict)
    heartbeats: int = HEARTBEATS

    @property
    def jurisdiction(self) -> str:
        """The one that this region is in: a process belongs to one site."""
        return self.regions[self.here].jurisdiction

    def jurisdiction_of(self, region: str) -> str:
        return self.region(region).jurisdiction

    def region(self, name: str) -> Region:
        """The region of this name; `NotFound` when there is none."""
        try:
            return self.regions[name]
        except KeyError:
            raise NotFound(say("There is no region called “%(name)s”.", name=name[:40])) from None

    def jurisdiction_of_country(self, country: str) -> str:
        """The jurisdiction that an ISO 3166 country belongs to; `Invalid` when it is not served."""
        try:
            return self.country_jurisdictions[country]
        except KeyError:
            raise Invalid(
                say(
                    "Restaurants in “%(country)s” are not served; regions.toml lists the countries.",
                    country=country[:40],
                )
            ) from None

    def members(self, jurisdiction: str) -> tuple[str, ...]:
        """The regions of a jurisdiction, in the order of the file."""
        return tuple(name for name, region in self.regions.items() if region.jurisdiction == jurisdiction)

    def others(self) -> tuple[str, ...]:
        return tuple(name for name in self.regions if name != self.here)

    # Endpoints. A host carries the port of the domain, as a browser's Host header does.

    @property
    def signpost_host(self) -> str:
        """The global endpoint, as addresses name it: it belongs to no jurisdiction and leads to the site of one."""
        return f"{self.global_host}.{self.domain}" if self.global_host else self.domain

    @property
    def signpost_hosts(self) -> frozenset[str]:
        """Every name of the global endpoint: with and without `www.`."""
        return frozenset({self.signpost_host, self.domain, f"www.{self.domain}"})

    def jurisdiction_host(self, jurisdiction: str) -> str:
        return f"{jurisdiction}.{self.domain}"

    def region_host(self, region: str) -> str:
        """Below its jurisdiction's, whose cookies it therefore gets; no other region does."""
        return f"{region}.{self.jurisdiction_host(self.jurisdiction_of(region))}"

    def site_hosts(self, jurisdiction: str) -> tuple[str, ...]:
        """The hosts that make up the site of a jurisdiction."""
        return (self.jurisdiction_host(jurisdiction), *(self.region_host(name) for name in self.members(jurisdiction)))

    @property
    def cookie_domain(self) -> str:
        """What the cookies of this region's site are set for."""
        return self.jurisdiction_host(self.jurisdiction).partition(":")[0]

    def hosts_served(self) -> frozenset[str]:
        """The hosts that this region answers for."""
        return self.signpost_hosts | {self.jurisdiction_host(self.jurisdiction), self.region_host(self.here)}

    def hosts(self) -> frozenset[str]:
        """Every host of every endpoint."""
        return self.signpost_hosts.union(*(self.site_hosts(name) for name in self.jurisdictions))

    def host_asked(self, header: str) -> str:
        """A `Host` header as hosts are written here: in lower case, without the port that its scheme has anyway."""
        return header.lower().removesuffix(":443" if self.scheme == "https" else ":80")

    def url(self, host: str) -> str:
        return f"{self.scheme}://{host}"

    def region_url(self, region: str) -> str:
        return self.url(self.region_host(region))

    def jurisdiction_url(self, jurisdiction: str) -> str:
        return self.url(self.jurisdiction_host(jurisdiction))


def load(environment: Mapping[str, str], file: Path = FILE) -> Topology:
    """Read the file and check it; `ValueError` names what is wrong in it."""
    data = tomllib.loads(file.read_text())
    regions = {name: Region(name=name, **entry) for name, entry in data["regions"].items()}
    jurisdictions = {name: entry["title"] for name, entry in data["jurisdictions"].items()}
    for region in regions.values():
        if region.jurisdiction not in jurisdictions:
            raise ValueError(f"{file.name}: {region.name} is in “{region.jurisdiction}”, which is no jurisdiction")
    if data["master"] not in regions:
        raise ValueError(f"{file.name}: the master “{data['master']}” is no region")
    here = environment.get("AWS_REGION", data["master"])
    if here not in regions:
        raise ValueError(f"AWS_REGION is {here}; {file.name} knows {', '.join(regions)}")
    laptop_domain = environment.get("FFT_DOMAIN")
    return Topology(
        here=here,
        master=data["master"],
        domain=laptop_domain or data["domain"],
        global_host="" if laptop_domain else data["global_host"],
        scheme="http" if laptop_domain else "https",
        regions=regions,
        jurisdictions=jurisdictions,
        country_jurisdictions={
            country: name for name, entry in data["jurisdictions"].items() for country in entry["countries"]
        },
        aws_endpoints=json.loads(environment.get("FFT_ENDPOINTS", "{}")),
        heartbeats=1 if laptop_domain else HEARTBEATS,  # the embedded AWS has one shard a stream
    )


@cache
def current() -> Topology:
    """The topology as this process sees it; read at the first call."""
    return load(os.environ)


def seen_from(region: str) -> Topology:
    """The topology as another region sees it."""
    return replace(current(), here=current().region(region).name)


def here() -> str:
    """The region that this process is."""
    return current().here


def check_jurisdiction(jurisdiction: str, *, detail: str | None = None, path: str = "/") -> None:
    """Raise `WrongJurisdiction`, with this detail and the path to begin anew at, unless this region belongs to it."""
    if jurisdiction != current().jurisdiction:
        raise WrongJurisdiction(jurisdiction, detail, path=path)
