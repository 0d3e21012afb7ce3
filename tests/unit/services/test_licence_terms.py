"""The standard licence texts are known by their hash, in whatever language an offer was made."""

import pytest

from desktop_app.core import translations
from desktop_app.services.licence_terms import LicenceKind, document_hash, known_text, standard_text


@pytest.mark.parametrize("kind", LicenceKind)
@pytest.mark.parametrize("language", translations.languages())
def test_a_buyer_knows_the_standard_text_of_a_seller_who_speaks_otherwise(
    kind: LicenceKind, language: str
) -> None:
    translations.use(language)
    try:
        offered = standard_text(kind)
    finally:
        translations.use(translations.ENGLISH)
    assert known_text(kind, document_hash(offered)) == offered
    assert known_text(kind, document_hash(offered + " And more.")) == ""
