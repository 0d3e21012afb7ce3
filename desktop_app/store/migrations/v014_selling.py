"""Works on sale: locked packages, offers, the orders on them, and what was bought elsewhere."""

from __future__ import annotations

import sqlite3

VERSION = 14

# `terms` are JSON: an offer's, or an order's. `synced_to` is the block up to which orders were looked for;
# `settled_block` where an order's end was first seen. `fee_limit` in the coin's smallest unit.
_STATEMENTS = (
    """
    CREATE TABLE sale_packages (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        work_id TEXT NOT NULL REFERENCES works (id) ON DELETE CASCADE,
        path BLOB NOT NULL,
        size INTEGER NOT NULL CHECK (size > 0),
        key_commitment BLOB NOT NULL UNIQUE CHECK (length(key_commitment) = 32),
        sealed_seed BLOB NOT NULL,
        cipher_root BLOB CHECK (length(cipher_root) = 32),
        plain_root BLOB CHECK (length(plain_root) = 32),
        created_at INTEGER NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE sale_offers (
        seq INTEGER PRIMARY KEY,
        chain_id INTEGER NOT NULL,
        offer_id BLOB NOT NULL CHECK (length(offer_id) = 32),
        package_id TEXT NOT NULL REFERENCES sale_packages (id) ON DELETE CASCADE,
        token TEXT NOT NULL,
        terms TEXT NOT NULL,
        licence TEXT NOT NULL,
        addresses TEXT NOT NULL,
        automatic INTEGER NOT NULL CHECK (automatic IN (0, 1)),
        fee_limit TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('placing', 'open', 'withdrawn')),
        block_number INTEGER,
        synced_to INTEGER NOT NULL DEFAULT -1,
        created_at INTEGER NOT NULL,
        UNIQUE (chain_id, offer_id)
    ) STRICT
    """,
    """
    CREATE TABLE sale_orders (
        seq INTEGER PRIMARY KEY,
        chain_id INTEGER NOT NULL,
        order_id BLOB NOT NULL CHECK (length(order_id) = 32),
        offer_id BLOB NOT NULL,
        terms TEXT NOT NULL,
        block_number INTEGER NOT NULL,
        tx_hash TEXT NOT NULL,
        state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 4),
        delivered_at INTEGER NOT NULL DEFAULT 0,
        settled_block INTEGER,
        sent_hash TEXT NOT NULL DEFAULT '',
        claimed_until INTEGER NOT NULL DEFAULT 0,
        attempts INTEGER NOT NULL DEFAULT 0,
        next_try_at INTEGER NOT NULL DEFAULT 0,
        problem TEXT NOT NULL DEFAULT '',
        UNIQUE (chain_id, order_id),
        FOREIGN KEY (chain_id, offer_id) REFERENCES sale_offers (chain_id, offer_id) ON DELETE CASCADE
    ) STRICT
    """,
    "CREATE INDEX sale_orders_state ON sale_orders (chain_id, state)",
    """
    CREATE TABLE purchases (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        chain_id INTEGER NOT NULL,
        offer_id BLOB NOT NULL CHECK (length(offer_id) = 32),
        page TEXT NOT NULL,
        buyer TEXT NOT NULL,
        public_point BLOB NOT NULL CHECK (length(public_point) = 128),
        sealed_secret BLOB NOT NULL,
        package_path BLOB NOT NULL,
        first_block INTEGER NOT NULL,
        order_id BLOB CHECK (length(order_id) = 32),
        terms TEXT NOT NULL DEFAULT '',
        block_number INTEGER,
        content_path BLOB,
        created_at INTEGER NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE play_counts (
        chain_id INTEGER NOT NULL,
        licence INTEGER NOT NULL,
        total TEXT NOT NULL,
        signature BLOB NOT NULL,
        used_at INTEGER NOT NULL,
        PRIMARY KEY (chain_id, licence)
    ) STRICT, WITHOUT ROWID
    """,
)


def upgrade(connection: sqlite3.Connection) -> None:
    for statement in _STATEMENTS:
        connection.execute(statement)
