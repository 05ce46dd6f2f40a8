"""The stable codes of every fault that a scenario folder or a plan document can have."""

from enum import StrEnum


class Code(StrEnum):
    """What is wrong; docs/ERRORS.md says for each code what it means and what to do."""

    # The folder and its files
    MISSING_FOLDER = "missing_folder"
    MISSING_FILE = "missing_file"
    EMPTY_FILE = "empty_file"
    UNREADABLE_FILE = "unreadable_file"
    WRONG_ENCODING = "wrong_encoding"
    UNREADABLE_CSV = "unreadable_csv"
    UNREADABLE_XLSX = "unreadable_xlsx"
    AMBIGUOUS_TABLE = "ambiguous_table"
    UNKNOWN_EXTRACT_FORMAT = "unknown_extract_format"
    # scenario.toml
    UNREADABLE_TOML = "unreadable_toml"
    UNKNOWN_KEY = "unknown_key"
    WRONG_TYPE = "wrong_type"
    BAD_CHOICE = "bad_choice"
    MISSING_CRS = "missing_crs"
    UNKNOWN_CRS = "unknown_crs"
    IMPOSSIBLE_CRS = "impossible_crs"
    UNKNOWN_TIMEZONE = "unknown_timezone"
    EMPTY_WINDOW = "empty_window"
    CONTRADICTION = "contradiction"
    # Tables
    MISSING_COLUMN = "missing_column"
    DUPLICATE_COLUMN = "duplicate_column"
    MISSPELT_COLUMN = "misspelt_column"
    EXCESS_CELLS = "excess_cells"
    EMPTY_TABLE = "empty_table"
    MISSING_VALUE = "missing_value"
    BAD_NUMBER = "bad_number"
    BAD_COUNT = "bad_count"
    OUT_OF_RANGE = "out_of_range"
    BAD_CLOCK = "bad_clock"
    BAD_DAYS = "bad_days"
    DUPLICATE_ID = "duplicate_id"
    UNKNOWN_ID = "unknown_id"
    COORDINATE_OUT_OF_RANGE = "coordinate_out_of_range"
    COORDINATES_SWAPPED = "coordinates_swapped"
    COORDINATE_FAR_AWAY = "coordinate_far_away"
    SHIFT_WITHOUT_WINDOW = "shift_without_window"
    SHIFT_ENDS_BEFORE_START = "shift_ends_before_start"
    SHIFT_TOO_EARLY = "shift_too_early"
    NO_VEHICLE_LARGE_ENOUGH = "no_vehicle_large_enough"
    NO_VEHICLES = "no_vehicles"
    CONFLICTING_VEHICLE_TYPE = "conflicting_vehicle_type"
    # Plan documents
    UNREADABLE_JSON = "unreadable_json"
    BAD_POLYLINE = "bad_polyline"
    UNSUPPORTED_VERSION = "unsupported_version"
    # The output folder
    NOT_OUR_FOLDER = "not_our_folder"
    CANNOT_WRITE = "cannot_write"
