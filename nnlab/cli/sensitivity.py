"""nnlab sensitivity: how small an error in a gradient each detector still notices."""

from typing import Annotated, Any

import typer

from nnlab.cli.options import Jobs, Json, chosen, workers
from nnlab.errors import UsageError

EXAMPLES = (
    "Examples:  nnlab sensitivity   nnlab sensitivity LayerNorm '*Attention'   "
    "nnlab sensitivity --sample 0 --every-size --plot curves.svg   "
    "nnlab sensitivity -d gradient,torch-gradcheck --deltas 1,1e-3,1e-6"
)


Layers = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[LAYER ...]", help="Layers, see `nnlab list layers`, or globs of subjects; all by default."
    ),
]
Judges = Annotated[
    str | None,
    typer.Option(
        "--detectors", "-d", metavar="NAMES", help="Comma-separated; gradient and the installed peers by default."
    ),
]
Sizes = Annotated[str, typer.Option("--deltas", metavar="SIZES", help="Relative errors, separated by commas.")]
Sample = Annotated[
    int, typer.Option("--sample", "-n", min=0, help="So many gradient terms, drawn at random; 0 is all.")
]
EverySize = Annotated[
    bool, typer.Option("--every-size", help="Judge every size of a term, also those below two misses in a row.")
]
Seed = Annotated[int, typer.Option("--seed", "-s", min=0, help="The seed of the sample.")]
Plot = Annotated[str | None, typer.Option("--plot", metavar="FILE.png|.svg", help="Draw the curves; needs matplotlib.")]


def command(
    layers: Layers = None,
    detectors: Judges = None,
    deltas: Sizes = "1,1e-1,1e-2,1e-3,1e-4,1e-5,1e-6,1e-7,1e-8",
    sample: Sample = 100,
    seed: Seed = 0,
    every_size: EverySize = False,
    jobs: Jobs = None,
    json: Json = None,
    plot: Plot = None,
) -> None:
    """Scale gradient terms by 1 + delta, one at a time: the share of these faults that each detector notices.

    The smallest delta that a detector sees with 95 % power is the smallest tested one from which on all larger ones
    are noticed in at least 95 % of the terms; its interval asks that of the ends of the shares' 95 % intervals. A
    detector that has missed two sizes of a term in a row is taken to miss all smaller ones.
    """
    from nnlab.lab.sensitivity import sensitivity
    from nnlab.report.data import check_writable, write_json
    from nnlab.report.plot import check_plot, plot_sensitivity
    from nnlab.report.sensitivity import print_sensitivity, sensitivity_data
    from nnlab.report.terminal import output, progress_bar

    check_writable(json)
    check_plot(plot)
    sizes, judges = _sizes(deltas), _judges(detectors)
    with progress_bar() as progress:
        reach, subjects = _subjects(layers or [])
        terms = _sample(reach, subjects, sample, seed)
        misses = len(sizes) if every_size else 2
        result = sensitivity(terms, sizes, judges, reach, subjects, workers(jobs), progress, misses)
    if json:
        write_json(sensitivity_data(result, seed), json)
    if plot:
        plot_sensitivity(result, plot)
    if json != "-":
        print_sensitivity(output(), result)


def _sizes(deltas: str) -> list[float]:
    """The sizes, each once. Raises UsageError."""
    try:
        sizes = [float(word) for word in deltas.split(",")]
    except ValueError:
        sizes = []
    if not sizes or not all(0 < size < float("inf") for size in sizes):
        raise UsageError(f"--deltas is {deltas!r} but must be positive numbers, separated by commas, such as 1,1e-3")
    return list(dict.fromkeys(sizes))


def _judges(names: str | None) -> list[Any]:
    """The detectors that were asked for, or our gradient checker and every installed peer."""
    from nnlab.lab.catalog import discover_detectors

    if names is not None:
        return chosen(names)
    every = discover_detectors(peers=True)
    return [every["gradient"], *(d for d in every.values() if d.needs and d.installed)]


def _subjects(layers: list[str]) -> tuple[dict[str, frozenset[str]], list[str]]:
    """What each subject of the library executes, and the subjects that the names ask for. Raises UsageError."""
    from fnmatch import fnmatchcase

    from nnlab.detectors.subjects import layer_subjects, reach
    from nnlab.lab.catalog import did_you_mean

    every = layer_subjects()
    for name in layers:
        if not any(name == s.layer.__name__ or fnmatchcase(s.name, name) for s in every):
            near = did_you_mean(name, {s.layer.__name__ for s in every}, "nnlab list layers")
            raise UsageError(f"no layer is called {name!r}; {near}")
    wanted = [s for s in every if not layers or any(n == s.layer.__name__ or fnmatchcase(s.name, n) for n in layers)]
    return reach(every), [subject.name for subject in wanted]


def _sample(reach: dict[str, frozenset[str]], subjects: list[str], count: int, seed: int) -> list[Any]:
    """The gradient terms that the subjects execute, or so many of them. Raises UsageError where there is none."""
    import numpy as np

    from nnlab.lab.catalog import discover

    targets = frozenset[str]().union(*(reach[subject] for subject in subjects))
    terms = [term for term in discover().graded_terms() if term.target in targets]
    if not terms:
        raise UsageError("these layers have no gradient term; name others, see `nnlab list layers`")
    if count in range(1, len(terms)):
        drawn = np.random.default_rng(seed).choice(len(terms), count, replace=False)
        terms = [terms[i] for i in sorted(drawn)]
    return terms
