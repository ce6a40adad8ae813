"""A flood of password guesses against a running installation, and how long others wait meanwhile.

    .venv/bin/python -m bench.guesses http://127.0.0.1:8420

All guesses come from one address and are wrong; afterwards that address has to wait, so use an installation made for it.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections import Counter

import httpx

GUESSES, NAMES = 200, 40
LOOKS, PAUSE_SECONDS = 40, 0.05


async def flood(address: str) -> str:
    """What became of the guesses, and the waits of somebody who opens the sign-in page again and again."""
    many = httpx.Limits(max_connections=GUESSES + 10)
    waits: list[float] = []
    async with httpx.AsyncClient(base_url=address, timeout=120, limits=many) as client:

        async def look() -> None:
            for _ in range(LOOKS):
                begun = time.monotonic()
                (await client.get("/login")).raise_for_status()
                waits.append(time.monotonic() - begun)
                await asyncio.sleep(PAUSE_SECONDS)

        async def guess(number: int) -> int:
            form = {"name": f"name{number % NAMES}", "password": f"guess {number}"}
            return (await client.post("/login", data=form)).status_code

        begun = time.monotonic()
        _, *answers = await asyncio.gather(look(), *map(guess, range(GUESSES)))
        seconds = time.monotonic() - begun
    counted = Counter(answers)
    return (
        f"{GUESSES} guesses in {seconds:.1f} s: {counted[401]} judged and wrong, {counted[429]} refused unjudged. "
        f"Others waited {statistics.median(waits):.3f} s in the middle, {max(waits):.2f} s at most."
    )


if __name__ == "__main__":
    sys.stdout.write(asyncio.run(flood(sys.argv[1])) + "\n")
