"""What the audit log's page calls the things and the details of an event, which are recorded as addresses and short names.

Values in, msgids out; the recorded values themselves stand in the CSV and the API.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pipeline.locale import N_
from pipeline.model.accounts import EVERY_OFFICE
from pipeline.web.accounts.users import ROLES
from pipeline.web.labels import KINDS, STATES
from pipeline.web.search.view_models import ORDERS

_METHOD = re.compile(r"(?:GET|HEAD|OPTIONS|POST|PUT|PATCH|DELETE) (?=/)")
_API = "/api/v1"
_FILE, _DOCUMENT, _PAGE = N_("file %(key)s"), N_("document %(ident)s"), N_("document %(ident)s, page %(number)s")
_THINGS = (  # the first that fits; addresses of earlier versions among them
    (r"/(?:documents|iiif/documents)/(?P<ident>[^/]+)/pages/(?P<number>\d+)(?:/.*)?", _PAGE),
    (r"/iiif/images/(?P<ident>[^/]+)/(?P<number>\d+)(?:/.*)?", _PAGE),
    (r"/(?:documents|iiif/documents)/(?P<ident>[^/]+)(?:/.*)?", _DOCUMENT),
    (r"/review/(?:next|number)", N_("Review")),
    (r"/review/(?P<ident>[^/]+)(?:/.*)?", _DOCUMENT),
    (r"/review", N_("Review")),
    (r"/iiif/files/[^/]+/(?P<key>.+)/manifest\.json", _FILE),
    (r"/(?:register/)?files/[^/]+/(?P<key>.+?)(?:/(?:count|reconcile|close|reopen))?", _FILE),
    (r"/samples/(?P<sample>[^/]+)(?:/.*)?", N_("sample %(sample)s")),
    (r"/samples", N_("Samples for acceptance")),
    (
        r"(?:/scanning|/watch)?/batches/(?P<batch>[^/]+)/pages/(?P<page>\d+)(?:/.*)?",
        N_("batch %(batch)s, page %(page)s"),
    ),
    (r"(?:/scanning|/watch)?/batches/(?P<batch>[^/]+)(?:/.*)?", N_("batch %(batch)s")),
    (r"(?:(?:/scanning|/watch)/upload|/uploads)(?:/.*)?", N_("Send scans")),
    (r"/scanning/rescans|/watch/again|/again", N_("Pages to be scanned again")),
    (r"(?:/scanning|/watch)?/blank", N_("Pages taken for blank")),
    (r"(?:/scanning|/watch)(?:/.*)?", N_("Scanning")),
    (r"/(?:progress|board)(?:/.*)?", N_("Progress")),
    (r"/audit(?:\.csv)?", N_("Audit log")),
    (r"/(?:users|people|identities)(?:/.*)?", N_("Users")),
    (r"/tokens(?:/.*)?", N_("Tokens of programs")),
    (r"/register(?:/.*)?", N_("Register")),
    (r"/status", N_("System status")),
    (r"/searches(?:/.*)?", N_("Saved searches")),
    (r"/(?:results|search)\.csv", N_("List for a spreadsheet (CSV)")),
    (r"/(?:search|suggest)?", N_("Search")),
    (r"/(?:account|login|logout|welcome)(?:/.*)?", N_("My account")),
)
_PATTERNS = [(re.compile(pattern), msgid) for pattern, msgid in _THINGS]
_LINKED = ("/documents/", "/files/", "/review/", "/samples/")  # addresses that open as they were recorded
DID = {  # what was done to a user, a token or one's own code
    "add": N_("added"),
    "grant": N_("role assigned"),
    "revoke": N_("role removed"),
    "link": N_("identity linked"),
    "refuse link": N_("link refused"),
    "enable": N_("made active"),
    "disable": N_("made inactive"),
    "renew": N_("renewed"),
    "unlock": N_("unlocked"),
    "reset": N_("new link given"),
    "token": N_("token made"),
    "end token": N_("token ended"),
}
WHY = {  # codes of errors
    "not_allowed": N_("the role does not allow it"),
    "not_found": N_("not there, or of another office"),
    "sign_in": N_("not signed in"),
    "wrong_login": N_("wrong name or password"),
    "wrong_code": N_("wrong code"),
    "too_many_tries": N_("too many attempts"),
    "forged_request": N_("not sent by a page of this installation"),
    "too_large": N_("too large"),
    "identity": N_("identity not accepted"),
    "identity_unlinked": N_("identity not linked"),
}
_VALUES = {  # the names that a detail may have, by the name of the detail
    "did": DID,
    "why": WHY,
    "role": {role.value: title for role, title in ROLES.items()},
    "kind": {kind.value: title for kind, title in KINDS.items()},
    "state": {state.value: title for state, title in STATES.items()},
    "sort": {order.value: title for order, title in ORDERS.items()},
    "office": {EVERY_OFFICE: N_("every office")},
}


@dataclass(frozen=True, slots=True)
class Thing:
    """What an event is about: a msgid with its values, and the address that opens it; or a text as it was recorded."""

    text: str
    msgid: str = ""
    values: dict[str, str] = field(default_factory=dict)
    address: str = ""


def thing(what: str) -> Thing:
    """What an event is about, in words where it is an address."""
    path = _METHOD.sub("", what, count=1).removeprefix(_API)
    for pattern, msgid in _PATTERNS:
        if path.startswith("/") and (found := pattern.fullmatch(path)):
            address = path if path == what and path.startswith(_LINKED) and found.groupdict() else ""
            return Thing(what, msgid, found.groupdict(), address)
    return Thing(what)


def value_label(name: str, value: object) -> str:
    """The msgid of a detail's value; empty for one that is shown as it was recorded."""
    return _VALUES.get(name, {}).get(str(value), "")
