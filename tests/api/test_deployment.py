"""The files that a deployment is made from, checked without any engine."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
SET_UP: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
OURS = ("migrate", "api", "worker")


def test_every_service_of_ours_is_locked_down() -> None:
    for name in OURS:
        service = SET_UP["services"][name]
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name


def test_the_schema_is_brought_up_to_date_before_anything_serves() -> None:
    assert SET_UP["services"]["migrate"]["command"] == ["db", "upgrade"]
    for name in ("api", "worker"):
        needs = SET_UP["services"][name]["depends_on"]["migrate"]["condition"]
        assert needs == "service_completed_successfully"
    assert SET_UP["services"]["migrate"]["depends_on"]["database"]["condition"] == "service_healthy"


def test_the_door_listens_on_this_machine_alone() -> None:
    assert SET_UP["services"]["api"]["ports"] == ["127.0.0.1:8000:8000"]
    assert "ports" not in SET_UP["services"]["database"]


def test_every_setting_that_is_set_exists() -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.__dataclass_fields__}
    for name in OURS:
        used = {key for key in SET_UP["services"][name]["environment"] if key.startswith(PREFIX)}
        assert used <= known


def test_no_secret_stands_in_the_files() -> None:
    for name, secret in SET_UP["secrets"].items():
        assert secret == {"file": f"./secrets/{name}"}
    for service in SET_UP["services"].values():
        words = [str(key) for key in service.get("environment", {})]
        assert all(word.endswith("_FILE") for word in words if "PASSWORD" in word or "KEY" in word)
        assert set(service.get("secrets", [])) <= set(SET_UP["secrets"])


def test_a_leaving_process_is_given_more_time_than_it_takes() -> None:
    from api.serving import GRACE_S

    for name in ("api", "worker"):
        assert int(SET_UP["services"][name]["stop_grace_period"].removesuffix("s")) > GRACE_S


def test_the_commands_of_the_services_exist() -> None:
    import typer

    from api.cli import app

    whole: Any = typer.main.get_command(app)
    for name in OURS:
        first, *rest = SET_UP["services"][name]["command"]
        command = whole.commands[first]
        if rest and not rest[0].startswith("-"):
            command, rest = command.commands[rest[0]], rest[1:]
        spellings = {spelling for option in command.params for spelling in option.opts}
        assert {word for word in rest if word.startswith("-")} <= spellings


def test_the_image_runs_as_nobody_in_particular() -> None:
    last = DOCKERFILE.split("\nFROM ")[-1]
    assert re.search(r"^USER banche$", last, re.MULTILINE)
    assert last.index("USER") < last.index("ENTRYPOINT")


def test_the_image_is_made_from_hashes() -> None:
    assert DOCKERFILE.count("--require-hashes") == 2
    assert "://" not in DOCKERFILE.replace("http://127.0.0.1:8000/healthz", "")


@pytest.mark.parametrize("word", ["routing", "api", "data", "locks/requirements.txt", "pyproject.toml"])
def test_what_the_image_copies_is_there(word: str) -> None:
    assert word in DOCKERFILE
    assert (ROOT / word).exists()


def test_secrets_and_databases_stay_out_of_the_image() -> None:
    left_out = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert {"secrets", "*.db", "*.keys", ".git"} <= set(left_out)


def test_what_cron_begins_every_night_is_accepted_by_the_door() -> None:
    from api.jobs.registry import read_params

    page = (ROOT / "docs" / "how-to" / "run-in-production.md").read_text("utf-8")
    nights = [json.loads(body) for body in re.findall(r"^[\d ]+\* \* \S+ .* -d '(\{.*?\})' ", page, re.MULTILINE)]
    assert [read_params(body).kind for body in nights] == ["review", "rebalance"]
    keys = re.findall(r'"Idempotency-Key: ([^"]+)"', page)
    assert len(set(keys)) == len(nights)


INSTRUCTIONS = re.findall(r"^([A-Z]+) (.+)$", DOCKERFILE.replace("\\\n", " "), re.MULTILINE)


def test_every_instruction_of_the_image_is_one_and_images_are_of_a_named_version() -> None:
    """What hadolint would say first (DL3006, DL3007, DL3020, DL3025, DL4000); it is no tool from the package index."""
    known = {"FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"}
    assert {word for word, _ in INSTRUCTIONS} == known
    images = [rest.split()[0] for word, rest in INSTRUCTIONS if word == "FROM"]
    images += [service["image"] for name, service in SET_UP["services"].items() if name not in OURS]
    assert [image for image in images if ":" not in image or image.endswith(":latest")] == []
    commands = [rest for word, rest in INSTRUCTIONS if word in {"CMD", "ENTRYPOINT"}]
    commands += [rest.split("CMD ", 1)[1] for word, rest in INSTRUCTIONS if word == "HEALTHCHECK"]
    assert all(isinstance(json.loads(command), list) for command in commands)


def test_every_file_that_is_copied_exists_and_comes_before_it_is_used() -> None:
    copied = [rest.split()[:-1] for word, rest in INSTRUCTIONS if word == "COPY" and not rest.startswith("--from")]
    assert [name for names in copied for name in names if not (ROOT / name).exists()] == []
    words = [word for word, _ in INSTRUCTIONS]
    assert words[-1] == "CMD"
    assert (words.count("ENTRYPOINT"), words.count("CMD")) == (1, 1)


def test_every_name_within_the_set_up_leads_somewhere() -> None:
    services = SET_UP["services"]
    for name, service in services.items():
        assert set(service.get("depends_on", {})) <= set(services), name
        assert {str(mount).split(":")[0] for mount in service.get("volumes", [])} <= set(SET_UP["volumes"]), name
    hosts = {services["api"]["environment"]["BANCHE_DB"].split("@")[1].split("/")[0]}
    assert hosts <= set(services)
