"""The gradient checker: does backward agree with forward, and how small an error would have been seen?"""

from nnlab.gradcheck.check import assert_gradients, check
from nnlab.gradcheck.report import Disagreement, Report

__all__ = ["Disagreement", "Report", "assert_gradients", "check"]
