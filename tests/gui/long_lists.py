"""What years of use leave behind: the little that `gui.world` has, hundreds of times over, in long words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from gui.world import BEN

from desktop_app.core.clock import SystemClock
from desktop_app.services.address_book import Contact
from desktop_app.services.app import Services
from desktop_app.services.challenges import Challenge

T = TypeVar("T")
MANY = 400
WORKS = 10_000
NAME = "The Long Road Home from the Harbour, in Sixty Letters, Nr."


def name(number: int) -> str:
    return f"{NAME} {number}"


def address(number: int) -> str:
    return f"{BEN[:-6]}{number:06x}"


def lengthen(patch: pytest.MonkeyPatch, services: Services) -> None:
    """Every list that a page shows is long from now on."""

    def say(service: object, **answers: Callable[..., Any]) -> None:
        for method, answer in answers.items():
            patch.setattr(type(service), method, lambda _self, *args, _a=answer, **more: _a(*args, **more))

    def part(items: Sequence[T], offset: int = 0, limit: int = 100) -> tuple[T, ...]:
        return tuple(items[offset : offset + limit])

    library, royalties, selling = services.library, services.royalties, services.selling
    song = next(one for one in library.page() if one.title == "Night Train")
    works = [replace(song, title=name(n), id=f"{n:032d}" if n else song.id) for n in range(WORKS)]
    say(
        library,
        page=lambda offset=0, limit=100, search="": part(works, offset, limit),
        count=lambda search="": WORKS,
        get=lambda number: works[0],
    )
    night = next(one for one in royalties.tokens() if one.symbol == "NIGHT")
    overview = royalties.overview(night)
    holder = overview.holders[0]
    holders = tuple(replace(holder, address=address(n)) for n in range(MANY))
    tokens = tuple(replace(night, name=name(n), address=address(n)) for n in range(MANY))
    say(
        royalties,
        tokens=lambda work_id="": (night,) if work_id else tokens,
        overview=lambda token, task=None: replace(overview, token=token, holders=holders),
    )
    (licence,) = services.licences.sold(night)
    offers = services.licences.offers(night)
    say(
        services.licences,
        sold=lambda token: (licence,) * MANY,
        mine=lambda: (licence,) * MANY,
        offers=lambda token: offers,
        may_offer=lambda token: True,
    )
    (sale,), (order,) = selling.sales.sales(), selling.orders.orders()
    sales = tuple(replace(sale, title=name(n), reference=f"{n:064x}") for n in range(MANY))
    say(selling.sales, sales=lambda closed=False: sales)
    soon = SystemClock().now() + 3600
    orders = tuple(
        replace(order, title=name(n), reference=f"{n:064x}", deadline=soon) for n in range(MANY)
    )
    say(selling.orders, orders=lambda chain_id=None: orders)
    bought = tuple(_bought(sale, order, n) for n in range(MANY))
    say(selling.purchases, purchases=lambda: bought, current=lambda task=None: bought)
    transaction = services.transactions.page()[0]
    sent = [replace(transaction, text=name(n), tx_hash=f"0x{n:064x}") for n in range(MANY)]
    say(
        services.transactions,
        page=lambda offset=0, limit=100, network_key="": part(sent, offset, limit),
        count=lambda: MANY,
    )
    line = next(one for one in services.earnings.lines() if one.payout.kind == "payment")
    say(
        services.earnings,
        count=lambda wanted=None: WORKS,
        lines=lambda wanted=None, limit=100, offset=0: [
            replace(line, work=name(offset + n)) for n in range(limit)
        ],
    )
    contacts = tuple(Contact(address(n), name(n), "Somebody whom I know") for n in range(MANY))
    say(services.address_book, contacts=lambda: contacts)
    challenges = tuple(Challenge(f"{n:08d}", name(n), 1_700_000_000) for n in range(MANY))
    say(services.challenges, all=lambda: challenges)
    certificate = services.ownership.certificates(song.id)[0]
    certificates = tuple(replace(certificate, id=f"{n}", audience=name(n)) for n in range(MANY))
    say(services.ownership, certificates=lambda *_about: certificates)


def _bought(sale: Any, order: Any, number: int) -> Any:
    from desktop_app.services.purchases import Purchase

    return Purchase(
        f"{number:032x}", sale.chain_id, sale.network_name, name(number), "Ada Lindqvist", sale.price,
        order.state, order.deadline, 0, sale.package_path, None, order.reference, sale.mode_in_words,
    )  # fmt: skip
