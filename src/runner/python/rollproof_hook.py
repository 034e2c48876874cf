"""What the configuration's `hook` does, for applications that cannot be run as they are.

It is named as `module:name`: a function, or an object with any of these: `config(cfg)` gets Alembic's configuration and may give
another; `context()` gives a context manager that is entered around each call of the tool; `call(run)` is to call `run()` and to
return what it gives, in the thread or the loop that the project expects. A plain function is taken for `call`. Loading the
application is a call too.
"""

import contextlib
import importlib

import rollproof_errors as errors


class Hook:
    """What the configuration's hook does, or nothing."""

    def __init__(self, name):
        self.target = None
        if not name:
            return
        module, _, attribute = name.partition(":")
        try:
            self.target = importlib.import_module(module)
            for part in attribute.split("."):
                self.target = getattr(self.target, part)
            if isinstance(self.target, type):
                self.target = self.target()
        except (ImportError, AttributeError) as error:
            raise errors.Told("config", "the hook `%s` cannot be imported: %s" % (name, error)) from error

    def config(self, config):
        given = getattr(self.target, "config", None)
        return (given(config) or config) if given else config

    def run(self, function):
        context = getattr(self.target, "context", None)
        with context() if context else contextlib.nullcontext():
            call = getattr(self.target, "call", None)
            if call is None and callable(self.target) and not hasattr(self.target, "config") and context is None:
                call = self.target
            return call(function) if call else function()
