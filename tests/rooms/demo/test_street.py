"""The street: ports at fixed distances, an environment of its own, a busy port told in a sentence."""

import socket
from pathlib import Path

import pytest

from preau.demo.street import PortTaken, Street


def test_the_ports_are_those_of_the_readme() -> None:
    assert Street(Path("var")).ports == {"identity": 8000, "eservices": 8001, "simulators": 8010, "smtp": 8025}


def test_a_second_town_moves_all_its_ports_and_addresses(tmp_path: Path) -> None:
    street = Street(tmp_path, 9200)
    said = street.environment()
    assert said["PREAU_PUBLIC_URL"] == "http://localhost:9200"
    assert said["PREAU_ESERVICES_URL"] == "http://127.0.0.1:9201"
    assert said["PREAU_STAFF_PORTAL_ISSUER"] == "http://127.0.0.1:9210/portail"
    assert said["PREAU_SMTP_URL"] == "smtp://127.0.0.1:9225"
    assert said["PREAU_VAR"] == str(tmp_path)
    assert not [name for name, value in said.items() if name.startswith("PREAU_") and ":80" in value]


def test_nothing_of_production_leaks_into_the_town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREAU_SECRET_FOREVER", "of production")
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "preau.eservices.settings")
    monkeypatch.setenv("PREAU_DEBUG", "1")
    said = Street(tmp_path).environment()
    assert "PREAU_SECRET_FOREVER" not in said and "DJANGO_SETTINGS_MODULE" not in said
    assert said["PREAU_DEBUG"] == "1"


def test_the_two_sites_share_the_secret_of_the_file(tmp_path: Path) -> None:
    street = Street(tmp_path)
    street.demo.mkdir()
    street.client_secret_file.write_text("between us", encoding="ascii")
    assert street.environment()["PREAU_ESERVICES_CLIENT_SECRET"] == "between us"


def test_a_busy_port_is_named_with_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as neighbour:
        neighbour.bind(("127.0.0.1", 0))
        neighbour.listen()
        port = neighbour.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Le port {port} est déjà pris") as told:
            Street(tmp_path, port - 1).check_ports()
    assert f"--ports-from {port + 99}" in str(told.value)
    Street(tmp_path, port - 1).check_ports()
