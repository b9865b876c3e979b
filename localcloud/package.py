"""What of the project goes into a package for Lambda. A file that no pattern names stays behind.

Plain `zappa package` knows no such list, only what to leave out (`exclude_glob` in zappa_settings.json); a test compares the two.
"""

from collections.abc import Iterator
from pathlib import Path

CODE = ("core", "regions", "catalog", "orders", "admin_portal", "foodforthought")
KEPT = (
    *(f"{name}/**/*.py" for name in CODE),
    "regions.toml",
    "templates/**/*",
    "locale/*/LC_MESSAGES/*.mo",
    "static/openapi.json",  # the page of the API is made from it
    "collected_static/**/*",  # `make static`
)
LEFT_OUT = ("catalog/samples",)


def project_files(root: Path) -> Iterator[Path]:
    """The files of the project below `root` that a package holds, relative to it. Libraries are not among them."""
    for pattern in KEPT:
        for path in root.glob(pattern):
            file = path.relative_to(root)
            if path.is_file() and not any(file.is_relative_to(left_out) for left_out in LEFT_OUT):
                yield file
