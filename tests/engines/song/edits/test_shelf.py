import numpy as np

from tutti.engines.song.edits.shelf import Shelf


def test_shelf_gives_back_the_sum_of_what_was_put_aside_once(tmp_path):
    shelf = Shelf(tmp_path / "stems")
    one, other = np.ones((2, 5), np.float32), np.full((2, 5), 0.5, np.float32)
    shelf.add("vocals", one)
    shelf.add("", other)
    shelf.add("vocals", other)
    taken = shelf.take("vocals")
    assert np.array_equal(taken, one + other)
    assert taken.flags.writeable
    assert shelf.take("vocals") is None
    assert np.array_equal(shelf.take(""), other)
    assert list((tmp_path / "stems").iterdir()) == []
