"""What can be said of a wallet without its key."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from desktop_app.wallet.vault import Header


class WalletState(Enum):
    ABSENT = "absent"
    LOCKED = "locked"
    UNLOCKED = "unlocked"


class Facts(NamedTuple):
    """`authentic`: the header was sealed under the key. Until then it is only as trustworthy as the disk, and
    its addresses must not be shown as places to send money to."""

    state: WalletState
    header: Header | None
    authentic: bool = False
