"""Options of `runfold triggers …`, and nothing else."""

from __future__ import annotations

from runfold.cli.control_options import AsJson, DataDir, Server
from runfold.cli.formats import Commands

triggers = Commands(
    name="triggers",
    help="What begins runs by itself: webhooks, schedules, subjects.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@triggers.callback()
def _several() -> None:
    """One command alone would be taken for the group itself."""


@triggers.command("list")
def list_(*, as_json: AsJson = False, server: Server = "", data_dir: DataDir = None) -> None:
    """List webhooks, schedules and subjects of published workflows, and whether they work."""
    from runfold.cli import triggers as command
    from runfold.cli.outcome import finish

    finish(command.listed(server, data_dir, as_json=as_json))
