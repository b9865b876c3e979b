"""A DynamoDB with a few answers, in a process of its own: what it takes is not counted.

`python -m benchmarks.canned_dynamodb FILE` says its port, and gives the answers of a JSON file.
"""

import html
import json
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from pathlib import Path
from typing import Any

DISHES, CARDS, ROWS_SHOWN = 60, 300, 50
VERSION = {"version": {"N": "1732000000000"}, "write_id": {"S": "0123456789abcdef"}}


def asked(operation: str, request: dict[str, Any]) -> str:
    """What a request asks for, as the keys of the file of answers say it."""
    if operation == "BatchGetItem":
        return " ".join([operation, *request["RequestItems"]])
    values = request.get("ExpressionAttributeValues") or request["Key"]
    return f"{operation} {request['TableName']} {next(iter(values.values()))['S']}"


class CannedDynamoDB(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    answers: dict[str, Any]

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        content = json.dumps(self.answers[asked(self.headers["X-Amz-Target"].partition(".")[2], request)]).encode()
        self.send_response(200)
        for name, value in {"Length": len(content), "Type": "application/x-amz-json-1.0"}.items():
            self.send_header(f"Content-{name}", str(value))
        self.send_header("X-Amz-Crc32", str(zlib.crc32(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: object) -> None:
        pass


def serve(file: str) -> None:
    CannedDynamoDB.answers = json.loads(Path(file).read_text())
    with ThreadingHTTPServer(("127.0.0.1", 0), CannedDynamoDB) as server:
        print(server.server_port, flush=True)
        server.serve_forever()


@contextmanager
def dynamodb(file: Path) -> Iterator[int]:
    """Its port."""
    command = [sys.executable, "-m", "benchmarks.canned_dynamodb", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            yield int(process.stdout.readline())  # type: ignore[union-attr]
        finally:
            process.kill()


def items(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"Items": rows, "Count": len(rows), "ScannedCount": len(rows)}


def our_answers() -> tuple[dict[str, Any], str]:
    """A menu, and the restaurants of a cell, which is named as well."""
    from benchmarks.menu_page import restaurant_and_dishes
    from benchmarks.near import templates
    from catalog.models import Card
    from core import geo

    restaurant, dishes = restaurant_and_dishes(DISHES)
    restaurant.describe_menu(restaurant.sections, dishes)
    menu = [record.serialize() | VERSION for record in (*dishes, restaurant)]
    cell = geo.cell_at(*restaurant.position)
    here = Card.all_of(restaurant)[0].serialize()
    place = {name: here[name] for name in ("country", "time_zone", "currency")}
    place |= VERSION | {"pk": {"S": f"cell#{cell}"}}
    cards = [
        card | place | {"sk": {"S": f"{number * 10:05d}#r{number}"}, "restaurant": {"S": f"r{number}"}}
        for number, (_, card) in zip(range(CARDS), cycle(templates()), strict=False)
    ]
    catalogue = "Query foodforthought-catalog"
    answers = {f"{catalogue} restaurant#bench": items(menu), f"{catalogue} cell#{cell}": items(cards)}
    answers["BatchGetItem foodforthought-availability"] = {
        "Responses": {"foodforthought-availability": []},
        "UnprocessedKeys": {},
    }
    return answers, cell


def bare_answers(bodies: dict[str, str]) -> dict[str, Any]:
    """Rows that make pages as long as ours; our document."""
    answers: dict[str, Any] = {
        "GetItem bare json": {"Item": {"page": {"S": "json"}, "number": {"N": "0"}, "document": {"S": bodies["json"]}}}
    }
    for name, count in {"menu": DISHES + 1, "list": ROWS_SHOWN}.items():
        rows = []
        for number, row in enumerate(cut(bodies[name], count)):
            parts = {f"{'mt'[place % 2]}{place // 2}": part for place, part in enumerate(cut(row, 12))}
            parts |= {name: plain(part) for name, part in parts.items() if name[0] == "t"}
            texts = {key: {"S": part} for key, part in parts.items()}
            rows.append({"page": {"S": name}, "number": {"N": str(number)}} | texts)
        answers[f"Query bare {name}"] = items(rows)
    return answers


def plain(part: str) -> str:
    """As long as before when it is escaped."""
    return html.unescape(part).translate(dict.fromkeys(map(ord, "<>&\"'"), "·"))


def cut(text: str, count: int) -> list[str]:
    return [text[place * len(text) // count : (place + 1) * len(text) // count] for place in range(count)]


if __name__ == "__main__":
    serve(sys.argv[1])
