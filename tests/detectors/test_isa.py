"""The detector isa beside its third parties."""

import pytest

from nnlab.detectors.isa import probes
from nnlab.lab.engine.limits import Limits, restrict
from nnlab.lab.runner import Job, run


def test_unicorn_has_its_memory_before_that_of_a_fault_is_limited():
    pytest.importorskip("unicorn")
    beside = [probe for probe in probes() if probe.subject.endswith("beside Unicorn")]

    def work():
        restrict(Limits(memory=1 << 28))
        for probe in beside:
            probe.run(0)
        return len(beside)

    (ended,) = run([Job("all", work, 60.0)], 1)
    assert ended.value == len(beside) > 40, ended.died
