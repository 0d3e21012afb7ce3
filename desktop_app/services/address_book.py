"""Who is behind an address: own accounts, named contacts, watched addresses, and look-alikes of all of them.

Address poisoning: somebody makes an address with the same first and last characters as one that the user
knows, and leaves it where the user may copy it. Both ends are compared, since people and windows look there.
"""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from desktop_app.chain.wire import parse_address
from desktop_app.core.clock import Clock
from desktop_app.core.errors import InvalidInputError, NotFoundError, RefusedError
from desktop_app.services.wallet import WalletService
from desktop_app.store.address_book import AddressBookRepository, Contact

__all__ = ["AddressBookService", "Contact", "Known", "KnownAs", "looks_like", "short_address"]

NAME_LIMIT, NOTE_LIMIT = 60, 500
ALIKE_TOTAL, ALIKE_END = 6, 2
"""Hex digits that two addresses share at both ends together, and at each of them, to be look-alikes."""

_UNSEEN = {*"\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0", *map(chr, range(0xFE00, 0xFE10))}
"""Characters that count as printable, but of which nothing is seen."""
_SAME_SHAPE = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u043a\u043c\u0442\u043d\u0432"
    "\u03b1\u03bf\u03c1\u03c5\u03bd\u03b9\u03ba\u03c4",
    "aeopcyxijshkmthb" + "aopuvikt",
)
"""Cyrillic and Greek letters that look like Latin ones (the common ones of Unicode TS 39)."""


class KnownAs(StrEnum):
    OWN = "own"
    CONTACT = "contact"
    WATCHED = "watched"
    USED = "used"
    """Something was sent there before."""


@dataclass(frozen=True)
class Known:
    """An address that the user has to do with; `name` is "" where he gave none."""

    address: str
    name: str
    known_as: KnownAs


def short_address(address: str) -> str:
    """0x1234…abcd, for sentences; wherever it matters the whole address is shown beside it."""
    return f"{address[:6]}…{address[-4:]}" if len(address) > 12 else address


def looks_like(one: str, other: str) -> bool:
    """Whether two different addresses can be taken for each other."""
    left, right = one.lower()[2:], other.lower()[2:]
    if left == right:
        return False
    start = _common(left, right)
    end = _common(left[::-1], right[::-1])
    return min(start, end) >= ALIKE_END and start + end >= ALIKE_TOTAL


def _shape(name: str) -> str:
    """Equal for names that look the same, whatever alphabet their letters are of."""
    return unicodedata.normalize("NFKC", name).casefold().translate(_SAME_SHAPE)


def _common(left: str, right: str) -> int:
    return next((n for n, (a, b) in enumerate(zip(left, right, strict=True)) if a != b), len(left))


class AddressBookService:
    """`used` gives the addresses that these accounts have sent something to."""

    def __init__(
        self,
        book: AddressBookRepository,
        wallet: WalletService,
        used: Callable[[Sequence[str]], Iterable[str]],
        clock: Clock,
    ) -> None:
        self._book = book
        self._wallet = wallet
        self._used = used
        self._clock = clock

    def contacts(self) -> tuple[Contact, ...]:
        """By name."""
        return tuple(self._book.all())

    def watched(self) -> tuple[Contact, ...]:
        """Addresses to show balances of, which cannot sign."""
        return tuple(self._book.all(watched_only=True))

    def add(self, address: str, name: str, note: str = "", watched: bool = False) -> Contact:
        """Name an address, or change its entry. Raises InvalidInputError, RefusedError for an own account.

        With an open wallet the entry is sealed, so that nobody else can change it unnoticed.
        """
        checked = parse_address(address)
        name, note = " ".join(name.split()), note.strip()
        if not name or len(name) > NAME_LIMIT or not name.isprintable() or _UNSEEN & set(name):
            raise InvalidInputError("address.name_unusable", limit=NAME_LIMIT)
        if name.lower().startswith("0x"):
            # A name that reads as an address could be taken for it.
            raise InvalidInputError("address.name_like_address", name=name)
        if len(note) > NOTE_LIMIT:
            raise InvalidInputError("address.note_too_long", limit=NOTE_LIMIT)
        for account in self._wallet.status().accounts:
            if account.address == checked:
                raise RefusedError("address.own_account", name=account.name)
            if _shape(account.name) == _shape(name):
                raise RefusedError("address.name_of_own_account", name=name)
        for other in self._book.all():
            if other.address != checked and _shape(other.name) == _shape(name):
                raise RefusedError("store.contact_name_taken", name=name, address=other.address)
        seal = self._wallet.contact_seal(checked, name)
        self._book.put(Contact(checked, name, note, watched, self._clock.now(), seal))
        return self.get(checked)

    def watch(self, address: str, watched: bool = True) -> Contact:
        """Show the balances of a contact, or no longer."""
        known = self.get(address)
        return self.add(known.address, known.name, known.note, watched)

    def get(self, reference: str) -> Contact:
        """A contact by address or name. Raises NotFoundError."""
        wanted = reference.strip()
        found = self._book.named(wanted)
        if found is None and wanted.lower().startswith("0x"):
            found = self._book.find(parse_address(wanted))
        if found is None:
            raise NotFoundError("store.contact_unknown", address=wanted[:80])
        return found

    def remove(self, reference: str) -> None:
        self._book.remove(self.get(reference).address)

    def resolve(self, text: str) -> str:
        """The address that a person means: typed as one, or by the name of a contact or own account.

        Raises InvalidInputError.
        """
        wanted = text.strip()
        if wanted.lower().startswith("0x"):
            return parse_address(wanted)
        for account in self._wallet.status().accounts:
            if account.name.casefold() == wanted.casefold():
                return account.address
        contact = self._book.named(wanted)
        if contact is None:
            raise InvalidInputError("address.nobody_called", name=wanted[:80])
        return contact.address

    def check_own_accounts(self) -> None:
        """Make sure, where the wallet is open, that no stranger's address is among the own accounts.

        May ask the keyring. Raises CorruptError.
        """
        self._wallet.status_to_show()

    def known(self) -> tuple[Known, ...]:
        """Every address that the user has to do with, once: own accounts first."""
        accounts = self._wallet.status().accounts
        found = [Known(one.address, one.name, KnownAs.OWN) for one in accounts]
        for contact in self._book.all():
            kind = KnownAs.WATCHED if contact.watched else KnownAs.CONTACT
            found.append(Known(contact.address, contact.name, kind))
        found += [
            Known(address, "", KnownAs.USED) for address in self._used([one.address for one in accounts])
        ]
        seen: dict[str, Known] = {}
        for one in found:
            seen.setdefault(one.address.lower(), one)
        return tuple(seen.values())

    def identify(self, address: str) -> Known | None:
        """Who is behind an address, None for a stranger."""
        return next((one for one in self.known() if one.address.lower() == address.lower()), None)

    def is_vouched(self, contact: Contact) -> bool | None:
        """Whether this name was given to this address with the wallet open, and not changed since.

        None while the wallet is not open, as then nobody can tell. The database is not encrypted: whoever can
        write to it could put another address behind a name.
        """
        expected = self._wallet.contact_seal(contact.address, contact.name)
        if expected is None:
            return None
        return contact.seal is not None and hmac.compare_digest(expected, contact.seal)

    def unvouched(self, address: str) -> Contact | None:
        """The contact of that address whose name is not vouched for; tells only with an open wallet."""
        found = self._book.find(parse_address(address))
        return found if found is not None and self.is_vouched(found) is False else None

    def name_of(self, address: str) -> str:
        """The name of an own account or contact, "" where there is none."""
        known = self.identify(address)
        return "" if known is None else known.name

    def look_alikes(self, address: str) -> tuple[Known, ...]:
        """Known addresses that a stranger's address can be taken for; () for one that is named itself."""
        own = self.identify(address)
        if own is not None and own.known_as is not KnownAs.USED:
            return ()
        return tuple(one for one in self.known() if looks_like(one.address, address))
