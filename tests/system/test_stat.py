"""`goq stat`: how much it shows, what a person sees of it, and that commands can be copied from it."""

import re
import subprocess

import pytest

from system.cluster import Cluster
from system.jobs import held_until, lines_of, shell, touch
from system.test_terminal import on_a_terminal

NAMED_COLOURS = {"0", "1", "2", "31", "32", "35"}  # bold, dim, red, green, magenta: they suit any ground


def test_of_a_long_queue_the_bound_is_told(served: Cluster) -> None:
    """Whoever asks for more than there may be must not take what he sees for all."""
    served.submit_lines(["true"] * 1200)
    for asked in ("5000", "1001", "9" * 18):
        ended = served.goq("stat", asked)

        assert 0 == ended.returncode
        assert 1000 == ended.stdout.count(b"WaitingJob")
        assert (
            b"goq: showing 1000 of 1200 waiting jobs; goq stat shows at most 1000 of each kind\n"
            == ended.stderr
        )
    assert b"" == served.goq("stat").stderr, "scripts read the counters"


def test_every_kind_that_is_cut_is_told(working: Cluster) -> None:
    """Of ended jobs the server remembers as many."""
    gate = working.folder / "gate"
    jobs = working.submit_lines(["true"] * 1001)
    working.wait_for_end(jobs[-1])
    working.submit(*held_until(gate))
    working.submit_lines(["true"] * 1002)
    working.wait_for_stat(runQlen=1)
    ended = working.goq("stat", "2000")
    touch(gate)

    assert b"goq: showing 1000 of 1002 waiting jobs, 1000 of 1001 ended jobs; goq stat" in ended.stderr
    assert b"running" not in ended.stderr


def test_a_queue_that_is_shown_whole_needs_no_word(served: Cluster) -> None:
    """However many were asked for."""
    served.submit_lines(["true"] * 12)
    ended = served.goq("stat", "5000")

    assert 12 == ended.stdout.count(b"WaitingJob")
    assert b"" == ended.stderr


def full_stat(cluster: Cluster, **variables: str) -> str:
    """What a person sees of a job of each kind."""
    gate = cluster.folder / "gate"
    lines = lines_of(("true",), ("false",), shell("kill -SEGV $$"), ("./none",))
    for job in cluster.submit_lines(lines):
        cluster.wait_for_end(job)
    cluster.submit(*held_until(gate), env={"USER": "ann", "LOGNAME": "ann"})
    cluster.wait_for_stat(runQlen=1)
    waiting = cluster.submit_lines(["echo later"] * 13)
    cluster.done("kill", str(waiting[-1]))
    cluster.env |= variables
    shown = on_a_terminal(cluster, "stat")
    touch(gate)
    return shown


def test_a_person_sees_each_state_by_sign_and_word(working: Cluster) -> None:
    """Neither a sign nor a colour carries anything alone."""
    shown = full_stat(working)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    codes = {code for codes in re.findall(r"\x1b\[([0-9;]*)m", shown) for code in codes.split(";")}

    for words in ("▸ running", "· waiting", "✓ done", "✗ failed 1", "✗ SEGV", "✗ failed 127", "⊘ cancelled"):
        assert words in plain
    assert re.search(r"^ *5 +ann +▸ running +[\d.]+s +\S+:\d+ +bash -c ", plain, re.MULTILINE)
    assert re.search(r"^ *6 +\S+ +· waiting +[\d.]+s +echo later", plain, re.MULTILINE)
    assert "showing 10 of 12 waiting jobs: goq stat 1000" in plain
    assert f"outputs in {working.here / 'o'}" in plain.replace("\r\n", "")
    assert {"1", "31", "32"} <= codes <= NAMED_COLOURS


@pytest.mark.parametrize("locale", [{"LC_ALL": "C"}, {"LC_ALL": "", "LANG": "ja_JP.UTF-8"}])
def test_a_terminal_that_cannot_show_the_signs_has_others(working: Cluster, locale: dict[str, str]) -> None:
    """Some are no characters there, others two cells wide."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", full_stat(working, **locale))

    for words in ("> running", ". waiting", "+ done", "x failed 1", "- cancelled"):
        assert words in plain
    assert plain.isascii()


def test_no_color_takes_colours_and_nothing_else(working: Cluster) -> None:
    """https://no-color.org: the words stay."""
    shown = full_stat(working, NO_COLOR="1")
    codes = {code for codes in re.findall(r"\x1b\[([0-9;]*)m", shown) for code in codes.split(";")}

    assert "✗ failed 1" in shown
    assert codes <= {"0", "1", "2"}


def test_commands_can_be_copied(served: Cluster) -> None:
    """Also those with quotes, blanks, and what no terminal should be shown."""
    words = ["printf", "<%s>", "a b", "it's", "", "$HOME", "*", "\x1b[2J\n", "\\", "FOO=1", "é"]
    served.submit(*words)
    (line,) = re.findall(r"= '(printf .*)'   submitted by", served.done("stat"))
    on_screen = on_a_terminal(served, "stat")
    history = served.done("history", "1", cwd=served.here).splitlines()[0]
    copied = subprocess.run(["bash", "-c", line], capture_output=True, check=True).stdout

    assert "".join(f"<{word}>" for word in words[2:]).encode() == copied
    assert line in on_screen.replace("\r\n", "") or line[:30] in on_screen
    assert f"job 1: {line}" == history
