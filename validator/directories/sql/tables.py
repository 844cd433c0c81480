"""The tables, in the words of SQLite and of PostgreSQL; their constraints say what ``schemas/directory.schema.json`` says.

Other systems may fill them too. A section without a row in ``directory_sections`` is not supplied; addresses are case-folded.
Addresses and names have a limit, which the file has not: an index of PostgreSQL holds no text without bound.
"""

from typing import Final, NamedTuple

LENGTH: Final = 500  # characters of an address or name: at most 2,000 bytes, and an index entry of PostgreSQL holds 2,704
TYPES: Final = ("text", "integer", "decimal", "boolean", "date")
SECTIONS: Final = ("customers", "activities", "aliases", "message_centers", "custom_attributes")


class Table(NamedTuple):
    """A table: what its name is without the prefix, and its columns in their order."""

    suffix: str
    columns: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name in the database."""
        return f"directory_{self.suffix}"


SUPPLIED: Final = Table("sections", ("name",))
SETTINGS: Final = Table("settings", ("number", "customer_departmentalization"))
CUSTOMERS: Final = Table("customers", ("id", "department"))
ADDRESSES: Final = Table("customer_addresses", ("customer", "address"))
MAY_ACT_FOR: Final = Table("customer_may_act_for", ("customer", "other"))
ACTIVITIES: Final = Table("activities", ("id", "customer"))
ALIASES: Final = Table("aliases", ("address", "active", "department"))
MESSAGE_CENTERS: Final = Table("message_centers", ("id", "active", "department"))
ISSUE_TYPES: Final = Table("message_center_issue_types", ("message_center", "issue_type"))
CUSTOM_ATTRIBUTES: Final = Table("custom_attributes", ("name", "type", "enumerated", "allowed_characters"))
VALUES: Final = Table("custom_attribute_values", ("attribute", "number", "value"))
TABLES: Final = (  # what is referred to comes first
    SUPPLIED, SETTINGS, CUSTOMERS, ADDRESSES, MAY_ACT_FOR, ACTIVITIES, ALIASES, MESSAGE_CENTERS, ISSUE_TYPES, CUSTOM_ATTRIBUTES,
    VALUES,
)  # fmt: skip


def _is_id(name: str) -> str:
    return f"CHECK (length({name}) BETWEEN 1 AND 19 AND ltrim({name}, '0123456789') = '' AND substr({name}, 1, 1) <> '0')"


def _is_address(name: str) -> str:
    # Both databases fold ASCII alike, and no more than that.
    return f"CHECK (length({name}) BETWEEN 1 AND {LENGTH} AND lower({name}) = {name})"


def _flag(name: str) -> str:
    return f"{name} {{flag}} NOT NULL CHECK ({name} IN (true, false))"


def _one_of(texts: tuple[str, ...]) -> str:
    return ", ".join(map(repr, texts))


_BODIES: Final = {
    SUPPLIED: f"name {{text}} PRIMARY KEY CHECK (name IN ({_one_of(SECTIONS)}))",
    SETTINGS: f"""
  number integer PRIMARY KEY CHECK (number = 1),
  {_flag("customer_departmentalization")}""",
    CUSTOMERS: f"""
  id {{text}} PRIMARY KEY {_is_id("id")},
  department {{text}} CHECK (length(department) > 0)""",
    ADDRESSES: f"""
  customer {{text}} NOT NULL REFERENCES directory_customers ON DELETE CASCADE,
  address {{text}} NOT NULL {_is_address("address")},
  PRIMARY KEY (customer, address)""",
    MAY_ACT_FOR: f"""
  customer {{text}} NOT NULL REFERENCES directory_customers ON DELETE CASCADE,
  other {{text}} NOT NULL {_is_id("other")},
  PRIMARY KEY (customer, other)""",
    ACTIVITIES: f"""
  id {{text}} PRIMARY KEY {_is_id("id")},
  customer {{text}} NOT NULL {_is_id("customer")}""",
    ALIASES: f"""
  address {{text}} PRIMARY KEY {_is_address("address")},
  {_flag("active")},
  department {{text}} CHECK (length(department) > 0)""",
    MESSAGE_CENTERS: f"""
  id {{text}} PRIMARY KEY {_is_id("id")},
  {_flag("active")},
  department {{text}} CHECK (length(department) > 0)""",
    ISSUE_TYPES: f"""
  message_center {{text}} NOT NULL REFERENCES directory_message_centers ON DELETE CASCADE,
  issue_type {{text}} NOT NULL {_is_id("issue_type")},
  PRIMARY KEY (message_center, issue_type)""",
    CUSTOM_ATTRIBUTES: f"""
  name {{text}} PRIMARY KEY CHECK (length(name) BETWEEN 1 AND {LENGTH}),
  type {{text}} NOT NULL CHECK (type IN ({_one_of(TYPES)})),
  {_flag("enumerated")},
  allowed_characters {{text}} CHECK (length(allowed_characters) > 0)""",
    VALUES: """
  attribute {text} NOT NULL REFERENCES directory_custom_attributes ON DELETE CASCADE,
  number integer NOT NULL,
  value {text} NOT NULL,
  PRIMARY KEY (attribute, number)""",
}
# COLLATE "C": compared byte by byte, wherever the server stands. STRICT: a text is a text. SQLite's flags are 0 and 1.
_POSTGRESQL: Final = ('text COLLATE "C"', "boolean", "")
_SQLITE: Final = ("TEXT", "INTEGER", " STRICT, WITHOUT ROWID")


def definitions(*, is_postgresql: bool) -> list[str]:
    """Return the statements that make the tables that are not there yet."""
    text, flag, end = _POSTGRESQL if is_postgresql else _SQLITE
    bodies = {table: _BODIES[table].format(text=text, flag=flag) for table in TABLES}
    return [f"CREATE TABLE IF NOT EXISTS {table.name} ({body}\n){end}" for table, body in bodies.items()]
