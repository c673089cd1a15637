"""What the demo keeps in clear stays in its own folder, for its owner, from one run to the next."""

import stat
from pathlib import Path

from preau.demo.keepsakes import Keepsakes


def test_a_secret_is_made_once_and_found_again(tmp_path: Path) -> None:
    path = tmp_path / "demo" / "keepsakes.json"
    password = Keepsakes(path).password("karim")
    assert Keepsakes(path).password("karim") == password
    assert Keepsakes(path).password("zoe") != password
    assert len(password) >= 16


def test_a_totp_seed_has_160_bits_of_base_32(tmp_path: Path) -> None:
    seed = Keepsakes(tmp_path / "kept.json").totp_seed("cvasseur")
    assert len(seed) == 32 and set(seed) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def test_only_the_owner_reads_the_file(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    Keepsakes(path).keep("samira", "temporary_password", "ABCD")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["kept.json"]
