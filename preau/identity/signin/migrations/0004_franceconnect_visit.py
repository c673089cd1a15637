import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("signin", "0003_factors"),
    ]

    operations = [
        migrations.CreateModel(
            name="FranceConnectVisit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sealed_token", models.TextField()),
                (
                    "session",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="franceconnect", to="signin.session"
                    ),
                ),
            ],
        ),
    ]
