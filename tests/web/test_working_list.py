"""A list in an address: what it narrows, sorts and shows; and a file in which nothing is a formula."""

import io
from datetime import date

from multidict import MultiDict
from openpyxl import load_workbook

from web import working_list
from web.working_list import Column, Filter, Line

COLUMNS = (Column("name", "单位"), Column("late", "晚办", number=True), Column("note", "说明", shown=False))
STANDS = Filter("stands", "情况", [("late", "逾期"), ("fine", "按时")])
YEAR = Filter("year", "年份", [("2026", "2026年"), ("2025", "2025年")], fixed="2026")
LINES = [
    Line({"name": "水务局", "late": 10, "note": "=1+1"}, {"stands": "late"}, id=1),
    Line({"name": "医保局", "late": 9, "note": None}, {"stands": "fine"}, id=2),
    Line({"name": "教育局", "late": 0, "note": date(2026, 3, 6)}, {"stands": "fine"}, id=3),
]


def names(**query: str) -> list[str]:
    asked = working_list.asked(MultiDict(query), COLUMNS, (YEAR, STANDS))
    return [str(line.cells["name"]) for line in working_list.chosen(LINES, asked, (YEAR, STANDS))]


def test_an_address_narrows_and_sorts() -> None:
    assert names() == ["水务局", "医保局", "教育局"]
    assert names(stands="fine") == ["医保局", "教育局"]
    assert names(q="局 2026-03") == ["教育局"]
    assert names(sort="late") == ["教育局", "医保局", "水务局"], "by size, not by characters"
    assert names(sort="-late", stands="fine") == ["医保局", "教育局"]
    assert names(stands="x", sort="x", page="x") == ["水务局", "医保局", "教育局"]


def test_everything_asked_for_stays_in_every_link() -> None:
    query = MultiDict([("stands", "fine"), ("q", "局"), ("col", "note"), ("sort", "-late"), ("year", "2025")])
    wanted = working_list.asked(query, COLUMNS, (YEAR, STANDS))
    drawn = working_list.drawn("/x", COLUMNS, (YEAR, STANDS), LINES, wanted)
    assert [one["name"] for one in drawn["shown"]] == ["name", "note"]
    for link in (drawn["export"], drawn["pager"]["href"], drawn["tick_all"], drawn["address"]):
        for part in ("year=2025", "stands=fine", "q=%E5%B1%80", "col=note", "sort=-late"):
            assert part in link
    assert "sort=-late" not in drawn["shown"][0]["href"]
    assert drawn["total"] == 2


def test_columns_of_an_address_are_its_own_only_when_named() -> None:
    wanted = working_list.asked(MultiDict(), COLUMNS, (YEAR, STANDS))
    assert wanted.columns == ("name", "late")
    assert "col=" not in working_list.drawn("/x", COLUMNS, (YEAR, STANDS), LINES, wanted)["export"]


def test_a_list_can_be_drawn_whole_for_the_printer_and_says_what_it_is_of() -> None:
    many = [Line({"name": f"单位{at}", "late": at}, {"stands": "fine"}) for at in range(120)]
    query = MultiDict([("stands", "fine"), ("q", "单位")])
    page = working_list.drawn("/x", COLUMNS, (STANDS,), many, working_list.asked(query, COLUMNS, (STANDS,)))
    assert (len(page["lines"]), page["pager"]["pages"], page["asked"]) == (50, 3, "情况：按时，有“单位”的")
    assert "page=all" in page["whole"]
    query["page"] = "all"
    whole = working_list.drawn("/x", COLUMNS, (STANDS,), many, working_list.asked(query, COLUMNS, (STANDS,)))
    assert (len(whole["lines"]), whole["pager"]["pages"], whole["whole"]) == (120, 1, None)


def test_what_a_citizen_wrote_is_text_in_excel_and_numbers_are_numbers() -> None:
    wanted = working_list.asked(MultiDict([("col", "late"), ("col", "note")]), COLUMNS, (STANDS,))
    made = working_list.to_xlsx("单位", COLUMNS, working_list.chosen(LINES, wanted, (STANDS,)), wanted)
    sheet = load_workbook(io.BytesIO(made)).active
    assert sheet is not None
    rows = [[(cell.value, cell.data_type) for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == [("单位", "s"), ("晚办", "s"), ("说明", "s")]
    assert rows[1] == [("水务局", "s"), (10, "n"), ("=1+1", "s")]
    assert rows[3][2] == ("2026-03-06", "s")
