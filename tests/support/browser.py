"""Debian's Chromium without a screen, driven as a person would, by keys and the mouse, over its DevTools protocol."""

import asyncio
import base64
import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp

PROGRAM = "chromium"
QUIET = (
    "--headless=new",
    "--no-sandbox",  # tests may run as root
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--mute-audio",
    "--autoplay-policy=user-gesture-required",
    "--remote-debugging-port=0",
)
KEYS = {
    "ArrowUp": 38,
    "ArrowDown": 40,
    "ArrowLeft": 37,
    "ArrowRight": 39,
    "Enter": 13,
    "Tab": 9,
    " ": 32,
    "Home": 36,
    "End": 35,
    "Delete": 46,
}
SHIFT = 8
SECONDS = 30


class Page:
    """A tab. What it asks for is in `requests`, with what it sends, and what goes wrong in it in `errors`."""

    def __init__(self, loop: asyncio.AbstractEventLoop, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._loop, self._socket, self._last = loop, socket, 0
        self.requests: list[tuple[str, str]] = []
        self.errors: list[str] = []
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """A command of the protocol, and its result."""
        return self._loop.run_until_complete(asyncio.wait_for(self._sent(method, parameters), SECONDS))

    async def _sent(self, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        self._last += 1
        await self._socket.send_json({"id": self._last, "method": method, "params": parameters})
        while True:
            told = json.loads((await self._socket.receive()).data)
            if told.get("id") == self._last:
                assert "error" not in told, (method, told["error"])
                return told["result"]
            self._note(told)

    def _note(self, told: dict[str, Any]) -> None:
        match told["method"], told["params"]:
            case "Network.requestWillBeSent", {"request": {"url": url, **request}}:
                self.requests.append((url, request.get("postData", "")))
            case "Runtime.exceptionThrown", {"exceptionDetails": details}:
                self.errors.append(str(details))
            case "Log.entryAdded", {"entry": {"level": "error", **entry}}:
                self.errors.append(str(entry))

    def open(self, url: str) -> None:
        """Go to a page."""
        self.send("Page.navigate", url=url)
        self.until("document.readyState === 'complete'")

    def run(self, code: str) -> Any:
        """What an expression gives, of which promises are waited for."""
        told = self.send("Runtime.evaluate", expression=code, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def until(self, code: str) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + SECONDS
        while not self.run(f"!!({code})"):
            assert time.monotonic() < end, f"not so in {SECONDS} s: {code}; {self.errors}"
            time.sleep(0.03)

    def key(self, key: str, times: int = 1, shift: bool = False) -> None:
        """Press a key."""
        told = {"key": key, "code": "Space" if key == " " else key, "modifiers": SHIFT * shift}
        told |= {"windowsVirtualKeyCode": KEYS[key]}
        text = {" ": " ", "Enter": "\r"}.get(key)
        for _ in range(times):
            self.send("Input.dispatchKeyEvent", type="keyDown", **told, **({"text": text} if text else {}))
            self.send("Input.dispatchKeyEvent", type="keyUp", **told)

    def type(self, text: str) -> None:
        """Write into what has the focus, as input methods do."""
        self.send("Input.insertText", text=text)

    def middle(self, selector: str) -> tuple[float, float]:
        """Where the middle of an element is, once it has been scrolled to."""
        place = f"document.querySelector({json.dumps(selector)})"
        self.run(f"{place}.scrollIntoView({{block: 'center', inline: 'center'}})")
        box = self.run(
            f"(({{x, y, width, height}}) => [x + width / 2, y + height / 2])({place}.getBoundingClientRect())"
        )
        return box[0], box[1]

    def click(self, selector: str) -> None:
        """Click into the middle of an element."""
        self.drag(selector, 0, 0)

    def drag(self, selector: str, right: float, down: float) -> None:
        """Drag an element by so many pixels."""
        x, y = self.middle(selector)
        self._mouse("mousePressed", x, y)
        for part in range(1, 5) if right or down else ():
            self._mouse("mouseMoved", x + right * part / 4, y + down * part / 4)
        self._mouse("mouseReleased", x + right, y + down)

    def _mouse(self, kind: str, x: float, y: float) -> None:
        self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=1, clickCount=1)

    def save_to(self, folder: Path) -> None:
        """Let downloads go to a folder."""
        self.send("Page.setDownloadBehavior", behavior="allow", downloadPath=str(folder))

    def tree(self) -> list[dict[str, Any]]:
        """What those are told who do not see the page: roles, names and values."""
        nodes = self.send("Accessibility.getFullAXTree")["nodes"]
        return [{key: node.get(key, {}).get("value") for key in ("role", "name", "value")} for node in nodes]

    def screenshot(self, path: Path, width: int = 1200, height: int = 1250) -> None:
        """A picture of the page as PNG."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        path.write_bytes(base64.b64decode(self.send("Page.captureScreenshot")["data"]))


@contextmanager
def browser(folder: Path, language: str = "en") -> Iterator[Page]:
    """A browser whose files lie in a folder, and that asks for pages in a language."""
    chosen = [f"--lang={language}", f"--accept-lang={language}", f"--user-data-dir={folder}", "about:blank"]
    process = subprocess.Popen([PROGRAM, *QUIET, *chosen], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    loop = asyncio.new_event_loop()
    session = socket = None
    try:
        port = _port(folder / "DevToolsActivePort", process)
        session = loop.run_until_complete(_session())
        socket = loop.run_until_complete(_socket(session, port))
        yield Page(loop, socket)
    finally:
        for open_one in (socket, session):
            if open_one is not None:
                loop.run_until_complete(open_one.close())
        process.terminate()
        process.wait()
        loop.close()


def _port(path: Path, process: subprocess.Popen[bytes]) -> int:
    end = time.monotonic() + SECONDS
    while not (path.exists() and path.read_text().count("\n")):
        assert process.poll() is None and time.monotonic() < end, "Chromium does not start"
        time.sleep(0.05)
    return int(path.read_text().split()[0])


async def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession()


async def _socket(session: aiohttp.ClientSession, port: int) -> aiohttp.ClientWebSocketResponse:
    async with session.get(f"http://127.0.0.1:{port}/json") as answer:
        (tab,) = [tab for tab in await answer.json() if tab["type"] == "page"]
    return await session.ws_connect(tab["webSocketDebuggerUrl"], max_msg_size=0)
