"""``[load.kill_switch]``: when a load hurts the target so much that it has to stop."""

from harness.config.sections import PositiveFloat, PositiveInt, Section, Share


class KillSwitchSection(Section):
    """Stops the load when the target breaks under it, and measures how long it takes to recover; see docs/stopping.md."""

    enabled: bool = True
    """Whether it watches."""
    error_share: Share = 0.5
    """It trips when more than this share of the last replies are errors: 5xx, throttling, time-outs, lost connections."""
    window_s: PositiveFloat = 10.0
    """What the last replies are: those of so many seconds …"""
    min_requests: PositiveInt = 50
    """… if they are at least so many."""
    good_replies: PositiveInt = 5
    """The target has recovered when so many requests in a row, one at a time, were no errors."""
    recover_within_s: PositiveFloat = 60.0
    """How long to wait for that, in seconds."""
