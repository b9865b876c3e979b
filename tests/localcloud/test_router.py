"""What the router passes on, with a region that tells what it got."""

import asyncio
import json
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from localcloud.layout import Layout
from localcloud.router import LOCATION_COOKIE, Router
from tests.cloud import free_ports


def test_the_routers_own_cookie_goes_no_further_and_others_as_they_were_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = tmp_path / "requests.jsonl"
    monkeypatch.setenv("FFT_RECORD", str(record))
    layout = Layout(port=free_ports(len(Layout().ports())), data=tmp_path)
    router = Router(layout, "us-east-1")
    router.failures = dict.fromkeys(router.failures, 0)

    async def region(request: web.Request) -> web.Response:
        response = web.json_response({"cookie": request.headers.get("Cookie")})
        response.set_cookie("seen", "1")
        return response

    async def ask(cookies: str) -> str | None:
        here = web.Application()
        here.router.add_route("*", "/{path:.*}", region)
        between = web.Application()
        between.router.add_route("*", "/{path:.*}", router.handle)
        runners = [web.AppRunner(here), web.AppRunner(between)]
        for runner, port in zip(runners, (layout.web_port("us-east-1"), layout.port), strict=True):
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", port).start()
        async with ClientSession() as router.session, ClientSession() as browser:
            headers = {"Host": f"na.{layout.domain}", "Cookie": cookies}
            async with browser.get(f"http://127.0.0.1:{layout.port}/basket/", headers=headers) as answer:
                got: str | None = (await answer.json())["cookie"]
        for runner in runners:
            await runner.cleanup()
        return got

    assert asyncio.run(ask(f'basket=a:"b=c; {LOCATION_COOKIE}=us-east-1; odd')) == 'basket=a:"b=c; odd'
    assert asyncio.run(ask(f"{LOCATION_COOKIE}=us-east-1")) is None
    first, _ = map(json.loads, record.read_text().splitlines())
    assert (first["path"], first["status"]) == ("/basket/", 200)
    assert first["cookies"] == ['basket=a:"b=c', f"{LOCATION_COOKIE}=us-east-1", "odd"]
    assert first["set"] == ["seen=1; Path=/"]


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"Accept-Encoding": "gzip"},
        {"Accept-Encoding": "identity", "Accept": "text/html"},
        {"Accept": "*/*", "User-Agent": "curl/8"},
        {"Accept-Encoding": "br;q=0.5, gzip"},
    ],
)
def test_a_region_is_asked_for_what_the_client_asks_for(tmp_path: Path, sent: dict[str, str]) -> None:
    """By the router's own session: one that adds `Accept-Encoding` gets gzip for a client that cannot read it."""
    layout = Layout(port=free_ports(len(Layout().ports())), data=tmp_path)
    router = Router(layout, "us-east-1")
    asked = ("Accept", "Accept-Encoding", "User-Agent", "Content-Type")

    async def region(request: web.Request) -> web.Response:
        return web.json_response({name: request.headers[name] for name in asked if name in request.headers})

    async def ask() -> dict[str, str]:
        here, between = web.Application(), web.Application()
        here.router.add_route("*", "/{path:.*}", region)
        between.router.add_route("*", "/{path:.*}", router.handle)
        between.cleanup_ctx.append(router.life)
        runners = [web.AppRunner(here), web.AppRunner(between)]
        for runner, port in zip(runners, (layout.web_port("us-east-1"), layout.port), strict=True):
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", port).start()
        router.failures = dict.fromkeys(router.failures, 0)
        async with ClientSession(skip_auto_headers=asked) as browser:
            headers = {"Host": f"us-east-1.na.{layout.domain}", **sent}
            async with browser.get(f"http://127.0.0.1:{layout.port}/", headers=headers) as answer:
                got: dict[str, str] = await answer.json()
        for runner in reversed(runners):
            await runner.cleanup()
        return got

    assert asyncio.run(ask()) == sent
