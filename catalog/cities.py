"""The cities where the sample restaurants are, and which the front page offers. Positions are those of the centres."""

from dataclasses import dataclass

from core import geo


@dataclass(frozen=True)
class City:
    slug: str
    name: str
    country: str
    latitude: float
    longitude: float
    time_zone: str
    postcode: str  # one in the middle of it
    region: str = ""  # state or province, where people write one
    tax_ppm: int | None = None  # where the city's own rate differs from its country's (catalog.countries)

    @property
    def cell(self) -> str:
        return geo.cell_at(self.latitude, self.longitude)


CITIES = (
    City("new-york", "New York", "US", 40.7308, -73.9930, "America/New_York", "10003", "NY", 88_750),
    City("chicago", "Chicago", "US", 41.8853, -87.6326, "America/Chicago", "60601", "IL", 117_500),
    City("los-angeles", "Los Angeles", "US", 34.0489, -118.2518, "America/Los_Angeles", "90012", "CA", 97_500),
    City("seattle", "Seattle", "US", 47.6104, -122.3371, "America/Los_Angeles", "98101", "WA", 105_500),
    City("toronto", "Toronto", "CA", 43.6545, -79.3860, "America/Toronto", "M5G 1P5", "ON"),
    City("montreal", "Montréal", "CA", 45.5050, -73.5700, "America/Toronto", "H3B 1A7", "QC", 149_750),
    City("london", "London", "GB", 51.5137, -0.1337, "Europe/London", "W1D 3QU"),
    City("dublin", "Dublin", "IE", 53.3434, -6.2675, "Europe/Dublin", "D02 X285"),
    City("paris", "Paris", "FR", 48.8590, 2.3470, "Europe/Paris", "75001"),
    City("berlin", "Berlin", "DE", 52.5200, 13.4050, "Europe/Berlin", "10178"),
    City("munich", "Munich", "DE", 48.1372, 11.5755, "Europe/Berlin", "80331"),
    City("madrid", "Madrid", "ES", 40.4169, -3.7035, "Europe/Madrid", "28013"),
    City("rome", "Rome", "IT", 41.8986, 12.4769, "Europe/Rome", "00186"),
    City("amsterdam", "Amsterdam", "NL", 52.3702, 4.8952, "Europe/Amsterdam", "1012 JS"),
    City("zurich", "Zürich", "CH", 47.3717, 8.5423, "Europe/Zurich", "8001"),
)
