"""Where a request comes from."""

import pytest
from django.test import RequestFactory, override_settings

from preau.identity.signin import network


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("unix:", "unknown"),
    ],
)
def test_an_address_is_a_network(rf: RequestFactory, address: str, expected: str) -> None:
    assert network.of(rf.get("/", REMOTE_ADDR=address)) == expected


def test_without_a_declared_proxy_a_forged_header_is_ignored(rf: RequestFactory) -> None:
    assert network.of(rf.get("/", REMOTE_ADDR="203.0.113.7", HTTP_X_FORWARDED_FOR="198.51.100.1")) == "203.0.113.7"


@override_settings(TRUSTED_PROXIES=1)
def test_behind_one_proxy_only_what_it_wrote_is_believed(rf: RequestFactory) -> None:
    request = rf.get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="198.51.100.1, 203.0.113.7")
    assert network.of(request) == "203.0.113.7"


@override_settings(TRUSTED_PROXIES=2)
def test_a_header_shorter_than_the_proxies_is_not_believed(rf: RequestFactory) -> None:
    assert network.of(rf.get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.7")) == "10.0.0.1"
