"""How large the made-up district is: the one to try, and the full-size one of the bench."""

from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True, kw_only=True)
class DemoSize:
    """Numbers of the district. Source: the district's own account of 2021; only households are fewer."""

    villages: int = 276
    groups: int = 3_237
    poor_villages: int = 101
    units: int = 134
    team_cadres: int = 771
    district_leaders: int = 30
    cadres: int = 1_800
    do_members_help: bool = False
    households: int = 3_300
    exited: int = 1_320
    cases: int = 14  # of monitoring, on their way
    faults: int = 2  # contradictions planted for each rule of the data-quality page
    months: int = 3
    visits: int = 9_000

    def scaled_to(self, villages: int) -> Self:
        """The same district with fewer villages, every number in proportion; for tests."""
        share = villages / self.villages
        counts = {
            name: max(1, round(value * share))
            for name, value in vars(self).items()
            if name not in ("villages", "months", "cases", "do_members_help")
        }
        # A team has a leader in every village, and one more member in some.
        counts["team_cadres"] = max(counts["team_cadres"], 2 * villages)
        counts["district_leaders"] = max(counts["district_leaders"], 2)
        return replace(self, villages=villages, **counts)


ORDINARY = DemoSize()
FULL = DemoSize(
    cadres=7_000,
    do_members_help=True,
    households=130_000,
    exited=18_500,
    cases=140,
    faults=40,
    months=12,
    visits=500_000,
)
