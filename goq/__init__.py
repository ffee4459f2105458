"""goq: a queue and job manager for a small cluster.

    import goq

    client = goq.Client()
    job = client.submit(["./simulate", "--seed", "7"], name="sim", cpus=2)
    print(job.wait().status)

What is public is named in `__all__`, and is loaded when it is first used. All else may change.
"""

__version__ = "0.1.0"

# name: the module below goq that has it
_PUBLIC = {
    "AsyncClient": "api.aio",
    "Changed": "api.talks",
    "Client": "api.client",
    "Happening": "core.values.happenings",
    "Job": "api.jobs",
    "JobRow": "core.values.shown",
    "Jobs": "api.jobs",
    "Result": "api.results",
    "BadCommand": "errors",
    "BadSetting": "errors",
    "GoqError": "errors",
    "JobUnknown": "errors",
    "RequestRefused": "errors",
    "ServerUnreachable": "errors",
    "TimeUp": "errors",
}
__all__ = ["__version__", *_PUBLIC]  # noqa: PLE0604 - names of our own


def __getattr__(name: str) -> object:
    """Load what is public when it is wanted: `import goq` alone costs nothing."""
    if name not in _PUBLIC:
        raise AttributeError(f"goq has no {name}")
    from importlib import import_module  # noqa: PLC0415 - as above

    found: object = getattr(import_module(f"goq.{_PUBLIC[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
