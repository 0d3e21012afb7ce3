"""Who holds a work's record, and so offers what is sold of it."""

from __future__ import annotations

from desktop_app.chain import reads
from desktop_app.chain.connection import Chain
from desktop_app.store.tokens import Token


def record_holder(chain: Chain, token: Token) -> str:
    """The holder of the record of a token's work now; "" where there is none."""
    origin = reads.origin(chain, token.address)
    if origin is None:
        return ""
    work = reads.token_terms(chain, token.address).work
    record = reads.record(chain, origin.registrant, work)
    return record.holder if record else ""
