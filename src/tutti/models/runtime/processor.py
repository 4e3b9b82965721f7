"""What the processor of this machine can do."""

import platform
from pathlib import Path


def has_exact_signed_products(cpu_info: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether products of unsigned with signed bytes are summed without overflow here.

    x86 without VNNI adds them up in pairs of 16 bits, which saturate (ONNX Runtime's page on quantisation, "U8S8"); if
    in doubt, no.
    """
    if platform.machine() not in ("x86_64", "AMD64"):
        return True
    try:
        text = cpu_info.read_text(encoding="utf-8")
    except OSError:
        return False
    flags = {flag for line in text.splitlines() if line.startswith("flags") for flag in line.split()}
    return not flags.isdisjoint(("avx512_vnni", "avx_vnni"))
