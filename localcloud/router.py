"""The laptop's Route 53: health checks, and every request to the nearest healthy region. `python -m localcloud.router`.

Route 53 asks every 10 or 30 seconds and needs three failures; here it is every second and two, so that trying things out is fun.

`FFT_RECORD` may name a file: each request is then written there as a line of JSON, with the cookies that it brought and those
that were set.
"""

import argparse
import asyncio
import contextlib
import html
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector, web
from multidict import CIMultiDict

from localcloud.layout import DOMAIN, Layout
from localcloud.routing import Place, candidates, place_of
from regions import topology

HEALTH_SECONDS = 1.0
HEALTH_TIMEOUT_SECONDS = 2.0
FAILURES_TO_UNHEALTHY = 2
ANSWER_SECONDS = 5.0
LOCATION_COOKIE = "laptop_location"
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "proxy-connection"}

NOT_ADDED = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
"""A region sees what the client sent: one that did not ask for gzip could not read it."""


class Router:
    def __init__(self, layout: Layout, near: str) -> None:
        self.layout = layout
        self.topology = topology.current()
        self.near = near
        self.record = os.environ.get("FFT_RECORD")
        self.failures = dict.fromkeys(self.topology.regions, FAILURES_TO_UNHEALTHY)  # unhealthy until seen healthy
        self.session: ClientSession

    @property
    def healthy(self) -> set[str]:
        return {name for name, failures in self.failures.items() if failures < FAILURES_TO_UNHEALTHY}

    async def life(self, application: web.Application) -> AsyncIterator[None]:
        connector = TCPConnector(limit=0)
        async with ClientSession(
            connector=connector, cookie_jar=DummyCookieJar(), auto_decompress=False, skip_auto_headers=NOT_ADDED
        ) as self.session:
            checks = [asyncio.create_task(self._check(name)) for name in self.topology.regions]
            yield
            for check in checks:
                check.cancel()
            await asyncio.gather(*checks, return_exceptions=True)

    async def _check(self, region: str) -> None:
        while True:
            self.failures[region] = 0 if await self._is_ready(region) else self.failures[region] + 1
            await asyncio.sleep(HEALTH_SECONDS)

    async def _is_ready(self, region: str) -> bool:
        timeout = ClientTimeout(total=HEALTH_TIMEOUT_SECONDS)
        try:
            async with self.session.get(f"{self.layout.web_url(region)}/health/ready", timeout=timeout) as answer:
                return answer.status == 200
        except (ClientError, TimeoutError):
            return False

    async def handle(self, request: web.Request) -> web.StreamResponse:
        host = request.headers.get("Host", "").lower()
        if host == f"router.{self.layout.domain}":
            return self._control(request)
        response = await self._route(request, host)
        self._record(request, host, response)
        return response

    async def _route(self, request: web.Request, host: str) -> web.Response:
        regions = candidates(host, place=self._place(request), healthy=self.healthy, topology=self.topology)
        if not regions:
            return failure(request, 503, "No region is healthy", "No region that this name leads to is healthy.")
        body = await request.read()
        # A request that may have changed something is never sent twice.
        tries = regions[:2] if request.method in ("GET", "HEAD") else regions[:1]
        for region in tries:
            with contextlib.suppress(ClientError, TimeoutError):
                return await self._pass_on(request, region, body)
        return failure(
            request,
            504,
            f"{tries[-1]} does not answer",
            f"{tries[-1]} did not answer within {ANSWER_SECONDS:g} seconds. Whether it has done what was asked is "
            "unknown. The other endpoints still work.",
        )

    async def _pass_on(self, request: web.Request, region: str, body: bytes) -> web.Response:
        headers = CIMultiDict((k, v) for k, v in request.headers.items() if k.lower() not in HOP_BY_HOP)
        headers["X-Forwarded-For"] = request.remote or ""
        # Where one is to this router is its own business.
        headers.popall("Cookie", None)
        if cookies := [cookie for cookie in _cookies(request) if not cookie.startswith(f"{LOCATION_COOKIE}=")]:
            headers["Cookie"] = "; ".join(cookies)
        async with self.session.request(
            request.method,
            f"{self.layout.web_url(region)}{request.raw_path}",
            headers=headers,
            data=body or None,
            allow_redirects=False,
            timeout=ClientTimeout(total=ANSWER_SECONDS),
        ) as answer:
            content = await answer.read()
        passed = CIMultiDict((k, v) for k, v in answer.headers.items() if k.lower() not in HOP_BY_HOP)
        if request.method != "HEAD":
            passed.pop("Content-Length", None)
        return web.Response(status=answer.status, reason=answer.reason, headers=passed, body=content)

    def _record(self, request: web.Request, host: str, response: web.Response) -> None:
        if self.record:
            seen = {"host": host, "method": request.method, "path": request.path, "status": response.status}
            seen |= {"cookies": _cookies(request), "set": response.headers.getall("Set-Cookie", [])}
            with Path(self.record).open("a") as file:
                file.write(json.dumps(seen) + "\n")

    def _place(self, request: web.Request) -> Place:
        chosen = request.cookies.get(LOCATION_COOKIE, "").strip('"')
        place = place_of(chosen, self.topology) or place_of(self.near, self.topology)
        if place is None:
            raise ValueError(f"“{self.near}” is neither a region nor “latitude,longitude”")
        return place

    def _control(self, request: web.Request) -> web.Response:
        if request.path == "/status.json":
            return web.json_response({name: name in self.healthy for name in self.topology.regions})
        chosen = request.query.get("near")
        if chosen is not None:
            redirect = web.Response(status=303, headers={"Location": "/"})
            if place_of(chosen, self.topology):
                redirect.set_cookie(LOCATION_COOKIE, chosen, domain=DOMAIN, samesite="Lax")
            return redirect
        return web.Response(text=self._page(request), content_type="text/html")

    def _page(self, request: web.Request) -> str:
        place = self._place(request)
        order = candidates(self.layout.domain, place=place, healthy=self.healthy, topology=self.topology)
        rows = "".join(
            f"<tr><td>{name}</td><td>{region.title}</td><td>{region.jurisdiction}</td>"
            f"<td>{'healthy' if name in self.healthy else '<b>not healthy</b>'}</td>"
            f"<td>{'← the bare domain leads here' if order[:1] == [name] else ''}</td>"
            f'<td><a href="/?near={name}">be near</a></td></tr>'
            for name, region in self.topology.regions.items()
        )
        url = html.escape(f"http://{self.layout.domain}/")
        return PAGE.format(rows=rows, url=url, latitude=place.latitude, longitude=place.longitude)


def _cookies(request: web.Request) -> list[str]:
    """One by one, as they were sent: what an application reads into them is not the router's to judge."""
    sent = ";".join(request.headers.getall("Cookie", ())).split(";")
    return [cookie.strip() for cookie in sent if cookie.strip()]


PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="3"><title>Router of the laptop cloud</title>
<style>:root{{color-scheme:light dark}}body{{font:1rem/1.5 system-ui;max-width:56rem;margin:2rem auto;padding:0 1rem}}
td{{padding:.3rem .8rem .3rem 0}}</style>
<h1>Router of the laptop cloud</h1>
<p>You are at {latitude:.2f}, {longitude:.2f}. It decides which region is the nearest for this browser.</p>
<table>{rows}</table><p><a href="{url}">Go to the front page</a></p></html>"""


def failure(request: web.Request, status: int, title: str, detail: str) -> web.Response:
    if request.path.startswith("/api/"):
        document = {"type": "about:blank", "title": title, "status": status, "detail": detail}
        return web.json_response(document, status=status, content_type="application/problem+json")
    page = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><h1>{title}</h1><p>{detail}</p></html>'
    return web.Response(status=status, text=page, content_type="text/html")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--near", default=topology.current().master)
    options = parser.parse_args()
    router = Router(Layout(port=options.port), options.near)
    application = web.Application(client_max_size=8 * 1024 * 1024)
    application.router.add_route("*", "/{path:.*}", router.handle)
    application.cleanup_ctx.append(router.life)
    # On SIGTERM no new connection is taken, and what is under way may finish.
    web.run_app(application, host="127.0.0.1", port=options.port, print=None, access_log=None, shutdown_timeout=5)


if __name__ == "__main__":
    main()
