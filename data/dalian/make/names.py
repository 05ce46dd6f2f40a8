"""Plausible Chinese names for streets and communities, each used once."""

import numpy as np

from data.dalian.make.plane import Points

FIRST = {
    "海": "Hai", "山": "Shan", "云": "Yun", "松": "Song", "柳": "Liu", "桃": "Tao", "枫": "Feng", "樱": "Ying",
    "槐": "Huai", "学": "Xue", "文": "Wen", "兴": "Xing", "振": "Zhen", "富": "Fu", "安": "An", "康": "Kang",
    "和": "He", "平": "Ping", "长": "Chang", "永": "Yong", "新": "Xin", "盛": "Sheng", "光": "Guang", "明": "Ming",
    "东": "Dong", "西": "Xi", "南": "Nan", "北": "Bei", "春": "Chun", "金": "Jin", "银": "Yin", "玉": "Yu",
    "龙": "Long", "凤": "Feng", "鹤": "He", "燕": "Yan", "虹": "Hong", "霞": "Xia", "泉": "Quan", "碧": "Bi",
}  # fmt: skip
SECOND = {
    "华": "hua", "城": "cheng", "港": "gang", "湾": "wan", "岭": "ling", "林": "lin", "园": "yuan", "川": "chuan",
    "江": "jiang", "河": "he", "泽": "ze", "源": "yuan", "宁": "ning", "泰": "tai", "德": "de", "业": "ye",
    "工": "gong", "民": "min", "昌": "chang", "荣": "rong", "丰": "feng", "庆": "qing", "祥": "xiang", "瑞": "rui",
    "波": "bo", "涛": "tao", "岩": "yan", "石": "shi", "阳": "yang", "月": "yue", "星": "xing", "台": "tai",
    "桥": "qiao", "口": "kou", "屯": "tun", "沟": "gou",
}  # fmt: skip
ESTATE_FIRST = (
    "学府", "阳光", "海韵", "锦绣", "碧海", "绿城", "星海", "金色", "御景", "恒基", "东方", "亿达", "万科", "和平",
    "幸福", "春和", "枫林", "山水", "蓝湾", "海昌", "新都", "大有", "文苑", "龙泉", "翠竹", "明珠", "富丽", "青松",
    "银杏", "天河", "盛世", "华润", "悦泰", "软件", "桃源", "泰和", "兰亭", "听涛", "观海", "红旗",
)  # fmt: skip
ESTATE_SECOND = (
    "花园",
    "家园",
    "小区",
    "新村",
    "名城",
    "雅居",
    "华府",
    "公馆",
    "苑",
    "佳园",
    "新城",
    "里",
    "居",
    "湾畔",
)


class StreetNames:
    """Hands out street names; a name is never given twice until all have been used."""

    def __init__(self, rng: np.random.Generator) -> None:
        pairs = [(a, b) for a in FIRST for b in SECOND]
        self._pairs = [pairs[k] for k in rng.permutation(len(pairs)).tolist()]
        self._roads = 0
        self._lanes = 0

    def road(self, line: Points) -> tuple[str, str]:
        """Return a Chinese and an English name: 街 for east-west, 路 for north-south streets, as in Dalian."""
        first, second = self._pairs[self._roads % len(self._pairs)]
        self._roads += 1
        pinyin = FIRST[first] + SECOND[second]
        if _runs_east(line):
            return f"{first}{second}街", f"{pinyin} Street"
        return f"{first}{second}路", f"{pinyin} Road"

    def lane(self, line: Points) -> str:
        """Return a Chinese name for a local street."""
        first, second = self._pairs[-1 - self._lanes // 6 % len(self._pairs)]
        ordinal = "一二三四五六"[self._lanes % 6]
        self._lanes += 1
        return f"{first}{second}{ordinal}{'街' if _runs_east(line) else '巷'}"


def _runs_east(line: Points) -> bool:
    east, north = np.abs(line[-1] - line[0])
    return bool(east > north)


def estate_names(rng: np.random.Generator, count: int) -> list[str]:
    """Return distinct names for residential communities."""
    pairs = [a + b for a in ESTATE_FIRST for b in ESTATE_SECOND]
    return [pairs[k] for k in rng.permutation(len(pairs))[:count].tolist()]
