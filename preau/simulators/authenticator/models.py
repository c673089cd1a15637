"""Keys this telephone was given."""

from django.db import models


class Key(models.Model):
    """One account of the authenticator: a name and its seed in base 32. Made-up people's: in clear."""

    label = models.CharField(max_length=120)
    seed = models.CharField(max_length=128, unique=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.label
