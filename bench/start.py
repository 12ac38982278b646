"""From starting the process to the first acknowledgement over HTTP, and the memory it holds when idle."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from bench.rig import SECRET, Row, form, signed
from store.keyring import new_key

BARE = """
import os
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
secret, url = os.environ["SLACK_SIGNING_SECRET"], os.environ["SLACK_API_URL"]
app = AsyncApp(token="xoxb-bench", signing_secret=secret, client=AsyncWebClient("xoxb-bench", base_url=url))
@app.command("/order")
async def order(ack):
    await ack()
app.start(port=int(os.environ["SHIPCLERK_HTTP_PORT"]))
"""


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _first_ack(port: int, process: subprocess.Popen[bytes], begin: float) -> float:
    while process.poll() is None and time.perf_counter() - begin < 20:
        body = form("/order", "1001")
        asked = urllib.request.Request(f"http://127.0.0.1:{port}/slack/events", body, signed(body))
        try:
            with urllib.request.urlopen(asked, timeout=5) as answer:
                assert answer.status == 200
                return time.perf_counter() - begin
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.01)
    raise RuntimeError("it did not start")


def _resident_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def _run(url: str, command: list[str]) -> tuple[float, float]:
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "SLACK_BOT_TOKEN": "xoxb-bench",
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": f"{url}/api/",
            "SHIPCLERK_MODE": "http",
            "SHIPCLERK_HTTP_PORT": str(port),
            "SHIPCLERK_DATABASE": f"{folder}/private/bench.db",
            "SHIPCLERK_VAULT_KEYS": new_key(),
            **{f"{back_end}_BASE_URL": url for back_end in ("QUIVO", "VENDO", "QPILOT")},
            "SHIPCLERK_LOG_LEVEL": "WARNING",
        }
        begin = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            taken = _first_ack(port, process, begin)
            time.sleep(2)
            return taken, _resident_mb(process.pid)
        finally:
            process.terminate()
            process.wait(timeout=30)


def measure(url: str) -> list[Row]:
    """The median of three starts of each."""
    mine = sorted(_run(url, [sys.executable, "-m", "bot", "run"]) for _ in range(3))
    theirs = sorted(_run(url, [sys.executable, "-c", BARE]) for _ in range(3))
    return [
        Row("start to first ack", mine[1][0], theirs[1][0], "s", "ours ≤ 1.5 s"),
        Row("resident memory, idle", mine[1][1], theirs[1][1], "MB", "ours ≤ 110 MB"),
    ]
