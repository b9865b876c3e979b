"""Screenshots of every page, on a phone and on a wide screen, in the light and in the dark."""

import shutil
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from localcloud.layout import Layout
from localcloud.walk import walk

WIDTHS = (1280, 320)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
HEIGHT = 900
SHEET_WIDTH = 1800
JPEG_QUALITY = 45


def find_browser() -> str:
    """The Chromium or Chrome of this machine."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not found:
        raise FileNotFoundError("No Chromium or Chrome was found; `make chromium` installs it.")
    return found


def take(layout: Layout, everything: Path, sheets: Path) -> list[Path]:
    """Whole pages into `everything`, as PNG, and one sheet of them per scheme into `sheets`; a running laptop cloud is needed."""
    everything.mkdir(parents=True, exist_ok=True)
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=arguments)
        try:
            for scheme in SCHEMES:
                walks = [_walk(browser, layout, everything, width, scheme) for width in WIDTHS]
                _sheet(
                    browser.new_page(viewport={"width": SHEET_WIDTH, "height": HEIGHT}),
                    everything,
                    sheets,
                    scheme,
                    walks[0],
                )
        finally:
            browser.close()
    return sorted(everything.glob("*.png"))


def _walk(browser: Browser, layout: Layout, to: Path, width: int, scheme: Literal["light", "dark"]) -> list[str]:
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHT}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    names = []
    for number, name in enumerate(walk(page, f"http://na.{layout.domain}"), start=1):
        names.append(f"{number:02d} {name}")
        page.screenshot(path=to / _file(names[-1], width, scheme), full_page=True)
    context.close()
    return names


def _sheet(page: Page, pictures: Path, to: Path, scheme: str, names: list[str]) -> None:
    figures = [
        "<figure>"
        + "".join(f'<img src="{_file(name, width, scheme)}" class="w{width}">' for width in WIDTHS)
        + f"<figcaption>{name[3:]}</figcaption></figure>"
        for name in names
    ]
    html = pictures / f"{scheme}.html"
    html.write_text(
        f"<!doctype html><meta charset=utf-8><style>{_STYLE}</style><main class={scheme}>{''.join(figures)}</main>"
    )
    page.goto(html.as_uri())
    page.screenshot(path=to / f"pages-{scheme}.jpg", type="jpeg", quality=JPEG_QUALITY, full_page=True)
    page.close()


def _file(name: str, width: int, scheme: str) -> str:
    return f"{name.replace(' ', '-').replace(',', '')}-{width}-{scheme}.png"


_STYLE = """
body { margin: 0 } main { display: grid; grid-template-columns: repeat(4, 1fr); gap: 24px; padding: 24px; font: 15px system-ui }
main.dark { background: #000; color: #fff } main.light { background: #ddd }
figure { margin: 0; display: grid; grid-template-columns: 300px 100px; gap: 8px; align-items: start }
img { width: 100%; object-fit: cover; object-position: top; border-radius: 6px }
.w1280 { aspect-ratio: 1280 / 900 } .w320 { aspect-ratio: 320 / 900 }
figcaption { grid-column: 1 / -1 }
"""
