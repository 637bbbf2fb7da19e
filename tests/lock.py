"""``make lock``: write both lock files anew from pyproject.toml, for every platform, with hashes and without hosts."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMAND = [
    "uv", "pip", "compile", "pyproject.toml", "--universal", "--python-version", "3.11", "--generate-hashes",
    "--no-header", "--no-emit-index-url", "--no-emit-find-links", "--quiet",
]  # fmt: skip


def lock(output: str, *options: str) -> None:
    # "python -m uv" finds the program beside this interpreter
    subprocess.run([sys.executable, "-m", *COMMAND, *options, "--output-file", output], cwd=ROOT, check=True)


def main() -> None:
    renewal = ["--upgrade"] if "--upgrade" in sys.argv else []
    lock("constraints.txt", "--extra", "postgresql", "--extra", "redis", *renewal)
    lock("tests/constraints.txt", "--all-extras", "--constraint", "constraints.txt", *renewal)


if __name__ == "__main__":
    main()
