"""The workbench in a real browser: write, see what it becomes, run, look, copy."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, expect

BY_REGION = "SELECT region, SUM(amount) AS total FROM sales GROUP BY region ORDER BY region"

ROWS_WHILE_SCROLLING = """async table => {
    const drawn = [];
    for (let step = 1; step <= 100; step += 1) {
        table.scrollTop = table.scrollHeight * step / 100;
        await new Promise(requestAnimationFrame);
        drawn.push(table.querySelectorAll('[role=row]').length);
    }
    return drawn;
}"""


def write(page: Page, sql: str) -> None:
    page.get_by_label("SQL", exact=True).fill(sql)


def run(page: Page, sql: str) -> None:
    write(page, sql)
    page.get_by_role("button", name="Run").click()


def clipboard(page: Page) -> str:
    page.get_by_text("copied").first.wait_for()
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_a_query_shows_its_rows_types_totals_and_time(page: Page) -> None:
    run(page, BY_REGION)

    rows = page.get_by_role("grid", name="Result").get_by_role("row")
    expect(rows).to_have_text(["regionVARCHARtotalDECIMAL", "AMER3100000.00", "APAC1500000.00", "EMEA2300000.00"])
    expect(page.locator(".totals")).to_have_text(re.compile(r"^3 rows[<\d]+ m?s · .+ in all$"))


def test_a_truncated_answer_says_of_how_many(page: Page) -> None:
    page.get_by_label("Rows").fill("10")
    run(page, "SELECT id FROM sales")

    expect(page.locator(".totals")).to_contain_text("10 of 259,200 rows")
    expect(page.locator(".totals")).to_contain_text("truncated")


def test_numbers_are_shown_as_the_server_wrote_them(page: Page) -> None:
    run(page, "SELECT 9223372036854775807 AS big, 1.50 AS exact, NULL AS nothing, TRUE AS yes")

    expect(page.get_by_role("gridcell")).to_have_text(["9223372036854775807", "1.50", "NULL", "true"])


def test_the_translation_and_its_rules_stand_beside_the_editor(page: Page) -> None:
    write(page, "SELECT AVG(quantity) / 2 AS half FROM sales")

    translation = page.get_by_role("region", name="Translation")
    expect(translation).to_contain_text('FROM "public"."sales"')
    expect(translation.locator("summary").filter(has_text="AVG")).to_contain_text("aggregates")


def test_an_error_points_at_its_place_in_the_text(page: Page) -> None:
    run(page, "SELECT *\nFROM sales\nWHERE regoin = 'EMEA'")

    expect(page.get_by_role("alert")).to_contain_text('column "regoin" does not exist')
    expect(page.locator(".sql-wrong")).to_have_text("regoin")
    page.get_by_role("button", name="Go to line 3, column 7").click()
    assert page.evaluate("getSelection().toString()") == "regoin"


def test_a_place_after_characters_of_two_halves_is_found(page: Page) -> None:
    run(page, "SELECT '😀😀' AS smile, regoin FROM sales")

    expect(page.locator(".sql-wrong")).to_have_text("regoin")


@pytest.mark.parametrize(
    ("written", "offered", "taken"),
    [
        ("SELECT * FROM sal", "sales", "SELECT * FROM sales"),
        ("SELECT s.reg FROM sales s", "region", "SELECT s.region FROM sales s"),
        ("SELECT LISTA", "LISTAGG", "SELECT LISTAGG"),
        ("sel", "SELECT", "SELECT"),
    ],
    ids=["a table", "a column of an alias", "a function", "a clause"],
)
def test_the_editor_completes(page: Page, written: str, offered: str, taken: str) -> None:
    page.locator(".samples").wait_for()
    write(page, written)
    end = written.index(" FROM sales s") if "sales s" in written else len(written)
    page.get_by_label("SQL", exact=True).evaluate("(area, end) => area.setSelectionRange(end, end)", end)
    page.keyboard.press("Control+Space")

    expect(page.get_by_role("option").first).to_contain_text(offered)
    page.keyboard.press("Tab")
    expect(page.get_by_label("SQL", exact=True)).to_have_value(taken)


def test_a_result_is_copied_as_csv_json_and_curl(page: Page) -> None:
    run(page, "SELECT 'a,\"b' AS text, 1.50 AS exact, NULL AS nothing")
    copies = page.get_by_role("button", name="Copy", exact=True)
    found = []
    for form in ("CSV", "JSON", "curl"):
        copies.click()
        page.get_by_role("menuitem", name=form).click()
        page.get_by_text(f"{form} ").filter(has_text="copied").wait_for()
        found.append(clipboard(page))

    assert found[0] == 'text,exact,nothing\r\n"a,""b",1.50,\r\n'
    assert json.loads(found[1]) == [{"text": 'a,"b', "exact": 1.5, "nothing": None}]
    assert "-H 'Authorization: Bearer spk_tenant-123_demo' -H 'X-Tenant-ID: tenant-123'" in found[2]


def test_a_result_with_a_column_of_numbers_has_a_chart(page: Page) -> None:
    run(page, BY_REGION)
    page.get_by_role("tab", name="Chart").click()

    expect(page.get_by_role("img", name="total by region, 3 rows").locator("rect")).to_have_count(3)
    expect(page.locator(".chart-picture rect title").first).to_have_text("AMER: 3100000")


def test_a_result_without_one_says_why_there_is_none(page: Page) -> None:
    run(page, "SELECT region FROM sales LIMIT 5")
    page.get_by_role("tab", name="Chart").click()

    expect(page.get_by_text("No chart for these columns")).to_be_visible()


def test_a_running_query_is_cancelled(page: Page) -> None:
    run(page, "SELECT COUNT(*) FROM sales a CROSS JOIN sales b CROSS JOIN sales c WHERE a.amount + b.amount > c.amount")
    page.get_by_role("button", name="Cancel").click()

    expect(page.get_by_role("alert")).to_contain_text("The query was cancelled")


def test_what_was_written_and_run_is_there_after_a_reload(page: Page) -> None:
    run(page, BY_REGION)
    page.get_by_role("grid", name="Result").wait_for()
    page.reload()

    expect(page.get_by_label("SQL", exact=True)).to_have_value(BY_REGION)
    page.get_by_role("button", name="History").click()
    expect(page.get_by_role("menuitem")).to_have_text([BY_REGION])


def test_the_api_is_called_as_the_identity_that_is_shown(page: Page) -> None:
    page.get_by_role("button", name="Identity").click()
    page.get_by_role("menuitem", name="only bulk:read").click()
    run(page, "SELECT 1 AS one")

    expect(page.get_by_role("alert")).to_contain_text("FORBIDDEN")
    page.get_by_role("button", name="Identity").click()
    page.get_by_role("menuitem", name="spk_tenant-456_demo").click()
    run(page, "SELECT 1 AS one")
    expect(page.get_by_role("gridcell")).to_have_text("1")


def test_the_workbench_needs_no_mouse(page: Page) -> None:
    keys = page.keyboard
    page.locator(".samples").wait_for()
    keys.press("e")
    keys.type("SELECT id, region FROM sales ORDER BY id", delay=2)
    keys.press("Control+Enter")
    page.get_by_role("grid", name="Result").focus()
    for key in ("ArrowDown", "ArrowRight", "Control+c"):
        keys.press(key)

    assert clipboard(page) == "EMEA"
    keys.press("Enter")
    expect(page.get_by_role("dialog", name="region")).to_contain_text("EMEA")
    keys.press("Escape")
    keys.press("g")
    keys.press("t")
    expect(page).to_have_title("Tables · Spectra console")


def test_ten_thousand_rows_draw_only_what_is_visible(page: Page) -> None:
    page.get_by_label("Rows").fill("10000")
    run(page, "SELECT * FROM sales ORDER BY id")
    table = page.get_by_role("grid", name="Result")
    table.focus()
    drawn = table.evaluate(ROWS_WHILE_SCROLLING)
    page.keyboard.press("Control+End")

    expect(table.get_by_role("gridcell", name="10000", exact=True)).to_be_visible()
    assert len(drawn) == 100
    assert max(drawn) < 60
