"""An anytime-valid test of whether a release fails where the one before it did not.

Prompts that both releases passed, or both failed, say nothing about which is
better. Those whose outcome changed do: if the new release is no worse, a
change is a new failure with probability one half at most, whatever prompts
there are and however often answers flip by themselves. So each change is the
toss of a coin, and the test gathers evidence that the coin favours new
failures: a mixture of likelihood ratios against the fair coin, which is a
supermartingale under "no worse" and reaches ``1 / (1 - confidence)`` with
probability ``1 - confidence`` at most, however often one looks (Ville).

Sources: Q. McNemar, Note on the sampling error of the difference between
correlated proportions (1947), for the sign test on changes; J. Ville, Étude
critique de la notion de collectif (1939) and H. Robbins, Statistical methods
related to the law of the iterated logarithm (1970), for mixtures that may be
looked at at any time; A. Ramdas, P. Grünwald, V. Vovk, G. Shafer,
Game-theoretic statistics and safe anytime-valid inference (2023), §3.
"""

import math

from judge.statistics import Mixture, log_evidence

FAIR = 0.5
WORSE: Mixture = ((1.2, 0.1), (1.4, 0.2), (1.6, 0.3), (1.8, 0.25), (2.0, 0.15))
"""Alternatives: a change is a new failure with probability ratio × one half, 60 … 100 %.

Chosen in ``bench/regression.py``: at 95 % six new failures without a fix are enough, and releases that fail three
times as often as before need little more than with the best single alternative.
"""


class RegressionTest:
    """Counts prompts whose outcome changed, until new failures outweigh the fixed ones beyond chance.

    The first decision stands.

    Args:
        confidence: 0.5 < confidence < 1; a release that is no worse is called worse with probability ``1 - confidence``
            at most.

    Raises:
        ValueError: If it is out of range.
    """

    def __init__(self, confidence: float = 0.95) -> None:
        if not 0.5 < confidence < 1.0:
            raise ValueError(f"confidence is {confidence}; it must lie between 0.5 and 1, exclusive")
        self.confidence = float(confidence)
        self.new = 0
        """Prompts that only the new release failed."""
        self.fixed = 0
        """Prompts that only the one before failed."""
        self.regressed = False

    def add(self, *, new: bool) -> None:
        """Count one prompt whose outcome changed."""
        self.new += new
        self.fixed += not new
        self.regressed = self.regressed or self.log_evidence >= -math.log1p(-self.confidence)

    @property
    def needed(self) -> float:
        """The evidence that decides, as a likelihood ratio."""
        return round(1.0 / (1.0 - self.confidence), 6)

    @property
    def fewest(self) -> int:
        """How many new failures without a fix it takes; fewer prompts than that can tell nothing."""
        count = 1
        while log_evidence(WORSE, FAIR, count, 0) < -math.log1p(-self.confidence):
            count += 1
        return count

    @property
    def log_evidence(self) -> float:
        """Natural logarithm of the evidence that the release is worse, against that it is not."""
        return log_evidence(WORSE, FAIR, self.new, self.fixed)
