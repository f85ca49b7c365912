"""What a caller of a layer may rely on besides the values of its gradients."""

from nnlab.contracts.check import CONTRACTS, Contract, Violation, assert_contracts, check
from nnlab.contracts.trial import Broken, Trial

__all__ = ["CONTRACTS", "Broken", "Contract", "Trial", "Violation", "assert_contracts", "check"]
