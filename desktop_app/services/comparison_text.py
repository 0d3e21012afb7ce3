"""How the comparison of networks is worded, the same in the window and on the command line."""

from __future__ import annotations

from datetime import UTC, datetime

from desktop_app.chain.networks import Network
from desktop_app.core.amounts import cost_text, significant
from desktop_app.services.comparison import MONEY_DECIMALS, Fit, Row
from desktop_app.services.network_prices import Prices
from desktop_app.services.wording import words

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def money_text(millionths: int) -> str:
    """A sum in the user's own currency, whose name we do not know: "0.255"."""
    return significant(millionths, MONEY_DECIMALS)


def duration_text(seconds: int) -> str:
    """"24 minutes", "2 hours" or "7 days", in the largest unit that is met at least twice."""
    for unit, size in (("days", _DAY), ("hours", _HOUR), ("minutes", _MINUTE)):
        if seconds >= size and (seconds >= 2 * size or seconds % size == 0):
            count = -(-seconds // size)
            return words(f"compare.{unit}" if count > 1 else f"compare.one_{unit}", count=count)
    return words("compare.seconds", count=seconds)


def final_text(network: Network) -> str:
    """How long until a payment is final, "" where that is not known."""
    return duration_text(network.final_after_s) if network.final_after_s else ""


def withdrawal_text(network: Network) -> str:
    """How long the way back to Ethereum takes, "" where that is not known."""
    if network.withdrawal_s is None:
        return ""
    fastest, slowest = network.withdrawal_s
    if fastest == slowest:
        return duration_text(slowest)
    return words("compare.span", fastest=duration_text(fastest), slowest=duration_text(slowest))


def stage_text(network: Network) -> str:
    """L2BEAT's stage with its date, "" where it is not known."""
    if network.stage is None:
        return ""
    code = "compare.no_stage" if network.stage == "none" else "compare.stage"
    return words(code, stage=network.stage, date=network.dates["stage"])


def fit_text(fit: Fit) -> str:
    return words(f"compare.{fit.value}")


def day_text(prices: Prices | None, *, short: bool = False) -> str:
    """The day of the prices, UTC, and, unless `short`, whether they came with the app."""
    if prices is None:
        return words("compare.not_asked")
    day = datetime.fromtimestamp(prices.taken_at, UTC).date().isoformat()
    return words("compare.shipped_day" if prices.shipped and not short else "compare.asked_day", day=day)


def dencun_text(row: Row) -> str:
    """What the month would cost with calldata, or why there is no such figure."""
    if row.cost is None:
        return ""
    if row.cost.before_dencun is not None:
        return cost_text(row.cost.before_dencun)
    if row.network.key == "ethereum":
        return words("compare.same")
    return words("compare.data_elsewhere") if row.network.posts_to == "eigenda" else words("compare.unknown")
