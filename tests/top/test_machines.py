"""Cells: as many as cpus, letters that name the job, what is kept, drained and free."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from goq.core.values.room import Offer
from goq.top.machines import Machine, cpu_cells, lettered, machine_lines, machines_of, scale_of
from goq.views.lines import Ink, line_cells
from top.afternoon import PAPER, WORKERS, runs, worker


def drawn(machine: Machine, scale: int = 1, owner: str = "ann") -> str:
    return "".join(span.text for span in cpu_cells(machine, owner, scale))


@given(
    parts=st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(1, 40)), max_size=6),
    free=st.integers(0, 40),
)
def test_a_machine_has_a_cell_for_each_cpu_and_each_kind_its_own(
    parts: list[tuple[str, int]], free: int
) -> None:
    jobs = tuple(job for name, cpus in parts for job in runs(name, "ann", 1, cpus, 1))
    machine = Machine("n", [worker("n", sum(cpus for _, cpus in parts) + free, jobs)])

    shown = drawn(machine)

    assert machine.cpus == len(shown)
    assert free == shown.count("·")
    for name in {name for name, _ in parts}:
        many = sum(cpus for other, cpus in parts if other == name)
        assert lettered(name, many) in shown


@given(scale=st.integers(1, 64))
def test_however_many_cpus_share_a_cell_what_runs_has_one(scale: int) -> None:
    machine = machines_of(WORKERS)[5]

    shown = drawn(machine, scale)

    assert {"f", "s", "╍"} <= set(shown) or len(shown) < 3
    assert -(-64 // scale) == len(shown)


def test_a_name_that_is_too_long_is_its_first_letter_in_each_cell() -> None:
    assert "fold▪▪" == lettered("fold", 6)
    assert "fold" == lettered("fold", 4)
    assert "fff" == lettered("fold", 3)
    assert "▪▪" == lettered("折叠折叠", 2)


def test_what_is_mine_is_bold() -> None:
    """And nothing of others."""
    machine = machines_of(WORKERS)[0]

    assert [Ink.BOLD] == [span.ink for span in cpu_cells(machine, "ann", 1) if span.text.startswith("f")]
    assert [Ink.PLAIN] == [span.ink for span in cpu_cells(machine, "ann", 1) if span.text.startswith("t")]


def test_workers_of_a_host_are_one_machine_as_its_worst_one() -> None:
    """Two processes, of which one has fallen silent."""
    one, other = replace(WORKERS[2], pid=1), replace(WORKERS[1], host="n11", pid=2)

    (machine,) = machines_of((one, other))

    assert 56 == machine.cpus == machine.busy
    assert "suspect" == machine.worst.state
    assert machine.note(PAPER).startswith("silent for 42s")


def test_where_cpus_have_no_bound_a_cell_is_a_place() -> None:
    """Workers that offer nothing in particular run so many jobs at once."""
    row = replace(worker("n", 0, runs("fold", "ann", 3, 1, 1)), offer=Offer(), free=2)

    assert "fff··" == drawn(Machine("n", [row]), 1).replace("fold", "ffff")


def test_jobs_that_are_not_named_have_cells_too() -> None:
    """A worker names as many as there is room for."""
    row = replace(worker("n", 8, runs("fold", "ann", 4, 1, 1)), taken={"cpus": 8}, running=8)

    assert "fold▪▪▪▪" == drawn(Machine("n", [row]))


def test_where_nobody_has_gpus_there_is_no_column_for_them() -> None:
    head, *_ = machine_lines(machines_of(WORKERS[2:3]), "ann", PAPER, 1)

    assert "GPU" not in "".join(span.text for span in head)


def test_a_machine_with_more_cpus_than_room_says_how_many_a_cell_is() -> None:
    machine = Machine("n", [worker("n", 200, runs("fold", "ann", 200, 1, 1))])
    head, row = machine_lines([machine], "ann", PAPER, scale_of([machine], 32))

    assert "CPUS, 7 a cell" in "".join(span.text for span in head)
    assert line_cells(row) <= 80
