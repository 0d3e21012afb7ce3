"""A first payment without a second person: on the practice network, from the user's own practice money."""

from __future__ import annotations

from desktop_app.core.amounts import Amount
from desktop_app.core.errors import RefusedError
from desktop_app.core.progress import Task
from desktop_app.services.actions import Action
from desktop_app.services.networks import PRACTICE, Network, NetworkService
from desktop_app.services.royalties import PaymentReceipt, RoyaltyService, Token
from desktop_app.services.wallet import WalletService

DOLLARS = 5
PAYMENTS_PER_COIN = 100


def practice_amount(network: Network, token: Token) -> Amount | None:
    """5 practice dollars, or a hundredth of the coin; None off the practice network, or without both."""
    if network.kind != PRACTICE:
        return None
    dollar, coin = network.dollar, network.native
    if dollar is not None and dollar in token.currencies:
        return Amount(DOLLARS * 10**dollar.decimals, dollar)
    if coin in token.currencies:
        return Amount(10**coin.decimals // PAYMENTS_PER_COIN, coin)
    return None


def prepare_practice_payment(
    networks: NetworkService, wallet: WalletService, royalties: RoyaltyService, token: Token, task: Task
) -> Action[PaymentReceipt]:
    """The payment; practice money is fetched first where there is too little of it.

    Raises RefusedError("practice.only_there") where `practice_amount` has none, and ("wallet.locked").
    """
    network = networks.active
    amount, payer = practice_amount(network, token), wallet.status().active
    if amount is None:
        raise RefusedError("practice.only_there", network=network.name)
    if payer is None:
        raise RefusedError("wallet.locked")
    held = {one.currency: one.units for one in networks.balances(payer)}
    if held[amount.currency] < amount.units or not held[network.native]:
        networks.faucet(payer, task)
    return royalties.prepare_pay(token, amount)
