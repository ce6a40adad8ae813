"""Sign in to a running installation as its first administrator: for tests, pictures and measuring."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import httpx

PASSWORD = "नीला घोड़ा सात पहाड़"  # noqa: S105 - of invented people in invented homes


@cache
def sign_in(address: str, home: Path) -> dict[str, str]:
    """The cookies of the first administrator, who sets the password by the link that the web part left in the home."""
    with httpx.Client(base_url=address, timeout=30) as client:
        link = home / "run" / "welcome"
        if link.exists():
            path = re.sub(r"^https?://[^/]+", "", link.read_text(encoding="utf-8").strip())
            done = client.post(path, data={"password": PASSWORD, "again": PASSWORD})
        else:  # somebody has signed in to this home before
            done = client.post("/login", data={"name": "admin", "password": PASSWORD})
        if done.status_code != httpx.codes.SEE_OTHER:
            raise RuntimeError(f"nobody could sign in: {done.status_code}")
        return dict(client.cookies)


def as_browser(cookies: dict[str, str], address: str) -> list[dict[str, str]]:
    """The cookies as Playwright's contexts take them."""
    return [{"name": name, "value": value, "url": address} for name, value in cookies.items()]
