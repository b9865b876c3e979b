"""The network between the regions: every way from one region's processes to another's AWS is a port here.

`python -m localcloud.links`. Requests pass as they are, until `localcloud.faults` says that a link is cut or slow, or that its
target throttles or refuses. A region reaches its own AWS directly.
"""

import argparse
import asyncio
import contextlib
import json
import random
import re
from asyncio import StreamReader, StreamWriter
from functools import partial

from localcloud.faults import LOOK_SECONDS, LinkFault, Watch
from localcloud.layout import Layout

CONNECT_SECONDS = 5.0
CHUNK = 64 * 1024
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_IS_PUT = re.compile(rb"\r\nx-amz-target: *DynamoDB_\d+\.PutItem\r\n", re.IGNORECASE)


class Links:
    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.watch = Watch(layout.faults_file)
        self.random = random.Random(0)
        self._seed = 0

    async def run(self) -> None:
        servers = [
            await asyncio.start_server(partial(self._carry, source, target), "127.0.0.1", port)
            for (source, target), port in self.layout.link_ports().items()
        ]
        await asyncio.gather(*(server.serve_forever() for server in servers))

    async def _carry(self, source: str, target: str, reader: StreamReader, writer: StreamWriter) -> None:
        """One connection, until either side ends it."""
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
            connecting = asyncio.open_connection("127.0.0.1", self.layout.aws_port(target))
            far_reader, far_writer = await asyncio.wait_for(connecting, CONNECT_SECONDS)
            answers = asyncio.create_task(self._answer(source, target, far_reader, writer))
            try:
                while request := await read_request(reader):
                    fault = self._fault(source, target)
                    if fault.cut:
                        await self._hold(source, target, reader)
                        break
                    await asyncio.sleep(fault.delay_ms / 1000)
                    answer = answer_of(fault, request, self.random)
                    receiver = writer if answer else far_writer
                    receiver.write(answer or request)
                    await receiver.drain()
            finally:
                answers.cancel()
                far_writer.close()
        writer.close()

    async def _answer(self, source: str, target: str, far_reader: StreamReader, writer: StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while chunk := await far_reader.read(CHUNK):
                if self._fault(source, target).cut:
                    break  # done over there, and never known here
                writer.write(chunk)
                await writer.drain()
            writer.close()

    async def _hold(self, source: str, target: str, reader: StreamReader) -> None:
        """Silence, until the sender gives up or the link is whole; what was sent is lost."""
        while self._fault(source, target).cut and not reader.at_eof():
            await asyncio.sleep(LOOK_SECONDS)

    def _fault(self, source: str, target: str) -> LinkFault:
        faults = self.watch.now()
        if faults.seed != self._seed:
            self._seed, self.random = faults.seed, random.Random(faults.seed)
        return faults.link(source, target)


async def read_request(reader: StreamReader) -> bytes:
    """A whole HTTP request as boto sends it; empty when there are no more."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    length = _LENGTH.search(head)
    return head + (await reader.readexactly(int(length[1])) if length else b"")


def answer_of(fault: LinkFault, request: bytes, chance: random.Random) -> bytes | None:
    """What the target says instead of doing it; None when it does it. Only puts are throttled or refused."""
    if not (fault.throttled or fault.refused) or not _IS_PUT.search(request):
        return None
    if fault.refused and fault.refused.encode() in request:
        return _error("com.amazon.coral.validate#ValidationException", "One or more parameter values are not valid.")
    if chance.random() < fault.throttled:
        kind = "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"
        return _error(kind, "The level of configured provisioned throughput for the table was exceeded.")
    return None


def _error(kind: str, message: str) -> bytes:
    body = json.dumps({"__type": kind, "message": message}).encode()
    head = (
        f"HTTP/1.1 400 Bad Request\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True, help="of the router")
    options = parser.parse_args()
    asyncio.run(Links(Layout(port=options.port)).run())


if __name__ == "__main__":
    main()
