"""What the machines around the site ask, and what strangers knock for."""

import pytest
from django.test import Client


def test_it_is_ready_when_its_database_answers(db: None, client: Client) -> None:
    assert (client.get("/readyz").content, client.get("/healthz").content) == (b"ready", b"ok")


def test_another_name_than_ours_gets_a_page_and_no_line(client: Client, capfd: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert client.get("/connexion/", headers={"Host": "x.example"}).status_code == 400
    assert "Invalid HTTP_HOST" not in capfd.readouterr().err


@pytest.mark.parametrize(
    "address", ["/", "/connexion/", "/nulle-part/", "/oidc/userinfo", "/idp/profile/SAML2/Redirect/SSO"]
)
def test_no_cache_keeps_an_answer_of_ours(db: None, client: Client, address: str) -> None:
    assert client.get(address)["Cache-Control"] == "no-store"
