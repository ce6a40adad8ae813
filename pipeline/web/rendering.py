"""Turn values into HTML in the visitor's language: one Jinja environment a language, everything escaped.

What a page shows is decided by its route; here are only the template engine, its filters and the way out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import cache, partial
from pathlib import Path
from urllib.parse import quote

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.responses import HTMLResponse

from pipeline import __version__
from pipeline.locale import LANGUAGES, N_, terms_in_use, translations
from pipeline.locale.formatting import day_in_words, moment_in_words, number_in_words, script_of
from pipeline.model.accounts import Person
from pipeline.model.review import DATES
from pipeline.model.roles import Right
from pipeline.web import assets, language, services
from pipeline.web.security import permissions

TEMPLATES = Path(__file__).parent / "templates"
MENU = (  # place, address, name, and the right that it is shown to
    ("search", "/", N_("Search"), Right.VIEW),
    ("scanning", "/scanning", N_("Scanning"), Right.SCAN),
    ("review", "/review", N_("Review"), Right.REVIEW),
    ("progress", "/progress", N_("Progress"), Right.BOARD),
    ("status", "/status", N_("System status"), Right.SCAN),
    ("audit", "/audit", N_("Audit log"), Right.AUDIT),
    ("users", "/users", N_("Users"), Right.ADMINISTER),
)
EVERYWHERE = ("status", "audit", "users")  # tell of all offices
NO_STORE = {"Cache-Control": "no-store"}  # office PCs are shared: no record stays behind in the browser's cache


@cache
def environment(code: str, terms: str) -> Environment:
    """The templates as they read in the language `code`, with a set of terms."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(translations(code, terms), newstyle=True)  # type: ignore[attr-defined]
    made.filters |= {
        "day": partial(day_in_words, language=code),
        "moment": partial(moment_in_words, language=code),
        "grouped": partial(number_in_words, language=code),
        "script": script_of,
        "marked": marked,
        "percent": percent,
        "dated": partial(dated, language=code),
        "typed_date": typed_date,
    }
    made.globals |= {
        "language": code,
        "languages": LANGUAGES,
        "version": __version__,
        "asset": assets.address,
        "csrf_field": csrf_field,
        "date_fields": DATES,
    }
    return made


def render(request: Request, template: str, *, http_status: int = 200, **values: object) -> HTMLResponse:
    """A whole page as a response. `here` is the address of this page, for the language switch."""
    code = language.chosen(request)
    query = f"?{request.url.query}" if request.url.query else ""
    person, csrf = permissions.visitor(request), permissions.visitor_of(request).csrf
    menu = [(place, address, name) for place, address, name, right in MENU if _leads(person, place, right)]
    here = quote(request.url.path) + query
    frame = {"here": here, "person": person, "menu": menu, "csrf": csrf, "office_name": _office_namer(request, code)}
    html = environment(code, terms_in_use()).get_template(template).render(**frame, **values)
    headers = {"Content-Language": code, "Vary": "Cookie, Accept-Language"} | NO_STORE
    return HTMLResponse(html, http_status, headers)


def _office_namer(request: Request, code: str) -> Callable[[str], str]:
    """What gives an office's name by its code, or the code where the register has none. The names are read once, at need."""
    names: dict[str, str] = {}

    def name_of(office: str) -> str:
        if not names:
            names.update({"": ""} | services.of(request).office_names(code))
        return names.get(office, office)

    return name_of


def _leads(person: Person, place: str, right: Right) -> bool:
    return person.offices(right) is None if place in EVERYWHERE else person.may_somewhere(right)


@pass_context
def csrf_field(context: Context) -> Markup:
    """The hidden field by which a form shows that it is ours."""
    return Markup('<input type="hidden" name="csrf" value="{}">').format(context["csrf"])


def marked(text: str, marks: Iterable[tuple[int, int]]) -> list[tuple[str, bool]]:
    """Cut `text` into pieces, each with whether it is marked. Marks may overlap, touch or reach too far."""
    pieces: list[tuple[str, bool]] = []
    done = 0
    for first, last in sorted(marks):
        start, end = max(first, done), min(last, len(text))
        if start >= end:
            continue
        pieces += [(text[done:start], False), (text[start:end], True)]
        done = end
    return [piece for piece in [*pieces, (text[done:], False)] if piece[0]]


def dated(text: str, *, language: str) -> str:
    """A day written 2004-11-07 in words; anything else as it is."""
    try:
        return day_in_words(date.fromisoformat(text), language)
    except ValueError:
        return text


def typed_date(day: date | str) -> str:
    """A day as people type it, 07-11-2004, of a date or of one written 2004-11-07; anything else as it is."""
    if isinstance(day, date):
        return f"{day:%d-%m-%Y}"
    try:
        return f"{date.fromisoformat(day):%d-%m-%Y}"
    except ValueError:
        return day


def percent(box: Sequence[float]) -> list[str]:
    """Fractions of a page as the lengths an SVG rectangle takes."""
    return [f"{share * 100:.3f}%" for share in box]
