"""Record torch's numbers for every case of every layer and for the optimizers, into tests/nn/recorded.

Run it where torch is installed, from the checkout, after a case was added or changed: python scripts/record_peers.py
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    sys.path.insert(0, str(ROOT))
    from tests.nn import peers

    peers.record()
    total = sum(path.stat().st_size for path in peers.RECORDED.glob("*.npz"))
    print(f"{len(peers.NAMES)} files, {total / 1024:.0f} KiB in {peers.RECORDED.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
