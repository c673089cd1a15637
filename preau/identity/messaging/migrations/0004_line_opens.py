from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0003_outgoing_of_person"),
    ]

    operations = [
        migrations.RenameField(
            model_name="line",
            old_name="closed_until",
            new_name="opens_at",
        ),
    ]
