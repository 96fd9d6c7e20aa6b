"""Kernels in C. Where no compiler is found the package installs without them, and the same algorithms in NumPy answer."""

from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

KERNELS = {
    "neuralrates.pricers.gaussian.batched._kernel": ["pricers/gaussian/batched/_kernel.c"],
    "neuralrates.pricers.gaussian.two_factor._kernel": ["pricers/gaussian/two_factor/_kernel.c"],
    "neuralrates.pricers.gaussian.two_factor._quotes": ["pricers/gaussian/two_factor/_quotes.c"],
    "neuralrates.calibration._curve": ["calibration/_curve.c"],
    "neuralrates.engines._recurrence": ["engines/_recurrence.c"],
    "neuralrates.exposures._kernel": ["exposures/_kernel.c"],
    "neuralrates.bundles.runtimes.machine._kernel": ["bundles/runtimes/machine/_kernel.c"],
}
"""Sources, from the package's folder, by module."""
HEADERS = "src/neuralrates/core/native"
OPTIONS = {
    "unix": [
        "-std=c11",
        "-O3",
        "-ffp-contract=fast",
        "-fno-math-errno",
        "-fno-trapping-math",
        "-fopenmp-simd",
    ],
    "msvc": ["/std:c11", "/O2"],
}


class BuildKernels(build_ext):
    """Compiles with the options of the compiler at hand."""

    def build_extensions(self) -> None:
        for extension in self.extensions:
            extension.extra_compile_args = OPTIONS.get(self.compiler.compiler_type, [])
        build_ext.build_extensions(self)


setup(
    cmdclass={"build_ext": BuildKernels},
    ext_modules=[
        Extension(
            name,
            [f"src/neuralrates/{source}" for source in sources],
            include_dirs=[HEADERS],
            depends=sorted(str(path) for path in Path("src").rglob("*.h")),
            define_macros=[("Py_LIMITED_API", "0x030B0000")],
            py_limited_api=True,
            optional=True,
        )
        for name, sources in KERNELS.items()
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}, "build_ext": {"parallel": True}},
)
