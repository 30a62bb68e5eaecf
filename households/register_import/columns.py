"""The columns of the national register's export in its order, with the spellings their headers come in."""

import dataclasses
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from households.models.categories import MOST_OTHER_CAUSES, MOST_RISKS
from households.register_import import spellings
from households.register_import.cells import Cell, Day, Kind, Number, Text, Whole, Words, YesNo, Yuan, seen


class Level(StrEnum):
    """What a column speaks of."""

    ROW = "row"  # the line of the table itself
    PLACE = "place"  # where the household lives
    HOUSEHOLD = "household"
    PERSON = "person"


@dataclass(frozen=True)
class Column:
    """A column: `title` as the register writes it, `field` of the Household or Person it is kept in.

    `aliases` are other titles; blanks, stars, brackets and what stands in them never matter. Of PLACE columns
    the field says what it names: county, town, village, village_code; `per_head` is the Income of a year.
    """

    field: str
    title: str
    level: Level
    kind: Kind
    aliases: tuple[str, ...] = ()
    is_required: bool = False  # the header must have it
    is_needed: bool = False  # its cells may not be empty
    is_sealed: bool = False  # a personal number: masked wherever it is shown
    example: str = ""
    titles: frozenset[str] = dataclasses.field(init=False, repr=False, default=frozenset())

    def __post_init__(self) -> None:
        object.__setattr__(self, "titles", frozenset(header_key(name) for name in (self.title, *self.aliases)))


STARS = re.compile(r"[\s*＊※:：。.'\"“”]|必填|选填")
BRACKETS = re.compile(r"[(\[【〔{].*?[)\]】〕}]")
YEAR = re.compile(r"20\d{2}")


def header_key(cell: Cell) -> str:
    """A header without blanks, marks, years, and brackets with what stands in them: 县(市、区、旗) is 县."""
    text = seen(cell) if isinstance(cell, str) else ""
    text = STARS.sub("", text)
    key = BRACKETS.sub("", text) or text
    return re.sub(r"^20\d{2}年度?", "", key)


def year_in(cell: Cell) -> int | None:
    """The year a header names: 2025年人均纯收入."""
    found = YEAR.search(unicodedata.normalize("NFKC", cell)) if isinstance(cell, str) else None
    return int(found.group()) if found else None


# In the order of the national export; `files` writes exports and templates from it.
NATIONAL: tuple[Column, ...] = (
    Column("serial", "序号", Level.ROW, Whole(most=9_999_999), ("编号", "行号"), example="1"),
    Column("county", "县", Level.PLACE, Text(), ("区县", "县区", "区", "县名称", "所在县"), example="赣县区"),
    Column("town", "乡", Level.PLACE, Text(), ("乡镇", "镇", "乡名称", "乡镇名称", "所在乡镇"), example="王母渡镇"),
    Column(
        "village", "行政村", Level.PLACE, Text(), ("村", "村名", "村委会", "行政村名称", "所在村"), example="横溪村"
    ),
    Column("natural_village", "自然村", Level.HOUSEHOLD, Text(), ("自然村名称", "村民小组名称")),
    Column(
        "number",
        "户编号",
        Level.HOUSEHOLD,
        Number(),
        ("户号", "农户编号", "家庭编号", "户ID"),
        is_required=True,
        is_needed=True,
        example="3607040000001",
    ),
    Column(
        "person_number",
        "人编号",
        Level.PERSON,
        Number(),
        ("人员编号", "人口编号", "成员编号", "人ID"),
        is_required=True,
        is_needed=True,
        example="36070400000010001",
    ),
    Column(
        "name",
        "姓名",
        Level.PERSON,
        Text(),
        ("家庭成员姓名", "成员姓名", "人员姓名"),
        is_required=True,
        is_needed=True,
        example="张三",
    ),
    Column(
        "id_number",
        "证件号码",
        Level.PERSON,
        Number(20, is_identity=True),
        ("证件号", "身份证号", "身份证号码", "身份证", "公民身份号码", "身份证件号码"),
        is_sealed=True,
    ),
    Column("members", "人数", Level.HOUSEHOLD, Whole(1, 60), ("家庭人口", "家庭人数", "户人数", "人口数"), example="4"),
    Column(
        "relation",
        "与户主关系",
        Level.PERSON,
        spellings.RELATION,
        ("与户主的关系", "户主关系", "关系"),
        is_required=True,
        is_needed=True,
        example="户主",
    ),
    Column("ethnicity", "民族", Level.PERSON, Text(20), example="汉族"),
    Column("education", "文化程度", Level.PERSON, spellings.EDUCATION, ("学历", "受教育程度"), example="初中"),
    Column(
        "schooling",
        "在校生状况",
        Level.PERSON,
        spellings.SCHOOLING,
        ("在校生情况", "在校状况", "是否在校生"),
        example="非在校生",
    ),
    Column("health", "健康状况", Level.PERSON, spellings.HEALTH, ("健康情况", "身体状况"), example="健康"),
    Column("labour_skill", "劳动技能", Level.PERSON, spellings.SKILL, ("劳动能力",), example="普通劳动力"),
    Column(
        "months_of_work", "务工时间(月)", Level.PERSON, Whole(0, 12), ("务工月数", "务工时长", "务工月份"), example="8"
    ),
    Column(
        "has_major_illness_insurance",
        "是否参加大病保险",
        Level.PERSON,
        YesNo(),
        ("参加大病保险", "大病保险", "是否参加大病医疗"),
        example="是",
    ),
    Column("main_cause", "致贫原因1", Level.HOUSEHOLD, spellings.CAUSE, ("致贫原因", "主要致贫原因", "致贫原因一")),
    Column("has_dangerous_house", "危房户", Level.HOUSEHOLD, YesNo(), ("是否危房户", "是否危房", "危房"), example="否"),
    Column(
        "has_safe_water",
        "是否解决安全饮用水",
        Level.HOUSEHOLD,
        YesNo(),
        ("解决安全饮用水", "是否解决安全饮水", "安全饮水", "饮水安全"),
        example="是",
    ),
    Column("per_head", "人均纯收入", Level.HOUSEHOLD, Yuan(), ("年人均纯收入", "家庭人均纯收入"), example="12800.00"),
    Column(
        "phone",
        "户联系电话",
        Level.HOUSEHOLD,
        Number(20),
        ("户主联系电话", "户电话", "联系电话", "家庭联系电话"),
        is_sealed=True,
    ),
    Column(
        "person_phone",
        "人联系电话",
        Level.PERSON,
        Number(20),
        ("人员联系电话", "本人联系电话", "个人联系电话"),
        is_sealed=True,
    ),
    Column(
        "identified_on",
        "首次识别时间",
        Level.HOUSEHOLD,
        Day(),
        ("识别时间", "首次识别日期", "户识别时间"),
        example="2014-12-01",
    ),
    Column(
        "person_identified_on",
        "人员识别时间",
        Level.PERSON,
        Day(),
        ("人识别时间", "人员识别日期"),
        example="2014-12-01",
    ),
    Column("base_type", "户类型", Level.HOUSEHOLD, spellings.BASE, ("农户类型", "户类别", "户属性"), example="脱贫户"),
    Column("monitoring_type", "监测对象类型", Level.HOUSEHOLD, spellings.MONITORING, ("监测对象类别", "监测类型")),
    Column("is_risk_cleared", "风险是否消除", Level.HOUSEHOLD, YesNo(), ("风险消除", "是否消除风险", "风险是否已消除")),
    Column("risk_identified_on", "风险识别时间", Level.HOUSEHOLD, Day(), ("监测对象识别时间", "风险识别日期")),
    Column("risk_cleared_on", "风险消除时间", Level.HOUSEHOLD, Day(), ("风险消除日期",)),
)

# Not in the national header, but understood when a town's own table carries them.
MORE: tuple[Column, ...] = (
    Column("village_code", "行政村代码", Level.PLACE, Number(12), ("村代码", "村编码", "行政区划代码", "行政村编码")),
    Column("sex", "性别", Level.PERSON, spellings.SEX),
    Column("born_on", "出生日期", Level.PERSON, Day(), ("出生年月", "出生年月日", "生日")),
    Column("place_of_work", "务工地点", Level.PERSON, Text(100), ("务工地", "务工所在地", "务工企业")),
    Column(
        "has_medical_insurance",
        "是否参加医疗保险",
        Level.PERSON,
        YesNo(),
        ("是否参加城乡居民基本医疗保险", "是否参加基本医疗保险", "医疗保险", "是否参加新农合"),
    ),
    Column(
        "has_pension",
        "是否参加养老保险",
        Level.PERSON,
        YesNo(),
        ("是否参加城乡居民基本养老保险", "是否参加基本养老保险", "养老保险"),
    ),
    Column(
        "has_minimum_allowance",
        "是否享受低保",
        Level.PERSON,
        YesNo(),
        ("低保", "是否低保", "是否享受农村居民最低生活保障"),
    ),
    Column("has_destitute_support", "是否特困供养", Level.PERSON, YesNo(), ("特困", "是否特困", "是否特困供养人员")),
    Column(
        "bank_account",
        "银行账号",
        Level.PERSON,
        Number(30),
        ("银行卡号", "账号", "一卡通账号", "惠农卡号"),
        is_sealed=True,
    ),
    Column(
        "other_causes",
        "其他致贫原因",
        Level.HOUSEHOLD,
        Words(spellings.CAUSE.choices, spellings.CAUSE.also, most=MOST_OTHER_CAUSES),
        ("致贫原因2", "次要致贫原因", "致贫原因二"),
    ),
    Column(
        "risks",
        "返贫致贫风险",
        Level.HOUSEHOLD,
        Words(spellings.RISK.choices, spellings.RISK.also, most=MOST_RISKS),
        ("返贫风险", "致贫风险", "风险类型", "返贫致贫风险1", "返贫风险1"),
    ),
)

# Fields of Household and Person share names in the table; how a person's column is called on the row.
PERSON_FIELDS = {"person_number": "number", "person_phone": "phone", "person_identified_on": "identified_on"}


@dataclass(frozen=True)
class ColumnSet:
    """The columns one sort of file may have. `key` names the row's identity in messages."""

    columns: tuple[Column, ...]
    more: tuple[Column, ...] = ()

    def __iter__(self) -> Iterator[Column]:
        return iter((*self.columns, *self.more))

    def find(self, cell: Cell) -> Column | None:
        """The column a header names."""
        key = header_key(cell)
        return next((column for column in self if key in column.titles), None) if key else None

    def missing(self, found: Iterable[Column]) -> list[Column]:
        """Required columns that are not among those found."""
        have = {column.field for column in found}
        return [column for column in self if column.is_required and column.field not in have]


REGISTER = ColumnSet(NATIONAL, MORE)


def titles(columns: Sequence[Column] = NATIONAL) -> list[str]:
    """The header of an export or a template."""
    return [column.title for column in columns]
