"""Names that a person may type, read without opening the database to write: a shell asks at every Tab."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

MOST = 500
_ASKED = {
    "works": "SELECT title, id FROM works ORDER BY seq DESC LIMIT ?",
    "tokens": "SELECT symbol, address FROM tokens ORDER BY seq DESC LIMIT ?",
    "contacts": "SELECT name, address FROM address_book ORDER BY name_key LIMIT ?",
    "data_sets": "SELECT title, id FROM data_sets ORDER BY seq DESC LIMIT ?",
    "runs": "SELECT id, id FROM training_runs ORDER BY seq DESC LIMIT ?",
}


def given_names(database: Path, kind: str) -> list[tuple[str, str]]:
    """The name and the unchanging id of the newest of a kind; none where the database cannot be read."""
    if not database.is_file():
        return []
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as opened:
            return [(str(name), str(key)) for name, key in opened.execute(_ASKED[kind], (MOST,))]
    except sqlite3.Error:
        return []
