"""The tables for SQLite and PostgreSQL, with the constraints of ``schemas/directory.schema.json``.

Other systems may fill them too. A section without a row in ``directory_sections`` is not supplied. Email addresses have domains
as A-labels (RFC 5890) and ASCII letters in lower case. Unlike in a snapshot file, the length of names is limited, because
PostgreSQL limits the size of index entries.

Version 1 had no table ``directory_version``, and some of its tables no index for the keys of aliases. Its constraints allow more
email addresses, which readers check anyway, so that migration leaves them as they are and keeps every row.
"""

from typing import Final, NamedTuple

from validator.model.mailbox import ADDRESS_OCTETS

CURRENT: Final = 2  # the version of the tables that this package reads and writes
NO_TABLES: Final = "the tables do not exist; create them with 'activity-validator directory create'"
MAX_LENGTH: Final = 500  # characters of a name: at most 2,000 bytes of the 2,704 in an index entry of PostgreSQL
TYPES: Final = ("text", "integer", "decimal", "boolean", "date")
SECTIONS: Final = ("customers", "activities", "aliases", "message_centers", "custom_attributes")


class Table(NamedTuple):
    """A table. suffix: its name without the prefix; columns: in their order."""

    suffix: str
    columns: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name in the database, with the prefix."""
        return f"directory_{self.suffix}"


VERSION: Final = Table("version", ("number", "version"))
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
TABLES: Final = (  # those with data; referenced tables come first
    SUPPLIED, SETTINGS, CUSTOMERS, ADDRESSES, MAY_ACT_FOR, ACTIVITIES, ALIASES, MESSAGE_CENTERS, ISSUE_TYPES, CUSTOM_ATTRIBUTES,
    VALUES,
)  # fmt: skip


def _check_id(name: str) -> str:
    return f"CHECK (length({name}) BETWEEN 1 AND 19 AND ltrim({name}, '0123456789') = '' AND substr({name}, 1, 1) <> '0')"


def _check_address(name: str) -> str:
    # lower changes ASCII only, in both databases: in PostgreSQL by the collation. The directory checks the rest.
    before_domain = f"rtrim({name}, 'abcdefghijklmnopqrstuvwxyz0123456789.-')"
    return (
        f"CHECK (length({name}) <= {ADDRESS_OCTETS} AND lower({name}) = {name}"
        f" AND length({before_domain}) BETWEEN 2 AND length({name}) - 1"
        f" AND substr({before_domain}, length({before_domain})) = '@'"
        f" AND length(replace({name}, '@', '')) = length({name}) - 1)"
    )


def _define_flag(name: str) -> str:
    return f"{name} {{flag}} NOT NULL CHECK ({name} IN (true, false))"


def _quote(texts: tuple[str, ...]) -> str:
    return ", ".join(map(repr, texts))


_BODIES: Final = {
    VERSION: """
  number integer PRIMARY KEY CHECK (number = 1),
  version {text} NOT NULL""",
    SUPPLIED: f"name {{text}} PRIMARY KEY CHECK (name IN ({_quote(SECTIONS)}))",
    SETTINGS: f"""
  number integer PRIMARY KEY CHECK (number = 1),
  {_define_flag("customer_departmentalization")}""",
    CUSTOMERS: f"""
  id {{text}} PRIMARY KEY {_check_id("id")},
  department {{text}} CHECK (length(department) > 0)""",
    ADDRESSES: f"""
  customer {{text}} NOT NULL REFERENCES directory_customers ON DELETE CASCADE,
  address {{text}} NOT NULL {_check_address("address")},
  PRIMARY KEY (customer, address)""",
    MAY_ACT_FOR: f"""
  customer {{text}} NOT NULL REFERENCES directory_customers ON DELETE CASCADE,
  other {{text}} NOT NULL {_check_id("other")},
  PRIMARY KEY (customer, other)""",
    ACTIVITIES: f"""
  id {{text}} PRIMARY KEY {_check_id("id")},
  customer {{text}} NOT NULL {_check_id("customer")}""",
    ALIASES: f"""
  address {{text}} PRIMARY KEY {_check_address("address")},
  {_define_flag("active")},
  department {{text}} CHECK (length(department) > 0)""",
    MESSAGE_CENTERS: f"""
  id {{text}} PRIMARY KEY {_check_id("id")},
  {_define_flag("active")},
  department {{text}} CHECK (length(department) > 0)""",
    ISSUE_TYPES: f"""
  message_center {{text}} NOT NULL REFERENCES directory_message_centers ON DELETE CASCADE,
  issue_type {{text}} NOT NULL {_check_id("issue_type")},
  PRIMARY KEY (message_center, issue_type)""",
    CUSTOM_ATTRIBUTES: f"""
  name {{text}} PRIMARY KEY CHECK (length(name) BETWEEN 1 AND {MAX_LENGTH}),
  type {{text}} NOT NULL CHECK (type IN ({_quote(TYPES)})),
  {_define_flag("enumerated")},
  allowed_characters {{text}} CHECK (length(allowed_characters) > 0)""",
    VALUES: """
  attribute {text} NOT NULL REFERENCES directory_custom_attributes ON DELETE CASCADE,
  number integer NOT NULL,
  value {text} NOT NULL,
  PRIMARY KEY (attribute, number)""",
}
# COLLATE "C": compare bytes, whatever the locale of the server. STRICT: enforce column types. SQLite's flags are 0 and 1.
_POSTGRESQL: Final = ('text COLLATE "C"', "boolean", "")
_SQLITE: Final = ("TEXT", "INTEGER", " STRICT, WITHOUT ROWID")


_INDEX: Final = f"CREATE INDEX IF NOT EXISTS {ALIASES.name}_lower ON {ALIASES.name} (lower(address))"


def define_tables(*, is_postgresql: bool) -> list[str]:
    """Return the statements that create the tables, and the index for the keys of aliases, that do not exist."""
    creations = [_define_table(table, is_postgresql=is_postgresql) for table in (*TABLES, VERSION)]
    return [*creations, _INDEX, f"INSERT INTO {VERSION.name} VALUES (1, '{CURRENT}') ON CONFLICT DO NOTHING"]  # noqa: S608 - constants


def define_migration(version: int, *, is_postgresql: bool) -> list[str]:
    """Return the statements that update tables of a version to the next."""
    migrations = {1: [_INDEX, _define_table(VERSION, is_postgresql=is_postgresql), f"INSERT INTO {VERSION.name} VALUES (1, '2')"]}  # noqa: S608 - a constant
    return migrations[version]


def _define_table(table: Table, *, is_postgresql: bool) -> str:
    text, flag, end = _POSTGRESQL if is_postgresql else _SQLITE
    return f"CREATE TABLE IF NOT EXISTS {table.name} ({_BODIES[table].format(text=text, flag=flag)}\n){end}"


def describe_difference(version: int) -> str | None:
    """Return why tables of a version cannot be used, and what to do; None: they can."""
    if version == CURRENT:
        return None
    if version < CURRENT:
        return f"the tables have version {version}, not {CURRENT}; update them with 'activity-validator directory migrate'"
    return f"the tables have version {version}, and this package supports version {CURRENT}; update the package"
