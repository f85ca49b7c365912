"""What a caller of a layer may rely on besides the values of its gradients."""

from nnlab.contracts.check import CONTRACTS, Contract, assert_contracts, check
from nnlab.contracts.compare import Broken
from nnlab.contracts.report import Report, Violation
from nnlab.contracts.trial import NotApplicable, Trial

__all__ = [
    "CONTRACTS",
    "Broken",
    "Contract",
    "NotApplicable",
    "Report",
    "Trial",
    "Violation",
    "assert_contracts",
    "check",
]
