"""The report: one self-contained HTML page that a planner shows to a director."""

from routing.formats.report.map_data import Way
from routing.formats.report.page import report_html

__all__ = ["Way", "report_html"]
