"""Who is in a village's resident work team, and whether the team is smaller than expected."""

from datetime import date

from django.conf import settings

from villages.models import Post, Posting

TEAM_POSTS = (Post.TEAM_LEADER, Post.TEAM_MEMBER)


def team_size(village_code: str, on: date) -> int:
    """People in the village's team on that day; who leads and is a member counts once."""
    team = Posting.objects.in_force(on).filter(village=village_code, post__in=TEAM_POSTS)
    return team.order_by().values("cadre").distinct().count()


def is_team_small(village_code: str, on: date) -> bool:
    """Whether the team is smaller than expected. The real district has 2.8 a team: a warning, never a refusal."""
    return team_size(village_code, on) < settings.TEAM_SIZE_EXPECTED
