"""Signing in at a certified OpenID provider (npm's oidc-provider) on the loopback, through its own pages, in Chromium."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import playwright
import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pydantic import SecretStr

from pipeline.db.accounts import AccountRepository
from pipeline.db.audit import AuditLog
from pipeline.model.accounts import Grant
from pipeline.model.roles import Role
from pipeline.settings import OidcSettings
from pipeline.web.accounts.oidc import Provider
from pipeline.web.app import create_app
from samples.press import launch
from tests.databases import new_database
from tests.unit.shelf import Shelf

FOLDER = Path(__file__).parents[3] / "outside"
NODE = Path(playwright.__file__).parent / "driver" / "node"
SECRET = "a secret of 32 signs, + and / in it"
WAY = "abhilekh_way"
CLOCKS = {"right": 0, "behind": 400}  # seconds; ID tokens hold for 300

pytestmark = pytest.mark.skipif(
    not (FOLDER / "node_modules").exists(), reason="oidc-provider is not here: script/setup --dev installs it with npm"
)


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccountRepository]:
    database = new_database(tmp_path_factory.mktemp("people") / "people.db")
    found = AccountRepository(database, idle=timedelta(hours=1), whole=timedelta(hours=12))
    found.add("k.sharma", "कविता शर्मा", [Grant(Role.OFFICER)], outside=True)
    yield found
    database.close()


@pytest.fixture(scope="module")
def addresses(people: AccountRepository) -> Iterator[dict[str, str]]:
    """Where the application listens, with a provider whose clock is right, and one whose clock is behind."""
    listening = {}
    with ExitStack() as all_of_them:
        for clock, behind in CLOCKS.items():
            app = create_app(Shelf(), among=people, audit_log=AuditLog(people.database))
            listening[clock] = all_of_them.enter_context(served(app))
            issuer = all_of_them.enter_context(provider(listening[clock], behind))
            settings = {
                "issuer": issuer,
                "client_id": "abhilekh",
                "client_secret": SecretStr(SECRET),
                "title_en": "Sagar SSO",
            }
            app.state.provider = Provider(OidcSettings(**settings))
        yield listening


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The address at which the application listens until the end of the block."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.02)
        assert thread.is_alive()
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@contextmanager
def provider(origin: str, behind: int) -> Iterator[str]:
    """The issuer of a provider that knows the application at its address."""
    command = [str(NODE), str(FOLDER / "provider.mjs"), origin, str(behind)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as running:
        assert running.stdout is not None
        try:
            yield running.stdout.readline().strip()
        finally:
            running.terminate()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as tools, closing(launch(tools)) as browser:
        yield browser


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with closing(chromium.new_context(locale="en-IN")) as context:
        yield context.new_page()


def go_there(page: Page, address: str, name: str) -> None:
    """From our sign-in page to the provider's, and through both of its pages, up to the last click."""
    page.goto(f"{address}/login?next=/account")
    page.get_by_role("link", name="Sign in with Sagar SSO").click()
    page.locator("input[name=login]").fill(name)
    page.locator("input[name=password]").fill("anything")
    page.get_by_role("button", name="Sign-in").click()


def come_back(page: Page) -> None:
    page.get_by_role("button", name="Continue").click()


def changed_way(context: BrowserContext, address: str, part: str) -> None:
    """Have the browser keep another value of what it left with: `s` state, `n` nonce, `v` verifier."""
    cookie = next(one for one in context.cookies() if one["name"] == WAY and one["domain"] in address)
    kept = dict(parse_qsl(unquote(cookie["value"])))
    kept[part] = "another-one-that-is-as-long-as-it-has-to-be-for-a-verifier"
    context.add_cookies([{"name": WAY, "value": quote(urlencode(kept), safe=""), "url": address}])


def test_somebody_is_linked_signs_in_at_the_provider_and_out_of_both(
    addresses: dict[str, str], people: AccountRepository, page: Page
) -> None:
    go_there(page, addresses["right"], "k.sharma")
    come_back(page)
    page.get_by_role("alert").wait_for()
    assert "is not linked to the account “k.sharma” yet" in page.get_by_role("alert").inner_text()
    waiting = people.identities.requests()
    assert [one.person for one in waiting] == ["k.sharma"]
    assert waiting[0].pin in page.get_by_role("alert").inner_text()
    people.identities.confirm("k.sharma", waiting[0].pin)
    page.goto(f"{addresses['right']}/login/outside?next=/account")
    page.wait_for_url("**/account")
    assert "कविता शर्मा" in page.locator("main").inner_text() + page.locator("header").inner_text()

    page.get_by_role("button", name="Sign out").click()
    page.get_by_text("You are signed out.").wait_for()
    page.get_by_role("link", name="Sagar SSO", exact=True).click()  # signed out here, not yet there
    page.get_by_role("button", name="Yes, sign me out").click()
    page.wait_for_url("**/login")
    page.get_by_role("link", name="Sign in with Sagar SSO").click()
    page.locator("input[name=password]").wait_for()  # the next one at this computer is asked who they are


def test_a_stranger_is_known_there_and_not_let_in_here(addresses: dict[str, str], page: Page) -> None:
    go_there(page, addresses["right"], "stranger")
    come_back(page)

    page.get_by_role("alert").wait_for()
    assert "“stranger” is not entered here" in page.get_by_role("alert").inner_text()


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ("s", "the way back does not belong to the way there"),
        ("n", "what the provider says of you cannot be trusted"),
        ("v", "the provider does not answer as it should"),  # it refuses a code whose challenge does not fit
    ],
)
def test_a_way_back_that_is_not_the_way_there_lets_nobody_in(
    addresses: dict[str, str], page: Page, part: str, message: str
) -> None:
    go_there(page, addresses["right"], "k.sharma")
    changed_way(page.context, addresses["right"], part)
    come_back(page)

    page.get_by_role("alert").wait_for()
    assert message in page.get_by_role("alert").inner_text()
    page.goto(f"{addresses['right']}/account")
    assert urlsplit(page.url).path == "/login"


def test_an_id_token_that_has_run_out_lets_nobody_in(addresses: dict[str, str], page: Page) -> None:
    go_there(page, addresses["behind"], "k.sharma")
    come_back(page)

    page.get_by_role("alert").wait_for()
    assert "what the provider says of you cannot be trusted" in page.get_by_role("alert").inner_text()
