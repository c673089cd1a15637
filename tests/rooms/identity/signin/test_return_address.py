"""After signing in, only towards ourselves."""

import pytest

from preau.identity.signin.return_address import added_to, checked


@pytest.mark.parametrize("address", ["/compte/", "/compte/mot-de-passe/", "/compte/?fait=courriel", "/compte/#journal"])
def test_our_own_pages_are_gone_back_to(address: str) -> None:
    assert checked(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "compte/",
        "//evil.example/compte/",
        "/\\evil.example/",
        "\\\\evil.example",
        "https://evil.example/compte/",
        "http:/compte/",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/compte/\r\nLocation: https://evil.example",
        " /compte/",
        "/nulle-part/",
        "/compte/\\..\\",
        "/%09/evil.example/",
        "/connexion/",
        "/deconnexion/",
        "/compte/" + "a" * 9000,
    ],
)
def test_anything_else_is_forgotten(address: str) -> None:
    assert checked(address) == ""


def test_the_address_is_quoted() -> None:
    assert added_to("/connexion/", "/compte/?a=1&b=2") == "/connexion/?suite=%2Fcompte%2F%3Fa%3D1%26b%3D2"
    assert added_to("/connexion/", "") == "/connexion/"
