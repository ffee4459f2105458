"""For hatchling: puts the manual pages into the wheel, below share/man, made of the commands as they are."""

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ManualPages(BuildHookInterface):  # type: ignore[type-arg] # of which builder's settings does not matter
    """What is not for an editable installation is made in a folder that goes with the build."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the pages, and name them as files to be shared."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from goq.commands.main import ALL_GROUPS, cli  # noqa: PLC0415 - not to be found before
        from goq.commands.manual import Manual  # noqa: PLC0415

        self._folder = tempfile.TemporaryDirectory()
        for name, text in Manual(cli, ALL_GROUPS).pages():
            path = Path(self._folder.name, name)
            path.write_text(text, encoding="utf-8")
            build_data["shared_data"][str(path)] = f"share/man/man1/{name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """The pages are in the wheel."""
        if version != "editable":
            self._folder.cleanup()
