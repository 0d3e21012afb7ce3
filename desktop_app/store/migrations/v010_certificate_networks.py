"""Which network's record a certificate proves."""

from __future__ import annotations

import sqlite3

VERSION = 10

# Certificates from before: known where the work is on one network only.
_STATEMENTS = (
    "ALTER TABLE certificates ADD COLUMN chain_id INTEGER NOT NULL DEFAULT 0",
    """
    UPDATE certificates SET chain_id = coalesce((
        SELECT min(chain_id) FROM registrations
        WHERE registrations.work_id = certificates.work_id AND status = 'confirmed'
        HAVING count(DISTINCT chain_id) = 1
    ), 0)
    """,
)


def upgrade(connection: sqlite3.Connection) -> None:
    for statement in _STATEMENTS:
        connection.execute(statement)
