"""A real browser: what it shows, at which width, in which scheme, and what axe-core finds in it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from selenium.common.exceptions import TimeoutException, WebDriverException
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

AXE = Path(__file__).with_name("axe") / "axe-4.14.1.min.js"
AXE_DIGEST = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
PATIENCE_S = 30.0
WIDE, NARROW = 1440, 375
T = TypeVar("T")


class Browser:
    """One window of Chromium, without a screen."""

    def __init__(self, folder: Path) -> None:
        options = ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for word in ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "hide-scrollbars"):
            options.add_argument(f"--{word}")
        options.add_argument(f"--user-data-dir={folder}")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = Chrome(options, ChromeService("/usr/bin/chromedriver"))
        self.resize(WIDE)

    def close(self) -> None:
        self.driver.quit()

    def open(self, address: str) -> None:
        self.driver.get(address)

    def resize(self, width: int, height: int = 900) -> None:
        """So many pixels of page."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def scheme(self, name: str) -> None:
        """Light or dark."""
        wanted = {"features": [{"name": "prefers-color-scheme", "value": name}]}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", wanted)

    @contextmanager
    def without_scripts(self) -> Iterator[None]:
        """As a browser that runs none."""
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        try:
            yield
        finally:
            self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})

    # --- what is there -------------------------------------------------------------------------

    def find(self, selector: str) -> WebElement:
        """The first that is meant, once it is there."""
        return self.until(lambda: self.driver.find_element(By.CSS_SELECTOR, selector), selector)

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector: str = "body") -> str:
        """Its words, once it is there; asked again when the page changes in between."""
        return self.until(lambda: (self.driver.find_element(By.CSS_SELECTOR, selector).text,), selector)[0]

    def click(self, selector: str) -> None:
        """Press the first that is meant, once it is there."""

        def press() -> bool:
            self.driver.find_element(By.CSS_SELECTOR, selector).click()
            return True

        self.until(press, selector)

    def run(self, script: str, *told: object) -> Any:
        return self.driver.execute_script(script, *told)

    def until(self, claim: Callable[[], T], shown: str = "") -> T:
        """Look until it is so; what is not there yet is waited for."""
        waiting = WebDriverWait(self.driver, PATIENCE_S, 0.05, (WebDriverException,))
        try:
            return waiting.until(lambda _: claim())
        except TimeoutException:
            page = self.driver.find_element(By.TAG_NAME, "body").text
        raise AssertionError(f"not so: {shown}\n{self.driver.current_url}\n{page[:3000]}")

    def sees(self, words: str, selector: str = "main") -> str:
        """Wait until these words are shown there; the whole text."""

        def shown() -> str:
            text = self.text(selector)
            return text if words in text else ""

        return self.until(shown, f"no {words!r}")

    def source(self) -> str:
        return str(self.driver.page_source)

    def press(self, *keys: str) -> None:
        """Keys, to whatever has the focus."""
        for key in keys:
            self.driver.switch_to.active_element.send_keys(key)

    def tab_to(self, is_there: Callable[[WebElement], bool], limit: int = 200) -> WebElement:
        """Tab until that has the focus: what cannot be reached so is not for the keyboard."""
        for _ in range(limit):
            self.press(Keys.TAB)
            focused = self.driver.switch_to.active_element
            if is_there(focused):
                return focused
        raise AssertionError("nothing like that can be reached with the keyboard")

    def picture(self, path: Path) -> None:
        """The whole page."""
        size = self.run(
            "return [document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
        )
        self.resize(self.run("return innerWidth"), max(900, size[1]))
        self.driver.save_screenshot(str(path))

    def complaints(self) -> list[str]:
        """What the console has: scripts that failed, and what the policy refused."""
        said = self.driver.execute("getLog", {"type": "browser"})["value"]
        return [str(each["message"]) for each in said if each["level"] == "SEVERE"]

    def findings(self) -> list[str]:
        """What axe-core finds on this page, by all its rules but those of a house style."""
        if not self.run("return Boolean(window.axe)"):
            script = AXE.read_bytes()
            assert sha256(script).hexdigest() == AXE_DIGEST
            self.run(script.decode())
        found: Mapping[str, Any] = self.driver.execute_async_script(
            "const done = arguments[0]; axe.run(document, {resultTypes: ['violations']}).then(done)"
        )
        return [
            f"{each['id']}: {each['help']}: {node['html'][:200]} {node['failureSummary']}"
            for each in found["violations"]
            for node in each["nodes"]
        ]
