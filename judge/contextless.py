"""Runs in which no reply brought contexts, though the configuration says where they are.

That is a wrong expression before it is an assistant that invents everything:
without contexts nearly every fact of an answer is one that nothing supports.
"""

from harness.config import Settings
from judge.checks.groundedness import Groundedness
from judge.reading import Reading
from judge.statistics import SequentialTest

SENTENCE = "No reply brought contexts: is [target.response] contexts right? Without them groundedness says nothing of the release."


def lacks_contexts(settings: Settings, *, answers: int, with_contexts: int) -> bool:
    """Return whether contexts were to come, to check answers by, and none did."""
    wanted = settings.target.response.contexts is not None and settings.judge.checks.groundedness
    return wanted and answers > 0 and not with_contexts


def fails_otherwise(reading: Reading) -> bool:
    """Return whether the rate would be above the threshold without what only groundedness failed."""
    test = SequentialTest(reading.test.threshold, reading.test.confidence, reading.test.calibration)
    for prompt_id, failed in reading.outcomes:
        broken = {name for name, missed in reading.criteria_of(prompt_id).items() if missed}
        test.update(int(failed and broken != {Groundedness.name}), 1)
    return test.state.decision == "fail"
