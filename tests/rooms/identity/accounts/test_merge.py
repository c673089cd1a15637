"""Two accounts of one person become one, and can be two again for thirty days."""

from datetime import date, datetime, timedelta

import pytest

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account, GuardianRecord, Merge
from preau.identity.accounts.states import ForbiddenMove, State
from preau.identity.directory.models import Guardianship, Level
from tests.rooms.identity.signin import people

pytestmark = pytest.mark.django_db
BY = "account:1"


@pytest.fixture
def here(at: datetime) -> people.Family:
    return people.family(at)


@pytest.fixture
def there(here: people.Family, at: datetime) -> Account:
    """Samira again, in another school, with Lina."""
    school = people.school("0990002P", "Collège Jeanne-Barret")
    lina = people.pupil(school, "5", "Lina", "BELKACEM", date(2012, 1, 2))
    guardian = people.guardian(school, "50", "Samira", "BELKACEM", lina)
    return lifecycle.open_for_guardians([guardian], by="system:import", at=at, uai=school.uai)[0]


def children(account: Account, at: datetime) -> set[str]:
    return {link.enrolment.pupil.first_name for link in account.guardianships(at.date())}


def test_the_kept_account_has_all_the_children_and_the_other_opens_nothing(
    here: people.Family, there: Account, at: datetime
) -> None:
    kept = people.active(here.account, at=at)
    lifecycle.merge(kept, there, by=BY, at=at)
    there.refresh_from_db()
    assert children(kept, at) == {"Inès", "Hugo", "Lina"}
    assert (there.state, children(there, at)) == (State.DISABLED, set())


def test_undone_within_thirty_days_everything_is_as_before(here: people.Family, there: Account, at: datetime) -> None:
    kept, other = people.active(here.account, at=at), people.active(there, at=at, email="s@example.org")
    merged = lifecycle.merge(kept, other, by=BY, at=at)
    assert lifecycle.unmerge(merged, by=BY, at=at + timedelta(days=29))
    other.refresh_from_db()
    assert (children(kept, at), children(other, at)) == ({"Inès", "Hugo"}, {"Lina"})
    assert other.state == State.ACTIVE
    assert not lifecycle.unmerge(merged, by=BY, at=at + timedelta(days=29))


def test_after_thirty_days_it_is_for_good(here: people.Family, there: Account, at: datetime) -> None:
    merged = lifecycle.merge(here.account, there, by=BY, at=at)
    late = at + timedelta(days=30)
    assert lifecycle.settle_merges(at=late - timedelta(seconds=1)) == 0
    assert not lifecycle.unmerge(merged, by=BY, at=late)
    assert lifecycle.settle_merges(at=late) == 1
    there.refresh_from_db()
    assert there.state == State.CLOSED
    assert lifecycle.settle_merges(at=late) == 0


def test_two_guardians_of_one_pupil_are_two_people(here: people.Family, at: datetime) -> None:
    father = people.guardian(here.school, "11", "Karim", "BELKACEM")
    Guardianship.objects.create(
        guardian=father, enrolment=here.hugo.enrolments.get(), level=Level.LEGAL, is_legal=True, kinship="20"
    )
    (his,) = lifecycle.open_for_guardians([father], by="system:import", at=at)
    with pytest.raises(lifecycle.CannotMerge):
        lifecycle.merge(here.account, his, by=BY, at=at)
    assert not Merge.objects.exists()
    assert GuardianRecord.objects.filter(account=his).count() == 1


def test_an_account_is_not_merged_with_itself_nor_with_a_pupil(here: people.Family, at: datetime) -> None:
    for other in (here.account, here.ines_account):
        with pytest.raises(lifecycle.CannotMerge):
            lifecycle.merge(here.account, other, by=BY, at=at)


def test_a_blocked_account_is_not_absorbed(here: people.Family, there: Account, at: datetime) -> None:
    lifecycle.block([there], reason="essai", by="staff:1", at=at)
    with pytest.raises(ForbiddenMove):
        lifecycle.merge(here.account, there, by=BY, at=at)
