"""The demo world in `fixtures/`, built by the product's own engine."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
from spectra_emulator.adapters.duckdb_engine.engine import DuckDbEngine
from spectra_emulator.adapters.duckdb_engine.fixture_files import FixtureFiles
from spectra_emulator.adapters.duckdb_engine.worker_client import WorkerLimits
from spectra_emulator.domain.tenancy import folder_name
from sqlglot import exp

FIXTURES = Path(__file__).parents[1] / "fixtures"
TABLES = ("customers", "markets", "orders", "products", "sales", "spectra_conformance_sandbox")
DEMO_TENANTS = ("tenant-123", "tenant-456")

Connection = duckdb.DuckDBPyConnection


def statements(file: Path) -> list[exp.Expr]:
    return [tree for tree in sqlglot.parse(file.read_text(), read="redshift") if tree is not None]


def built(tenant_id: str, folder: Path) -> Connection:
    """Return the database that the fixtures make of a tenant."""
    engine = DuckDbEngine(folder, FixtureFiles(FIXTURES), WorkerLimits(2**30, threads=1, lanes=1), max_workers=1)
    engine.catalogue(tenant_id)
    engine.close()
    connection = duckdb.connect(str(folder / folder_name(tenant_id) / "tenant.duckdb"), read_only=True)
    connection.execute("SET schema = 'public'")
    return connection


def value(connection: Connection, query: str) -> Any:
    return connection.execute(query).fetchall()[0][0]


def fingerprint(connection: Connection, table: str) -> str:
    """Return a digest of the table's rows in their stored order."""
    return str(value(connection, f"SELECT md5(string_agg(CAST(t AS VARCHAR), '|' ORDER BY rowid)) FROM {table} AS t"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tenants")


@pytest.fixture(scope="module")
def tenant_123(folder: Path) -> Iterator[Connection]:
    with built("tenant-123", folder) as connection:
        yield connection


@pytest.fixture(scope="module")
def tenant_456(folder: Path) -> Iterator[Connection]:
    with built("tenant-456", folder) as connection:
        yield connection


@pytest.fixture(scope="module", params=DEMO_TENANTS)
def demo(request: pytest.FixtureRequest) -> Connection:
    connection: Connection = request.getfixturevalue(request.param.replace("-", "_"))
    return connection


def totals(connection: Connection) -> dict[str, Decimal]:
    return dict(connection.execute("SELECT region, SUM(amount) AS total FROM sales GROUP BY region").fetchall())


def test_sales_of_the_first_tenant_add_up_to_the_documented_totals(tenant_123: Connection) -> None:
    assert totals(tenant_123) == {
        "APAC": Decimal("1500000.00"),
        "EMEA": Decimal("2300000.00"),
        "AMER": Decimal("3100000.00"),
    }


def test_sales_of_the_second_tenant_add_up_to_other_totals(tenant_456: Connection) -> None:
    assert totals(tenant_456) == {
        "APAC": Decimal("7000000.00"),
        "EMEA": Decimal("5040000.00"),
        "AMER": Decimal("3220000.00"),
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("SELECT COUNT(*) FROM sales", (259200, 216000), id="sales"),
        pytest.param("SELECT COUNT(*) FROM sales WHERE year = 2024", (72000, 60000), id="sales-of-2024"),
        pytest.param("SELECT COUNT(*) FROM customers", (3000, 2500), id="customers"),
        pytest.param("SELECT COUNT(*) FROM markets", (24, 20), id="markets"),
    ],
)
def test_the_row_counts_are_the_documented_ones(
    tenant_123: Connection, tenant_456: Connection, query: str, expected: tuple[int, int]
) -> None:
    assert (value(tenant_123, query), value(tenant_456, query)) == expected


def test_tenants_share_no_product(tenant_123: Connection, tenant_456: Connection) -> None:
    query = "SELECT DISTINCT product FROM sales"
    assert not set(tenant_123.execute(query).fetchall()) & set(tenant_456.execute(query).fetchall())


@pytest.mark.parametrize(
    "violations",
    [
        pytest.param("sales WHERE amount <> quantity * unit_price * (1 - discount)", id="amount-is-what-was-sold"),
        pytest.param("sales WHERE amount <= 0 OR amount > 2000", id="amount-is-believable"),
        pytest.param("sales WHERE year <> EXTRACT(year FROM sale_date)", id="year-is-the-year-of-the-date"),
        pytest.param("sales WHERE year NOT BETWEEN 2022 AND 2025", id="year-is-in-range"),
        pytest.param("sales WHERE id - 1 <> rowid", id="ids-count-the-sales"),
        pytest.param("sales AS s ANTI JOIN customers AS c ON c.id = s.customer_id", id="sold-to-a-customer"),
        pytest.param("sales AS s JOIN customers AS c ON c.id = s.customer_id AND c.region <> s.region", id="region"),
        pytest.param("sales AS s JOIN customers AS c ON c.id = s.customer_id AND signup_date > sale_date", id="signup"),
        pytest.param("customers WHERE email NOT LIKE '%@example.com'", id="email-is-an-example"),
        pytest.param("orders AS o ANTI JOIN customers AS c ON c.id = o.customer_id", id="ordered-by-a-customer"),
        pytest.param("orders WHERE CAST(created_at AS DATE) <> date", id="date-is-the-date-of-creation"),
        pytest.param("orders WHERE total <= 0 OR shipped_date > CURRENT_DATE", id="order-is-believable"),
        pytest.param("spectra_conformance_sandbox", id="sandbox-is-empty"),
    ],
)
def test_the_demo_world_agrees_with_itself(demo: Connection, violations: str) -> None:
    assert value(demo, f"SELECT COUNT(*) FROM {violations}") == 0


def test_sales_leave_some_notes_empty(demo: Connection) -> None:
    assert 0 < value(demo, "SELECT COUNT(note) FROM sales") < value(demo, "SELECT COUNT(*) FROM sales")


def test_every_one_of_the_last_90_days_has_orders(demo: Connection) -> None:
    days = value(demo, "SELECT COUNT(DISTINCT date) FROM orders WHERE date BETWEEN CURRENT_DATE - 89 AND CURRENT_DATE")
    assert days == 90


def test_there_are_orders_of_today(demo: Connection) -> None:
    assert value(demo, "SELECT COUNT(*) FROM orders WHERE date = CURRENT_DATE") >= 120


def table_names(connection: Connection) -> tuple[str, ...]:
    """Return the tables that a client sees: the engine keeps its own in a schema apart."""
    sql = "SELECT table_name FROM duckdb_tables() WHERE schema_name <> 'spectra_internal' ORDER BY table_name"
    found = connection.execute(sql).fetchall()
    return tuple(name for (name,) in found)


def test_a_tenant_gets_the_tables_and_no_helper(demo: Connection) -> None:
    assert table_names(demo) == TABLES


def test_a_tenant_without_a_profile_has_the_tables_empty(folder: Path) -> None:
    with built("a-tenant-nobody-knows", folder) as connection:
        assert table_names(connection) == TABLES
        assert [value(connection, f"SELECT COUNT(*) FROM {table}") for table in TABLES] == [0] * len(TABLES)


def test_two_builds_are_identical(tenant_123: Connection, tmp_path: Path) -> None:
    with built("tenant-123", tmp_path) as again:
        assert [fingerprint(again, table) for table in TABLES] == [fingerprint(tenant_123, table) for table in TABLES]


@pytest.mark.parametrize("file", sorted(FIXTURES.rglob("*.sql")), ids=lambda file: str(file.relative_to(FIXTURES)))
def test_statements_mean_the_same_on_redshift(file: Path) -> None:
    """Integer division, generators and chance are where the two engines part."""
    text = file.read_text().lower()
    code = "\n".join(line.split("--")[0] for line in text.splitlines())
    assert [word for word in ("/", "generate_series", "random", "range(", "::") if word in code] == []


@pytest.mark.parametrize("file", sorted(FIXTURES.rglob("*.sql")), ids=lambda file: str(file.relative_to(FIXTURES)))
def test_inserts_name_their_columns(file: Path) -> None:
    inserts = [statement for statement in statements(file) if isinstance(statement, exp.Insert)]
    assert [insert.sql("redshift")[:60] for insert in inserts if not isinstance(insert.this, exp.Schema)] == []
