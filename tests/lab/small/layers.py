"""Two layers."""

FACTOR = 2


class Double:
    def forward(self, x: int) -> int:
        return x * FACTOR


class Square:
    def forward(self, x: int) -> int:
        return x * x
