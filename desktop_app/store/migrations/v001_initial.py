"""Works, registrations, certificates, tokens, transactions."""

from __future__ import annotations

import sqlite3

VERSION = 1

# Paths are bytes, since a file name need not be text. Addresses and hashes keep the form they came in
# and compare without regard to case. Amounts are decimal text, since they exceed 64 bits.
_STATEMENTS = (
    """
    CREATE TABLE works (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        title TEXT NOT NULL,
        title_key TEXT NOT NULL,
        path BLOB NOT NULL,
        size INTEGER NOT NULL CHECK (size > 0),
        sha256 BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),
        blake3 BLOB NOT NULL CHECK (length(blake3) = 32),
        leaf_size INTEGER NOT NULL CHECK (leaf_size > 0),
        chunk_root BLOB NOT NULL CHECK (length(chunk_root) = 32),
        salt BLOB NOT NULL CHECK (length(salt) = 32),
        media_type TEXT NOT NULL,
        added_at INTEGER NOT NULL,
        modified_ns INTEGER NOT NULL
    ) STRICT
    """,
    "CREATE INDEX works_newest ON works (added_at, seq)",
    "CREATE INDEX works_path ON works (path)",
    """
    CREATE TABLE registrations (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        work_id TEXT NOT NULL REFERENCES works (id) ON DELETE CASCADE,
        chain_id INTEGER NOT NULL,
        registry TEXT NOT NULL COLLATE NOCASE,
        registrant TEXT NOT NULL COLLATE NOCASE,
        commitment BLOB NOT NULL CHECK (length(commitment) = 48),
        commitment_id BLOB NOT NULL CHECK (length(commitment_id) = 32),
        record_salt BLOB NOT NULL CHECK (length(record_salt) = 32),
        proved INTEGER NOT NULL CHECK (proved IN (0, 1)),
        tx_hash TEXT COLLATE NOCASE,
        block_number INTEGER,
        block_time INTEGER,
        status TEXT NOT NULL CHECK (status IN ('pending', 'confirmed', 'failed')),
        UNIQUE (chain_id, registry, registrant, commitment_id)
    ) STRICT
    """,
    "CREATE INDEX registrations_work ON registrations (work_id)",
    "CREATE INDEX registrations_commitment ON registrations (chain_id, commitment_id)",
    """
    CREATE TABLE certificates (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        work_id TEXT NOT NULL REFERENCES works (id) ON DELETE CASCADE,
        kind TEXT NOT NULL,
        audience TEXT NOT NULL,
        challenge TEXT NOT NULL,
        issued_at INTEGER NOT NULL,
        expires_at INTEGER,
        path BLOB NOT NULL,
        sha256 BLOB NOT NULL CHECK (length(sha256) = 32)
    ) STRICT
    """,
    "CREATE INDEX certificates_work ON certificates (work_id)",
    """
    CREATE TABLE tokens (
        seq INTEGER PRIMARY KEY,
        chain_id INTEGER NOT NULL,
        address TEXT NOT NULL COLLATE NOCASE,
        work_id TEXT REFERENCES works (id) ON DELETE SET NULL,
        creator TEXT NOT NULL COLLATE NOCASE,
        name TEXT NOT NULL,
        symbol TEXT NOT NULL,
        supply TEXT NOT NULL,
        created_block INTEGER NOT NULL,
        tx_hash TEXT COLLATE NOCASE,
        UNIQUE (chain_id, address)
    ) STRICT
    """,
    "CREATE INDEX tokens_work ON tokens (work_id)",
    """
    CREATE TABLE token_collaborators (
        chain_id INTEGER NOT NULL,
        token TEXT NOT NULL COLLATE NOCASE,
        position INTEGER NOT NULL,
        address TEXT NOT NULL COLLATE NOCASE,
        share_ppm INTEGER NOT NULL CHECK (share_ppm BETWEEN 0 AND 1000000),
        name TEXT NOT NULL,
        PRIMARY KEY (chain_id, token, position),
        FOREIGN KEY (chain_id, token) REFERENCES tokens (chain_id, address) ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE token_currencies (
        chain_id INTEGER NOT NULL,
        token TEXT NOT NULL COLLATE NOCASE,
        position INTEGER NOT NULL,
        address TEXT NOT NULL COLLATE NOCASE,
        symbol TEXT NOT NULL,
        decimals INTEGER NOT NULL CHECK (decimals BETWEEN 0 AND 255),
        PRIMARY KEY (chain_id, token, position),
        FOREIGN KEY (chain_id, token) REFERENCES tokens (chain_id, address) ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE transactions (
        seq INTEGER PRIMARY KEY,
        chain_id INTEGER NOT NULL,
        tx_hash TEXT NOT NULL COLLATE NOCASE,
        from_address TEXT NOT NULL COLLATE NOCASE,
        nonce INTEGER NOT NULL CHECK (nonce >= 0),
        raw BLOB NOT NULL,
        code TEXT NOT NULL,
        params TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('prepared', 'sent', 'mined', 'failed', 'replaced')),
        block_number INTEGER,
        gas_used INTEGER,
        fee TEXT,
        UNIQUE (chain_id, tx_hash)
    ) STRICT
    """,
    "CREATE INDEX transactions_sender ON transactions (chain_id, from_address, nonce)",
)


def upgrade(connection: sqlite3.Connection) -> None:
    for statement in _STATEMENTS:
        connection.execute(statement)
