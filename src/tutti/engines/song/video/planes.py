"""Pictures as the video encoder takes them: one luma plane and two chroma planes of half size (YUV 4:2:0, BT.601).

A frame is one array of shape (3/2 * height, width): the luma rows, then the rows of both chroma planes side by side as
PyAV's "yuv420p" wants them. All positions and sizes are even, so that luma and chroma cut at the same places.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Plane = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Planes:
    """A picture or a piece of one."""

    luma: Plane
    # Shape (2, height / 2, width / 2): blue and red difference.
    chroma: Plane

    @property
    def height(self) -> int:
        """Rows of the luma plane."""
        return int(self.luma.shape[0])

    @property
    def width(self) -> int:
        """Columns of the luma plane."""
        return int(self.luma.shape[1])

    def copy(self) -> "Planes":
        """A picture that may be painted on without touching this one."""
        return Planes(self.luma.copy(), self.chroma.copy())

    def crop(self, left: int, top: int, width: int, height: int) -> "Planes":
        """A view of a part."""
        half = slice(top // 2, (top + height) // 2), slice(left // 2, (left + width) // 2)
        return Planes(self.luma[top : top + height, left : left + width], self.chroma[:, half[0], half[1]])

    def paste(self, piece: "Planes", left: int, top: int) -> None:
        """Lay a piece over this picture, in place."""
        target = self.crop(left, top, piece.width, piece.height)
        target.luma[:] = piece.luma
        target.chroma[:] = piece.chroma

    def to_frame(self) -> Plane:
        """The array that a video frame is made from."""
        rows = self.chroma.reshape(2, -1, self.width)
        return np.concatenate([self.luma, rows[0], rows[1]])


def from_image(image: Image.Image) -> Planes:
    """An RGB image of even size as planes of limited range (16..235, 16..240)."""
    red, green, blue = np.asarray(image.convert("RGB"), np.float32).transpose(2, 0, 1)
    luma = 16 + (65.738 * red + 129.057 * green + 25.064 * blue) / 256
    blue_part = 128 + (-37.945 * red - 74.494 * green + 112.439 * blue) / 256
    red_part = 128 + (112.439 * red - 94.154 * green - 18.285 * blue) / 256
    chroma = np.stack([_halved(blue_part), _halved(red_part)])
    return Planes((luma + 0.5).astype(np.uint8), (chroma + 0.5).astype(np.uint8))


def _halved(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    height, width = plane.shape
    return np.asarray(plane.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3)), np.float32)
