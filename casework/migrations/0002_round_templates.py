"""The four rounds and the helper's monthly visit, ready to open."""

from django.db import migrations

TEMPLATES = [
    ("district_secretary", "区委书记遍访贫困村", ["district_secretary"], "poor_village", "yearly"),
    ("district_leader", "区领导遍访所挂乡村", ["district_leader"], "attached_village", "yearly"),
    ("town_secretary", "乡镇党委书记遍访贫困户", ["town_secretary"], "poor_household", "yearly"),
    (
        "village_posts",
        "大村长、第一书记和村党组织书记遍访农户",
        ["first_secretary", "village_chief", "village_secretary"],
        "rural_household",
        "yearly",
    ),
    ("helper", "帮扶干部每月走访", ["helper"], "paired_household", "monthly"),
]


def add_templates(apps, schema_editor):
    RoundTemplate = apps.get_model("casework", "RoundTemplate")
    for order, (key, name, posts, target_kind, repetition) in enumerate(TEMPLATES, start=1):
        fields = {"name": name, "posts": posts, "target_kind": target_kind, "repetition": repetition}
        RoundTemplate.objects.get_or_create(key=key, defaults={**fields, "order": order})


def remove_templates(apps, schema_editor):
    apps.get_model("casework", "RoundTemplate").objects.filter(key__in=[row[0] for row in TEMPLATES]).delete()


class Migration(migrations.Migration):
    dependencies = [("casework", "0001_initial")]

    operations = [migrations.RunPython(add_templates, remove_templates)]
