from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("signin", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Code",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("trail", models.CharField(help_text="The draft it is bound to", max_length=16)),
                ("purpose", models.CharField(max_length=40)),
                ("way", models.CharField(max_length=8)),
                (
                    "on",
                    models.CharField(blank=True, help_text="Key of the person it is for; empty: nobody", max_length=60),
                ),
                ("sealed", models.BinaryField(help_text="The number or the address, encrypted")),
                ("counter", models.CharField(help_text="The day's budget it counts in", max_length=100)),
                ("digest", models.CharField(blank=True, max_length=80)),
                ("asked_at", models.DateTimeField(db_index=True)),
                ("drawn_at", models.DateTimeField(null=True)),
                ("used_at", models.DateTimeField(null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "indexes": [models.Index(fields=["trail", "purpose", "-id"], name="code_of_trail")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("tries__lte", 3)), name="code_three_tries"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("digest", ""), ("drawn_at", None)),
                            models.Q(("drawn_at__isnull", False), models.Q(("digest", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="code_drawn_or_not",
                    ),
                ],
            },
        ),
    ]
