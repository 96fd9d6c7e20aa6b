"""The server over loopback, client included: rows a second in batches, and the time of single rows from many clients.

    python -m benchmarks.server
    python -m benchmarks.server --seconds 5 --workers 1

Run it on cores that are free; `bermudan` has ten inputs. Every answer is read whole; the first of each kind is also checked.
"""

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jax
import numpy as np
import uvloop
from benchmarks.support.results import save

import neuralrates as nr

BUNDLE, BATCH, STREAMS, CLIENTS = "bermudan", 1000, 4, 32
_WARM, _SAMPLED = 30.0, 5.0
MAIN = "from neuralrates.cli import main; main()"


@contextmanager
def server(workers: int, *bundles: str):
    """Port of a server of its own with some bundles, and its process."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    command = [sys.executable, "-c", MAIN, "serve", "--port", str(port), "--workers", str(workers)]
    command += [part for name in bundles for part in ("--bundle", name)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except ConnectionRefusedError:
                    assert process.poll() is None, "the server has ended"
                    time.sleep(0.1)
            yield port, process.pid
        finally:
            process.terminate()
            process.wait()


def request(rows: np.ndarray) -> bytes:
    """A whole request for the prices of some rows."""
    body = json.dumps({"points": rows.tolist()}).encode()
    head = (
        f"POST /v1/points/{BUNDLE} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def exchange(streams, content: bytes) -> tuple[int, bytes]:
    """Send a request, read the whole answer."""
    reader, writer = streams
    writer.write(content)
    await writer.drain()
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
    return int(head.split()[1]), await reader.readexactly(length)


async def client(port: int, content: bytes, until: float, seconds: list, faults: list) -> None:
    """One connection that asks again as soon as it is answered."""
    streams = await asyncio.open_connection("127.0.0.1", port, limit=1 << 24)
    while time.perf_counter() < until:
        start = time.perf_counter()
        status, _ = await exchange(streams, content)
        seconds.append(time.perf_counter() - start)
        if status != 200:
            faults.append(status)
    streams[1].close()


async def sampled(pid: int, until: float, megabytes: list) -> None:
    """Memory of the server, every few seconds."""
    while time.perf_counter() < until:
        megabytes.append(round(memory(pid)))
        await asyncio.sleep(_SAMPLED)


async def load(
    port: int, pid: int, content: bytes, clients: int, duration: float
) -> dict[str, Any]:
    """Closed-loop load of some clients, after a while to warm: the watch compiles its reference."""
    for lasting in (min(_WARM, duration), duration):
        seconds: list[float] = []
        faults: list[int] = []
        megabytes: list[int] = []
        start = time.perf_counter()
        until = start + lasting
        await asyncio.gather(
            *(client(port, content, until, seconds, faults) for _ in range(clients)),
            sampled(pid, until, megabytes),
        )
        passed = time.perf_counter() - start
    return {
        "requests_per_second": len(seconds) / passed,
        "milliseconds_median": 1e3 * float(np.quantile(seconds, 0.5)),
        "milliseconds_99_percent": 1e3 * float(np.quantile(seconds, 0.99)),
        "faults": len(faults),
        "megabytes": megabytes,
    }


async def check(port: int, content: bytes, size: int) -> None:
    """Raise unless every row is priced by the network."""
    streams = await asyncio.open_connection("127.0.0.1", port, limit=1 << 24)
    status, body = await exchange(streams, content)
    answer = json.loads(body)
    assert status == 200, body
    assert answer["engine"] == ["learned"] * size
    assert len(answer["derivatives"]["tau"]) == size
    streams[1].close()


def memory(pid: int) -> float:
    """Megabytes resident of a process and those that it started."""
    known, total = {pid}, 0.0
    for folder in sorted(Path("/proc").glob("[0-9]*"), key=lambda one: int(one.name)):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if int(folder.name) in known or parent in known:
                known.add(int(folder.name))
                pages = int((folder / "statm").read_text().split()[1])
                total += pages * os.sysconf("SC_PAGE_SIZE") / 2**20
        except (OSError, ValueError):
            continue
    return total


def main() -> None:
    """Measure, print and save."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--dry", action="store_true", help="print, save nothing")
    asked = parser.parse_args()
    bundle = nr.bundles.load(BUNDLE)
    points = np.asarray(bundle.domain.sample(jax.random.key(0), BATCH))
    batch, single = request(points), request(points[:1])
    results: dict[str, object] = {"workers": asked.workers, "seconds": asked.seconds}
    with server(asked.workers, BUNDLE) as (port, pid):
        uvloop.run(check(port, batch, BATCH))
        uvloop.run(check(port, single, 1))
        found = uvloop.run(load(port, pid, batch, STREAMS, asked.seconds))
        found["rows_per_second"] = BATCH * found["requests_per_second"]
        results["batches_of_1000"] = found
        results["single_rows_of_32_clients"] = uvloop.run(
            load(port, pid, single, CLIENTS, asked.seconds / 4)
        )
    for name, value in results.items():
        print(f"{name}: {value}")
    print("loads:", os.getloadavg())
    if not asked.dry:
        print(f"saved to {save('server', results)}")


if __name__ == "__main__":
    main()
