"""Links and QR codes for plain payments to a work (EIP-681), which any wallet can read.

A plain transfer to the royalty token counts like every payment; it is shared out when somebody books it. Some
wallets ignore the network in the link, so that it has to be said beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from desktop_app.core.amounts import Amount, Currency
from desktop_app.core.errors import InvalidInputError, UnavailableError
from desktop_app.services.networks import PRACTICE, NetworkService
from desktop_app.services.royalty_payments import accepted
from desktop_app.services.wording import words
from desktop_app.store.tokens import Token
from desktop_app.wallet.durable import replace_file


@dataclass(frozen=True)
class PaymentLink:
    """`uri` is "ethereum:...", `amount` None where the payer chooses; `recipient` is the work's royalty
    token."""

    uri: str
    network_name: str
    chain_id: int
    recipient: str
    name: str
    currency: Currency
    amount: Amount | None

    @property
    def is_practice(self) -> bool:
        return NetworkService.by_chain_id(self.chain_id).kind == PRACTICE

    @property
    def caution(self) -> str:
        """To be read together with the link: which network, and what else would happen."""
        if self.is_practice:
            return words("selling.link_practice", network=self.network_name)
        return words("selling.link_network", network=self.network_name, chain_id=self.chain_id)


def payment_link(token: Token, currency: Currency, amount: Amount | None = None) -> PaymentLink:
    """A link that pays `amount` of one of the token's currencies, or what the payer chooses.

    Raises InvalidInputError("royalties.other_currency", "royalties.nothing_to_pay").
    """
    accepted(token, currency)
    if amount is not None and (amount.units <= 0 or amount.currency != currency):
        raise InvalidInputError("royalties.nothing_to_pay")
    if currency.is_native:
        uri = f"ethereum:{token.address}@{token.chain_id}"
        uri += f"?value={amount.units}" if amount else ""
    else:
        uri = f"ethereum:{currency.address}@{token.chain_id}/transfer?address={token.address}"
        uri += f"&uint256={amount.units}" if amount else ""
    name = NetworkService.by_chain_id(token.chain_id).name
    return PaymentLink(uri, name, token.chain_id, token.address, token.name, currency, amount)


def qr_svg(text: str) -> str:
    """A QR code (ISO 18004) as SVG, dark on white, with its quiet zone."""
    import segno

    file = BytesIO()
    segno.make(text, error="m").save(file, kind="svg", scale=8, light="#ffffff", xmldecl=True)
    return file.getvalue().decode()


def qr_png(text: str, scale: int = 8) -> bytes:
    """The same as a PNG picture of `scale` pixels a module."""
    import segno

    file = BytesIO()
    segno.make(text, error="m").save(file, kind="png", scale=scale, light="#ffffff")
    return file.getvalue()


def write_qr(text: str, path: Path) -> None:
    """Write a QR code to a .png or .svg file. Raises InvalidInputError("selling.picture_kind",
    "licence.cannot_write")."""
    kind = path.suffix.lower()
    if kind not in (".png", ".svg"):
        raise InvalidInputError("selling.picture_kind", path=path.name)
    try:
        replace_file(path, qr_png(text) if kind == ".png" else qr_svg(text).encode())
    except (OSError, UnavailableError) as problem:
        raise InvalidInputError("licence.cannot_write", path=str(path)) from problem
