"""Reference data in a database, SQLite or PostgreSQL (extra ``sql``): the directories, and how the tables are filled.

directory = SqlDirectory("postgresql://validator@db/tenant")
"""

from .directory import AsyncSqlDirectory, SqlDirectory
from .errors import SqlError
from .transfer import create_tables, export_snapshot, import_snapshot

__all__ = ["AsyncSqlDirectory", "SqlDirectory", "SqlError", "create_tables", "export_snapshot", "import_snapshot"]
