"""Reference data in a database, SQLite or PostgreSQL (extra ``sql``): directories, and functions that fill the tables.

create_tables("sqlite:///tenant.db")
import_snapshot("directory.json", "sqlite:///tenant.db")
directory = SqlDirectory("sqlite:///tenant.db")
"""

from .address import SqlError
from .directory import AsyncSqlDirectory, SqlDirectory
from .export import export_lines, export_snapshot
from .schema import create_tables, migrate_tables
from .transfer import import_snapshot

__all__ = [
    "AsyncSqlDirectory", "SqlDirectory", "SqlError", "create_tables", "export_lines", "export_snapshot", "import_snapshot",
    "migrate_tables",
]  # fmt: skip
