"""Names of output files: whatever is filled in, a file stays where its template says."""

import posixpath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from goq.core.values.ids import Argv, Environment, JobId, Nonce
from goq.core.values.items import Numbers
from goq.core.values.job import Job, Origin, Submission, Task
from goq.core.values.named import check_names, files_of, free_files_of, keys_of, shown_files
from goq.core.values.result import ERR, OUT, output_name
from goq.core.values.templates import (
    DEPTH_LIMIT,
    FIELDS,
    PART_BYTES,
    BadTemplate,
    is_of_the_rule,
    read_template,
)
from goq.core.values.terms import Terms

odd = st.text(st.sampled_from("/.-~ \\\0\n'\"${}*ä\udcffa1") | st.characters(), max_size=300)
pieces = st.sampled_from(
    ["{{", "}}", "/", "a", ".", "..", "out.", " ", *(f"{{{field}}}" for field in FIELDS)]
)
templates = st.lists(pieces, min_size=1, max_size=12).map("".join)
all_values = st.fixed_dictionaries(dict.fromkeys(FIELDS, odd))


def job(terms: Terms, task: Task | None = None, owner: str = "ann") -> Job:
    """Job 12 of her."""
    origin = Origin(b"/home/ann", Environment(b""), f"{owner}@head")
    return Job(JobId(12), Argv(b"true"), origin, 0, 2, terms=terms, task=task)


@given(templates, all_values)
@example("{name}", dict.fromkeys(FIELDS, ".."))
@example("{name}/{user}", dict.fromkeys(FIELDS, "/etc/passwd"))
@example("a{name}{user}", dict.fromkeys(FIELDS, "x" * 300))
def test_what_is_filled_in_leads_nowhere_else(text: str, values: dict[str, str]) -> None:
    """Names, users and hosts are what others chose."""
    try:
        template = read_template(text)
    except BadTemplate:
        return
    path = template.fill(values)
    parts = path.removeprefix("/").split("/")

    assert template.is_absolute is path.startswith("/") is text.startswith("/")
    assert len(template.parts) == len(parts) <= DEPTH_LIMIT
    assert all(part and len(part.encode()) <= PART_BYTES for part in parts)
    if not template.is_absolute:
        assert path == posixpath.normpath(path)
        assert not any(part.startswith(".") for part in parts)
        assert path.isprintable()


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("{id}", "12"),
        ("logs/{name}.{array}.{task}.out", "logs/fold.10.3.out"),
        ("{{{id}}}", "{12}"),
        ("{{id}}", "{id}"),
        ("./a//b/./{user}-{host}-{attempt}", "a/b/ann-n17-2"),
        ("/scratch/../{id}.log", "/scratch/../12.log"),
        ("a b/ä.{id}", "a b/ä.12"),
        ("out.{id}", "out.12"),
        ("-{id}", "-12"),
    ],
)
def test_fields_are_filled_in(text: str, path: str) -> None:
    """Each is what its name says; braces that are doubled are braces."""
    its = job(Terms(out=text, name="fold"), Task(JobId(10), 3, 1, 5))

    assert ((OUT, path),) == files_of(its, 2, "n17")


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("a/b", "a_b"),
        ("..", "_."),
        (".x", "_x"),
        ("-rf", "_rf"),
        ("", "_"),
        ("a b\n$(x)", "a_b___x_"),
        ("DOM\\ann", "DOM_ann"),
        ("ann@site", "ann@site"),
        ("größe", "größe"),
        ("\udcff", "_"),
    ],
)
def test_values_are_harmless_as_names(value: str, name: str) -> None:
    """A directory service has users with a backslash, and a job may be called anything."""
    assert name == read_template("{user}").fill({"user": value})


def test_a_single_job_is_its_own_array() -> None:
    """The same script is submitted both ways."""
    assert ((OUT, "12.1"), (ERR, "12.e")) == files_of(job(Terms(out="{array}.{task}", err="{id}.e")), 1, "h")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no name for a file"),
        ("a\nb", "no name for a file"),
        ("x.{jobid}", "{jobid}; known are {id} {array} {task} {name} {user} {host} {attempt}"),
        ("x.{ID}", "{ID}"),
        ("x.{}", "doubled"),
        ("x.{id", "doubled"),
        ("x}y", "doubled"),
        ("../x", "leaves the server's folder"),
        ("a/../../x", "leaves the server's folder"),
        ("..{id}/x", "leaves the server's folder"),
        (".goq/journal", "begins with no dot"),
        ("a/.x", "begins with no dot"),
        ("logs/", "names a folder"),
        ("/", "names a folder"),
        ("/tmp/..", "names a folder"),
        (".", "names a folder"),
        ("a/" * DEPTH_LIMIT + "x", "10 folders"),
        ("x" * (PART_BYTES + 1), "10 folders"),
        ("out.00007", "out.NUMBER"),
        ("out.{task}", "out.NUMBER"),
        ("{task}/out.{array}", "out.NUMBER"),
        ("{id}/out.7", "out.NUMBER"),
        ("strays/{id}", "out.NUMBER"),
        ("strays", "out.NUMBER"),
    ],
)
def test_a_bad_template_is_refused_by_its_bad_word(text: str, words: str) -> None:
    """And a right one is shown."""
    with pytest.raises(BadTemplate) as refusal:
        read_template(text)

    assert words in str(refusal.value)


@pytest.mark.parametrize(
    ("terms", "count", "words"),
    [
        (Terms(out="x.{nix}"), 1, "--out 'x.{nix}': there is no field {nix}"),
        (Terms(err="../x"), 1, "--err '../x': it leaves"),
        (Terms(out="x.{array}"), 2, "--out 'x.{array}': 2 jobs would share that file; with {task} or {id}"),
        (Terms(out="{id}", err="x"), 3, "--err 'x': 3 jobs would share"),
        (Terms(out="{name}.out"), 1, "--name fold is one"),
        (Terms(out="a/x", err="./a/x"), 1, "--err './a/x': that is the file of --out"),
        (Terms(err="out.{id}"), 1, "--err 'out.{id}': outputs have such names"),
    ],
)
def test_jobs_may_not_have_what_they_would_share(terms: Terms, count: int, words: str) -> None:
    """What two write into one file at once is nobody's output."""
    with pytest.raises(BadTemplate) as refusal:
        check_names(terms, count)

    assert words in str(refusal.value)


@pytest.mark.parametrize(
    ("terms", "count"),
    [
        (Terms(out="x", err="y"), 1),
        (Terms(out="x.{task}", err="y.{id}"), 9),
        (Terms(out="/tmp/all.log", err="/tmp/all.log"), 9),
        (Terms(out="{name}", name="fold"), 1),
        (Terms(), 9),
    ],
)
def test_jobs_may_have_what_is_their_own_or_elsewhere(terms: Terms, count: int) -> None:
    """A file of the jobs' own host is appended to line by line, by as many as like."""
    check_names(terms, count)


def test_what_is_in_use_gets_another_name() -> None:
    """A name was altered, or a host is called so: the bytes of both are kept, each apart."""
    its = job(Terms(out="x.{host}", err="/x.{host}"))
    both = job(Terms(out="{id}", err="{task}2"))

    assert ((OUT, "x.n1.12"), (ERR, "/x.n1")) == free_files_of(its, 1, "n1", {"x.n1": JobId(3)})
    assert ((OUT, "x.n1"), (ERR, "/x.n1")) == free_files_of(its, 1, "n1", {"x.n2": JobId(3)})
    assert ((OUT, "12"), (ERR, "12.12")) == free_files_of(both, 1, "n1", {})


def test_what_another_has_by_the_rule_gets_another_name() -> None:
    """Hosts may be called anything."""
    assert ((OUT, "out.7.12"),) == free_files_of(job(Terms(out="{host}.7")), 1, "out", {})
    assert ((OUT, "out.12"),) == free_files_of(job(Terms(out="out.{id}")), 1, "out", {})


@given(st.integers(1, 2**40))
def test_what_is_named_out_and_a_number_is_nobody_else_s(number: int) -> None:
    """So `out.{id}` is a template that may be asked for."""
    assert is_of_the_rule(output_name(JobId(number)))
    if output_name(JobId(number)) == f"out.{number}":
        assert 10_000 <= number < 1_000_000


def test_the_files_are_shown_as_far_as_they_are_known() -> None:
    """Whoever has submitted them sees where to look."""
    terms = Terms(out="{name}.{id}.{task}.{host}.{attempt}", err="/e.{user}", name="fold")

    assert ((OUT, "fold.7.1.{host}.{attempt}"), (ERR, "/e.ann")) == shown_files(terms, JobId(7), 1, "ann")
    assert ((OUT, "fold.{id}.{task}.{host}.{attempt}"), (ERR, "/e.ann")) == shown_files(
        terms, JobId(7), 9, "ann"
    )


@pytest.mark.parametrize(
    ("terms", "count", "keys", "is_array"),
    [
        (Terms(out="x", err="/y"), 1, ["x"], False),
        (Terms(out="x", err="y.{id}"), 1, ["x", "y.7"], False),
        (Terms(out="x.{task}", err="y.{id}"), 9, ["x.{task}"], False),
        (Terms(out="x.{array}.{task}"), 9, ["x.7.{task}"], True),
        (Terms(out="x.{task}", err="y.{id}"), 1, ["x.{task}"], True),
        (Terms(out="x", again_of=3), 1, [], False),
        (Terms(), 9, [], True),
    ],
)
def test_keys_are_what_no_other_may_have(terms: Terms, count: int, keys: list[str], is_array: bool) -> None:
    """Of several jobs each has its own; those of two arrays may be the same."""
    origin = Origin(b"/home/ann", Environment(b""), "ann@head")
    items = Numbers(((1, count, 1),)) if is_array else None
    what = Submission(JobId(7), count, Nonce(b""), Argv(b"true"), origin, terms, 0, items)

    assert keys == keys_of(what)


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (7, "out.00007"),
        (999_999, "out.999999"),
        (1_000_000, "100/out.1000000"),
        (1_009_999, "100/out.1009999"),
        (12_345_678, "1234/out.12345678"),
    ],
)
def test_a_folder_never_holds_too_many(number: int, name: str) -> None:
    """Nobody likes one with millions."""
    assert name == output_name(JobId(number))
    assert name.replace("out", "err") == output_name(JobId(number), ERR)
