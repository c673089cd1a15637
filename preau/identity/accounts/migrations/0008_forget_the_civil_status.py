from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_opened_alone")]

    operations = [migrations.RemoveField(model_name="franceconnectlink", name="pivot")]
