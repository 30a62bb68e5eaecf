"""Values of an import as one small piece, before it is sealed."""

import zlib
from typing import Any

import orjson
import zstandard

LEVEL = -1  # a household is small: whatever looks longer for what repeats costs more than it saves
# What is in nearly every piece, to point to: a household takes a fifth of the space.
# Never change it, pieces that were packed with it could not be read any more; a new one would stand beside it.
USUAL = (
    "name relation sex born_on id_number ethnicity education schooling health labour_skill months_of_work "
    "place_of_work has_medical_insurance has_major_illness_insurance has_pension has_minimum_allowance "
    'has_destitute_support phone bank_account identified_on","before":{"created":[],"incomes":[['
    '"moved_on":null,"left_on":null,"group_id":null,"register_as_of":"202","register_row_id":null,"initials":"",'
    '"village_id":"other_causes":[],"risks":[],"land",'
    '"water","technique","labour","funds","self","disaster","schooling","illness","disability","monitored",'
    '"destitute","minimum_allowance","exited","ordinary","daughter_in_law","grandson","granddaughter","mother",'
    '"father","daughter","son","spouse","畲族","none","skilled","weak","lost","unknown","chronic","serious","disabled",'
    '"preschool_age","preschool","grade_7","grade_8","grade_9","bachelor","college","illiterate","primary","junior",'
    '"senior",null,null,"male"],"19""200"198"197"196"195"360721200360721196360721197'
    '{"household":{"natural_village":"第1组","members":4,"main_cause":"","has_dangerous_house":false,'
    '"has_safe_water":true,"phone":"138","identified_on":"2014-12-01","base_type":"ordinary","monitoring_type":"",'
    '"is_risk_cleared":null,"risk_identified_on":null,"risk_cleared_on":null,"head_name":"王","per_head_202":"1",'
    '"village":"36070"},"fields":"name id_number relation ethnicity education schooling health labour_skill '
    'months_of_work has_medical_insurance has_major_illness_insurance phone identified_on born_on sex","persons":{"'
    '":["王","360721195","head","汉族","primary","none",["healthy"],"ordinary",0,true,"139","2014-12-01","195",'
    '"female"]},"said":"","told":"","refused":[]}'
).encode()
KNOWN = zstandard.ZstdCompressionDict(USUAL, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
press = zstandard.ZstdCompressor(level=LEVEL, dict_data=KNOWN).compress
unpress = zstandard.ZstdDecompressor(dict_data=KNOWN).decompress


def packed(values: dict[str, Any]) -> bytes:
    """Values as one piece."""
    return pressed(written(values))


def written(values: dict[str, Any]) -> bytes:
    """Values before they are pressed."""
    return orjson.dumps(values, option=orjson.OPT_NON_STR_KEYS)


def pressed(said: bytes) -> bytes:
    """The piece of what was written."""
    return press(said)


def read(said: bytes) -> dict[str, Any]:
    """The values that were written: persons as lists, in the order of its `fields`, names in one text."""
    values: dict[str, Any] = orjson.loads(said)
    return values


def opened(piece: Any) -> dict[str, Any]:
    """The values of a piece, as read()."""
    piece = bytes(piece)
    if piece.startswith(zstandard.FRAME_HEADER):
        return read(unpress(piece))
    return read(zlib.decompressobj(zlib.MAX_WBITS, USUAL).decompress(piece))  # as they were packed before


def unpacked(piece: Any) -> dict[str, Any]:
    """The values of a piece."""
    values = opened(piece)
    if "fields" in values:
        fields = values["fields"] = values["fields"].split()
        values["told"] = values["told"].split() or fields
        values["said"] = values["said"].split() or [*values["household"]]
        values["persons"] = {
            number: dict(zip(fields, cells, strict=True)) for number, cells in values["persons"].items()
        }
    return values
