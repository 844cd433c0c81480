"""The tables' rules, and rows that break them."""

import sqlite3

import pytest

from tests.directories.conformance import changed
from tests.directories.test_conformance import ALL
from validator.directories.sql import SqlDirectory, SqlError

BROKEN = [
    ("UPDATE directory_custom_attributes SET type = 'number'", "a custom attribute has an unknown type"),
    ("UPDATE directory_aliases SET active = 2", "a flag is neither true nor false"),
    ("UPDATE directory_settings SET customer_departmentalization = -1", "a flag is neither true nor false"),
    ("UPDATE directory_customers SET department = ''", "a text is empty"),
    ("UPDATE directory_customer_addresses SET address = upper(address)", "an address is not case-folded"),
    ("UPDATE directory_customer_addresses SET address = '\u00df' || address", "an address is not case-folded"),
    ("UPDATE directory_activities SET customer = ''", "a text is empty"),
    ("DELETE FROM directory_customers", "a row belongs to nothing"),
    ("DELETE FROM directory_message_centers", "a row belongs to nothing"),
    ("DELETE FROM directory_custom_attributes", "a row belongs to nothing"),
    ("UPDATE directory_custom_attributes SET enumerated = 0", "a row belongs to nothing"),
    ("UPDATE directory_custom_attributes SET allowed_characters = ''", "a text is empty"),
]


@pytest.mark.parametrize(("change", "reason"), BROKEN)
def test_a_broken_row(url: str, change: str, reason: str) -> None:
    """What the tables' rules do not allow is an error, and the gate stays closed."""
    with changed(url) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(change)
    with SqlDirectory(url) as directory, pytest.raises(SqlError) as caught:
        directory.fetch(ALL)
    assert str(caught.value) == f"{url}: {reason}"


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ("directory_customers (id TEXT, department TEXT)", "a key is there more than once"),
        ("directory_customers (id TEXT, department BLOB)", "a text is expected"),
    ],
)
def test_a_table_of_somebody_elses(url: str, table: str, reason: str) -> None:
    """Tables without our rules are not trusted either."""
    with changed(url) as connection:
        connection.execute("DROP TABLE directory_customers")
        connection.execute(f"CREATE TABLE {table}")
        connection.execute("INSERT INTO directory_customers VALUES ('1001', x'00'), ('1001', NULL)" if "BLOB" in table else
                           "INSERT INTO directory_customers VALUES ('1001', NULL), ('1001', NULL)")  # fmt: skip
    with SqlDirectory(url) as directory, pytest.raises(SqlError) as caught:
        directory.fetch(ALL)
    assert str(caught.value) == f"{url}: {reason}"


REFUSED = [
    "INSERT INTO directory_sections VALUES ('things')",
    "INSERT INTO directory_settings VALUES (2, 1)",
    "INSERT INTO directory_settings VALUES (1, 1)",
    "UPDATE directory_settings SET customer_departmentalization = 2",
    *(
        f"INSERT INTO directory_customers VALUES ('{own}', NULL)"
        for own in ("", "01", "1a", " 1", "1\n", "-1", "\u0661", "1" * 20)
    ),
    "INSERT INTO directory_customers VALUES ('5', '')",
    "INSERT INTO directory_customers VALUES ('1001', NULL)",
    "INSERT INTO directory_customers VALUES (NULL, NULL)",
    "INSERT INTO directory_customer_addresses VALUES ('5', 'a@b.com')",
    "INSERT INTO directory_customer_addresses VALUES ('1001', 'A@b.com')",
    "INSERT INTO directory_customer_addresses VALUES ('1001', '')",
    "INSERT INTO directory_customer_addresses VALUES ('1001', 'jhenry@customer.com')",
    "INSERT INTO directory_customer_may_act_for VALUES ('1001', 'x')",
    "INSERT INTO directory_customer_may_act_for VALUES ('1001', '1002')",
    "INSERT INTO directory_activities VALUES ('5', '0')",
    f"INSERT INTO directory_aliases VALUES ('{'a' * 501}', 1, NULL)",
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


@pytest.mark.parametrize("change", REFUSED)
def test_tables_have_the_rules_of_the_schema(url: str, change: str) -> None:
    """Also who writes the tables by other means cannot put in what a snapshot file could not hold."""
    with changed(url) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(change)
