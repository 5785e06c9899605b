"""Run the tests of this folder in namespaces of their own; `--can` only says whether that can be done here.

What they start ends with pytest, which is the first process of its namespace.
"""

import os
import subprocess
import sys
from pathlib import Path

from cluster import OWN_NAMESPACES

UNSHARE = ["unshare", "--mount", "--propagation=private", "--pid", "--fork", "--kill-child", "--mount-proc"]


def obstacle() -> str:
    """Why these tests cannot run here; empty where they can."""
    if os.geteuid() != 0:
        return "root is needed, to start Slurm's daemons"
    tried = subprocess.run([*UNSHARE, "true"], capture_output=True, text=True)
    return f"no namespaces to be had: {tried.stderr.strip()}" if tried.returncode else ""


def main() -> None:
    if found := obstacle():
        sys.exit(f"Slurm is not tested here: {found}")
    if "--can" not in sys.argv[1:]:
        pytest = [sys.executable, "-m", "pytest", "-m", "slurm", "-s", "-v", str(Path(__file__).parent), *sys.argv[1:]]
        os.execvpe(UNSHARE[0], [*UNSHARE, *pytest], os.environ | {OWN_NAMESPACES: "1"})


if __name__ == "__main__":
    main()
