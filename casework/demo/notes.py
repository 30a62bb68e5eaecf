"""What cadres write about a visit, put together by chance from what such notes say in each season."""

from random import Random

from casework.demo.trips import Trip
from casework.demo.words import WORKPLACES
from casework.models import Outcome
from casework.models.visits import REMOTE_CONTACTS

# By month: what is going on in the fields and in the year's work.
SEASONS = {
    (3, 4, 5): (
        "春耕备耕已经开始，种子化肥都已备齐。",
        "早稻秧苗长势正常，提醒注意倒春寒。",
        "脐橙园正在疏花保果，农技员上周来看过。",
        "开春后已返岗务工，家里老人身体尚可。",
    ),
    (6, 7, 8): (
        "早稻收割基本结束，正在抢插晚稻。",
        "汛期已至，提醒夜间注意屋后边坡，已告知转移路线。",
        "天气炎热，叮嘱老人注意防暑，水缸水井备足用水。",
        "孩子放暑假在家，再次提醒不到塘库溪河游泳。",
        "脐橙进入膨果期，正在抗旱保果。",
    ),
    (9, 10, 11): (
        "脐橙长势不错，预计下月可以采摘，销路问题不大。",
        "晚稻已经收割，晒干入仓约一千二百斤。",
        "油茶正在采摘，今年结果比去年好。",
        "秋季学期已开学，孩子在校就读，教育资助已经到账。",
        "明年医保缴费已经开始，家里人都已缴清。",
        "秋冬季节用火用电多，检查了灶房和线路，提醒注意防火。",
    ),
    (12, 1, 2): (
        "脐橙基本卖完，今年价格比去年每斤高两角。",
        "在外务工的家人准备回来过年，年后仍回原厂。",
        "送去棉被和食用油，老人过冬衣物够用。",
        "提醒用炭火取暖要开窗通风。",
        "年底核对了全年收入，家里签字确认。",
    ),
}
LIVELIHOOD = (
    "户主在{place}务工，月收入约{wage}元，按月寄钱回家。",
    "儿子儿媳都在{place}务工，两位老人在家带孙子。",
    "在村里光伏公益性岗位做保洁，工资按月发放。",
    "在乡镇就业帮扶车间上班，离家近，能照顾老人。",
    "养了{count}只土鸡，合作社保底收购。",
    "种了{area}亩脐橙，去年开始挂果。",
    "种了{area}亩水稻，其余田地流转给大户，租金已付。",
    "家里养了{cattle}头牛，打算明年再添两头。",
    "开了个小卖部，收入够日常开支。",
    "小额信贷已按期还清，暂时没有再贷款的打算。",
)
FAMILY = (
    "家里{people}口人，生活平稳，没有新的困难。",
    "老人高血压按时服药，家庭医生上月来随访过。",
    "户主腰腿不好，重活做不了，家务由妻子操持。",
    "慢性病门诊报销比例问清楚了，给家属讲了一遍。",
    "大孩子读高二，小的读小学，均享受教育资助。",
    "住房是前年改造的，不漏不裂，住得安心。",
    "自来水正常，水质清，水压也够。",
    "女儿今年考上师范，助学贷款手续已经办好。",
    "房前屋后收拾得干净，柴草堆放整齐。",
)
POLICY = (
    "宣传了防返贫监测的申报办法，户里知道找谁申请。",
    "讲解了明年产业奖补政策，户主有意多种两亩油茶。",
    "发放了帮扶政策明白卡，逐条作了说明。",
    "对帮扶工作表示满意，没有别的要求。",
    "了解了家里近三个月的收支，没有大额支出。",
    "留了联系电话，有事随时联系。",
)
BY_PHONE = (
    "电话联系，全家在{place}务工，一切都好，计划春节回来。",
    "与户主通了电话，家里门窗锁好，托邻居照看。",
    "视频里看到两个孩子在{place}上学，成绩不错。",
    "打电话问了近况，厂里活多，工资按时发，暂无困难。",
    "全家外出，电话里说了医保缴费的事，已在手机上缴清。",
)
BY_PHONE_AT_HOME = (
    "户主在外做工，电话联系，家里一切正常。",
    "雨天路不好走，先打电话问了近况，约好下周上门。",
    "电话提醒医保缴费，户主说已在手机上缴清。",
    "打电话问了老人身体情况，说按时吃药，没有不舒服。",
    "电话了解到户主已到帮扶车间上班，工资按月发。",
)
NOT_MET = {
    Outcome.NOBODY_HOME: (
        "家中无人，邻居说到圩上去了，改日再来。",
        "上门未遇，已给户主打电话约下次时间。",
        "下地干活未归，留了联系卡。",
    ),
    Outcome.FAMILY_AWAY: ("全家外出，房屋门窗完好。", "邻居介绍全家在{place}，房子没有异常。"),
    Outcome.REFUSED: ("户主说有急事，不便接待，改日再访。",),
}
VILLAGES = (
    "与村两委座谈，听取了产业发展和项目进度的汇报，察看了通组路施工现场。",
    "实地看了脐橙基地和就业帮扶车间，要求把联农带农落到实处。",
    "随机走访了三户脱贫户，了解饮水、住房和看病情况，总体稳定。",
    "调研村集体经济，提出盘活旧校舍办加工点的思路。",
    "检查了防返贫监测工作，要求做到早发现、早干预、早帮扶。",
    "在村里开了座谈会，群众主要反映路灯和水渠的问题，已当场交办。",
)
PROBLEMS = (
    "厨房屋顶漏雨，需要翻瓦。",
    "自来水时断时续，下午基本没水。",
    "老人慢性病证还没有办下来。",
    "门前水渠堵塞，雨天积水。",
    "孩子上学没有校车，路远不安全。",
    "脐橙有黄龙病迹象，盼农技员来看。",
    "外墙有裂缝，请安排住房安全鉴定。",
    "土鸡卖不出去，存栏还有一百多只。",
    "残疾证到期，行动不便无法去换证。",
    "通组路塌方一处，三轮车过不去。",
    "务工单位拖欠工资两个月。",
    "低保变动不清楚原因，希望给个说法。",
    "夜里没有路灯，老人出门不便。",
    "家里有人住院，自付部分较多。",
)
WRONG_DAY, WRONG_CONTACT, COMPLETED = "日期填错了", "联系方式选错了", "补充走访情况"
TOO_SHORT = "已走访。"
WITHDRAWALS = ("登记错户，撤回", "当天没有去成，撤回", "同一次走访登记了两次，撤回")


def note(rng: Random, trip: Trip) -> str:
    """The text box of the visit form; one in eight is left empty, nobody is forced to write."""
    if rng.random() < 0.12:
        return ""
    return "".join(_sentences(rng, trip)).format(
        place=rng.choice(WORKPLACES),
        wage=rng.randrange(3200, 7000, 100),
        count=rng.randrange(30, 200, 10),
        area=rng.randint(2, 9),
        cattle=rng.randint(2, 6),
        people=rng.randint(2, 6),
    )


def _sentences(rng: Random, trip: Trip) -> list[str]:
    if trip.home is None:
        return [rng.choice(VILLAGES)]
    if trip.contact in REMOTE_CONTACTS:
        return [rng.choice(BY_PHONE if trip.outcome == Outcome.FAMILY_AWAY else BY_PHONE_AT_HOME)]
    if trip.outcome in NOT_MET:
        return [rng.choice(NOT_MET[Outcome(trip.outcome)])]
    season = next(sentences for months, sentences in SEASONS.items() if trip.day.month in months)
    pools = rng.sample((season, LIVELIHOOD, FAMILY, POLICY), rng.choices((1, 2, 3), (35, 45, 20))[0])
    return [rng.choice(pool) for pool in pools]


def problem(rng: Random, trip: Trip) -> str:
    """A problem found, on one visit in fourteen where somebody was met."""
    is_met = trip.outcome == Outcome.MET and trip.contact not in REMOTE_CONTACTS
    return rng.choice(PROBLEMS) if is_met and rng.random() < 0.07 else ""
