"""A headless Chromium on pages that `verify report` has written; screenshots are kept in build/screenshots."""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.report.certificates import dead_certificates, with_words
from tests.report.test_render import HOSTILE
from verifier.cli import main

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "build" / "screenshots"
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps"),
)
CASES = (
    "docs/example.toml",
    "docs/near.toml",
    "cases/liang2018/relu-unit-on-its-kink.toml",
    "cases/liang2018/weight-decay-quartic-saddle.toml",
    "cases/trained/kinked-two-relu.toml",
    "cases/patterns/relu-hexagon-width-1.toml",
)
Start = Callable[..., "Browser"]


def missing() -> str:
    """What keeps these tests from running; empty if nothing does."""
    lacking = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
    lacking += [] if importlib.util.find_spec("selenium") else ["selenium"]
    return f"needs {', '.join(lacking)}: make test-browser" if lacking else ""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reason = missing()
    for item in items:
        if reason and Path(item.path).is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.skip(reason=reason))


@dataclass
class Browser:
    """A page in a browser, and what it has asked for and complained of."""

    driver: Chrome

    def open(self, page: Path) -> None:
        self.driver.get(page.as_uri())

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def complaints(self) -> list[str]:
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> set[str]:
        """The addresses that were asked for since the last call."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return {m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"}

    def screenshot(self, name: str) -> Path:
        """The whole page as a picture."""
        import base64

        height = self.run("return Math.ceil(document.documentElement.getBoundingClientRect().height)")
        width = self.run("return window.innerWidth")
        clip = {"x": 0, "y": 0, "width": width, "height": min(height, 16_000), "scale": 1}
        settings = {"captureBeyondViewport": True, "clip": clip}
        found = self.driver.execute_cdp_cmd("Page.captureScreenshot", settings)
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        target = SCREENSHOTS / f"{name}.png"
        target.write_bytes(base64.b64decode(found["data"]))
        return target

    def prefer(self, scheme: str) -> None:
        """Light or dark."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def resize(self, width: int) -> None:
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reports on some cases and on hostile words, with their index."""
    folder = tmp_path_factory.mktemp("pages")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        assert main(["--out", str(folder), "--no-reports", "-q", *CASES]) == 0
        for number, words in enumerate(HOSTILE):
            place = folder / "hostile" / str(number)
            place.mkdir(parents=True)
            for k, one in enumerate(dead_certificates()):
                changed = with_words(one, title=words, source=words, notes=words)
                (place / f"{k}.cert.json").write_text(json.dumps(changed), encoding="utf-8")
        assert main(["report", "--out", str(folder), str(folder)]) == 0
    return folder


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Start a browser, with or without JavaScript; all are ended with the session."""
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    drivers: list[Chrome] = []

    def begin(javascript: bool = True) -> Browser:
        options = ChromeOptions()
        options.binary_location = shutil.which("chromium") or ""
        for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}", "--window-size=1000,900"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        if not javascript:
            setting = {"profile.managed_default_content_settings.javascript": 2}
            options.add_experimental_option("prefs", setting)
        drivers.append(Chrome(options=options, service=Service(shutil.which("chromedriver"))))
        return Browser(drivers[-1])

    yield begin
    for driver in drivers:
        driver.quit()


@pytest.fixture(scope="session")
def browser(start: Start) -> Browser:
    return start()
