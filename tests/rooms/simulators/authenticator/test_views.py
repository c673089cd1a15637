"""The codes a telephone shows."""

from datetime import UTC, datetime
from typing import Any

import pyotp
import pytest
from django.test import Client

from preau.simulators.authenticator.codes import codes, seconds_left

RFC = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890", RFC 6238 appendix B


@pytest.mark.parametrize(("seconds", "expected"), [(59, "287 082"), (1111111109, "081 804"), (20000000000, "353 130")])
def test_codes_are_those_of_the_norm(seconds: int, expected: str) -> None:
    assert codes("x", RFC, datetime.fromtimestamp(seconds, UTC)).now == expected


def test_the_next_code_is_the_one_of_the_next_half_minute() -> None:
    at = datetime.fromtimestamp(1111111080, UTC)
    assert codes("x", RFC, at).after == codes("x", RFC, datetime.fromtimestamp(1111111110, UTC)).now
    assert seconds_left(at) == 30


def test_the_demo_s_staff_have_their_code(client: Client, town: Any) -> None:
    town({"staff": [{"sub": "x", "given_name": "Zoé", "family_name": "Petit", "totp_seed": RFC}]})
    page = client.get("/codes/").content.decode()
    now = pyotp.TOTP(RFC).now()
    assert "Zoé Petit" in page and f"{now[:3]} {now[3:]}" in page


@pytest.mark.parametrize(
    "typed", [RFC, "gezd gnbv gy3t qojq gezd gnbv gy3t qojq", f"otpauth://totp/Pr%C3%A9au:claire?secret={RFC}&issuer=x"]
)
def test_a_key_shown_by_a_site_can_be_added_and_forgotten(client: Client, town: Any, typed: str) -> None:
    town({"staff": []})
    assert client.post("/codes/", {"key": typed}).status_code == 302
    assert client.post("/codes/", {"key": typed}).status_code == 302
    page = client.get("/codes/").content.decode()
    assert page.count("Oublier") == 1
    pk = page.split("/codes/oublier/")[1].split("/")[0]
    client.post(f"/codes/oublier/{pk}/")
    assert "n’a encore aucune clé" in client.get("/codes/").content.decode()


@pytest.mark.parametrize("typed", ["", "abc", "not base 32 at all, is it? 01", "otpauth://totp/x"])
def test_what_is_not_a_key_is_refused_with_a_sentence(client: Client, typed: str) -> None:
    page = client.post("/codes/", {"key": typed})
    assert page.status_code == 200 and "summary-errors" in page.content.decode()
