"""What starting costs, and what a page does afterwards: `python -m benchmarks.cold_start [rounds]`.

Two packages are made and unpacked: ours by `deployment.packaging`, and by `zappa package` a bare handler of Django and PynamoDB
(`benchmarks/bare_handler`: one Query or Get, one template or JSON, no middleware) whose answers are as long as ours. Both get
bytecode that is not checked, which a bare package would lack. Each measurement is a process of the interpreter that Lambda
runs, which imports Zappa's handler and gives it what API Gateway sends. What counts is the CPU time of that process, user and
system, from that import to the answer; after that, the median of further answers. DynamoDB is another process, with answers
from a file. Bare and ours take turns, as the machine is not always as fast.
"""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

os.environ.setdefault("AWS_REGION", "us-east-1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "foodforthought.settings")

from benchmarks.canned_dynamodb import bare_answers, dynamodb, our_answers
from deployment import packaging

REGION, STAGE = "us-east-1", "us_east_1"
SITE = "na.foodforthought.example"
BARE = Path(__file__).with_name("bare_handler")
WARM = 40

PROBE = """
import time
began = time.process_time()
import json, os, sys
from handler import lambda_handler
event, more, before = json.loads(os.environ["PROBE"])
spent = []
for number in range(1 + more):
    if number:
        exec(before)
        began = time.process_time()
    answer = lambda_handler(event, None)
    spent.append((time.process_time() - began) * 1000)
assert answer["statusCode"] == 200, answer
with os.fdopen(int(os.environ["ANSWER"]), "w") as told:
    json.dump([spent, answer["body"]], told)
os._exit(0)
"""
EXPIRE = """
from dataclasses import replace
from catalog import menu_cache
menu_cache._kept.update({key: replace(kept, until=0.0) for key, kept in menu_cache._kept.items()})
"""


def make_packages(work: Path, interpreter: str) -> dict[str, tuple[Path, float]]:
    """The unpacked package of each, and the megabytes of its zip file as it would be deployed."""
    ours = packaging.make(work / "dist", interpreter, [STAGE], print).files[STAGE]
    environment, project = work / "bare-environment", work / "bare"
    shutil.copytree(BARE, project)
    uv = packaging.ROOT / ".venv/bin/uv"
    packaging._run(uv, "venv", "--quiet", "--no-config", "--python", interpreter, str(environment))
    requirements = packaging.ROOT / "requirements"
    pins = "".join((requirements / f"{name}.txt").read_text() for name in ("runtime", "deploy"))
    names = re.findall("^(?:django|pynamodb|zappa|boto3|botocore)==[^ ]+", pins, re.MULTILINE)
    packaging._run(uv, "pip", "install", "--quiet", "--python", str(environment / "bin/python"), *names)
    print("Packaging the bare handler …")
    packaging._zappa(environment, project, "package", "bare", "--output", "bare.zip")
    made = {}
    for name, file in {"ours": ours, "bare": project / "bare.zip"}.items():
        with zipfile.ZipFile(file) as package:
            package.extractall(work / name / "tree")
        made[name] = work / name / "tree", file.stat().st_size / 1e6
    packaging._compile(made["bare"][0], environment)
    return made


def event(path: str) -> dict[str, Any]:
    """A GET as API Gateway hands it over."""
    headers = {"Host": SITE, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}
    return {
        "httpMethod": "GET", "path": path, "resource": "/{proxy+}", "body": None, "isBase64Encoded": False, "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None, "multiValueQueryStringParameters": None,
        "requestContext": {"stage": STAGE, "identity": {"sourceIp": "203.0.113.7"}},
    }  # fmt: skip


def probe(
    interpreter: str, tree: Path, port: int, path: str, *, more: int = 0, before: str = ""
) -> tuple[list[float], str]:
    """Milliseconds of CPU to the first answer, and for each after it; the last answer's body."""
    reading, writing = os.pipe()
    environment = {
        "PATH": os.environ["PATH"], "PYTHONPATH": str(tree), "AWS_LAMBDA_FUNCTION_NAME": "benchmark",
        "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION, "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none",
        "SECRET_KEY": "of a benchmark, long enough", "FFT_ENDPOINTS": json.dumps({REGION: f"http://127.0.0.1:{port}"}),
        "PROBE": json.dumps([event(path), more, before]), "ANSWER": str(writing),
    }  # fmt: skip
    command = [interpreter, "-S", "-P", "-B", "-c", PROBE]
    with subprocess.Popen(  # noqa: S603
        command, cwd=tree, env=environment, pass_fds=[writing], stdout=subprocess.DEVNULL
    ):
        os.close(writing)
        with os.fdopen(reading) as told:
            spent, body = json.loads(told.read())
    return spent, body


def measure(interpreter: str, made: dict[str, tuple[Path, float]], work: Path, rounds: int) -> None:
    answers, cell = our_answers()
    paths = {"menu": "/restaurants/bench/", "json": "/api/v1/restaurants/bench", "list": f"/near/{cell}/"}
    bare_paths = {"menu": "/pages/menu/", "json": "/documents/json/", "list": "/pages/list/"}
    ours, bare, file = made["ours"][0], made["bare"][0], work / "answers.json"
    file.write_text(json.dumps(answers))
    with dynamodb(file) as port:
        bodies = {name: probe(interpreter, ours, port, path)[1] for name, path in paths.items()}
    file.write_text(json.dumps(answers | bare_answers(bodies)))
    warm = {
        "warm, menu read anew": ("menu", EXPIRE), "warm, menu remembered": ("menu", ""),
        "warm, restaurant JSON read anew": ("json", EXPIRE), "warm, list": ("list", ""),
    }  # fmt: skip
    spent: dict[str, tuple[list[float], list[float]]] = {}
    with dynamodb(file) as port:
        for _ in range(rounds):
            for name, path in paths.items():
                pair = spent.setdefault(f"cold, {name}", ([], []))
                for times, tree, address in zip(pair, (ours, bare), (path, bare_paths[name]), strict=True):
                    times.append(probe(interpreter, tree, port, address)[0][0])
        for _ in range(3):
            for line, (name, before) in warm.items():
                pair = spent.setdefault(line, ([], []))
                pair[0].append(
                    statistics.median(probe(interpreter, ours, port, paths[name], more=WARM, before=before)[0][10:])
                )
                pair[1].append(statistics.median(probe(interpreter, bare, port, bare_paths[name], more=WARM)[0][10:]))
    for line, (of_ours, of_bare) in spent.items():
        median, least = (kind(of_ours) / kind(of_bare) for kind in (statistics.median, min))
        milliseconds = f"{statistics.median(of_ours):7.1f} ms, bare {statistics.median(of_bare):6.1f}"
        print(f"{line:32}{milliseconds}: {median:.2f} ({least:.2f} of the least)")
    sizes = made["ours"][1], made["bare"][1]
    print(f"{'package':32}{sizes[0]:7.1f} MB, bare {sizes[1]:6.1f}: {sizes[0] / sizes[1]:.2f}")


def main(rounds: int) -> None:
    import django

    django.setup()
    interpreter = packaging.check_interpreter(packaging.runtime())
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        measure(interpreter, make_packages(work, interpreter), work, rounds)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 21)
