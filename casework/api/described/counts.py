"""Counts of duties by state, as rounds and bulletins tell them."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers


class StatesSerializer(serializers.Serializer):
    """Duties by state; the states exclude each other and add up to the total."""

    total = serializers.IntegerField()
    done = serializers.IntegerField()
    by_phone = serializers.IntegerField(help_text=_("Part of done."))
    open = serializers.IntegerField()
    overdue = serializers.IntegerField()
    vacant = serializers.IntegerField()
    excused = serializers.IntegerField()


class BulletinCountsSerializer(StatesSerializer):
    """Duties by state; the states exclude each other and add up to the total."""


class CountsSerializer(StatesSerializer):
    """Duties by state; the states exclude each other and add up to the total."""

    rate = serializers.FloatField(allow_null=True, help_text=_("done / (total − excused); null: nothing is owed."))
