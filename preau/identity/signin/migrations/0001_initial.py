import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Failure",
            fields=[
                ("key", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("count", models.PositiveIntegerField(default=0)),
                ("until_at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=80, unique=True)),
                ("sid", models.CharField(max_length=40, unique=True)),
                ("started_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "authenticated_at",
                    models.DateTimeField(help_text="`auth_time`: when the holder last proved who they are"),
                ),
                (
                    "amr",
                    models.CharField(
                        default="pwd", help_text="Methods used, space separated (RFC 8176)", max_length=40
                    ),
                ),
                (
                    "device",
                    models.CharField(blank=True, help_text="What the browser says it is, shortened", max_length=120),
                ),
                ("going_to", models.TextField(blank=True)),
                (
                    "reminded_at",
                    models.DateTimeField(help_text="The reminder to confirm an e-mail was passed over", null=True),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="sessions", to="accounts.account"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["account", "-started_at"], name="session_of_account"),
                    models.Index(fields=["started_at"], name="session_by_age"),
                ],
            },
        ),
    ]
