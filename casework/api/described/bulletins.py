"""The schema of bulletins: which were released, and the figures of one as issued."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers

from casework.api.bulletins import BulletinsView, BulletinView
from casework.api.described.counts import BulletinCountsSerializer
from casework.api.described.examples import BULLETIN, NOT_FOUND, ProblemSerializer, in_path
from casework.models import BulletinKind, BulletinState

TAGS = ["bulletins"]


class BulletinPlaceSerializer(serializers.Serializer):
    """A place by its national code."""

    code = serializers.CharField()
    name = serializers.CharField()


class BulletinVillageSerializer(BulletinPlaceSerializer):
    """A village and its counts."""

    counts = BulletinCountsSerializer()


class BulletinTownSerializer(BulletinVillageSerializer):
    """A town, the sum of its villages, and these."""

    villages = BulletinVillageSerializer(many=True)


class BulletinSeatSerializer(serializers.Serializer):
    """One post of a round."""

    seat = serializers.CharField()
    counts = BulletinCountsSerializer()
    vacant_places = serializers.IntegerField(help_text=_("Villages in which nobody holds the post."))
    classes = serializers.DictField(
        child=serializers.ListField(child=serializers.IntegerField(), min_length=3, max_length=3),
        help_text=_("By key households, others and villages: owed, done, done in the period."),
    )


class BulletinRoundSerializer(serializers.Serializer):
    """One round, as it was counted."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    starts_on = serializers.DateField()
    due_on = serializers.DateField()
    as_of = serializers.DateField()
    rule = serializers.DictField(help_text=_("The round's own rule at that time."))
    towns = BulletinTownSerializer(many=True)
    seats = BulletinSeatSerializer(many=True)
    counts = BulletinCountsSerializer()


class BulletinFoundSerializer(serializers.Serializer):
    """Problems by the post that found them."""

    post = serializers.CharField(allow_blank=True)
    found = serializers.IntegerField()
    solved = serializers.IntegerField()


class BulletinProblemsSerializer(serializers.Serializer):
    """Problems of the period."""

    found = serializers.IntegerField()
    solved = serializers.IntegerField()
    posts = BulletinFoundSerializer(many=True)


class BulletinThenSerializer(serializers.Serializer):
    """What the bulletin before said of the same round, or of its previous period."""

    id = serializers.IntegerField()
    is_previous = serializers.BooleanField()
    counts = BulletinCountsSerializer()


class BulletinSinceSerializer(serializers.Serializer):
    """The bulletin before."""

    title = serializers.CharField()
    cut_off_on = serializers.DateField()
    rounds = BulletinThenSerializer(many=True)


class BulletinFiguresSerializer(serializers.Serializer):
    """Everything that was counted, kept as it was issued."""

    place = BulletinPlaceSerializer()
    starts_on = serializers.DateField()
    cut_off_on = serializers.DateField()
    counted_at = serializers.DateTimeField()
    rounds = BulletinRoundSerializer(many=True)
    problems = BulletinProblemsSerializer()
    since = BulletinSinceSerializer(allow_null=True)


class BulletinLineSerializer(serializers.Serializer):
    """A released bulletin."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    number = serializers.CharField(allow_blank=True)
    place = serializers.CharField(help_text=_("Code of the district or town it is about."))
    kind = serializers.ChoiceField(choices=BulletinKind.choices)
    starts_on = serializers.DateField()
    cut_off_on = serializers.DateField()
    state = serializers.ChoiceField(choices=BulletinState.choices)
    released_at = serializers.DateTimeField()
    corrects = serializers.IntegerField(allow_null=True, help_text=_("The bulletin that this one replaces."))
    digest = serializers.CharField(help_text=_("SHA-256 of the figures; the same figures have the same."))


class BulletinSerializer(BulletinLineSerializer):
    """One with its text and figures."""

    text = serializers.CharField(allow_blank=True)
    figures = BulletinFiguresSerializer()


extend_schema_view(
    get=extend_schema(
        operation_id="bulletins_list",
        tags=TAGS,
        summary=_("List released bulletins"),
        description=_("The hundred latest in reach; withdrawn ones say so. Scope: read_coverage."),
        responses={200: BulletinLineSerializer(many=True)},
    )
)(BulletinsView)

extend_schema_view(
    get=extend_schema(
        operation_id="bulletins_read",
        tags=TAGS,
        summary=_("A bulletin as issued"),
        description=_("Its text and figures, whatever has been entered since. Scope: read_coverage."),
        parameters=[in_path("id", BULLETIN, _("Number of the bulletin."))],
        responses={200: BulletinSerializer, 404: OpenApiResponse(ProblemSerializer, NOT_FOUND)},
    )
)(BulletinView)
