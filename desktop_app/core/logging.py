"""Log files that never hold a secret.

Secrets do not reach the log in the first place; the filter here is the second line: it blanks what looks like
a key, a long hexadecimal value that is not a public hash label, or a recovery phrase.
"""

from __future__ import annotations

import logging
import logging.handlers
import re
import traceback
from pathlib import Path

_PHRASE = re.compile(r"\b(?:[a-z]{3,8}[ \t]+){11,23}[a-z]{3,8}\b")
_KEY = re.compile(
    r"(?i)\b((?:private|secret|owner|master|vault)[ _-]?(?:key|seed)?|seed|passphrase|password|mnemonic)"
    r"(\s*[=:]\s*)\S+"
)
_HEX = re.compile(r"(?i)(?<![0-9a-z])(?:0x)?[0-9a-f]{64,}(?![0-9a-z])")
_PUBLIC = re.compile(r"(?i)(?:tx|block|hash|commitment|root|topic)[ _a-z]*[=: ]+$")


def redact(text: str) -> str:
    """`text` with everything that could be a secret replaced by [redacted]."""
    text = _PHRASE.sub("[redacted]", text)
    text = _KEY.sub(r"\1\2[redacted]", text)

    def blank(match: re.Match[str]) -> str:
        labelled = _PUBLIC.search(text[max(0, match.start() - 24) : match.start()])
        return match.group(0) if labelled else "[redacted]"

    return _HEX.sub(blank, text)


class RedactingFormatter(logging.Formatter):
    """Formats a record, its arguments and its traceback, then redacts the whole."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def set_up_logging(folder: Path, level: int = logging.INFO) -> logging.Handler:
    """Send the app's log to `folder`/colophon.log (1 MiB, three old files kept). Returns the handler."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        folder / "colophon.log", maxBytes=1 << 20, backupCount=3, encoding="utf-8", delay=True
    )
    handler.setFormatter(RedactingFormatter("%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"))
    logger = logging.getLogger("desktop_app")
    logger.setLevel(level)
    logger.addHandler(handler)
    logger.propagate = False
    # Its debug lines show whole addresses of nodes, which often hold an access key.
    logging.getLogger("urllib3").setLevel(logging.WARNING)
    return handler


def redacted_traceback(error: BaseException) -> str:
    """The traceback as text, fit for a crash report."""
    return redact("".join(traceback.format_exception(error)))
