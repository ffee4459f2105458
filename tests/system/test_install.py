"""The README's ways to install goq, typed as they stand there, and that ssh finds what they make.

They need a package index, as whoever types them does; where none answers, nothing can be shown.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from system.conftest import ROOT

README = (ROOT / "README.md").read_text()
INSTALLERS = ("pipx", "uv")


def lines_of_readme(pattern: str) -> list[str]:
    return re.findall(rf"^    ({pattern})$", README, re.MULTILINE)


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of installers that are not goq's business, from the index that pip knows."""
    venv = tmp_path_factory.mktemp("tools")
    subprocess.run([sys.executable, "-m", "venv", venv], check=True, timeout=60)
    pip = [str(venv / "bin" / "pip"), "install", "--quiet", "--retries", "1", *INSTALLERS]
    done = subprocess.run(pip, capture_output=True, text=True, timeout=100, check=False)
    if done.returncode != 0:
        pytest.skip(f"no package index answers, so no installer could be tried: {done.stderr[-200:]}")
    return venv / "bin"


class Person:
    """Somebody with a home of his own, and the installers on his PATH."""

    def __init__(self, home: Path, tools: Path) -> None:
        self.home = home
        self.bin = home / ".local" / "bin"
        kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "UV_"))}
        path = f"{self.bin}:{tools}:{os.environ['PATH']}"
        self.env = {**kept, "HOME": str(home), "PATH": path, "UV_PYTHON": sys.executable}

    def types(self, line: str, env: dict[str, str] | None = None, cwd: Path | None = None) -> str:
        """What a line prints that must succeed."""
        done = subprocess.run(
            ["sh", "-c", line],
            env=self.env if env is None else env,
            cwd=cwd or self.home,
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )
        assert 0 == done.returncode, done
        return done.stdout


@pytest.fixture(params=INSTALLERS)
def person(request: pytest.FixtureRequest, tmp_path: Path, tools: Path) -> Person:
    """Who has followed the README with the installer of that name."""
    made = Person(tmp_path, tools)
    (line,) = lines_of_readme(rf"{request.param} .*install \.")
    made.types(line, cwd=ROOT)
    return made


def test_what_the_readme_installs_is_found_by_a_shell_and_by_ssh(person: Person) -> None:
    """In the shell by its PATH; a command over ssh has the system's only, and what one line puts there."""
    system = person.home / "usr" / "local" / "bin"
    system.mkdir(parents=True)
    (link,) = lines_of_readme("sudo ln -s .*")
    link = link.removeprefix("sudo ").replace("/usr/local/bin", str(system))
    over_ssh = {"PATH": f"{system}:/usr/bin:/bin", "HOME": str(person.home)}

    assert "goq " in person.types("goq version")
    person.types(link)
    for line in ("goq clusterid", "/bin/sh -c 'goq clusterid'"):
        assert re.fullmatch(r"[0-9a-f]{40}\n", person.types(line, env=over_ssh))
    without_root = person.types(".local/bin/goq clusterid", env=over_ssh | {"PATH": "/usr/bin:/bin"})
    assert re.fullmatch(r"[0-9a-f]{40}\n", without_root)


def test_the_readme_shows_the_same_words_over_ssh() -> None:
    """What is tried above must be what is written there."""
    assert "ssh head goq init --export | goq init --join" in README
