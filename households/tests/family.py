"""A family in the register's columns, for tests of its import."""

from datetime import datetime

from casework.tests.world import TODAY, at
from households.imports import continue_import, take_back_import
from households.models import RegisterImport
from households.tests.sheets import made_up_number, person

NOW: datetime = at(TODAY)
HOME = "3607041000001"
OTHER = "3607041000002"


def family() -> list[dict]:
    """A couple and their daughter."""
    return [
        person(
            HOME,
            1,
            "张三",
            证件号码=made_up_number(1),
            人均纯收入="12800.5",
            户联系电话="13800000001",
            健康状况="长期慢性病,残疾",
        ),
        person(HOME, 2, "李四", "配偶", 证件号码=made_up_number(2, "19820304", is_woman=True)),
        person(HOME, 3, "张小", "之女", 证件号码=made_up_number(3, "20120506", is_woman=True), 在校生状况="七年级"),
    ]


def counts(job: RegisterImport) -> tuple[int, ...]:
    """Rows, and what became of them: created, updated, unchanged, refused."""
    return job.rows, job.created, job.updated, job.unchanged, job.refused


def undo(job: RegisterImport) -> None:
    """Have it taken back."""
    take_back_import(job=job, actor=None, on=TODAY)
    continue_import(job.pk, now=NOW)
    job.refresh_from_db()
