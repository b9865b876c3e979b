"""Makes the package: `zappa package` once, in a virtualenv of its own; then pruned, with bytecode, for each stage."""

import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management import call_command

from deployment import ROOT
from deployment.package import project_files, prune, take_away_bytecode

MAX_MB = 26
"""Of a zip file; a bigger one is refused."""

PLATFORM = "x86_64-manylinux_2_28"
"""Libraries are taken for Lambda's machines, whatever the developer's is."""

VIRTUALENV = "virtualenv"
"""Beside the packages: the Zappa that has made them, and deploys them."""

SETTINGS = "zappa_settings.py"
"""Of everything in a package the one file that differs between stages."""


class CannotPackage(Exception):
    """The message says why, and what to do."""


@dataclass(frozen=True)
class Packages:
    """The zip file of each stage, and the megabytes that each part takes in any of them."""

    files: dict[str, Path]
    sizes_mb: dict[str, float]


def stages() -> list[str]:
    """The stages that can be deployed; those that others extend have no region."""
    return [name for name, stage in _settings().items() if "aws_region" in stage]


def stage_settings(name: str) -> dict[str, Any]:
    """Of a stage, with those of what it extends."""
    stage = _settings()[name]
    extended = stage_settings(stage["extends"]) if "extends" in stage else {}
    return {**extended, **stage}


def runtime() -> str:
    """What Lambda runs, as zappa_settings.json says: python3.13"""
    return str(stage_settings("base")["runtime"])


def _settings() -> dict[str, Any]:
    return dict(json.loads((ROOT / "zappa_settings.json").read_text()))


def check_interpreter(python: str) -> str:
    """The path of this interpreter. Raises `CannotPackage` unless it is of the version that Lambda runs.

    Zappa would say nothing: it would package libraries that Lambda cannot load, and bytecode that it ignores.
    """
    hint = f"zappa_settings.json says that Lambda runs {runtime()}; say where one is: make package PYTHON=…"
    code = 'import sys; print("python%d.%d" % sys.version_info[:2], sys.executable)'
    environment = {
        **os.environ,
        "PYENV_VERSION": runtime().removeprefix("python"),
    }  # pyenv's shims start what this says
    try:
        asked = subprocess.run([python, "-c", code], env=environment, capture_output=True, text=True, check=False)
    except OSError as error:
        raise CannotPackage(f"{python} cannot be started. {hint}") from error
    if asked.returncode:
        raise CannotPackage(f"{python} does not work: {asked.stderr.strip()[:300]}\n{hint}")
    version, _, path = asked.stdout.strip().partition(" ")
    if version != runtime():
        raise CannotPackage(f"{python} is {version}. {hint}")
    return path


def make(target: Path, python: str, names: Sequence[str], tell: Callable[[str], None]) -> Packages:
    """Make the packages of these stages in the directory `target`. Raises `CannotPackage`; what was there is then still there."""
    interpreter = check_interpreter(python)
    work = target / "work"
    shutil.rmtree(work, ignore_errors=True)
    project, tree, common = work / "project", work / "tree", work / "common.zip"
    environment = target / VIRTUALENV
    tell(f"Installing what requirements/runtime.txt and deploy.txt name, for {runtime()} …")
    _install(interpreter, environment)
    tell("Collecting the static files and packaging with Zappa …")
    _package_everything(project, environment, names[0], tree)
    tell("Leaving out what nothing needs, compiling the rest …")
    prune(tree, ROOT / "requirements" / "runtime.txt")
    _compile(tree, environment)
    take_away_bytecode(tree)
    sizes = _zip(tree, common)
    if common.stat().st_size > MAX_MB * 1_000_000:
        raise CannotPackage(f"The package has {common.stat().st_size / 1e6:.1f} MB, more than {MAX_MB}: {sizes}")
    made = [_for_stage(name, common, project, environment) for name in names]
    files = {file.stem: file.replace(target / file.name) for file in made}
    shutil.rmtree(work)
    return Packages(files, sizes)


def _package_everything(project: Path, environment: Path, stage: str, tree: Path) -> None:
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    for file in project_files(ROOT):
        (project / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, project / file)
    shutil.copy(ROOT / "zappa_settings.json", project)
    _zappa(environment, project, "package", stage, "--output", "whole.zip")
    with zipfile.ZipFile(project / "whole.zip") as whole:
        whole.extractall(tree)
    (tree / SETTINGS).unlink()


def _compile(tree: Path, environment: Path) -> None:
    """Entries of a zip file are dated 1980: bytecode that is checked by date would be made anew at each start.

    The stage's settings must not be there yet: bytecode of theirs would hold for every other stage.
    """
    how = [
        "-q",
        "--invalidation-mode",
        "unchecked-hash",
        "-s",
        str(tree),
        "-p",
        "/var/task",
    ]  # Lambda's path, in tracebacks
    _run(environment / "bin/python", "-m", "compileall", *how, str(tree))


def _for_stage(name: str, common: Path, project: Path, environment: Path) -> Path:
    """A copy of the package with what Zappa writes for this stage."""
    _zappa(environment, project, "save-python-settings-file", name, "--output_path", SETTINGS)
    file = common.with_name(f"{name}.zip")
    shutil.copy(common, file)
    with zipfile.ZipFile(file, "a") as package:
        _add(package, SETTINGS, (project / SETTINGS).read_bytes())
    return file


def _install(interpreter: str, environment: Path) -> None:
    uv = ROOT / ".venv/bin/uv"
    _run(uv, "venv", "--quiet", "--no-config", "--clear", "--python", interpreter, str(environment))
    _run(
        uv, "pip", "install", "--quiet", "--python", str(environment / "bin/python"), "--python-platform", PLATFORM,
        "--only-binary", ":all:", "--no-binary", "placebo",  # of Zappa's, which comes as source only
        "--require-hashes", "-r", "requirements/runtime.txt", "-r", "requirements/deploy.txt",
    )  # fmt: skip


def _zappa(environment: Path, project: Path, *arguments: str) -> None:
    _run(environment / "bin/zappa", *arguments, cwd=project, VIRTUAL_ENV=str(environment))


def _run(program: Path, *arguments: str, cwd: Path = ROOT, **variables: str) -> None:
    done = subprocess.run(
        [program, *arguments], cwd=cwd, env={**os.environ, **variables}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    if done.returncode:
        raise CannotPackage(f"“{program.name} {' '.join(arguments[:2])}” failed:\n{done.stdout.strip()[-2000:]}")


def _zip(tree: Path, target: Path) -> dict[str, float]:
    """The same bytes for the same files; the megabytes that each part takes, biggest first."""
    with zipfile.ZipFile(target, "w") as package:
        for path in sorted(tree.rglob("*")):
            if path.is_file():
                _add(package, str(path.relative_to(tree)), path.read_bytes())
        sizes: dict[str, float] = {}
        for entry in package.infolist():
            part = "bytecode" if entry.filename.endswith(".pyc") else entry.filename.partition("/")[0]
            sizes[part] = sizes.get(part, 0) + entry.compress_size / 1e6
    return dict(sorted(sizes.items(), key=lambda item: -item[1]))


def _add(package: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name)  # of 1980
    entry.external_attr = 0o644 << 16
    package.writestr(entry, content, zipfile.ZIP_DEFLATED, 9)
