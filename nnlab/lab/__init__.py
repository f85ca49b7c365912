"""The lab: fault records, their injection, detectors and probes, the runner and the kill matrix."""

from nnlab.lab.catalog import Catalog, discover
from nnlab.lab.detector import Detected, Detector, Probe
from nnlab.lab.fault import Cited, Constant, Edit, Fault, Replacement, Rewrite
from nnlab.lab.inject import injected
from nnlab.lab.stage import Stage, stage
from nnlab.lab.verdict import Verdict

__all__ = [
    "Catalog",
    "Cited",
    "Constant",
    "Detected",
    "Detector",
    "Edit",
    "Fault",
    "Probe",
    "Replacement",
    "Rewrite",
    "Stage",
    "Verdict",
    "discover",
    "injected",
    "stage",
]
