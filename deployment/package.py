"""What goes into a package for Lambda, of the project and of its libraries.

Of the project, what no pattern names stays behind. Plain `zappa package` knows no such list, only what to leave out
(`exclude_glob` in zappa_settings.json); a test compares the two. Of the libraries, `zappa package` takes its whole virtualenv;
`prune` then takes away what nothing needs.
"""

import re
import shutil
from collections.abc import Iterator
from importlib.metadata import distributions
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

OF_ZAPPA = {"zappa", "durationpy", "werkzeug", "markupsafe"}
"""What Zappa's handler imports; what is in requirements/deploy.txt besides is for a developer's machine."""

SERVICES = {"dynamodb", "dynamodbstreams", "secretsmanager", "sqs"}
"""The services of AWS that the code has clients for."""

LANGUAGES = {"en", "fr", "de", "es"}

ONLY = {
    "botocore/data/*/": SERVICES,
    "django/**/locale/*/": LANGUAGES,
    "rest_framework/locale/*/": LANGUAGES,
    "holidays/locale/*/": LANGUAGES,
    "babel/locale-data/*.dat": LANGUAGES | {"root"},
}
"""Of what a pattern matches, these names stay; “de” is de_AT.dat, too."""

NEEDLESS = (
    "package_info.json",  # the name of the person who packages
    "bin", "_virtualenv.*", "*.virtualenv", "*.dist-info/RECORD", "**/*.po", "**/*.pyi",
    "boto3/data", "boto3/examples",
    "django/contrib/gis", "django/contrib/postgres", "django/contrib/*/static", "django/contrib/*/templates",
    "django/contrib/auth/common-passwords.txt.gz", "django/conf/*_template",
    "django_htmx/static",  # collected
    "rest_framework/static", "rest_framework/templates",
    "zappa/cli.py", "zappa/core.py", "zappa/letsencrypt.py",
)  # fmt: skip


def project_files(root: Path) -> Iterator[Path]:
    """The files of the project below `root` that a package holds, relative to it. Libraries are not among them."""
    for pattern in KEPT:
        for path in root.glob(pattern):
            file = path.relative_to(root)
            if path.is_file() and not any(file.is_relative_to(left_out) for left_out in LEFT_OUT):
                yield file


def prune(tree: Path, requirements: Path) -> None:
    """Take away from an unpacked package what nothing needs; `requirements` are those of the pages and the worker, compiled."""
    kept = OF_ZAPPA | {_normal(name) for name in re.findall(r"^([\w.-]+)==", requirements.read_text(), re.MULTILINE)}
    for library in list(distributions(path=[str(tree)])):
        if _normal(library.name) not in kept:
            for top in {file.parts[0] for file in library.files or ()} - {".."}:
                _remove(tree / top)
    for pattern, names in ONLY.items():
        for path in tree.glob(pattern):
            if (path.is_dir() or path.suffix == ".dat") and re.split(r"[._]", path.name)[0] not in names:
                _remove(path)
    for pattern in NEEDLESS:
        for path in tree.glob(pattern):
            _remove(path)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
