"""Brings more orders than a running stack can take, and prints what became of them.

Standard library alone. A few steady callers place orders one after the other, first by themselves, which finds what the
stack can do, and then while a crowd brings several times that, each of the crowd at its own even pace whether or not it
was refused; meanwhile /health is asked every 50 ms. Latencies are those of answers with 201, from the first byte sent
to the last one read.
"""

import argparse
import asyncio
import collections
import json
import random
import time


class Caller:
    """One kept connection."""

    def __init__(self, host, port):
        self.address = (host, port)
        self.streams = None

    async def connect(self):
        if self.streams is None:
            self.streams = await asyncio.open_connection(*self.address)

    async def call(self, method, path, body=b""):
        """Gives status and Retry-After; (0, None) where the connection did not last."""
        try:
            await self.connect()
            reader, writer = self.streams
            head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
            answer = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)).decode().lower()
            fields = dict(line.split(": ", 1) for line in answer.split("\r\n")[1:] if ": " in line)
            await asyncio.wait_for(reader.readexactly(int(fields.get("content-length", 0))), 30)
            if fields.get("connection") == "close":
                self.close()
            return int(answer.split(" ")[1]), fields.get("retry-after")
        except (OSError, EOFError, asyncio.TimeoutError, asyncio.LimitOverrunError):
            self.close()
            return 0, None

    def close(self):
        if self.streams:
            self.streams[1].close()
        self.streams = None


class Tally:
    def __init__(self):
        self.statuses = collections.Counter()
        self.accepted = []
        self.without_retry_after = 0

    def add(self, status, retry_after, seconds):
        self.statuses[status] += 1
        if status == 201:
            self.accepted.append(seconds)
        if status in (429, 503) and retry_after is None:
            self.without_retry_after += 1


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))] * 1000 if values else float("nan")


async def place(caller, tally, until, pace=0.0):
    """One after the other; with a pace, at most one in so many seconds, the first at a random moment."""
    due = time.monotonic() + random.random() * pace
    body = json.dumps({"user_id": "flood", "amount": "0.01", "description": "flood"}).encode()
    while time.monotonic() < until:
        # The pace of the load, which is what this program is for.
        await asyncio.sleep(max(0, due - time.monotonic()))
        due = max(due + pace, time.monotonic())
        started = time.monotonic()
        status, retry_after = await caller.call("POST", "/orders", body)
        tally.add(status, retry_after, time.monotonic() - started)
        if status == 0:
            # As a caller does whose connection was ended: not again at once.
            await asyncio.sleep(0.05)


async def ask_health(host, port, latencies, failures, until):
    caller = Caller(host, port)
    while time.monotonic() < until:
        started = time.monotonic()
        status, _ = await caller.call("GET", "/health")
        latencies.append(time.monotonic() - started)
        if status != 200:
            failures.append(status)
        await asyncio.sleep(0.05)


async def phase(name, host, port, steady, crowd, seconds, rate=1.0):
    """Gives how many orders were accepted in a second."""
    calm, loud, health, failures = Tally(), Tally(), [], []
    callers = [Caller(host, port) for _ in range(steady + crowd)]
    for caller in callers:
        await caller.connect()
    until = time.monotonic() + seconds
    await asyncio.gather(
        ask_health(host, port, health, failures, until),
        *(place(caller, calm, until) for caller in callers[:steady]),
        *(place(caller, loud, until, crowd / rate) for caller in callers[steady:]))
    both = calm.statuses + loud.statuses
    accepted = calm.accepted + loud.accepted
    print(f"{name}: {steady + crowd} connections, {seconds} s")
    print(f"  asked {sum(both.values()) / seconds:.0f}/s, accepted {both[201] / seconds:.0f}/s")
    print(f"  accepted: {len(calm.accepted)} of the steady callers', {len(loud.accepted)} of the crowd's")
    print(f"  accepted: p50 {percentile(accepted, .5):.0f} ms, p99 {percentile(accepted, .99):.0f} ms")
    others = ", ".join(f"{status}: {count}" for status, count in sorted(both.items()) if status != 201)
    print(f"  other answers: {others or 'none'} (0 is a connection that ended)")
    print(f"  429 and 503 without Retry-After: {calm.without_retry_after + loud.without_retry_after}")
    print(f"  /health: {len(health)} asked, {len(failures)} failed, p50 {percentile(health, .5):.0f} ms, "
          f"p99 {percentile(health, .99):.0f} ms")
    return both[201] / seconds


def resident(pids):
    sizes = []
    for pid in pids:
        with open(f"/proc/{pid}/status") as status, open(f"/proc/{pid}/comm") as name:
            line = next(line for line in status if line.startswith("VmRSS"))
            sizes.append(f"{name.read().strip()} {int(line.split()[1]) // 1024}")
    return ", ".join(sizes) or "not asked for"


async def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--steady", type=int, default=16, help="callers at rest")
    parser.add_argument("--crowd", type=int, default=800, help="callers that come on top")
    parser.add_argument("--times", type=float, default=2, help="how much the crowd brings, in times of what is accepted")
    parser.add_argument("--pid", type=int, action="append", default=[], help="whose memory to print")
    options = parser.parse_args()
    caller = Caller(options.host, options.port)
    await caller.call("POST", "/accounts?user_id=flood")
    await caller.call("POST", "/accounts/flood/deposit", b'{"amount":"1000000"}')
    place_ = (options.host, options.port, options.steady)
    await phase("warm-up", *place_, 0, 3)
    print(f"resident MiB: {resident(options.pid)}")
    capacity = await phase("at rest", *place_, 0, options.seconds)
    print(f"the crowd brings {options.times * capacity:.0f}/s, {options.times} times as much")
    await phase("flood", *place_, options.crowd, options.seconds, options.times * capacity)
    await phase("after", *place_, 0, options.seconds)
    print(f"resident MiB: {resident(options.pid)}")


asyncio.run(main())
