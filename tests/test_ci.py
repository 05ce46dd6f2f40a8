"""What decides on a fresh clone: the audit fails on findings, and never passes for one that was not made."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FINDS = "mkdir -p out; echo '{\"dependencies\": []}' > out/audit.json; exit 1"


def audited(folder: Path, make: str) -> subprocess.CompletedProcess[str]:
    """Run the audit of a copy of the tree in which ``make`` does something else."""
    (folder / ".ci").mkdir()
    (folder / "bin").mkdir()
    (folder / "out").mkdir()
    (folder / "out" / "audit.json").write_text("of the day before", "utf-8")
    script, fake = folder / ".ci" / "audit", folder / "bin" / "make"
    script.write_bytes((ROOT / ".ci" / "audit").read_bytes())
    fake.write_text(f"#!/bin/sh\n{make}\n", "utf-8")
    for file in (script, fake):
        file.chmod(0o755)
    path = f"{folder / 'bin'}:/usr/bin:/bin"
    return subprocess.run([str(script)], env={"PATH": path}, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("make", "status", "said"),
    [
        ("exit 0", 0, "no known vulnerability"),
        (FINDS, 1, "known vulnerabilities, see out/audit.json"),
        ("exit 2", 0, "NOT AUDITED"),
    ],
    ids=["clean", "findings", "no answer"],
)
def test_an_audit_says_what_it_found_and_whether_it_was_made(tmp_path: Path, make: str, status: int, said: str) -> None:
    done = audited(tmp_path, make)
    assert done.returncode == status
    assert said in done.stdout + done.stderr


def test_ci_calls_tests_and_audit_and_both_scripts_can_be_run() -> None:
    run = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    assert run[-2:] == ["make test", ".ci/audit"]
    assert all((ROOT / ".ci" / name).stat().st_mode & 0o111 for name in ("run", "audit"))


def test_everything_that_is_installed_is_audited() -> None:
    lines = (ROOT / "Makefile").read_text("utf-8").splitlines()
    (call,) = (line for line in lines if ".venv-audit/bin/pip-audit --" in line)
    for lock in ("bootstrap", "requirements"):
        assert f"-r locks/{lock}.txt" in call
    assert "--require-hashes" in call
