"""Where the embedded scenario lies: beside the package in a checkout, inside it when installed."""

from pathlib import Path

from routing.errors import Fault, InputError

EMBEDDED_SCENARIO = "dalian"


def embedded_scenario() -> Path:
    """Return the folder of the embedded synthetic Dalian.

    Raises
    ------
    InputError
        ``missing_folder``, when the installation lacks it.
    """
    package = Path(__file__).parent
    candidates = (package.parent / "data" / EMBEDDED_SCENARIO, package / "_embedded" / EMBEDDED_SCENARIO)
    for folder in candidates:
        if (folder / "scenario.toml").is_file():
            return folder
    raise InputError(
        Fault(
            file=str(candidates[0]),
            code="missing_folder",
            cause="The embedded scenario is not part of this installation.",
            action="Install banche from its repository, or plan a scenario of your own.",
        )
    )
