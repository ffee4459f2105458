"""`goq stat`: how much it shows, what a person sees of it, and that commands can be copied from it."""

import re
import subprocess

import pytest

from system.cluster import Cluster
from system.jobs import held_until, touch
from system.test_terminal import on_a_terminal, without_colours

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
    """What a person sees of a cluster that has something of everything."""
    gate = cluster.folder / "gate"
    cluster.done("sub", "--array", "1-3", "--name", "bad", "false")
    cluster.wait_for_stat(finishedJobsCount=3)
    cluster.submit("--gpus", "9", "--name", "tune", "true")
    cluster.submit("-p", "1", *held_until(gate), env={"USER": "ann", "LOGNAME": "ann"})
    cluster.wait_for_stat(runQlen=1)
    cluster.submit("--hold", "true")
    cluster.env |= variables
    shown = on_a_terminal(cluster, "stat")
    touch(gate)
    return shown


def test_a_person_sees_what_is_busy_and_what_needs_a_hand(working: Cluster) -> None:
    """Neither a sign nor a colour carries anything alone."""
    shown = full_stat(working)
    plain = without_colours(shown)
    codes = {code for codes in re.findall(r"\x1b\[([0-9;]*)m", shown) for code in codes.split(";")}

    assert re.search(
        r"^jobs +▸ 1 running   · 2 waiting, 1 of them held   since midnight ✓ 0  ✗ 3", plain, re.MULTILINE
    )
    assert re.search(r"^cpus +━+  1 of 1 busy$", plain, re.MULTILINE)
    assert re.search(r"^ann +1 +- +1 +0$", plain, re.MULTILINE)
    assert re.search(r"^\S+ +0 +- +0 +2  no machine has 9 gpus$", plain, re.MULTILINE)
    assert re.search(r"^! 4 tune can run nowhere: no machine has 9 gpus +goq why 4$", plain, re.MULTILINE)
    assert {"1", "31", "32"} <= codes <= NAMED_COLOURS


@pytest.mark.parametrize("locale", [{"LC_ALL": "C"}, {"LC_ALL": "", "LANG": "ja_JP.UTF-8"}])
def test_a_terminal_that_cannot_show_the_signs_has_others(working: Cluster, locale: dict[str, str]) -> None:
    """Some are no characters there, others two cells wide."""
    plain = without_colours(full_stat(working, **locale))

    for words in ("> 1 running", ". 2 waiting", "+ 0", "x 3", "####"):
        assert words in plain
    assert plain.isascii()


def test_no_color_takes_colours_and_nothing_else(working: Cluster) -> None:
    """https://no-color.org: the words stay."""
    shown = full_stat(working, NO_COLOR="1")

    assert "✗ 3" in shown
    assert "\x1b" not in shown


def test_commands_can_be_copied(served: Cluster) -> None:
    """Also those with quotes, blanks, and what no terminal should be shown."""
    words = ["printf", "<%s>", "a b", "it's", "", "$HOME", "*", "\x1b[2J\n", "\\", "FOO=1", "é"]
    served.submit(*words)
    (line,) = re.findall(r"= '(printf .*)'   submitted by", served.done("stat"))
    on_screen = on_a_terminal(served, "stat", "9")
    history = served.done("history", "1", cwd=served.here).splitlines()[0]
    copied = subprocess.run(["bash", "-c", line], capture_output=True, check=True).stdout

    assert "".join(f"<{word}>" for word in words[2:]).encode() == copied
    assert line in on_screen.replace("\r\n", "") or line[:30] in on_screen
    assert f"job 1: {line}" == history
