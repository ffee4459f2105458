"""When something was, as programs read it. Pure."""

from typing import Annotated

from msgspec import Meta

At = Annotated[int, Meta(extra_json_schema={"type": "string", "format": "date-time"})]  # ns since the epoch
