"""A deployment, from the schools' files to the last family: prepare the town, open its houses, let everybody walk.

The clock moves between the sittings, never during one: families come over several days, as in life, and each budget and
pause of the product counts as it would. Whose account somebody ended in is read from the database; the walkers
themselves know only pages.
"""

import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import requests

from preau import clock
from preau.demo import run, town
from preau.demo.deploy import desk, strangers
from preau.demo.deploy.browser import BrokenPage, Browser
from preau.demo.deploy.families import Household, Town, school_name
from preau.demo.deploy.strangers import Stranger
from preau.demo.deploy.strict import Way
from preau.demo.deploy.walkers import Knowledge, Outcome, Post, Walker, address_of, citizen_of
from preau.demo.keepsakes import write_privately
from preau.demo.school_files import write_files
from preau.demo.street import Street
from preau.identity.directory import school_year

# Every deployment begins on the same morning: the same seed gives the same families, whatever the day it is played.
BEGINS_AT = datetime(2026, 11, 24, 8, 0, tzinfo=clock.PARIS)
WAVE = 96  # families at once in the town
WALKERS = 12  # of them walking at the same instant: mostly they wait for a code
TICKETS_AN_HOUR, HOURS_A_DAY = 10, 4
SITTING, WAVE_LASTS, A_NIGHT = timedelta(minutes=12), timedelta(minutes=40), timedelta(hours=16)
CORRECTED_AFTER = timedelta(hours=25)
# The hash of passwords is not what is measured here (benchmarks/federation.py measures it).
CHEAP = {"PREAU_ARGON2_TIME_COST": "1", "PREAU_ARGON2_MEMORY_KIB": "64"}

T = TypeVar("T")
R = TypeVar("R")


class DeployStreet(Street):
    """The town's street, with each family at its own address: the site believes one proxy, which the walkers play."""

    def environment(self) -> dict[str, str]:
        """As for the demo town; never the database of whoever runs this."""
        told = super().environment() | CHEAP | {"PREAU_TRUSTED_PROXIES": "1", "PREAU_LOG_LEVEL": "WARNING"}
        return {name: value for name, value in told.items() if not name.startswith("DATABASE_")}


@dataclass
class Story:
    """What became of one household: its walks the first time, the visit to the school, its walks the second time."""

    household: Household
    first: list[Outcome] = field(default_factory=list)
    visit: desk.Visit | None = None
    second: list[Outcome] = field(default_factory=list)
    texts: int = 0
    ticket: str = ""

    @property
    def way_in(self) -> Outcome | None:
        """The walk that let them in, at the first time or the second."""
        return next((one for one in (*self.first, *self.second) if one.is_in), None)

    @property
    def is_in_alone(self) -> bool:
        """In without human help."""
        return any(one.is_in for one in self.first)

    @property
    def is_in_after_correction(self) -> bool:
        """In after one visit to the school that corrected something."""
        return not self.is_in_alone and self.way_in is not None and not self.had_letter

    @property
    def is_in_with_letter(self) -> bool:
        """In with a letter handed over at the school."""
        return not self.is_in_alone and self.way_in is not None and self.had_letter

    @property
    def had_letter(self) -> bool:
        """The school could correct nothing."""
        return self.visit is not None and self.visit.needs_letter


@dataclass
class Try:
    """What became of a stranger."""

    stranger: Stranger
    outcomes: list[Outcome] = field(default_factory=list)
    is_in: bool = False
    is_undone: bool = False


class Deployment:
    """One town at one level. `stories` and `tries` are what report.py counts."""

    def __init__(self, street: DeployStreet, made: Town, *, say: Callable[[str], None]) -> None:
        self.street, self.town, self.say = street, made, say
        self.stories = [Story(one) for one in made.households]
        self.tries: list[Try] = []
        self.intruders: list[str] = []
        self.beyond_proof: list[str] = []
        self.troubles: list[str] = []
        self.texts = 0
        self.seconds = 0.0

    def play(self) -> None:
        """All of it. Raises `town.TownTrouble` or `run.StreetTrouble`."""
        begun = time.monotonic()
        self.street.check_ports()
        self._prepare()
        with run.open_houses(self.street, without={"eservices"}):
            self._first_visits()
            self._at_the_school()
            self._second_visits()
        self.seconds = time.monotonic() - begun

    # Before the curtain rises ---------------------------------------------------------------------------------------
    def _prepare(self) -> None:
        street = self.street
        street.demo.mkdir(parents=True, exist_ok=True)
        self._set_the_clock(BEGINS_AT - clock.now())  # not moved yet, for this process
        environment = street.environment()
        with town.step("Bases de données"):
            for site in ("identity", "simulators"):
                town.preau(environment, site, "migrate", "--no-input", "-v", "0")
            town.wake_django(environment)
        with town.step(f"Import de {len(self.town.bases)} établissements"):
            for base in self.town.bases:
                name = school_name(base.school)
                town.preau(environment, "identity", "school", "add", base.school.uai, "--name", name)
                exported_at = datetime.combine(base.on, datetime.min.time()).replace(hour=6)
                files = write_files(base, street.demo / base.school.uai, exported_at=exported_at - timedelta(days=1))
                options = ("--year", str(school_year.of(base.on)), "--on", base.on.isoformat())
                town.preau(environment, "identity", "import", *map(str, files), *options)
        from preau.demo.deploy import papers  # Django is ready from here on

        self.usernames = papers.usernames()
        self.holders: dict[str, set[tuple[str, int]]] = {}
        for record, username in self.usernames.items():
            self.holders.setdefault(username, set()).add(record)
        with town.step("Lettres et anciens comptes"):
            self.letters = papers.letters(self._records(lambda one: one.has_letter), at=clock.now())
            self.old_accounts = papers.old_accounts(self._records(lambda one: one.has_old_account), at=clock.now())
        write_privately(street.cast_file, self._cast([]))

    def _records(self, chosen: Callable[[Household], bool]) -> dict[int, tuple[str, int]]:
        """The first record of each household chosen, by the household's number."""
        found = {}
        for story in self.stories:
            legal = [one for one in story.household.records if one.is_legal]
            if chosen(story.household) and legal:
                found[story.household.number] = (legal[0].school, legal[0].key)
        return found

    def _cast(self, citizens: list[dict[str, str]]) -> str:
        staff = [desk.colleague(base.school) for base in self.town.bases]
        return json.dumps({"people": [], "staff": staff, "citizens": citizens, "steps": []}, ensure_ascii=False)

    # The first time -------------------------------------------------------------------------------------------------
    def _first_visits(self) -> None:
        requests.get(f"{self.street.simulators_url}/franceconnect/api/v2/jwks", timeout=60)  # it makes its key once
        # Separated parents stand side by side in the list: they come on different days.
        count = -(-len(self.stories) // WAVE)
        waves = [self.stories[rank::count] for rank in range(count)]
        for rank, wave in enumerate(waves, 1):
            self._strangers(wave)
            self._sittings(wave, lambda story: story.first, is_last_chance=False)
            self.say(
                f"vague {rank} sur {len(waves)}\u00a0: {sum(one.is_in_alone for one in wave)} sur {len(wave)} dedans"
            )

    def _strangers(self, wave: Sequence[Story]) -> None:
        """They come before the families: nothing is activated yet."""
        tries = [Try(one) for one in strangers.against([story.household for story in wave], self.usernames)]
        self.tries += tries
        write_privately(self.street.cast_file, self._cast([one.stranger.citizen for one in tries]))
        self._together(self._try, tries)
        self._pass(timedelta(minutes=30))
        self._together(self._read_of_it, [one for one in tries if one.is_in])

    def _try(self, one: Try) -> None:
        walker = Walker(one.stranger.knows, self._post(), identity=self.street.identity_url)
        try:
            for way in one.stranger.ways:
                outcome = walker.try_way(way)
                one.outcomes.append(outcome)
                self._note(outcome, f"{one.stranger.kind} {one.stranger.victim.number}")
                if outcome.is_in and not self._records_of(outcome, None) & one.stranger.own:
                    one.is_in = True
                    held = f", who holds the family's {one.stranger.holds}" if one.stranger.holds else ""
                    found = self.beyond_proof if one.stranger.is_beyond_proof else self.intruders
                    found.append(f"{one.stranger.kind} → {outcome.username} ({way}){held}")
        finally:
            walker.close()

    def _read_of_it(self, one: Try) -> None:
        """The family reads that somebody came in under its name, where the base knows how to reach it."""
        victim = one.stranger.victim
        knows = Knowledge.of(victim)
        walker = Walker(knows, self._post(), identity=self.street.identity_url)
        try:
            one.is_undone = walker.undo([*knows.phones, *knows.mailboxes, *victim.reach_of_partner])
        finally:
            walker.close()

    def _sittings(self, wave: Sequence[Story], kept: Callable[[Story], list[Outcome]], *, is_last_chance: bool) -> None:
        """Each tries a way; then, a little later, those who are still out try the next."""
        write_privately(self.street.cast_file, self._cast([citizen_of(story.household) for story in wave]))
        seats = {
            story.household.number: (Walker(self._knows(story), self._post(), identity=self.street.identity_url), story)
            for story in wave
        }
        todo = {number: ways_of(story, self.letters) for number, (_, story) in seats.items()}
        while waiting := [number for number in seats if todo[number]]:

            def sit(number: int) -> None:
                walker, story = seats[number]
                way = todo[number].pop(0)
                outcome = walker.try_way(way)
                self._judge(story, outcome)
                kept(story).append(outcome)
                if outcome.is_in:
                    todo[number].clear()
                elif walker.waits_at is not None:
                    todo[number].insert(0, way)
                elif not todo[number] and not is_last_chance:
                    walker.ask_for_ticket()
                story.ticket = story.ticket or walker.ticket

            self._together(sit, waiting)
            self._pass(SITTING)
        for walker, story in seats.values():
            story.texts += sum(len(self._inbox(number)["sms"]) for number in walker.knows.phones)
            walker.close()
        self._empty_the_boxes()
        self._pass(WAVE_LASTS)

    def _knows(self, story: Story) -> Knowledge:
        knows = Knowledge.of(story.household)
        knows.letter = self.letters.get(story.household.number, ("", ""))
        knows.old_account = self.old_accounts.get(story.household.number, ("", ""))
        return knows

    def _judge(self, story: Story, outcome: Outcome) -> None:
        """A family in another's account would be a stranger too."""
        self._note(outcome, f"famille {story.household.number}")
        own = {(one.school, one.key) for one in story.household.records}
        if outcome.is_in and not self._records_of(outcome, story.household) & own:
            self.intruders.append(f"famille {story.household.number} → {outcome.username} ({outcome.way})")

    def _records_of(self, outcome: Outcome, household: Household | None) -> set[tuple[str, int]]:
        """The records of the account somebody is in."""
        if household is not None and outcome.way is Way.OLD_ACCOUNT:
            username, _ = self.old_accounts.get(household.number, ("", ""))
            return {(one.school, one.key) for one in household.records} if username == outcome.username else set()
        return self.holders.get(outcome.username, set())

    # The school -----------------------------------------------------------------------------------------------------
    def _at_the_school(self) -> None:
        """So many families an hour at each desk; the head comes in anew each hour."""
        self.heads = {
            base.school.uai: desk.Head(base.school.uai, rank, identity=self.street.identity_url)
            for rank, base in enumerate(self.town.bases)
        }
        queues: dict[str, list[Story]] = {base.school.uai: [] for base in self.town.bases}
        for story in self.stories:
            if not story.is_in_alone:
                school = story.household.records[0].school if story.household.records else self.town.bases[0].school.uai
                queues[school].append(story)
        hours = 0
        while any(queues.values()):
            now = {uai: queue[:TICKETS_AN_HOUR] for uai, queue in queues.items() if queue}
            self._together(lambda one: self._hour(*one), list(now.items()))
            queues = {uai: queue[TICKETS_AN_HOUR:] for uai, queue in queues.items()}
            hours += 1
            self._pass(A_NIGHT if hours % HOURS_A_DAY == 0 else timedelta(minutes=65))
        from preau.demo.deploy import papers  # Django is ready from here on

        stuck = [story for story in self.stories if story.visit is not None]
        by_hand = self._records(lambda one: any(s.household is one and s.had_letter for s in stuck))
        with town.step(f"{len(stuck)} familles reçues, {len(by_hand)} lettres remises"):
            self.letters |= papers.letters(by_hand, at=clock.now())
        self._pass(CORRECTED_AFTER)
        town.preau(self.street.environment(), "identity", "worker", "--once")
        self._empty_the_boxes()

    def _hour(self, uai: str, families: list[Story]) -> None:
        head = self.heads[uai]
        head.enter()
        try:
            for story in families:
                try:
                    story.visit = head.receive(story.household, story.ticket)
                except BrokenPage as trouble:
                    story.visit = desk.Visit(note=str(trouble))
                    self.troubles.append(f"guichet {uai}\u00a0: {trouble}")
        finally:
            head.close()

    def _second_visits(self) -> None:
        back = [story for story in self.stories if story.visit is not None]
        for wave in _slices(back, WAVE):
            self._sittings(wave, lambda story: story.second, is_last_chance=True)
        if back:
            found = sum(story.way_in is not None for story in back)
            self.say(f"second essai\u00a0: {found} familles sur {len(back)} entrent")

    # The town -------------------------------------------------------------------------------------------------------
    def _together(self, do: Callable[[T], R], each: Sequence[T]) -> None:
        """Several people at once; whatever goes wrong with one is noted, the others go on."""
        from preau.demo.deploy import papers  # Django is ready from here on

        def one(of: T) -> None:
            try:
                do(of)
            except (requests.RequestException, BrokenPage, StopIteration) as trouble:
                self.troubles.append(f"{type(trouble).__name__}: {trouble}"[:200])
            finally:
                papers.let_go()

        with ThreadPoolExecutor(max_workers=WALKERS) as pool:
            list(pool.map(one, each))

    def _post(self) -> Post:
        from preau.demo.deploy import papers  # Django is ready from here on

        return Post(self._inbox, papers.last_posted, papers.is_everything_sent)

    def _inbox(self, place: str) -> dict[str, list[dict[str, Any]]]:
        answer = requests.get(f"{self.street.simulators_url}/boite.json", params={"to": place}, timeout=60)
        found: dict[str, list[dict[str, Any]]] = answer.json()
        return found

    def _empty_the_boxes(self) -> None:
        everything = requests.get(f"{self.street.simulators_url}/boite.json", params={"to": ""}, timeout=60).json()
        self.texts += int(everything["sms_count"])
        browser = Browser(address_of(0))
        page = browser.open(f"{self.street.simulators_url}/boite/")
        for form in page.forms:
            if form.action.endswith("/boite/vider/"):
                browser.send(page, form)
        browser.close()

    def _pass(self, time_: timedelta) -> None:
        """Move the clock of the whole town."""
        self._set_the_clock(self.offset + time_)

    def _set_the_clock(self, offset: timedelta) -> None:
        """Whoever reads the file meanwhile finds the one or the other."""
        self.offset = offset
        beside = self.street.var / "clock.part"
        beside.write_text(str(offset.total_seconds()), encoding="ascii")
        beside.replace(self.street.var / "clock")

    def _note(self, outcome: Outcome, who: str) -> None:
        if outcome.trouble:
            self.troubles.append(f"{who}\u00a0: {outcome.trouble}"[:200])


def ways_of(story: Story, letters: dict[int, tuple[str, str]]) -> list[Way]:
    """The order a family tries in: FranceConnect for those used to it, the mobile, then what lies in a drawer."""
    household, number = story.household, story.household.number
    ways = []
    if household.is_franceconnect_first:
        ways.append(Way.FRANCECONNECT)
    if household.mobile:
        ways.append(Way.MOBILE)
    if household.has_franceconnect and not household.is_franceconnect_first:
        ways.append(Way.FRANCECONNECT)
    if number in letters:
        # What the school has just put in their hand is tried first.
        ways.insert(0 if story.had_letter else len(ways), Way.LETTER)
    if household.has_old_account:
        ways.append(Way.OLD_ACCOUNT)
    return ways


def _slices(whole: Sequence[T], size: int) -> list[Sequence[T]]:
    return [whole[start : start + size] for start in range(0, len(whole), size)]
