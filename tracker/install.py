"""Create `.venv` and install locked requirements; run by any Python, before there is a `.venv`.

python3 -I tracker/install.py [LOCK …]

Only the standard library, and no syntax newer than Python 3.8: an old Python must be able to read
this file to report that it is too old.
"""

import hashlib
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

OLDEST_PYTHON = (3, 11)
# The folder of the repository.
ROOT = Path(__file__).resolve().parent.parent
# Ends of error messages.
REPEAT_HINT = "then repeat the command."
CHOOSE_PYTHON_HINT = "To choose another Python: make run PYTHON=/path/to/python3"


class CannotInstall(Exception):
    """Installing is impossible; the message has the reason and the remedy."""


def main(locks: "list[str]") -> int:
    """Install what is missing of the lock files, by default requirements.txt; return the exit code.
    It is 0, or 1 if installing is impossible: then the reason is printed.
    """
    try:
        install_all(ROOT, locks or ["requirements.txt"])
    except CannotInstall as reason:
        sys.stderr.write(f"{reason}\n")
        return 1
    return 0


def install_all(root: Path, locks: "list[str]") -> None:
    """Create the environment `.venv` if needed, and install each lock file that is not installed in
    it. `root`: the folder of `.venv` and of the lock files.
    """
    folder = root / ".venv"
    if not folder.exists():
        require_supported_python(tuple(sys.version_info[:3]), missing_modules())
        create_environment(folder)
    python = folder / "bin" / "python"
    version = find_python_version(python)
    for lock in locks:
        install_lock_file(python, root / lock, version)


def missing_modules() -> "list[str]":
    """Return the required modules of Python that this Linux distribution leaves out."""
    return [name for name in ("venv", "ensurepip") if find_spec(name) is None]


def require_supported_python(version: "tuple[int, ...]", missing: "list[str]") -> None:
    """Raise CannotInstall, with the remedy, if this Python cannot create the environment.
    `version`: its version; `missing`: the modules that it lacks.
    """
    said = ".".join(str(part) for part in version)
    if version < OLDEST_PYTHON:
        raise CannotInstall(
            f"The tracker needs Python 3.11 or newer, and {sys.executable} is {said}.\n"
            f"Install Python 3.11, 3.12 or 3.13, {REPEAT_HINT} {CHOOSE_PYTHON_HINT}"
        )
    if missing:
        short = ".".join(str(part) for part in version[:2])
        raise CannotInstall(
            f"{sys.executable} (Python {said}) lacks its module {' and '.join(missing)}.\n"
            f"On Debian or Ubuntu: sudo apt install python{short}-venv, {REPEAT_HINT} "
            f"{CHOOSE_PYTHON_HINT}"
        )


def create_environment(folder: Path) -> None:
    """Create the virtual environment; raise CannotInstall if that fails."""
    print(f"Making {folder.name} with Python {sys.version.split()[0]}", flush=True)  # noqa: T201 (a command speaks)
    made = subprocess.run([sys.executable, "-I", "-m", "venv", str(folder)], check=False)  # noqa: S603 (our own words)
    if made.returncode:
        raise CannotInstall(
            f"{folder} could not be made; the lines above say why.\n"
            f"Remove what is there of it (rm -rf {folder}), {REPEAT_HINT}"
        )


def find_python_version(python: Path) -> str:
    """Return the version of the environment's Python; raise CannotInstall if it does not work."""
    ask = "import sys, pip; print(sys.version); sys.exit(sys.version_info < (3, 11))"
    try:
        asked = subprocess.run([str(python), "-I", "-c", ask], capture_output=True, check=True)  # noqa: S603 (our own words)
    except (OSError, subprocess.CalledProcessError):
        folder = python.parent.parent
        raise CannotInstall(
            f"{folder} does not work: it was left half made, or its Python is gone or too old.\n"
            f"Remove it (rm -rf {folder}), {REPEAT_HINT}"
        ) from None
    return asked.stdout.decode()


def install_lock_file(python: Path, lock: Path, version: str) -> None:
    """Install the packages of a lock file, unless they are already installed.
    `python`: the program of the virtual environment; `version`: the version that it prints.
    """
    stamp = python.parent.parent / f"installed-{lock.stem}"
    wanted = hashlib.sha256(lock.read_bytes() + version.encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"Installing {lock.name} (once; about a minute)", flush=True)  # noqa: T201 (a command speaks)
    pip = [str(python), "-I", "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    # Nothing untested, and nothing built from source on this machine.
    strictly = ["--require-hashes", "--only-binary", ":all:", "--requirement", str(lock)]
    if subprocess.run(pip + strictly, check=False).returncode:  # noqa: S603 (our own words)
        raise CannotInstall(
            f"{lock.name} could not be installed; the lines above say why.\n"
            "The requirements are locked for Python 3.11 to 3.13, and this is "
            f"{version.split(maxsplit=1)[0]}. {CHOOSE_PYTHON_HINT}"
        )
    stamp.write_text(wanted)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
