"""What `colophon network fees` and `colophon network compare` print."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from desktop_app.cli import output
from desktop_app.cli.session import Session
from desktop_app.core.amounts import Amount
from desktop_app.core.localised import grouped
from desktop_app.services.wording import words

if TYPE_CHECKING:
    from desktop_app.services.comparison import Comparison, Row
    from desktop_app.services.network_prices import Asked, Prices
    from desktop_app.services.networks import Network


def show_fees(session: Session, network: Network, prices: Prices) -> None:
    """One network's fees, action by action, its parts apart."""
    from desktop_app.core.amounts import cost_text

    def told(units: int) -> str:
        return cost_text(Amount(units, network.native))

    rows = [
        (words(f"compare.action_{fee.action.value}"), told(fee.execution), told(fee.data),
         told(fee.operator), told(fee.total), grouped(fee.gas))
        for fee in prices.reading.fees
    ]  # fmt: skip
    columns = ["action", "running", "data", "operator", "together"]
    names = [("" if column == "action" else ">") + words(f"compare.{column}") for column in columns]
    where = words("compare.fee_title", name=network.name, host=prices.source or network.name)
    warnings = [words("warning.prices_doubtful", "text")] if prices.reading.doubtful else []
    value = {
        "network": network.key,
        "asked": prices.source,
        "taken_at": prices.taken_at,
        "gas_price": str(prices.reading.gas_price),
        "ethereum_base_fee": _number(prices.reading.l1_base_fee),
        "ethereum_blob_base_fee": _number(prices.reading.blob_base_fee),
        "proof_on_chain": prices.reading.proof_on_chain,
        "contracts_there": prices.reading.contracts_there,
        "doubtful": prices.reading.doubtful,
        "fees": [
            {
                "action": fee.action.value,
                "gas": fee.gas,
                "execution": Amount(fee.execution, network.native),
                "data": Amount(fee.data, network.native),
                "operator": Amount(fee.operator, network.native),
                "total": Amount(fee.total, network.native),
                "bytes_on_ethereum": fee.posted,
            }
            for fee in prices.reading.fees
        ],
    }
    session.show(value, where, output.listing([*names, ">Gas"], rows), *warnings)


def run(session: Session, plan: tuple[int, int, int], worth: Sequence[str], ask: bool) -> None:
    """Compare for a plan of (works, payments, claims); with `ask`, after having asked every network."""
    from desktop_app.services.comparison import Plan, compare, parse_worth

    services = session.services
    wanted = Plan(*plan)
    values = dict(parse_worth(text) for text in worth)
    networks = services.prices.comparable()
    asked: tuple[Asked, ...] = ()
    if ask:
        hosts = services.prices.nodes(networks)
        session.approve("cli.ask_networks", count=len(hosts), hosts=", ".join(hosts))
        asked = session.run(lambda task: services.prices.ask((), task))
    found = compare(networks, services.prices.last(), wanted, services.clock.now(), values)
    session.show(_value(found, asked), *_people(found, asked))


def _people(found: Comparison, asked: Sequence[Asked]) -> list[output.Part]:
    from desktop_app.core.amounts import cost_text
    from desktop_app.services.comparison_text import (
        day_text,
        dencun_text,
        final_text,
        fit_text,
        money_text,
        stage_text,
        withdrawal_text,
    )

    def name(row: Row) -> str:
        return f"{'*' if row.network.key == found.choice else ' '} {row.network.name}"

    plan = found.plan
    with_money = any(row.money is not None for row in found.rows)
    costs = []
    for row in found.rows:
        cost = row.cost
        parts = (cost.yours, cost.payers, cost.total, cost.data) if cost else ()
        cells = [name(row), *(cost_text(part) for part in parts)] if parts else [name(row), "", "", "", ""]
        money = [money_text(row.money) if row.money is not None else ""] if with_money else []
        costs.append([*cells, dencun_text(row), *money, day_text(row.prices)])
    columns = ["you", "payers", "together", "of_it_data", "before_dencun"]
    columns += ["in_money"] if with_money else []
    heads = [words("compare.network"), *(f">{words(f'compare.{one}')}" for one in columns)]
    facts = [
        [
            name(row),
            fit_text(row.features.records),
            fit_text(row.features.proofs),
            fit_text(row.features.dollars),
            fit_text(row.features.ethereum_data),
            final_text(row.network),
            withdrawal_text(row.network),
            stage_text(row.network),
        ]
        for row in found.rows
    ]
    about = ["network", "records", "proofs", "dollars", "ethereum_data", "final", "withdrawal", "stage_name"]
    posting = [row for row in found.rows if row.cost is not None and row.cost.posted is not None]
    dencun = [
        [
            row.network.name,
            grouped(row.cost.posted or 0),
            cost_text(row.cost.calldata) if row.cost.calldata else "",
            cost_text(row.cost.blobs) if row.cost.blobs else "",
            cost_text(row.cost.data),
        ]
        for row in posting
        if row.cost is not None
    ]
    about_data = ["bytes", "as_calldata", "as_blobs", "charged"]
    parts_: list[output.Part] = [
        *(_asked_line(one) for one in asked),
        words("compare.month", works=plan.works, payments=plan.payments, claims=plan.claims),
        output.listing([*heads, words("compare.prices_of")], costs),
        "",
        words("compare.dencun"),
        output.listing(
            [words("compare.network"), *(f">{words(f'compare.{one}')}" for one in about_data)], dencun
        ),
        "",
        words("compare.works_there"),
        output.listing([words(f"compare.{one}") for one in about], facts),
        "",
    ]
    if found.choice:
        chosen = next(row for row in found.rows if row.network.key == found.choice)
        parts_.append(Text(words("compare.recommended", name=chosen.network.name), style="bold"))
        parts_ += [f"- {words(reason.code, 'text', **reason.params)}" for reason in found.reasons]
    else:
        parts_.append(words("compare.nothing_recommended"))
    parts_ += ["", *(words(one.code, "text", **one.params) for one in found.notices)]
    for row in found.rows:
        parts_ += [f"{row.network.name}: {words(one.code, 'text', **one.params)}" for one in row.notices]
    return [*parts_, words("compare.honest")]


def _asked_line(one: Asked) -> str:
    if one.problem is None:
        return words("compare.asked_well", name=one.network.name)
    return words("compare.asked_badly", name=one.network.name, reason=one.problem.reason)


def _value(found: Comparison, asked: Sequence[Asked]) -> dict[str, object]:
    return {
        "plan": found.plan,
        "recommended": found.choice,
        "reasons": [
            {"code": one.code, "text": words(one.code, "text", **one.params)} for one in found.reasons
        ],
        "notices": [one.code for one in found.notices],
        "asked": [{"network": one.network.key, "problem": one.problem} for one in asked],
        "networks": [
            {
                "network": row.network.key,
                "name": row.network.name,
                "usable": row.network.usable,
                "cost": row.cost and {**_fields(row), "total": row.cost.total},
                "money_millionths": row.money,
                "prices_of": row.prices.taken_at if row.prices else None,
                "prices_from": row.prices.source if row.prices else None,
                "came_with_the_app": row.prices.shipped if row.prices else None,
                "features": row.features,
                "final_after_seconds": row.network.final_after_s,
                "withdrawal_seconds": row.network.withdrawal_s,
                "stage": row.network.stage,
                "sources": row.network.sources,
                "notices": [one.code for one in row.notices],
            }
            for row in found.rows
        ],
    }


def _fields(row: Row) -> dict[str, object]:
    assert row.cost is not None
    return dict(vars(row.cost))


def _number(value: int | None) -> str | None:
    return None if value is None else str(value)
