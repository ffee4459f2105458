"""Whose outputs lie where: an owner's folder is nobody else's, and leads nowhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rig import Rig, submission
from submissions import submit_of

from goq.core.messages import AckSubmit, Refused
from goq.core.state.records import JobDelegated
from goq.core.values.ids import JobId
from goq.core.values.layout import EVERYBODY_S, Layout, owner_folder
from goq.core.values.result import ERR, OUT, Files, output_name
from goq.core.values.templates import PART_BYTES, is_of_the_rule
from goq.core.values.terms import Terms

ROOT_S = Layout("root")


@pytest.mark.parametrize("owner", ["ann", "a", "www-data", "_apt", "ann.b", "A9", "ann@lab.example"])
def test_a_name_is_its_own_folder(owner: str) -> None:
    """People find what is theirs."""
    assert owner == owner_folder(owner) == ROOT_S.folder_of(owner)


@given(st.text(max_size=300), st.text(max_size=300))
def test_a_folder_is_one_owner_s_and_leads_nowhere(one: str, other: str) -> None:
    """An owner is what somebody says who holds the cluster id: anything."""
    folder = owner_folder(one)

    assert folder not in ("", ".", "..")
    assert "/" not in folder
    assert "\0" not in folder
    assert not folder.startswith((".", "-"))
    assert len(folder.encode()) <= PART_BYTES
    assert (one == other) == (folder == owner_folder(other))


@pytest.mark.parametrize(
    "owner", ["strays", "out.00001", "out.7", "err.00001", "100", "..", "", "a/b", "a%2fb"]
)
def test_a_name_that_is_a_file_s_or_leads_elsewhere_is_spelt_out(owner: str) -> None:
    """Outputs of root's lie beside these folders."""
    folder = owner_folder(owner)

    assert folder.startswith("%")
    assert not is_of_the_rule(f"{folder}/x")
    assert folder != output_name(JobId(7))


@pytest.mark.parametrize(
    ("files", "placed"),
    [
        ((), ((OUT, "ann/out.00007"),)),
        (((OUT, "x"), (ERR, "d/y")), ((OUT, "ann/x"), (ERR, "ann/d/y"))),
        (((ERR, "y"),), ((OUT, "ann/out.00007"), (ERR, "ann/y"))),
        (((OUT, "/x"), (ERR, "y")), ((OUT, "/x"), (ERR, "ann/y"))),
        (((ERR, "/y"),), ((OUT, "ann/out.00007"), (ERR, "/y"))),
    ],
)
def test_all_that_is_an_owner_s_lies_in_the_folder(files: Files, placed: Files) -> None:
    """But for what lies at the job's own host; and where there are no such folders all is as it was."""
    assert placed == ROOT_S.files_of(files, JobId(7), "ann")
    assert files == ROOT_S.files_of(files, JobId(7), "root") == EVERYBODY_S.files_of(files, JobId(7), "ann")


def lay_out(rig: Rig, layout: Layout) -> None:
    """The server, and whoever repeats what it records, have outputs lie so."""
    for state in (rig.state, rig._shadow):
        state.names.layout = layout


def test_a_job_s_files_lie_in_its_owner_s_folder(rig: Rig) -> None:
    """They are on the record as such, so whoever reads or audits them finds them; and the submitter is told."""
    lay_out(rig, ROOT_S)
    rig.dispatcher._people._outputs = b"/o"
    told = [rig.ask(submission(1, terms)) for terms in (Terms(), Terms(out="out.{id}", err="/e"))]
    for name in ("a", "b"):
        rig.delegate(name)
    files = [each.files for each in rig.story if isinstance(each, JobDelegated)]
    outputs = [each.outputs for each in told if isinstance(each, AckSubmit)]

    assert [((OUT, "ann/out.00001"),), ((OUT, "ann/out.2"), (ERR, "/e"))] == files
    assert [b"/o/ann", b"/o/ann"] == outputs


@pytest.mark.parametrize(
    ("layout", "answers"),
    [(EVERYBODY_S, [AckSubmit, Refused, Refused]), (ROOT_S, [AckSubmit, AckSubmit, Refused])],
)
def test_owners_who_have_folders_may_call_their_files_alike(
    rig: Rig, layout: Layout, answers: list[type]
) -> None:
    """One of them could keep the other from submitting."""
    lay_out(rig, layout)
    terms = Terms(out="train.out")
    told = [rig.ask(submit_of(b"run", submitter=f"{each}@h", terms=terms)) for each in ("dan", "eve", "eve")]

    assert answers == [type(each) for each in told]


def test_the_keeper_may_have_another_name() -> None:
    """As root has in containers; and who has no name at all is somebody else."""
    known = Layout("root", "x")

    assert ["", "", "ann"] == [known.folder_of(owner) for owner in ("root", "x", "ann")]
    assert "" != ROOT_S.folder_of("")
