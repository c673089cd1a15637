"""An import has a stage (a state is an account's), and its date says what it is for."""

from django.db import migrations, models

STAGES = [
    ("ready", "à relire"),
    ("asked", "en cours"),
    ("applied", "appliqué"),
    ("refused", "refusé"),
    ("abandoned", "abandonné"),
]


class Migration(migrations.Migration):
    dependencies = [("imports", "0001_initial"), ("directory", "0001_initial")]

    operations = [
        migrations.RemoveConstraint(model_name="importrun", name="import_ended_or_not"),
        migrations.RemoveConstraint(model_name="importrun", name="import_refused_for_a_reason"),
        migrations.RenameField(model_name="importrun", old_name="state", new_name="stage"),
        migrations.RenameField(model_name="importrun", old_name="day", new_name="judged_on"),
        migrations.AlterField(
            model_name="importrun", name="stage", field=models.CharField(choices=STAGES, max_length=10)
        ),
        migrations.AddConstraint(
            model_name="importrun",
            constraint=models.CheckConstraint(
                condition=models.Q(("ended_at__isnull", True), ("stage__in", ["ready", "asked"]))
                | models.Q(("ended_at__isnull", False), ("stage__in", ["applied", "refused", "abandoned"])),
                name="import_ended_or_not",
            ),
        ),
        migrations.AddConstraint(
            model_name="importrun",
            constraint=models.CheckConstraint(
                condition=models.Q(("stage", "refused"), _negated=True) | models.Q(("cause", ""), _negated=True),
                name="import_refused_for_a_reason",
            ),
        ),
    ]
