"""Lists: no secret alone, nothing a spreadsheet would run."""

import csv
import io

import pytest

from preau.identity.accounts.models import Account
from preau.identity.distribution import recipients, rosters
from tests.rooms.identity.console.world import World


def test_a_list_alone_shows_states_and_no_secret(world: World) -> None:
    people = recipients.read(Account.objects.pupils(), uai="0991234D", day=world.day)
    heading, *rows = rosters.rows(people)
    assert heading == ["Classe", "Nom", "Prénom", "Identifiant", "État"]
    assert rows[0] == ["5E B", "BELKACEM", "Inès", world.accounts["Inès"].username, "Non notifié"]


def test_the_spreadsheet_opens_in_excel_as_it_is() -> None:
    raw = rosters.as_csv([["Classe", "Nom"], ["5E B", 'dit "le grand"; N’DIAYE']])
    assert raw.startswith(b"\xef\xbb\xbfClasse;Nom\r\n")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig")), delimiter=";"))
    assert rows[1] == ["5E B", 'dit "le grand"; N’DIAYE']


@pytest.mark.parametrize("cell", ["=1+1", "+33", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1"])
def test_a_cell_that_a_spreadsheet_would_run_is_text(cell: str) -> None:
    assert rosters.harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["5E B", "N’DIAYE-LE GOFF", "e.durand3", ""])
def test_an_ordinary_cell_is_left_alone(cell: str) -> None:
    assert rosters.harmless(cell) == cell
