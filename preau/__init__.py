"""Préau: the account portal of families and pupils. One street, three sites, two libraries."""

import sqlite3
import sys

# The distribution's SQLite (all before 3.51.3) can corrupt a database in WAL mode (sqlite.org/wal.html, "the WAL-reset
# bug"). Where the wheel with a sound one is installed it takes its place, before Django imports it.
if sqlite3.sqlite_version_info < (3, 51, 3):
    try:
        import pysqlite3
    except ImportError:  # no wheel for this system: the start-up check of each site says so
        pass
    else:
        sys.modules["sqlite3"] = pysqlite3
        sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
