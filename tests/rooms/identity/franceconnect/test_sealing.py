"""An identity in a draft."""

from datetime import date

import pytest

from preau.identity.franceconnect.identity import Identity
from preau.identity.franceconnect.sealing import NotAnIdentity, seal, seal_token, unseal, unseal_token

SOMEBODY = Identity(
    "x", ("Anne Laure", "Zoé"), "Çeœur", "D’Or", date(1984, 2, 29), "", "female", "2A004", "99100", "a@b.fr"
)


@pytest.mark.parametrize("identity", [SOMEBODY, Identity("x"), Identity("x", birth_partial="1992-11-00")])
def test_an_identity_comes_out_as_it_went_in(identity: Identity) -> None:
    assert unseal(seal(identity)) == identity


def test_nothing_of_it_can_be_read_on_the_way() -> None:
    assert "Anne" not in seal(SOMEBODY) and seal(SOMEBODY) != seal(SOMEBODY)


@pytest.mark.parametrize("forged", ["", "no base64 !", "AAAA", seal_token("x")], ids=range(4))
def test_what_was_not_sealed_here_is_no_identity(forged: str) -> None:
    with pytest.raises(NotAnIdentity):
        unseal(forged)


def test_a_token_that_cannot_be_read_any_more_is_none() -> None:
    assert unseal_token(seal_token("header.body.signature")) == "header.body.signature"
    assert unseal_token(seal(SOMEBODY)) == "" == unseal_token("é")
