# What goq/__init__.py hands on, for type checkers.

from goq.api.aio import AsyncClient as AsyncClient
from goq.api.client import Client as Client
from goq.api.jobs import Job as Job
from goq.api.jobs import Jobs as Jobs
from goq.api.results import Result as Result
from goq.api.talks import Changed as Changed
from goq.core.values.happenings import Happening as Happening
from goq.core.values.shown import JobRow as JobRow
from goq.errors import BadCommand as BadCommand
from goq.errors import BadSetting as BadSetting
from goq.errors import GoqError as GoqError
from goq.errors import JobUnknown as JobUnknown
from goq.errors import RequestRefused as RequestRefused
from goq.errors import ServerUnreachable as ServerUnreachable
from goq.errors import TimeUp as TimeUp

__version__: str
