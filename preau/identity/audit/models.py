"""The journal: events, and the seals that chain them."""

from django.db import models

from preau.identity.audit.events import Events


def event_names() -> list[tuple[str, str]]:
    """The catalogue, as choices: a function, so that a new event needs no migration."""
    return list(Events.choices)


class EventQuerySet(models.QuerySet["Event"]):
    """Events, as one reads them."""

    def about(self, key: str) -> "EventQuerySet":
        """What was done to one person, newest first."""
        return self.filter(on=key).order_by("-id")

    def of_school(self, uai: str) -> "EventQuerySet":
        """What happened in one school, newest first."""
        return self.filter(uai=uai).order_by("-id")

    def unsealed(self) -> "EventQuerySet":
        """What no seal covers yet, oldest first."""
        return self.filter(seal=None).order_by("id")


class Seal(models.Model):
    """Closes a batch of events: its digest takes in the previous seal's, so that nothing before can change unseen."""

    first_event = models.BigIntegerField()
    last_event = models.BigIntegerField()
    count = models.PositiveIntegerField()
    digest = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    # A short keyed mark per event, by its number: the digest says that something changed, the marks say which row.
    marks = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.first_event}–{self.last_event}"


class Event(models.Model):
    """Something that happened. Written once, by the verb, inside the verb's transaction; never changed.

    Persons appear by key (``account:12``, ``guardian:40``, ``staff:3``, ``school:0991234D``, ``system:import``), never
    by name. `facts` hold codes and counts, never a secret nor an address.
    """

    name = models.CharField(max_length=60, choices=event_names)
    at = models.DateTimeField()
    by = models.CharField(max_length=60)
    on = models.CharField(max_length=60)
    uai = models.CharField(max_length=8, blank=True)
    facts = models.JSONField(default=dict)
    seal = models.ForeignKey(Seal, null=True, on_delete=models.PROTECT)

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["on", "-id"], name="event_of_person"),
            models.Index(fields=["uai", "-id"], name="event_of_school"),
            models.Index(fields=["by", "name", "-at"], name="event_by_author"),
            models.Index(fields=["id"], name="event_unsealed", condition=models.Q(seal=None)),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.name} {self.by} → {self.on}"
