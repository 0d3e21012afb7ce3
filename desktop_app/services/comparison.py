"""Which network suits a creator: what a plan costs on each, before and after Dencun, and what works there.

Pure arithmetic on prices that are known already; nobody is asked. All money in integers.

Before Dencun (EIP-4844, 13 March 2024) rollups put their data on Ethereum as calldata, 16 gas a byte; since
then mostly as blobs, one blob gas a byte. "Before" here means: today's compressed bytes at 16 gas each and at
the base fee that Ethereum has now, with everything else as it is. (Since Pectra calldata would even cost up
to 40 gas a byte, EIP-7623; the comparison leaves that out.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median_low

from desktop_app.chain.networks import Network
from desktop_app.chain.own_actions import OwnAction
from desktop_app.core.amounts import Amount, parse_units
from desktop_app.core.errors import InvalidInputError
from desktop_app.services.actions import Notice, Weight
from desktop_app.services.network_prices import Prices

CALLDATA_GAS_PER_BYTE, BLOB_GAS_PER_BYTE = 16, 1
MOST = 1_000_000
OLD_AFTER_SECONDS = 7 * 86_400
SAME_DAY_SECONDS = 86_400
# Networks that know Ethereum's base fee should know the same one: within a day it moves, but not like this.
_OUTLIER = 20
WORTH_DECIMALS = 2
MONEY_DECIMALS = 6


@dataclass(frozen=True)
class Plan:
    """What the creator does in a month: works registered and minted, payments received, earnings claimed."""

    works: int = 2
    payments: int = 100
    claims: int = 1

    def __post_init__(self) -> None:
        for name, count in (("works", self.works), ("payments", self.payments), ("claims", self.claims)):
            if not 0 <= count <= MOST:
                raise InvalidInputError("compare.plan_out_of_range", what=name, maximum=MOST)

    def times(self, action: OwnAction) -> int:
        """How often an action happens in a month."""
        return {
            OwnAction.REGISTER: self.works,
            OwnAction.MINT: self.works,
            OwnAction.PAY: self.payments,
            OwnAction.CLAIM: self.claims,
        }[action]


class Fit(StrEnum):
    """Whether a feature works on a network."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Features:
    """`records`: works, tokens and payments can be there; `proofs`: the registration proof is checked on
    chain; `dollars`: payments in a known dollar; `ethereum_data`: all data is kept on Ethereum."""

    records: Fit
    proofs: Fit
    dollars: Fit
    ethereum_data: Fit


@dataclass(frozen=True)
class PlanCost:
    """A month of the plan on one network, in its coin.

    `yours` is what the creator pays (registering, minting, claiming), `payers` what those pay who pay him;
    both together are `execution` + `data` + `operator`. `posted` bytes go to Ethereum, None where that is not
    known or they go elsewhere: `calldata` and `blobs` is what Ethereum takes for them in either form at its
    own base fees, `data` what the network takes. `before_dencun` is the same month with its data as calldata.
    """

    yours: Amount
    payers: Amount
    execution: Amount
    data: Amount
    operator: Amount
    posted: int | None = None
    calldata: Amount | None = None
    blobs: Amount | None = None
    before_dencun: Amount | None = None

    @property
    def total(self) -> Amount:
        return self.yours + self.payers


@dataclass(frozen=True)
class Row:
    """One network in the comparison. `cost` is None while its prices are not known; `money` the cost in the
    user's own currency, in millionths, where the user said what the coin is worth."""

    network: Network
    features: Features
    prices: Prices | None
    cost: PlanCost | None
    money: int | None
    notices: tuple[Notice, ...]


@dataclass(frozen=True)
class Comparison:
    """`rows` the cheapest first, unknown costs last. `choice` is the key of the recommended network, "" when
    there is none; `reasons` why, the weightiest first."""

    plan: Plan
    rows: tuple[Row, ...]
    choice: str
    reasons: tuple[Notice, ...]
    notices: tuple[Notice, ...]


def parse_worth(text: str) -> tuple[str, int]:
    """("ETH", 250050) from "ETH=2500.50": what a coin is worth, in hundredths of the user's currency."""
    symbol, sign, number = text.partition("=")
    if not sign or not symbol.strip():
        raise InvalidInputError("compare.worth_form", text=text[:80])
    return symbol.strip().upper(), parse_units(number, WORTH_DECIMALS)


def compare(
    networks: Sequence[Network],
    prices: Mapping[str, Prices],
    plan: Plan,
    now: int,
    worth: Mapping[str, int] | None = None,
) -> Comparison:
    """Compare networks for a plan. `worth`: hundredths of the user's currency for a whole coin, by symbol."""
    worth = worth or {}
    ethereum = _ethereum_prices(prices)
    rows = [_row(one, prices.get(one.key), plan, now, worth, prices, ethereum) for one in networks]
    rows.sort(key=_rank)
    choice, reasons = _recommend(rows)
    return Comparison(plan, tuple(rows), choice, reasons, _notices(rows))


def in_money(amount: Amount, worth: int) -> int:
    """Millionths of the user's currency for an amount, where a whole coin is worth `worth` hundredths."""
    scale: int = 10 ** (MONEY_DECIMALS - WORTH_DECIMALS)
    whole: int = 10**amount.currency.decimals
    return amount.units * worth * scale // whole


def _row(
    network: Network,
    prices: Prices | None,
    plan: Plan,
    now: int,
    worth: Mapping[str, int],
    all_prices: Mapping[str, Prices],
    ethereum: tuple[int | None, int | None],
) -> Row:
    cost = _cost(network, prices, plan, ethereum) if prices else None
    money = None
    if cost is not None and network.native.symbol in worth:
        money = in_money(cost.total, worth[network.native.symbol])
    notices = _doubts(prices, all_prices, now) if prices else ()
    return Row(network, _features(network, prices), prices, cost, money, notices)


def _cost(
    network: Network, prices: Prices, plan: Plan, ethereum: tuple[int | None, int | None]
) -> PlanCost:
    parts = {"execution": 0, "data": 0, "operator": 0}
    yours = payers = posted = 0
    known = True
    for fee in prices.reading.fees:
        times = plan.times(fee.action)
        parts["execution"] += times * fee.execution
        parts["data"] += times * fee.data
        parts["operator"] += times * fee.operator
        posted += times * (fee.posted or 0)
        known = known and (fee.posted is not None or not times)
        if fee.action is OwnAction.PAY:
            payers += times * fee.total
        else:
            yours += times * fee.total
    coin = network.native
    calldata = blobs = before = None
    # On Ethereum itself nothing is posted: Dencun changed nothing there.
    known = known and network.data_fee is not None
    base_fee = prices.reading.l1_base_fee or ethereum[0]
    # A blob base fee belongs to the base fee of its hour.
    blob_base_fee = prices.reading.blob_base_fee if prices.reading.l1_base_fee else ethereum[1]
    if known and base_fee is not None:
        calldata = Amount(posted * CALLDATA_GAS_PER_BYTE * base_fee, coin)
        before = Amount(parts["execution"] + parts["operator"], coin) + calldata
    if known and blob_base_fee is not None:
        blobs = Amount(posted * BLOB_GAS_PER_BYTE * blob_base_fee, coin)
    return PlanCost(
        yours=Amount(yours, coin),
        payers=Amount(payers, coin),
        execution=Amount(parts["execution"], coin),
        data=Amount(parts["data"], coin),
        operator=Amount(parts["operator"], coin),
        posted=posted if known else None,
        calldata=calldata,
        blobs=blobs,
        before_dencun=before,
    )


def _features(network: Network, prices: Prices | None) -> Features:
    # The probe counts; what is written down about a network only until it has been probed.
    probed = prices.reading.proof_on_chain if prices and not prices.shipped else None
    proofs = network.proof_on_chain if probed is None else probed
    return Features(
        records=Fit.YES if network.usable or network.key == "ethereum" else Fit.NO,
        proofs=_fit(proofs),
        dollars=Fit.YES if network.dollar else Fit.UNKNOWN,
        ethereum_data=_fit(
            True
            if network.key == "ethereum"
            else None
            if network.posts_to is None
            else network.posts_to != "eigenda"
        ),
    )


def _fit(known: bool | None) -> Fit:
    return Fit.UNKNOWN if known is None else Fit.YES if known else Fit.NO


def _ethereum_prices(prices: Mapping[str, Prices]) -> tuple[int | None, int | None]:
    """Ethereum's base fee and blob base fee: as it says itself, or the middle of what other networks say."""
    own = prices.get("ethereum")
    if own is not None and own.reading.l1_base_fee is not None:
        return own.reading.l1_base_fee, own.reading.blob_base_fee
    base = [one.reading.l1_base_fee for one in prices.values() if one.reading.l1_base_fee]
    blob = [one.reading.blob_base_fee for one in prices.values() if one.reading.blob_base_fee]
    return median_low(base) if base else None, median_low(blob) if blob else None


def _doubts(prices: Prices, all_prices: Mapping[str, Prices], now: int) -> tuple[Notice, ...]:
    found = []
    if prices.reading.doubtful:
        found.append(Notice("warning.prices_doubtful", Weight.CAUTION))
    own = prices.reading.l1_base_fee
    same_day = [
        one for one in all_prices.values() if abs(one.taken_at - prices.taken_at) < SAME_DAY_SECONDS
    ]
    others = [
        one.reading.l1_base_fee for one in same_day if one is not prices and one.reading.l1_base_fee
    ]
    if own and len(others) > 1:
        middle = median_low(others)
        if own > middle * _OUTLIER or own * _OUTLIER < middle:
            found.append(Notice("warning.prices_outlier", Weight.CAUTION))
    if now - prices.taken_at > OLD_AFTER_SECONDS:
        days = (now - prices.taken_at) // 86_400
        found.append(Notice("warning.prices_old", Weight.NOTE, {"days": str(days)}))
    return tuple(found)


def _rank(row: Row) -> tuple[int, int, int, str]:
    """Known costs first and in one coin: ether and others cannot be compared without their worth."""
    if row.cost is None:
        return 3, 0, 0, row.network.name
    units = row.cost.total.units
    if row.money is not None:
        return 0, row.money, units, row.network.name
    return (1 if row.network.native.symbol == "ETH" else 2), units, 0, row.network.name


def _doubted(row: Row) -> bool:
    return any(notice.weight is Weight.CAUTION for notice in row.notices)


_CONDITIONS: tuple[tuple[str, Callable[[Row], bool]], ...] = (
    ("compare.reason_ethereum_data", lambda row: row.features.ethereum_data is Fit.YES),
    ("compare.reason_dollars", lambda row: row.features.dollars is Fit.YES),
    ("compare.reason_proofs", lambda row: row.features.proofs is Fit.YES),
    ("compare.reason_stage", lambda row: row.network.stage in ("1", "2")),
)
"""What is wanted of a network, the weightiest first."""


def _recommend(rows: Sequence[Row]) -> tuple[str, tuple[Notice, ...]]:
    """The cheapest of those networks that meet all conditions; one that nothing left meets is passed over."""
    left = [row for row in rows if row.network.usable and row.features.records is Fit.YES]
    if not left:
        return "", ()
    left = [row for row in left if not _doubted(row)] or left
    held: list[str] = []
    for code, holds in _CONDITIONS:
        narrower = [row for row in left if holds(row)]
        if narrower:
            left = narrower
            held.append(code)
    best = left[0]
    reasons = [Notice(code, Weight.NOTE, _params(best)) for code in held]
    priced = [row for row in left if row.cost is not None]
    if best.cost is not None and len(priced) > 1:
        reasons.insert(0, Notice("compare.reason_cheapest", Weight.NOTE, {"count": str(len(priced))}))
    elif best.cost is None:
        reasons.append(Notice("compare.reason_no_prices", Weight.NOTE))
    if best.cost is not None and len(priced) < len(left):
        names = ", ".join(row.network.name for row in left if row.cost is None)
        reasons.append(Notice("compare.reason_others_unknown", Weight.NOTE, {"names": names}))
    cheaper = [
        row
        for row in rows
        if row.cost is not None and best.cost is not None and _rank(row) < _rank(best) and row.network.usable
    ]
    if cheaper:
        names = ", ".join(row.network.name for row in cheaper[:3])
        reasons.append(Notice("compare.reason_cheaper_elsewhere", Weight.NOTE, {"names": names}))
    if best.prices is not None and best.prices.reading.contracts_there is False:
        reasons.append(Notice("compare.reason_contracts_missing", Weight.NOTE))
    return best.network.key, tuple(reasons)


def _params(row: Row) -> dict[str, str]:
    network = row.network
    return {"stage": network.stage or "", "date": network.dates.get("stage", "")}


def _notices(rows: Sequence[Row]) -> tuple[Notice, ...]:
    taken = [row.prices.taken_at for row in rows if row.prices is not None]
    found = []
    if taken and max(taken) - min(taken) > SAME_DAY_SECONDS:
        found.append(Notice("warning.prices_of_different_days", Weight.NOTE))
    if any(row.prices is not None and row.prices.shipped for row in rows):
        found.append(Notice("warning.prices_shipped", Weight.NOTE))
    coins = {row.network.native.symbol for row in rows if row.cost is not None and row.money is None}
    if len(coins) > 1:
        found.append(Notice("warning.coins_not_comparable", Weight.NOTE, {"coins": ", ".join(sorted(coins))}))
    return tuple(found)
