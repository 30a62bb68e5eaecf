"""The category sets as columns read them: the register's own words, and other words that people write for them."""

from django.db import models

from households.models.categories import Cause, Education, Health, LabourSkill, Relation, Risk, Schooling, Sex
from households.models.households import BaseType, MonitoringType
from households.register_import.cells import Word, Words


def also(spellings: dict[str, str]) -> dict[str, str]:
    """Value: its other spellings with blanks between, turned around into spelling: value."""
    return {word: str(value) for value, words in spellings.items() for word in words.split()}


def word(choices: type[models.TextChoices], spellings: dict[str, str]) -> Word:
    """A cell that holds one word of the set."""
    return Word(choices, also(spellings))


SEX = word(Sex, {Sex.MALE: "男性", Sex.FEMALE: "女性"})
RELATION = word(
    Relation,
    {
        Relation.HEAD: "本人 本人或户主",
        Relation.SPOUSE: "妻 妻子 之妻 夫 丈夫 之夫 之配偶",
        Relation.SON: "子 儿子 长子 次子 三子",
        Relation.DAUGHTER: "女 女儿 长女 次女 三女",
        Relation.SON_IN_LAW: "女婿",
        Relation.DAUGHTER_IN_LAW: "儿媳 儿媳妇 之儿媳妇",
        Relation.GRANDSON: "孙子 之孙",
        Relation.GRANDDAUGHTER: "孙女",
        Relation.MATERNAL_GRANDSON: "外孙 外孙子 之外孙",
        Relation.MATERNAL_GRANDDAUGHTER: "外孙女",
        Relation.FATHER: "父 父亲",
        Relation.MOTHER: "母 母亲",
        Relation.FATHER_IN_LAW: "岳父 公公 之岳父 之公公",
        Relation.MOTHER_IN_LAW: "岳母 婆婆 之岳母 之婆婆",
        Relation.GRANDFATHER: "祖父 爷爷",
        Relation.GRANDMOTHER: "祖母 奶奶",
        Relation.BROTHER: "之兄弟",
        Relation.SISTER: "之姐妹",
        Relation.OTHER: "之其他 其他亲属 之兄弟姐妹 之曾孙子 之曾孙女 之侄儿 之侄女 之叔伯 之兄弟媳妇",
    },
)
EDUCATION = word(
    Education,
    {
        Education.ILLITERATE: "文盲 半文盲",
        Education.SENIOR: "中专 职高 高中或中专 高中/中专",
        Education.COLLEGE: "专科 大专及以上 高职",
        Education.BACHELOR: "本科 大学 硕士 研究生 博士",
        "": "学龄前儿童 学龄前",
    },
)
SCHOOLING = word(
    Schooling,
    {
        Schooling.NONE: "非在校 不在校 未在校 否",
        Schooling.PRESCHOOL_AGE: "学龄前",
        Schooling.PRESCHOOL: "幼儿园 学前班",
        Schooling.PRIMARY: "小学生",
        Schooling.GRADE_7: "初一 初中一年级",
        Schooling.GRADE_8: "初二 初中二年级",
        Schooling.GRADE_9: "初三 初中三年级",
        Schooling.SENIOR_1: "高一 高中一年级",
        Schooling.SENIOR_2: "高二 高中二年级",
        Schooling.SENIOR_3: "高三 高中三年级",
        Schooling.COLLEGE: "大专 高职高专一年级 高职高专二年级 高职高专三年级",
        Schooling.BACHELOR: "本科一年级 本科二年级 本科三年级 本科四年级 本科五年级",
        Schooling.GRADUATE: "硕士 硕士研究生 硕士研究生及以上 博士",
    },
)
HEALTH = Words(
    Health,
    also(
        {
            Health.HEALTHY: "良好",
            Health.CHRONIC: "慢性病 长期慢性病患者",
            Health.SERIOUS: "大病 重病",
            Health.DISABLED: "残疾人",
        }
    ),
)
SKILL = word(
    LabourSkill,
    {
        LabourSkill.SKILLED: "技能劳力",
        LabourSkill.ORDINARY: "普通劳力",
        LabourSkill.WEAK: "弱劳动力 半劳动力 弱/半劳动力 弱半劳动力",
        LabourSkill.LOST: "丧失劳力",
        LabourSkill.NONE: "无劳力",
    },
)
CAUSE = word(
    Cause,
    {
        Cause.DISASTER: "因自然灾害",
        Cause.LABOUR: "缺劳动力",
        Cause.LAND: "缺土",
        Cause.DRIVE: "自身发展力不足 内生动力不足",
        Cause.TRAFFIC: "因交通落后 交通条件落后",
    },
)
RISK = word(
    Risk,
    {
        Risk.DISASTER: "因灾 自然灾害",
        Risk.ACCIDENT: "意外事故",
        Risk.PROJECT: "因产业失败 产业项目失败",
        Risk.EMPLOYMENT: "因务工就业不稳定 就业不稳",
        Risk.LABOUR: "缺劳力",
    },
)
BASE = word(
    BaseType,
    {BaseType.ORDINARY: "一般户 农户", BaseType.EXITED: "脱贫人口 建档立卡户 建档立卡脱贫户 稳定脱贫户"},
)
MONITORING = word(
    MonitoringType,
    {
        MonitoringType.UNSTABLE: "脱贫不稳定 不稳定户",
        MonitoringType.MARGINAL: "边缘户 边缘易致贫",
        MonitoringType.SUDDEN: "突发严重困难",
        "": "无 否 非监测对象",
    },
)
