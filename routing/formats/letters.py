"""Writes letters to riders whose service changes, in Chinese and in English, as one page to print."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from html import escape

from routing.model.demand import Direction
from routing.model.units import MINUTE_S, format_clock


class Why(StrEnum):
    """What a letter gives as the occasion, the gravest one of several."""

    LEFT_OUT = "left_out"
    LINE_CLOSED = "line_closed"
    OTHER_LINE = "other_line"
    OTHER_STOP = "other_stop"
    RETIMED = "retimed"
    WELCOME = "welcome"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatTold:
    """A rider's seat in one direction, in the words a letter uses.

    Attributes
    ----------
    stop : str
        Name of the stop near home.
    walk_m : int or None
        Between home and stop [m].
    departs, arrives : int or None
        Clock times [s] of leaving the boarding stop and reaching the alighting stop.
    """

    line_id: str
    line_name: str
    stop: str
    walk_m: int | None
    departs: int | None
    arrives: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WayTold:
    """What changes for a rider in one direction; None for a side on which there is no seat."""

    direction: Direction
    why: Why
    before: SeatTold | None
    after: SeatTold | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter to one rider, who is known by a pseudonym only."""

    rider_id: str
    ways: tuple[WayTold, ...]


_TITLE = {"zh": "班车服务变更通知", "en": "Your shuttle changes"}
_WAY = {
    Direction.INBOUND: {"zh": "上班", "en": "To work"},
    Direction.OUTBOUND: {"zh": "下班", "en": "Home"},
}
_WHY = {
    Why.LEFT_OUT: {
        "zh": "很抱歉，目前没有线路能够接送您。",
        "en": "We are sorry: no line can carry you at present.",
    },
    Why.LINE_CLOSED: {
        "zh": "您乘坐的线路停运，我们为您安排了其他线路。",
        "en": "Your line runs no more; you have a seat on another one.",
    },
    Why.OTHER_LINE: {"zh": "您改乘另一条线路。", "en": "You have a seat on another line."},
    Why.OTHER_STOP: {"zh": "您的站点有变化。", "en": "Your stop changes."},
    Why.RETIMED: {"zh": "发车时间有变化。", "en": "Your departure changes."},
    Why.WELCOME: {"zh": "欢迎乘坐班车，您的座位如下。", "en": "Welcome aboard: this is your seat."},
}
_SIDE = {"before": {"zh": "原来", "en": "before"}, "after": {"zh": "现在", "en": "from now on"}}
_STYLE = (
    "body{font:16px/1.5 'Noto Sans CJK SC','PingFang SC',sans-serif;max-width:42em;margin:auto;padding:1em}"
    "article{break-after:page;border-bottom:1px solid #999;padding:1em 0}table{border-collapse:collapse}"
    "td,th{text-align:left;padding:.2em .8em .2em 0;vertical-align:top}"
)


def letters_html(letters: Iterable[Letter], *, synthetic: bool = False) -> bytes:
    """Return one page with a letter per rider, each in both languages; it loads nothing from elsewhere."""
    label = "<p>Synthetic: nobody here exists. 合成数据，人物均不存在。</p>" if synthetic else ""
    body = "".join(_letter(letter) for letter in letters) or "<p>Nothing changes for anybody. 无人受影响。</p>"
    head = f'<!doctype html><html lang="zh"><meta charset="utf-8"><title>{_TITLE["zh"]}</title><style>{_STYLE}</style>'
    return f"{head}{label}{body}</html>\n".encode()


def _letter(letter: Letter) -> str:
    parts = "".join(
        f"<h2>{_TITLE[language]}</h2>" + "".join(_way(way, language) for way in letter.ways)
        for language in ("zh", "en")
    )
    return f"<article><p>{escape(letter.rider_id)}</p>{parts}</article>\n"


def _way(way: WayTold, language: str) -> str:
    rows = [
        f"<tr><th>{_SIDE[side][language]}</th><td>{_seat(seat, language)}</td></tr>"
        for side, seat in (("before", way.before), ("after", way.after))
        if seat is not None
    ]
    shift = _shift(way, language)
    return (
        f"<h3>{_WAY[way.direction][language]}</h3><p>{_WHY[way.why][language]}{shift}</p><table>{''.join(rows)}</table>"
    )


def _seat(seat: SeatTold, language: str) -> str:
    """Return a seat in a line of text: line, stop, walk, clock times."""
    zh = language == "zh"
    told = [f"{seat.line_id} {seat.line_name}", f"{'站点' if zh else 'stop'} {seat.stop}"]
    if seat.walk_m is not None:
        told.append(f"步行 {seat.walk_m} 米" if zh else f"{seat.walk_m} m on foot")
    if seat.departs is not None:
        told.append(f"{format_clock(seat.departs)[:5]} {'发车' if zh else 'departure'}")
    if seat.arrives is not None:
        told.append(f"{format_clock(seat.arrives)[:5]} {'到达' if zh else 'arrival'}")
    return escape(("，" if zh else ", ").join(told))


def _shift(way: WayTold, language: str) -> str:
    """Return by how much a departure moves, where that is a minute or more."""
    if way.before is None or way.after is None or way.before.departs is None or way.after.departs is None:
        return ""
    minutes = round((way.after.departs - way.before.departs) / MINUTE_S)
    if not minutes:
        return ""
    if language == "zh":
        return f"发车{'推迟' if minutes > 0 else '提前'} {abs(minutes)} 分钟。"
    return f" You leave {abs(minutes)} min {'later' if minutes > 0 else 'earlier'}."
