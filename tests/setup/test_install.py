"""What `make run` and `make test` do before there is a `.venv`, and what they say when they cannot."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tracker import install

ROOT = Path(install.__file__).resolve().parent.parent


def fake_python(root: Path, *, pip_fails: bool = False) -> Path:
    """Put a `.venv` there whose Python notes what pip was asked for, and installs nothing."""
    python = root / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(
        "#!/bin/sh\n"
        f'case "$*" in *"-m pip"*) echo "$*" >> "{root}/asked"; exit {int(pip_fails)};; esac\n'
        "echo 3.12.4 of a test\n"
    )
    python.chmod(0o755)
    return python


def asked_of_pip(root: Path) -> list[str]:
    file = root / "asked"
    return file.read_text().splitlines() if file.exists() else []


def test_an_old_python_is_told_what_to_install():
    with pytest.raises(install.CannotInstall, match=r"3\.11 or newer, .* is 3\.9\.2\.\n.*PYTHON="):
        install.require_supported_python((3, 9, 2), [])


def test_a_python_without_venv_is_told_which_package_brings_it():
    with pytest.raises(
        install.CannotInstall, match=r"lacks its module ensurepip\.\n.*python3\.12-venv"
    ):
        install.require_supported_python((3, 12, 4), ["ensurepip"])


def test_this_python_is_fit():
    install.require_supported_python(tuple(sys.version_info[:3]), [])


def test_an_old_python_can_read_the_installer():
    ast.parse(Path(install.__file__).read_text(), feature_version=(3, 8))


def test_what_is_installed_is_locked_by_hash_and_never_built_here(tmp_path):
    fake_python(tmp_path)
    (tmp_path / "requirements.txt").write_text("one==1 --hash=sha256:00")

    install.install_all(tmp_path, ["requirements.txt"])

    (asked,) = asked_of_pip(tmp_path)
    assert "--require-hashes --only-binary :all:" in asked
    assert asked.endswith(str(tmp_path / "requirements.txt"))


def test_the_second_time_pip_is_not_called(tmp_path):
    fake_python(tmp_path)
    (tmp_path / "requirements.txt").write_text("one==1 --hash=sha256:00")

    install.install_all(tmp_path, ["requirements.txt"])
    install.install_all(tmp_path, ["requirements.txt"])

    assert len(asked_of_pip(tmp_path)) == 1


def test_a_changed_lock_is_installed_again(tmp_path):
    fake_python(tmp_path)
    lock = tmp_path / "requirements.txt"
    for content in ("one==1 --hash=sha256:00", "one==2 --hash=sha256:11"):
        lock.write_text(content)
        install.install_all(tmp_path, ["requirements.txt"])

    assert len(asked_of_pip(tmp_path)) == 2


def test_an_installation_that_failed_is_tried_again(tmp_path):
    fake_python(tmp_path, pip_fails=True)
    (tmp_path / "requirements.txt").write_text("one==1 --hash=sha256:00")

    for _ in range(2):
        with pytest.raises(install.CannotInstall, match=r"could not be installed.*\n.*3\.12\.4"):
            install.install_all(tmp_path, ["requirements.txt"])

    assert len(asked_of_pip(tmp_path)) == 2


def test_a_broken_environment_is_named_with_its_remedy(tmp_path, monkeypatch, capsys):
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to("/nowhere/python3")
    monkeypatch.setattr(install, "ROOT", tmp_path)

    assert install.main([]) == 1

    said = capsys.readouterr().err
    assert "does not work" in said
    assert f"rm -rf {tmp_path / '.venv'}" in said


def test_an_environment_that_cannot_be_made_is_named_with_its_remedy(tmp_path):
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(install.CannotInstall, match=r"could not be made.*\n.*rm -rf"):
        install.create_environment(tmp_path / "file" / ".venv")


def test_an_environment_is_made_where_there_is_none(tmp_path):
    install.create_environment(tmp_path / ".venv")

    assert install.find_python_version(tmp_path / ".venv" / "bin" / "python") == sys.version + "\n"


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not here")
def test_make_says_in_words_that_there_is_no_such_python():
    ended = subprocess.run(
        ["make", "-s", "installed", "PYTHON=no-such-python"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"]},
    )

    assert ended.returncode != 0
    assert "There is no no-such-python here. Install Python 3.11" in ended.stderr


def test_the_locked_files_name_no_registry_and_no_place_of_this_machine():
    for lock in ROOT.glob("requirements*.txt"):
        text = lock.read_text()
        assert "://" not in text, lock.name
        assert "--index" not in text, lock.name
        assert str(ROOT) not in text, lock.name


def test_every_direct_dependency_has_its_reason():
    for listed in ROOT.glob("requirements*.in"):
        for line in listed.read_text().splitlines():
            if line and not line.startswith(("#", "-c")):
                assert "# " in line, f"{listed.name}: {line}"
