"""The AWS of this process, moto, for other processes: a server that is all services of all regions."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from moto.core.models import botocore_stubber


class Server(ThreadingHTTPServer):
    daemon_threads = True
    is_away = False  # every call fails
    asked: list[str]  # the services, call by call


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status, headers, content = (500, {}, b"{}") if self.server.is_away else self.answer(body)
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "date", "server"):
                self.send_header(name, str(value))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def answer(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """What moto says; the signature names the region and the service."""
        _, _, region, service, _ = self.headers["Authorization"].partition("Credential=")[2].split(",")[0].split("/")
        self.server.asked.append(service)
        url = f"https://{service}.{region}.amazonaws.com{self.path}"
        headers = HTTPHeaders.from_dict(dict(self.headers))
        request = AWSPreparedRequest("POST", url, headers, body, stream_output=False)
        answered = botocore_stubber.process_request(request)
        assert answered, url
        status, answer_headers, content = answered
        return status, answer_headers, content.encode() if isinstance(content, str) else content

    def log_message(self, *arguments: object) -> None:
        pass


@contextmanager
def serve_moto() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as server:
        server.asked = []
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
