"""nnlab: which of your checks would have caught the bug?"""

__version__ = "0.1.0"
