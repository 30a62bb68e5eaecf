"""A file of the national register at full size, of made-up people: one .xlsx in parts."""

import hashlib
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count, islice
from pathlib import Path
from random import Random

from xlsxwriter import Workbook

from casework.demo.names import clan, head_of
from households.identity import check_digit
from households.register_import.columns import titles
from villages.models import Village

RELATIONS = ["户主", "配偶", "之子", "之女", "之父", "之母"]
EDUCATIONS, SCHOOLINGS = ["小学", "初中", "高中", "文盲或半文盲"], ["非在校生", "非在校生", "小学", "八年级"]
FIRST_DAY, DAYS = date(1940, 1, 1), 27_000
ROWS_A_SHEET = 25_000  # about a town, as exports come
FIRST_NUMBER = 9_100_000_000_000  # no household of the demo has such a number


def register_file(folder: Path, *, households: int, persons: int, behind: int = 0) -> Path:
    """The file of that size; made once, and again when this program makes another one.

    `behind` are the persons and households whose numbers are left out: files of others.
    """
    made_by = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
    path = folder / f"register-{households}-{persons}-{behind}-{made_by}.xlsx"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        making = path.with_suffix(".making")
        _write(making, _rows(households, persons, behind))
        making.rename(path)
    return path


def _write(path: Path, rows: Iterator[list[str]]) -> None:
    """As the national system exports it: on each sheet a title, the header, a row for each person, all of it text."""
    with Workbook(str(path), {"constant_memory": True}) as book:
        for part in count(1):
            piece = list(islice(rows, ROWS_A_SHEET))
            if not piece:
                return
            sheet = book.add_worksheet(f"第{part}部分")
            for place, row in enumerate([["防返贫监测信息系统导出数据"], titles(), *piece]):
                for column, text in enumerate(row):
                    if text:
                        sheet.write_string(place, column, text)


def _rows(households: int, persons: int, behind: int) -> Iterator[list[str]]:
    rng, made = Random(470 + behind), 0
    villages = list(Village.objects.in_register().select_related("town").order_by("code"))
    for place in range(1, households + 1):
        village = villages[(place - 1) * len(villages) // households]
        size = max(1, min(len(RELATIONS), round(persons * place / households) - made))
        number = str(FIRST_NUMBER + behind + place)
        home = _home(rng, village, number, size)
        family = clan(rng)
        for member in range(size):
            made += 1
            yield _person(rng, home, behind + made, member, head_of(rng, family))


def _home(rng: Random, village: Village, number: str, size: int) -> dict[str, str]:
    is_poor = rng.random() < 0.15
    return {
        "县": "赣县区",
        "乡": village.town.name,
        "行政村": village.name,
        "自然村": f"第{rng.randint(1, 12)}组",
        "户编号": number,
        "人数": str(size),
        "致贫原因1": rng.choice(["因病", "因残", "缺技术", "缺劳力"]) if is_poor else "",
        "危房户": "否",
        "是否解决安全饮用水": "是",
        "人均纯收入": f"{rng.randint(8000, 30000)}.{rng.randint(0, 99):02}",
        "户联系电话": f"138{rng.randrange(10**8):08}",
        "首次识别时间": "2014-12-01",
        "户类型": "脱贫户" if is_poor else "一般农户",
    }


def _person(rng: Random, home: dict[str, str], serial: int, member: int, name: str) -> list[str]:
    # Every serial has a number of its own: the day and the three digits of the sequence make 27 million.
    born_on = FIRST_DAY + timedelta(days=serial % DAYS)
    body = f"360721{born_on:%Y%m%d}{serial // DAYS % 1000:03}"
    row = home | {
        "序号": str(serial),
        "人编号": f"{home['户编号']}{member:02}",
        "姓名": name,
        "证件号码": body + check_digit(body),
        "与户主关系": RELATIONS[member],
        "民族": "汉族",
        "文化程度": rng.choice(EDUCATIONS),
        "在校生状况": rng.choice(SCHOOLINGS),
        "健康状况": "健康",
        "劳动技能": "普通劳动力",
        "务工时间(月)": str(rng.randrange(13)),
        "是否参加大病保险": "是",
        "人联系电话": f"139{serial:08}",
        "人员识别时间": "2014-12-01",
    }
    return [row.get(title, "") for title in titles()]
