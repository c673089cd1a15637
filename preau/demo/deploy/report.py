"""What a deployment is worth: the figures of one level, in words for the terminal and in a table for the docs."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from statistics import median

from preau.demo.deploy import rates, strict
from preau.demo.deploy.causes import Cause, cause
from preau.demo.deploy.deployment import Deployment, Story
from preau.demo.deploy.rates import GUESSES, LEVEL_WORDS, Level
from preau.demo.deploy.strangers import Kind
from preau.demo.deploy.strict import Way

WAYS = {
    Way.FRANCECONNECT: "FranceConnect",
    Way.MOBILE: "mobile",
    Way.LETTER: "lettre de l’établissement",
    Way.OLD_ACCOUNT: "ancien compte",
}
KINDS = {
    Kind.NAMESAKE: "un homonyme",
    Kind.FORMER_SPOUSE: "un ancien conjoint, sans droit",
    Kind.CLASSMATE: "un camarade de classe",
    Kind.SECRETARY: "quelqu’un du secrétariat",
    Kind.ALL_BUT_THE_PHONE: "qui sait tout sauf le téléphone",
    Kind.OTHER_GUARDIAN: "l’autre responsable, sur ce compte",
    Kind.HOMONYM: "un homonyme qui sait tout, dates comprises",
}
# The aim of the promise: at most half as many families stuck as under the strict rules.
AIM = 0.5


@dataclass(frozen=True)
class Line:
    """One journey."""

    way: str
    tried: int
    alone: int
    corrected: int
    lettered: int
    pages: float
    texts: float


@dataclass(frozen=True)
class Result:
    """One level."""

    level: Level
    families: int
    schools: int
    lines: list[Line]
    alone: int
    corrected: int
    lettered: int
    fields: float
    pages: float
    texts: float
    partly: int
    tries: dict[str, tuple[int, int, int]]
    intruders: list[str]
    beyond_proof: list[str]
    strict_stuck: int
    strict_after: int
    seconds: float
    causes: dict[str, int] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)

    @property
    def stuck(self) -> int:
        """Not in without human help."""
        return self.families - self.alone

    @property
    def stuck_at_last(self) -> int:
        """Not in after one visit to the school, letter in hand or not."""
        return self.families - self.alone - self.corrected - self.lettered

    @property
    def ratio(self) -> float:
        """Families stuck here for one stuck under the strict rules, nobody helping on either side."""
        return self.stuck / self.strict_stuck if self.strict_stuck else float(self.stuck > 0)

    @property
    def is_aim_met(self) -> bool:
        """At most half as many."""
        return self.ratio <= AIM

    @property
    def strangers_in(self) -> int:
        """Must be 0. A family in somebody else’s account is one."""
        return len(self.intruders)

    @property
    def undone(self) -> int:
        """Of those who came in, undone by those who were told."""
        return sum(undone for _, _, undone in self.tries.values())


def of(played: Deployment, level: Level) -> Result:
    """Count."""
    stories = played.stories
    households = [story.household for story in stories]
    visits = [story.visit for story in stories if story.visit is not None and story.visit.corrected]
    inside = [story for story in stories if story.way_in is not None]
    tries = {
        str(kind): (
            sum(one.stranger.kind is kind for one in played.tries),
            sum(one.stranger.kind is kind and one.is_in for one in played.tries),
            sum(one.stranger.kind is kind and one.is_undone for one in played.tries),
        )
        for kind in Kind
    }
    return Result(
        level=level,
        families=len(stories),
        schools=len(played.town.bases),
        lines=[_line(way, stories) for way in Way],
        alone=sum(story.is_in_alone for story in stories),
        corrected=sum(story.is_in_after_correction for story in stories),
        lettered=sum(story.is_in_with_letter for story in stories),
        fields=sum(len(visit.corrected) for visit in visits) / len(visits) if visits else 0.0,
        pages=_median([_pages(story) for story in inside]),
        texts=sum(story.texts for story in stories) / len(stories),
        partly=sum(
            one.children_seen < len(story.household.children) for story in inside if (one := story.way_in) is not None
        ),
        tries=tries,
        intruders=list(played.intruders),
        beyond_proof=list(played.beyond_proof),
        strict_stuck=sum(not strict.ways_in(one) for one in households),
        strict_after=sum(not strict.ways_in_after_correction(one) for one in households),
        seconds=played.seconds,
        causes=dict(Counter(str(cause(story.household)) for story in stories if not story.is_in_alone).most_common()),
        ends=dict(Counter(_end_of(story) for story in stories if not story.is_in_alone).most_common()),
        troubles=list(played.troubles),
    )


def _line(way: Way, stories: Sequence[Story]) -> Line:
    walked = [story for story in stories if any(one.way is way for one in story.first)]
    inside = [story for story in stories if story.way_in is not None and story.way_in.way is way]
    return Line(
        way=WAYS[way],
        tried=len(walked),
        alone=sum(story.is_in_alone for story in inside),
        corrected=sum(story.is_in_after_correction for story in inside),
        lettered=sum(story.is_in_with_letter for story in inside),
        pages=_median([_pages(story) for story in inside]),
        texts=sum(story.texts for story in inside) / len(inside) if inside else 0.0,
    )


def _end_of(story: Story) -> str:
    return story.first[-1].end if story.first else "rien à essayer"


def told(played: Deployment) -> Iterator[str]:
    """One line of JSON per family: what it walked, where it ended, what the school did."""
    for story in played.stories:
        walks = [
            [(one.way, one.username, one.end, one.pages, one.said) for one in each]
            for each in (story.first, story.second)
        ]
        facts = {
            "first": walks[0],
            "ticket": story.ticket,
            "visit": story.visit and asdict(story.visit),
            "second": walks[1],
        }
        yield json.dumps({**facts, "family": asdict(story.household)}, ensure_ascii=False, default=str)


def tried(played: Deployment) -> Iterator[str]:
    """One line of JSON per stranger: against whom, with what, where each way ended."""
    for one in played.tries:
        walks = [(walk.way, walk.username, walk.end, walk.pages) for walk in one.outcomes]
        facts = {"kind": one.stranger.kind, "victim": one.stranger.victim.number, "walks": walks, "is_in": one.is_in}
        yield json.dumps(facts, ensure_ascii=False)


def _pages(story: Story) -> int:
    """Every page a family saw, refused walks included."""
    return sum(one.pages for one in (*story.first, *story.second))


def _median(values: list[int]) -> float:
    return float(median(values)) if values else 0.0


def keep(result: Result, path: Path) -> None:
    """Write the figures down."""
    path.write_text(json.dumps(asdict(result), ensure_ascii=False, indent=1), encoding="utf-8")


def kept(path: Path) -> Result:
    """The figures written by `keep`."""
    read = json.loads(path.read_text(encoding="utf-8"))
    lines = [Line(**line) for line in read.pop("lines")]
    tries = {kind: (tried, entered, undone) for kind, (tried, entered, undone) in read.pop("tries").items()}
    return Result(lines=lines, tries=tries, **{**read, "level": Level(read["level"])})


# In words -------------------------------------------------------------------------------------------------------------
def in_words(result: Result) -> str:
    """What the terminal says of one level."""
    n, share = result.families, _share_of(result.families)
    lines = [
        f"Valeurs {LEVEL_WORDS[result.level]}\u00a0: {n} familles, {result.schools} établissements, "
        f"{result.seconds / 60:.1f} min".replace(".", ","),
        f"  {'parcours':<28}{'essayé':>8}{'entrées seules':>16}{'après correction':>18}{'avec lettre':>13}"
        f"{'pages':>7}{'SMS':>6}",
        *(
            f"  {line.way:<28}{line.tried:>8}{line.alone:>16}{line.corrected:>18}{line.lettered:>13}"
            f"{line.pages:>7.0f}{line.texts:>6.1f}"
            for line in result.lines
        ),
        f"  {'en tout':<28}{n:>8}{result.alone:>16}{result.corrected:>18}{result.lettered:>13}"
        f"{result.pages:>7.0f}{result.texts:>6.1f}",
        f"  sans aide\u00a0: {share(result.alone)} ; règles strictes\u00a0: {share(n - result.strict_stuck)}",
        f"  bloquées\u00a0: {result.stuck} contre {result.strict_stuck}, soit {result.ratio:.2f} pour une "
        f"(but\u00a0: {AIM:.2f} au plus{'' if result.is_aim_met else ', NON ATTEINT'})",
        f"  après l’établissement, encore dehors\u00a0: {result.stuck_at_last} ; "
        f"règles strictes, mobile corrigé\u00a0: {result.strict_after}",
        f"  entrées sans tous leurs enfants\u00a0: {result.partly}",
        f"  inconnus\u00a0: {sum(tried for tried, _, _ in result.tries.values())}, entrés\u00a0: {result.strangers_in}",
        *(f"    ENTRÉ\u00a0: {one}" for one in result.intruders[:20]),
        f"  que rien ne distingue de la famille, entrés\u00a0: {len(result.beyond_proof)}, "
        f"annulés par qui fut prévenu\u00a0: {result.undone}",
        *(f"    {times} × {why}" for why, times in result.causes.items()),
        *(f"    fin\u00a0: {where} × {times}" for where, times in list(result.ends.items())[:8]),
        *(f"    ennui\u00a0: {one}" for one in result.troubles[:8]),
    ]
    return "\n".join(lines)


def _share_of(whole: int) -> Callable[[int], str]:
    return lambda part: f"{100 * part / whole:.1f}\u202f%".replace(".", ",")


# In the docs ----------------------------------------------------------------------------------------------------------
def table(results: Sequence[Result], *, seed: int, on: date, machine: str) -> str:
    """The page of docs/reference/deployment.md."""
    return "\n".join(
        [
            *_head(results, seed, on, machine),
            *_families(results),
            *_causes(results),
            *_strangers(results),
            *_rates(),
            "",
        ]
    )


def _head(results: Sequence[Result], seed: int, on: date, machine: str) -> list[str]:
    line = f"preau demo deploy --seed {seed} --families {max(one.families for one in results)} --table …"
    minutes = [f"{one.families} families at {one.level.value} in {one.seconds / 60:.0f} min" for one in results]
    return [
        "# The measure: everybody gets in, and nobody else does",
        "",
        f"Written by `{line}`, {on:%Y-%m-%d}, {machine}: {', '.join(minutes)}.",
        "",
        *_HOW.strip().splitlines(),
        "",
    ]


_HOW = """
Families with school data as dirty as the rates below reach Préau as SIECLE files through the import command, then walk
the journeys over HTTP, page after page, as written: each from its own network, with the phone and the mailbox it truly
has. They try in the order people do: FranceConnect for those used to it, the mobile, FranceConnect otherwise, then a
letter or an old account that lies in a drawer. Whoever is refused takes a ticket to the school; the head corrects at
the desk, and they come back a day later. A family is a household: separated parents are two.

What is not as in life: password hashes are cheap (`PREAU_ARGON2_…`); a letter is made by the verb that prints it, not
read from paper; nobody waits in vain for a code, the simulation knows that the worker has nothing left to send. Beside
it stands what EduConnect's strict rules would have answered the same families (`preau/demo/deploy/strict.py`), read in
the way kindest to them wherever the sources are silent.
"""


def _families(results: Sequence[Result]) -> list[str]:
    lines = ["## Families", ""]
    for one in results:
        share = _share_in_english(one.families)
        lines += [
            f"### Rates without a source at their {one.level.value} value: {one.families} families, "
            f"{one.schools} schools",
            "",
            "| journey | tried | in without help | in after one correction | in with a letter handed over | "
            "median pages | SMS per family |",
            "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
            *(
                f"| {_ENGLISH[line.way]} | {line.tried} | {line.alone} | {line.corrected} | {line.lettered} | "
                f"{line.pages:.0f} | {line.texts:.1f} |"
                for line in one.lines
            ),
            f"| **in all** | {one.families} | **{one.alone}** ({share(one.alone)}) | **{one.corrected}** "
            f"({share(one.corrected)}) | {one.lettered} ({share(one.lettered)}) | {one.pages:.0f} | {one.texts:.1f} |",
            "",
            f"- stuck without human help: **{one.stuck}** ({share(one.stuck)}); under EduConnect's strict rules "
            f"**{one.strict_stuck}** ({share(one.strict_stuck)}): **{one.ratio:.2f}** for one, aim {AIM} at most: "
            f"**{'met' if one.is_aim_met else 'not met'}**",
            f"- still out after one visit to the school: {one.stuck_at_last} ({share(one.stuck_at_last)}); under the "
            f"strict rules, once the mobile is corrected in the base: {one.strict_after} ({share(one.strict_after)})",
            f"- in, but one of their children is not in the account yet: {one.partly}",
            f"- fields corrected per visit: {one.fields:.1f}",
            f"- **strangers in: {one.strangers_in}**",
            *(f"  - {intruder}" for intruder in one.intruders),
            f"- whom no proof tells from the family: {len(one.beyond_proof)} in, {one.undone} of them undone by those "
            "who were told",
            *(f"  - {other}" for other in one.beyond_proof),
            "",
        ]
    return lines


def _causes(results: Sequence[Result]) -> list[str]:
    return [
        "## Why families are stuck",
        "",
        "The first thing that stands in the way of those who do not get in without help.",
        "",
        f"| what | {' | '.join(one.level.value for one in results)} |",
        f"| --- | {' | '.join('---:' for _ in results)} |",
        *(f"| {why} | {' | '.join(str(one.causes.get(why, 0)) for one in results)} |" for why in Cause),
        "",
    ]


def _strangers(results: Sequence[Result]) -> list[str]:
    head = [f"{one.level.value}: tried / in / undone" for one in results]
    return [
        "## Strangers",
        "",
        "They come first, before anything is activated, with what they know; a code they did not get they guess.",
        "A family that ended in another's account would count as one of them.",
        "",
        "Two sorts of people hold all that the family could show, and are counted apart: the other guardian of a",
        "couple with one telephone, where the base gives that number to one of them only (where it gives it to both,",
        "Préau asks for something more); and a homonym of the same civility who knows the school and every birth date,",
        "with FranceConnect alone (docs/decisions/0018). Whoever the base can reach is told at once, and undoes it.",
        "",
        f"| who | {' | '.join(head)} |",
        f"| --- | {' | '.join('---:' for _ in results)} |",
        *(
            f"| {_ENGLISH[KINDS[kind]]} | {' | '.join('{} / {} / {}'.format(*one.tries[kind]) for one in results)} |"
            for kind in Kind
        ),
        "",
    ]


def _rates() -> list[str]:
    return [
        "## Rates",
        "",
        "Measured on real bases (specification of the formats, § 1.3 and 1.4), the same at the three levels:",
        "",
        "| in the base | rate | source |",
        "| --- | ---: | --- |",
        *(f"| {words} | {100 * rate:.1f}\u202f% | {source} |" for words, rate, source in rates.MEASURED),
        "",
        "Nobody published these; each is played at three values, always harder from left to right. Of all",
        "families, but where another whole is named:",
        "",
        "| what | low | middle | high |",
        "| --- | ---: | ---: | ---: |",
        *(f"| {guess.words} | {' | '.join(_percent(guess.at(level)) for level in Level)} |" for guess in GUESSES),
        "",
    ]


def _percent(rate: float) -> str:
    return f"{100 * rate:g}\u202f%"


def _share_in_english(whole: int) -> Callable[[int], str]:
    return lambda part: f"{100 * part / whole:.1f}\u202f%"


_ENGLISH = {
    "FranceConnect": "FranceConnect",
    "mobile": "mobile",
    "lettre de l’établissement": "school's letter",
    "ancien compte": "old account (ATEN)",
    KINDS[Kind.NAMESAKE]: "a namesake, with FranceConnect under the same name",
    KINDS[Kind.FORMER_SPOUSE]: "a former spouse without rights, who knows everything",
    KINDS[Kind.CLASSMATE]: "a classmate, who knows one birth date and guesses letters",
    KINDS[Kind.SECRETARY]: "a secretary, who reads the whole base and the usernames",
    KINDS[Kind.ALL_BUT_THE_PHONE]: "one who knows everything but the phone",
    KINDS[Kind.HOMONYM]: "a homonym of the same civility, who knows everything but the phone",
    KINDS[Kind.OTHER_GUARDIAN]: "the other guardian, on this one's account (always where they have one telephone)",
}
