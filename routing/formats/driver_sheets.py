"""Writes a sheet per vehicle for its driver: trips in order, stops, clock times, how many board and alight."""

from html import escape

from routing.formats.document import DocumentCall, DocumentTrip, PlanDocument
from routing.model.demand import Direction
from routing.model.plan import Line, Trip
from routing.model.units import format_clock

_STYLE = (
    "body{font:15px/1.4 'Noto Sans CJK SC','PingFang SC',sans-serif;max-width:46em;margin:auto;padding:1em}"
    "article{break-after:page;border-bottom:1px solid #999}table{border-collapse:collapse;width:100%}"
    "td,th{text-align:left;padding:.15em .6em;border-bottom:1px solid #ddd}td:nth-child(n+3){text-align:right}"
)
_COLUMNS = ("到达 arrive", "发车 depart", "上 board", "下 alight", "车上 aboard")
_WAY = {Direction.INBOUND: "上班 to work", Direction.OUTBOUND: "下班 home"}


def driver_sheets_html(document: PlanDocument) -> bytes:
    """Return one page with a sheet per block, to be printed; it names no rider and loads nothing from elsewhere."""
    rows = {trip.trip_id: (line, trip, more) for line, trip, more in document.rows()}
    names = {stop.stop_id: stop.name for stop in document.stops}
    sheets = []
    for block in document.plan.blocks:
        trips = "".join(_trip(*rows[trip_id], names) for trip_id in block.trip_ids if trip_id in rows)
        head = f"{block.block_id} · {block.vehicle_type_id} · {block.depot_id}"
        sheets.append(f"<article><h2>{escape(head)}</h2>{trips}</article>\n")
    label = "<p>Synthetic. 合成数据。</p>" if document.origin.synthetic else ""
    body = "".join(sheets) or "<p>No vehicle drives. 无车辆运行。</p>"
    head = '<!doctype html><html lang="zh"><meta charset="utf-8"><title>行车单 Driver sheets</title>'
    return f"{head}<style>{_STYLE}</style>{label}{body}</html>\n".encode()


def _trip(line: Line, trip: Trip, more: DocumentTrip, names: dict[str, str]) -> str:
    head = "".join(f"<th>{column}</th>" for column in ("站点 stop", *_COLUMNS))
    calls = "".join(_call(call, names) for call in more.calls)
    title = f"{line.line_id} {line.name} · {trip.trip_id} · {_WAY[trip.direction]}"
    return f"<h3>{escape(title)}</h3><table><tr>{head}</tr>{calls}</table>"


def _call(call: DocumentCall, names: dict[str, str]) -> str:
    clocks = ["" if clock is None else format_clock(clock)[:5] for clock in (call.arrive, call.depart)]
    counts = ["" if count is None else str(count) for count in (call.board, call.alight, call.load)]
    cells = "".join(f"<td>{cell}</td>" for cell in (*clocks, *counts))
    return f"<tr><td>{escape(names.get(call.stop_id, call.stop_id))}</td>{cells}</tr>"
