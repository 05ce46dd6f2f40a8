"""The letterbox: scenario folders come in; plans, maps, timetables, feeds and reports go out."""
