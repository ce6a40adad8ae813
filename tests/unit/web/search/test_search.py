"""The search page beyond the box: filters with counts, other readings, groups, order, CSV, suggestions, kept searches."""

from __future__ import annotations

import asyncio
import csv
import re
from dataclasses import replace
from datetime import date
from io import StringIO
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest

from pipeline import errors
from pipeline.db import saved_searches
from pipeline.db.saved_searches import SavedSearches
from pipeline.model.accounts import Grant
from pipeline.model.document import DocumentState
from pipeline.model.roles import Role
from pipeline.model.search import Answer, Hit, Order, Query, Understanding
from pipeline.web.search import view_models
from tests.signing import open_app, people
from tests.unit.shelf import HIT, Shelf, get


def post(path: str, shelf: Shelf, grants: tuple[Grant, ...] = (Grant(Role.OFFICER),), **sent: object) -> httpx.Response:
    app, headers = open_app(shelf, grants)

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1") as client:
            return await client.request(str(sent.pop("method", "POST")), path, headers=headers, **sent)  # type: ignore[arg-type]

    return asyncio.run(ask())


def links(page: str, text: str) -> list[dict[str, list[str]]]:
    """The questions of the links that hold a text."""
    found = re.findall(r'<a href="/\?([^"]*)"[^>]*>((?:(?!</a>).)*)</a>', page, re.S)
    return [
        parse_qs(query.replace("&amp;", "&"))
        for query, inside in found
        if text in re.sub(r"(<[^>]+>|\s)+", " ", inside)
    ]


def test_filters_show_their_counts_and_lead_to_the_narrower_question() -> None:
    page = get("/?q=x&kind=letter&sort=newest", "en").text

    year = {"q": ["x"], "from": ["2018"], "to": ["2018"], "kind": ["letter"], "sort": ["newest"]}
    assert year in links(page, "2018 1")
    assert links(page, "Sagar &lt;office&gt; 3")[0]["office"] == ["sagar"]
    assert links(page, "1783/आ०लि०/2018-19 2")[0]["file_no"] == ["1783/आ०लि०/2018-19"]
    assert links(page, "reviewed 2")[-1]["status"] == ["reviewed"]
    assert links(page, "Letter 4") == [{"q": ["x"], "sort": ["newest"]}]  # it is on: the link takes it away


def test_a_filter_with_one_value_that_everything_has_is_not_offered() -> None:
    assert links(get("/?q=x", "en").text, "Letter 4") == []


def test_filters_and_order_reach_the_library() -> None:
    shelf = Shelf()
    get("/?q=x&status=reviewed&sort=oldest", shelf=shelf)

    asked = shelf.asked[0]
    assert (asked.state, asked.order, asked.facets) == (DocumentState.REVIEWED, Order.OLDEST, True)
    for bad in ("status=lost", "sort=loudest"):
        assert get(f"/?q=x&{bad}").status_code == 400


def test_how_the_question_was_understood_is_told_with_what_else_to_ask() -> None:
    understood: Understanding = {
        "readings": {"gram": ["ग्राम", "गरम"]},
        "also": {"सोनपुरा": ["सोनपुग"]},
        "did_you_mean": "ग्राम सोनपुरा",
        "match": "most",
        "without": ["निरस्त"],
        "filters": {"from": "2018-01-01", "file": "12/4"},
        "file_key": "12/4/2018",
        "tiers": ["file", "exact"],
    }
    page = get("/?q=Gram+सोनपुरा+x&kind=letter", "en", shelf=Shelf(understood=understood)).text

    assert links(page, "गरम") == [{"q": ["गरम सोनपुरा x"], "kind": ["letter"]}]
    assert links(page, "सोनपुग") == [{"q": ["Gram सोनपुग x"], "kind": ["letter"]}]
    assert links(page, "Only exactly")[0]["q"] == ['"Gram सोनपुरा x"']
    assert links(page, "ग्राम सोनपुरा")[0]["q"] == ["ग्राम सोनपुरा"]
    assert {"kind": ["letter"], "file_no": ["12/4/2018"]} in links(page, "12/4/2018")
    for text in ("hold most of them", "1 January 2018", "निरस्त"):
        assert text in page


def test_hits_stand_together_by_document_and_file() -> None:
    def hit(document: str, page: int, key: str | None, office: str = "sagar") -> Hit:
        return replace(HIT, document=document, page=page, file_key=key, office=office)

    hits = (hit("a", 1, "1/2"), hit("a", 2, "1/2"), hit("b", 1, None), hit("c", 1, "1/2"), hit("d", 1, "1/2", "rewa"))
    found = view_models.groups(hits, Order.BEST)

    grouped = [(group.key, [[one.page for one in part.hits] for part in group.documents]) for group in found]
    assert grouped == [("1/2", [[1, 2], [1]]), (None, [[1]]), ("1/2", [[1]])]
    assert [len(group.documents) for group in view_models.groups(hits, Order.NEWEST)] == [1, 1, 1, 1]


def test_results_come_as_a_list_for_a_spreadsheet_without_formulas() -> None:
    class Sly(Shelf):
        def search(self, query: Query) -> Answer:
            self.asked.append(query)
            return Answer(query.text, {}, 1, 1.0, (replace(HIT, subject="=1+1"),))

    shelf = Sly()
    answer = get("/results.csv?q=x&kind=letter&offset=20", "en", shelf=shelf, grants=[Grant(Role.OFFICER, "sagar")])
    rows = list(csv.reader(StringIO(answer.text.removeprefix("\ufeff"))))

    assert (
        answer.headers["content-type"].startswith("text/csv")
        and "abhilekh-results.csv" in answer.headers["content-disposition"]
    )
    assert rows[0][:3] == ["File number", "Subject", "Date"] and rows[1][:3] == [HIT.file_no, "'=1+1", "2004-11-07"]
    assert rows[1][-1] == "http://127.0.0.1/documents/d1/pages/1"
    assert (shelf.asked[0].limit, shelf.asked[0].offset, shelf.asked[0].offices) == (1000, 0, frozenset({"sagar"}))
    assert get("/results.csv?kind=nonsense").status_code == 400


def test_suggestions_stay_within_ones_offices() -> None:
    assert get("/api/v1/suggest?q=%20सीमां%00", grants=[Grant(Role.OFFICER, "rewa")]).json() == {
        "suggestions": ["सीमां rewa"]
    }
    assert get("/api/v1/suggest?q=%20").json() == {"suggestions": []}


def test_a_search_is_kept_found_again_and_forgotten_by_its_owner_alone() -> None:
    shelf = Shelf()
    asked = f"q={quote('मरम्मत')}&kind=letter&evil=1&offset=40"
    done = post("/searches", shelf, data={"asked": asked, "name": "  मेरी   खोज "})

    assert done.status_code == 303 and parse_qs(urlsplit(done.headers["location"]).query)["q"] == ["मरम्मत"]
    page = get("/", grants=[Grant(Role.OFFICER)], shelf=shelf).text
    assert links(page, "मेरी खोज") == [{"q": ["मरम्मत"], "kind": ["letter"]}]
    assert "मेरी खोज" not in get("/", grants=[Grant(Role.AUDITOR)], shelf=shelf).text

    ident = re.findall(r"/searches/(\w+)/forget", page)[0]
    assert post(f"/searches/{ident}/forget", shelf, (Grant(Role.AUDITOR),)).status_code == 404
    assert post(f"/searches/{ident}/forget", shelf).status_code == 303
    assert "मेरी खोज" not in get("/", grants=[Grant(Role.OFFICER)], shelf=shelf).text
    assert post("/searches", shelf, data={"asked": "sort=newest"}).headers["location"] == "/"


def test_programs_keep_searches_too() -> None:
    shelf = Shelf()
    made = post("/api/v1/searches", shelf, json={"query": "q=bridge&from=2004", "name": ""})

    assert made.status_code == 201 and made.json()["name"] == "bridge" and made.json()["query"] == "q=bridge&from=2004"
    listed = get("/api/v1/searches", grants=[Grant(Role.OFFICER)], shelf=shelf).json()["searches"]
    assert made.json()["id"] in [one["id"] for one in listed]
    path = f"/api/v1/searches/{made.json()['id']}"
    assert [post(path, shelf, method="DELETE").status_code for _ in range(2)] == [204, 404]
    assert post("/api/v1/searches", shelf, json={"query": "from=never"}).status_code == 400


def test_nobody_keeps_more_searches_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_searches, "MOST", 2)
    people().add("hoarder", "", [Grant(Role.OFFICER)])
    kept = SavedSearches(people().database)
    kept.save("hoarder", "a", "q=1")
    kept.save("hoarder", "b", "q=2")

    assert kept.save("hoarder", "a", "q=3").asked == "q=3" and len(kept.of("hoarder")) == 2
    with pytest.raises(errors.TooManySearchesError):
        kept.save("hoarder", "c", "q=4")


def test_a_date_of_a_kept_search_is_read_again_each_time() -> None:
    shelf = Shelf()
    get("/?q=x&from=2004&to=2004", shelf=shelf)

    assert (shelf.asked[0].since, shelf.asked[0].until) == (date(2004, 1, 1), date(2004, 12, 31))
