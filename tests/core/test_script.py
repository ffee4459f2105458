"""How a script is run: as execve(2) would, without asking whether its file may be executed."""

import pytest

from goq.core.values.ids import Argv, join_argv, split_argv
from goq.core.values.script import command_for

SHEBANGS = {
    b"#!/bin/sh\necho": [b"/bin/sh"],
    b"#! /bin/sh \n": [b"/bin/sh"],
    b"#!/usr/bin/env -S python3 -u\n": [b"/usr/bin/env", b"-S python3 -u"],
    b"#!/bin/sh -e\r\n": [b"/bin/sh", b"-e"],
    b"#!/opt/my\xff/sh": [b"/opt/my\xff/sh"],
    b"#!\n": [b"bash"],
    b"echo\n#!/bin/sh": [b"bash"],
    b"# !/bin/sh": [b"bash"],
    b"echo '#!/bin/sh'": [b"bash"],
    b"\n#!/bin/sh\n": [b"bash"],
}


@pytest.mark.parametrize(("script", "interpreter"), SHEBANGS.items())
def test_its_first_line_names_the_program_that_runs_it(script: bytes, interpreter: list[bytes]) -> None:
    """Else it is bash."""
    command = command_for(join_argv([b"x.sh", b"a", b"", b"b c"]), script, b"/spool/1.1.script")

    assert [*interpreter, b"/spool/1.1.script", b"a", b"", b"b c"] == split_argv(command)


def test_a_script_without_arguments_has_none() -> None:
    """Its name is not one."""
    assert b"bash\0/p" == command_for(Argv(b"x.sh"), b"true", b"/p")
