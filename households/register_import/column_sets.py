"""The columns of every sort of table that can be brought in: one importer, several column sets."""

from households.models.imports import ImportKind
from households.register_import import spellings
from households.register_import.cells import Day, Number, Text, YesNo
from households.register_import.columns import MORE, NATIONAL, REGISTER, Column, ColumnSet, Level
from villages.models import Post
from villages.models.cadres import Rank

HEAD = Column(
    "head_name", "户主姓名", Level.HOUSEHOLD, Text(), ("户主", "姓名"), is_required=True, is_needed=True, example="张三"
)
ACCOUNT = Column(
    "username",
    "账号",
    Level.ROW,
    Text(50, may_be_a_number=True),
    ("用户名", "登录名"),
    is_required=True,
    is_needed=True,
    example="lisi",
)
CADRE = Column("name", "姓名", Level.ROW, Text(), ("干部姓名",), is_required=True, is_needed=True, example="李四")
CADRE_BESIDE = Column("name", "姓名", Level.ROW, Text(), ("干部姓名", "帮扶干部", "帮扶干部姓名"), example="李四")
UNIT = Column(
    "unit", "单位", Level.ROW, Text(100), ("单位名称", "帮扶单位", "所在单位", "工作单位"), example="区档案馆"
)
UNIT_NEEDED = Column(
    "unit",
    "单位名称",
    Level.ROW,
    Text(100),
    ("单位", "帮扶单位", "帮扶单位名称"),
    is_required=True,
    is_needed=True,
    example="区档案馆",
)
FROM = Column(
    "starts_on",
    "开始日期",
    Level.ROW,
    Day(),
    ("任职时间", "起始日期", "开始时间", "结对时间", "任职日期"),
    is_required=True,
    is_needed=True,
    example="2026-01-01",
)
TO = Column("ends_on", "结束日期", Level.ROW, Day(), ("离任时间", "终止日期", "结束时间", "离任日期"))
PLACE = tuple(column for column in NATIONAL if column.field in ("county", "town", "village"))
CODE = tuple(column for column in MORE if column.field == "village_code")
OF_HOUSEHOLD = tuple(column for column in NATIONAL if column.level in (Level.PLACE, Level.HOUSEHOLD))
SERIAL = NATIONAL[0]

POST = spellings.word(
    Post,
    {
        Post.DISTRICT_SECRETARY: "县委书记",
        Post.DISTRICT_LEADER: "县领导",
        Post.TOWN_SECRETARY: "镇党委书记 乡党委书记 党委书记",
        Post.FIRST_SECRETARY: "驻村第一书记",
        Post.VILLAGE_SECRETARY: "村书记 村支部书记 村党支部书记",
        Post.TEAM_LEADER: "队长 驻村队长 工作队队长",
        Post.TEAM_MEMBER: "队员 驻村队员 工作队队员",
        Post.UNIT_LEADER: "单位负责人 单位领导",
        Post.SUPERVISOR: "督导员",
        Post.CLERK: "信息员 录入人员",
    },
)
RANK = spellings.word(
    Rank,
    {
        Rank.COUNTY: "县处 处级 正处级 副处级",
        Rank.SECTION: "正科级 副科级 科",
        Rank.STAFF: "一般 科员 办事员",
        Rank.VILLAGE: "村干",
    },
)

# Of a household when its number is given, otherwise of the village.
EXIT_DAYS = (
    Column("appraised_on", "民主评议日期", Level.ROW, Day(), ("民主评议时间", "评议日期"), example="2018-09-03"),
    Column("verified_on", "核实日期", Level.ROW, Day(), ("核实时间", "入户核实日期"), example="2018-09-12"),
    Column("consented_on", "贫困户认可日期", Level.ROW, Day(), ("认可日期", "认可时间"), example="2018-09-14"),
    Column("noticed_on", "公示日期", Level.ROW, Day(), ("公示时间", "公告公示日期"), example="2018-09-20"),
    Column(
        "approved_on",
        "批准退出日期",
        Level.ROW,
        Day(),
        ("批准日期", "脱贫日期", "脱贫时间", "退出时间", "退出日期"),
        is_required=True,
        is_needed=True,
        example="2018-11-06",
    ),
)

COLUMN_SETS: dict[ImportKind, ColumnSet] = {
    ImportKind.REGISTER: REGISTER,
    ImportKind.HOUSEHOLDS: ColumnSet(
        (SERIAL, *OF_HOUSEHOLD[:4], OF_HOUSEHOLD[4], HEAD, *OF_HOUSEHOLD[5:]),
        tuple(column for column in MORE if column.level in (Level.PLACE, Level.HOUSEHOLD)),
    ),
    ImportKind.CADRES: ColumnSet(
        (
            SERIAL,
            ACCOUNT,
            CADRE,
            UNIT,
            Column("rank", "职级", Level.ROW, RANK, ("级别", "行政级别"), example="一般干部"),
            Column("email", "电子邮箱", Level.ROW, Text(254), ("邮箱",)),
            Column("is_active", "可以登录", Level.ROW, YesNo(), ("是否启用", "启用"), example="是"),
        )
    ),
    ImportKind.POSTS: ColumnSet(
        (
            SERIAL,
            ACCOUNT,
            CADRE_BESIDE,
            Column(
                "post",
                "岗位",
                Level.ROW,
                POST,
                ("职务", "任职岗位"),
                is_required=True,
                is_needed=True,
                example="第一书记",
            ),
            *PLACE,
            UNIT,
            FROM,
            TO,
        ),
        CODE,
    ),
    ImportKind.HELPERS: ColumnSet(
        (
            SERIAL,
            Column(
                "number",
                "户编号",
                Level.ROW,
                Number(),
                ("户号", "农户编号"),
                is_required=True,
                is_needed=True,
                example="3607040000001",
            ),
            Column("head_name", "户主姓名", Level.ROW, Text(), ("户主",), example="张三"),
            Column(
                "username",
                "帮扶干部账号",
                Level.ROW,
                Text(50),
                ("账号", "用户名"),
                is_required=True,
                is_needed=True,
                example="lisi",
            ),
            CADRE_BESIDE,
            Column("is_primary", "是否主要帮扶人", Level.ROW, YesNo(), ("主帮扶人", "是否第一帮扶人"), example="是"),
            FROM,
            TO,
        )
    ),
    ImportKind.UNITS: ColumnSet(
        (SERIAL, UNIT_NEEDED, Column("is_active", "是否在用", Level.ROW, YesNo(), ("在用", "启用"), example="是"))
    ),
    ImportKind.EXITS: ColumnSet(
        (
            SERIAL,
            *PLACE,
            Column("number", "户编号", Level.ROW, Number(), ("户号", "农户编号"), example="3607040000001"),
            Column("head_name", "户主姓名", Level.ROW, Text(), ("户主",), example="张三"),
            *EXIT_DAYS,
            Column("is_wrong", "是否错退", Level.ROW, YesNo(), ("错退",), example="否"),
        ),
        CODE,
    ),
    ImportKind.PAIRINGS: ColumnSet(
        (
            SERIAL,
            UNIT_NEEDED,
            *PLACE,
            Column("is_lead", "是否牵头单位", Level.ROW, YesNo(), ("牵头单位", "牵头"), example="是"),
            FROM,
            TO,
        ),
        CODE,
    ),
}
