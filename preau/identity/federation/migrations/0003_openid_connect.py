from django.db import migrations, models

from preau import clock


class Migration(migrations.Migration):
    dependencies = [
        ("federation", "0002_two_protocols"),
    ]

    operations = [
        migrations.CreateModel(
            name="UsedProof",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("expires_at", models.DateTimeField()),
            ],
            options={"indexes": [models.Index(fields=["expires_at"], name="used_proof_to_purge")]},
        ),
        migrations.AddField(
            model_name="authorizationcode",
            name="acr",
            field=models.CharField(blank=True, help_text="The profile, when the party asked for it", max_length=20),
        ),
        migrations.AlterField(
            model_name="authorizationcode",
            name="claims",
            field=models.JSONField(
                default=dict, help_text="Names asked one by one (OpenID Connect Core §5.5), by place"
            ),
        ),
        # Codes live a minute: those of the minute of the upgrade say that minute.
        migrations.AddField(
            model_name="authorizationcode",
            name="authenticated_at",
            field=models.DateTimeField(default=clock.now),
            preserve_default=False,
        ),
    ]
