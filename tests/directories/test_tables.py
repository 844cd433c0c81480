"""The constraints of the tables, and rows that break them."""

import sqlite3

import pytest

from tests.directories.conformance import open_file
from tests.directories.test_conformance import ALL
from validator.directories import SqlDirectory, SqlError

INVALID_ROWS = [
    ("UPDATE directory_custom_attributes SET type = 'number'", "a custom attribute has an unknown type"),
    ("UPDATE directory_aliases SET active = 2", "a flag is neither true nor false"),
    ("UPDATE directory_settings SET customer_departmentalization = -1", "a flag is neither true nor false"),
    ("UPDATE directory_customers SET department = ''", "a string is empty"),
    ("UPDATE directory_aliases SET department = ''", "a string is empty"),
    ("UPDATE directory_activities SET customer = ''", "a string is empty"),
    ("DELETE FROM directory_customers", "a row refers to an entity that does not exist"),
    ("DELETE FROM directory_message_centers", "a row refers to an entity that does not exist"),
    ("DELETE FROM directory_custom_attributes", "a row refers to an entity that does not exist"),
    ("UPDATE directory_custom_attributes SET enumerated = 0", "a row refers to an entity that does not exist"),
    ("UPDATE directory_custom_attributes SET allowed_characters = ''", "a string is empty"),
]


@pytest.mark.parametrize(("change", "reason"), INVALID_ROWS)
def test_invalid_row_is_an_error(url: str, change: str, reason: str) -> None:
    """A row that breaks the constraints never becomes a fact."""
    with open_file(url) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(change)
    with SqlDirectory(url) as directory, pytest.raises(SqlError) as caught:
        directory.fetch(ALL)
    assert str(caught.value) == f"{url}: {reason}"


@pytest.mark.parametrize(
    ("table", "columns", "rows", "reason"),
    [
        ("customers", "id TEXT, department TEXT", "('1001', NULL), ('1001', NULL)", "a key occurs more than once"),
        ("customers", "id TEXT, department BLOB", "('1001', x'00'), ('1001', NULL)", "a value is not a string"),
        (
            "aliases",
            "address TEXT, active INTEGER, department TEXT",
            "('old@business.com', 1, NULL), ('old@business.com', 0, NULL)",
            "a key occurs more than once",
        ),
        (
            "aliases",
            "address BLOB, active INTEGER, department TEXT",
            "(CAST('old@business.com' AS BLOB), 1, NULL)",
            "a value is not a string",
        ),
    ],
)
def test_table_without_constraints_is_checked(url: str, table: str, columns: str, rows: str, reason: str) -> None:
    """Rows of tables that another system created are checked too."""
    with open_file(url) as connection:
        connection.execute(f"DROP TABLE directory_{table}")
        connection.execute(f"CREATE TABLE directory_{table} ({columns})")
        connection.execute(f"INSERT INTO directory_{table} VALUES {rows}")
    with SqlDirectory(url) as directory, pytest.raises(SqlError) as caught:
        directory.fetch(ALL)
    assert str(caught.value) == f"{url}: {reason}"


VIOLATIONS = [
    "INSERT INTO directory_sections VALUES ('things')",
    "INSERT INTO directory_settings VALUES (2, 1)",
    "INSERT INTO directory_settings VALUES (1, 1)",
    "UPDATE directory_settings SET customer_departmentalization = 2",
    *(
        f"INSERT INTO directory_customers VALUES ('{id_}', NULL)"
        for id_ in ("", "01", "1a", " 1", "1\n", "-1", "\u0661", "1" * 20)
    ),
    "INSERT INTO directory_customers VALUES ('5', '')",
    "INSERT INTO directory_customers VALUES ('1001', NULL)",
    "INSERT INTO directory_customers VALUES (NULL, NULL)",
    "INSERT INTO directory_customer_addresses VALUES ('5', 'a@b.com')",
    "INSERT INTO directory_customer_addresses VALUES ('1001', 'A@b.com')",
    *(
        f"INSERT INTO directory_customer_addresses VALUES ('1001', '{address}')"
        for address in (
            *(
                "",
                "a",
                "@",
                "a@",
                "@b.com",
                "a@b\u00fccher.de",
                "a@b.\uff43om",
                "a@b.com ",
                "a@b.com, c@d.com",
                "A <a@b.com>",
                "A@\u00fc.de",
            ),
            f"{'a' * 251}@b.c",
        )
    ),
    "INSERT INTO directory_customer_addresses VALUES ('1001', 'jhenry@customer.com')",
    "INSERT INTO directory_customer_may_act_for VALUES ('1001', 'x')",
    "INSERT INTO directory_customer_may_act_for VALUES ('1001', '1002')",
    "INSERT INTO directory_activities VALUES ('5', '0')",
    f"INSERT INTO directory_aliases VALUES ('{'a' * 251}@b.c', 1, NULL)",
    "INSERT INTO directory_aliases VALUES ('a', 1, NULL)",
    "INSERT INTO directory_aliases VALUES ('a@b\u00fccher.de', 1, NULL)",
    "INSERT INTO directory_aliases VALUES ('A@b.com', 1, NULL)",
    "INSERT INTO directory_aliases VALUES ('a@b.com', NULL, NULL)",
    "INSERT INTO directory_aliases VALUES ('a@b.com', 1, '')",
    "INSERT INTO directory_message_centers VALUES ('0', 1, NULL)",
    "INSERT INTO directory_message_center_issue_types VALUES ('3001', '4001')",
    "INSERT INTO directory_message_center_issue_types VALUES ('3001', 'x')",
    "INSERT INTO directory_custom_attributes VALUES ('a', 'number', 0, NULL)",
    "INSERT INTO directory_custom_attributes VALUES ('a', 'text', 0, '')",
    "INSERT INTO directory_custom_attributes VALUES ('', 'text', 0, NULL)",
    "INSERT INTO directory_custom_attribute_values VALUES ('priority', 0, 'x')",
    "INSERT INTO directory_custom_attribute_values VALUES ('nothing', 0, 'x')",
]


@pytest.mark.parametrize("change", VIOLATIONS)
def test_constraints_match_the_schema(url: str, change: str) -> None:
    """Other programs cannot write rows that are invalid in a snapshot file."""
    with open_file(url) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(change)
