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
