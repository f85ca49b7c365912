"""Faults of nnlab.nn.init."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="fan-out-without-receptive-field",
        title="fan_out leaves the kernel out",
        why="shape[0] counts the channels; each of them is fed by the whole receptive field.",
        symptom="variance grows through convolutions in fan_out mode",
        pattern="missing-mean",
        source=public("keras PR #2252", "https://github.com/keras-team/keras/pull/2252"),
        killed_by="initialiser",
        edits=[
            Edit(
                "nnlab.nn.init:_fans",
                "return tensor[0].size, tensor[:, 0].size",
                "return tensor[0].size, tensor.shape[0]",
            )
        ],
    ),
    Fault(
        id="fans-swapped",
        title="fan_in and fan_out change places",
        why="A weight is (out, in, …), not (in, out, …).",
        symptom="wide layers start too small, narrow ones too large",
        pattern="transposed",
        source=review("fan_in = in · receptive field"),
        killed_by="initialiser",
        edits=[
            Edit(
                "nnlab.nn.init:_fans",
                "return tensor[0].size, tensor[:, 0].size",
                "return tensor[:, 0].size, tensor[0].size",
            )
        ],
    ),
    Fault(
        id="fans-of-the-last-axis-alone",
        title="The receptive field is the last axis alone",
        why="Right for Conv1d; a picture has two axes, and the first of them is left out.",
        symptom="initial weights of Conv2d are too large",
        pattern="wrong-axis",
        source=pattern_of("Lasagne issue #49", "https://github.com/Lasagne/Lasagne/issues/49"),
        killed_by="initialiser",
        edits=[
            Edit(
                "nnlab.nn.init:_fans",
                "return tensor[0].size, tensor[:, 0].size",
                """
                    field = tensor.shape[-1] if tensor.ndim > 2 else 1
                    return tensor.shape[1] * field, tensor.shape[0] * field
                """,
            )
        ],
    ),
    Fault(
        id="glorot-sums-the-shape",
        title="Xavier adds up the shape instead of the fans",
        why="Right for a matrix; a convolution's kernel is added where it should multiply.",
        symptom="convolutions start too large",
        pattern="wrong-operand",
        source=public("Flux.jl issue #442", "https://github.com/FluxML/Flux.jl/issues/442"),
        killed_by="initialiser",
        edits=[
            Edit(
                "nnlab.nn.init:xavier_uniform_",
                'sqrt(6 / sum(_fans("xavier_uniform_", tensor)))',
                "sqrt(6 / sum(tensor.shape))",
            )
        ],
    ),
    Fault(
        id="glorot-bound-for-deviation",
        title="xavier_normal_ takes the uniform bound for its deviation",
        why="√(6 / (fan_in + fan_out)) belongs to U(-a, a); the deviation is √2 instead of √6.",
        symptom="variance three times too large",
        pattern="wrong-formula",
        source=review("σ = √(2 / (fan_in + fan_out))"),
        killed_by="initialiser",
        edits=[Edit("nnlab.nn.init:xavier_normal_", "sqrt(2 / sum(", "sqrt(6 / sum(")],
    ),
    Fault(
        id="kaiming-uniform-without-root-three",
        title="kaiming_uniform_ takes the deviation for its bound",
        why="U(-b, b) has deviation b / √3.",
        symptom="weights start √3 too small",
        pattern="scale",
        source=public("tch-rs PR #573", "https://github.com/LaurentMazare/tch-rs/pull/573"),
        killed_by="initialiser",
        edits=[Edit("nnlab.nn.init:kaiming_uniform_", "bound = sqrt(3) * _kaiming_std", "bound = _kaiming_std")],
    ),
    Fault(
        id="he-is-lecun",
        title="Kaiming's gain for relu is 1",
        why="√(1 / fan_in) is LeCun's; half of the signal is lost at every relu.",
        symptom="activations vanish in deep networks",
        pattern="scale",
        source=public("LBANN PR #316", "https://github.com/LBANN/lbann/pull/316"),
        killed_by="initialiser",
        edits=[Edit("nnlab.nn.init:calculate_gain", '"relu": sqrt(2)', '"relu": 1.0')],
    ),
    Fault(
        id="kaiming-slope-not-squared",
        title="The gain of leaky_relu does not square the slope",
        why="√(2 / (1 + a)) in place of √(2 / (1 + a²)).",
        symptom="deep leaky networks lose signal",
        pattern="wrong-formula",
        source=review("√(2 / (1 + a²))"),
        killed_by="initialiser",
        edits=[Edit("nnlab.nn.init:calculate_gain", "1 + slope**2", "1 + slope")],
    ),
    Fault(
        id="kaiming-mode-ignored",
        title="Kaiming always divides by fan_in",
        why="mode is checked and then not read.",
        symptom="mode='fan_out' changes nothing",
        pattern="dropped-statement",
        source=review("√fan of the mode"),
        killed_by="initialiser",
        edits=[Edit("nnlab.nn.init:_kaiming_std", "sqrt(fans[mode])", "sqrt(fan_in)")],
    ),
    Fault(
        id="kaiming-normal-is-uniform",
        title="kaiming_normal_ draws from a uniform distribution",
        why="The deviation is right and the shape is not.",
        symptom="no tails",
        pattern="wrong-formula",
        source=pattern_of("LBANN PR #316", "https://github.com/LBANN/lbann/pull/316"),
        killed_by="initialiser",
        edits=[
            Edit(
                "nnlab.nn.init:kaiming_normal_",
                'normal_(tensor, 0.0, _kaiming_std("kaiming_normal_", tensor, a, mode, nonlinearity), rng=rng)',
                "kaiming_uniform_(tensor, a, mode, nonlinearity, rng=rng)",
            )
        ],
    ),
    Fault(
        id="trunc-normal-bounds-in-deviations",
        title="trunc_normal_ takes its bounds for multiples of the deviation",
        why="TensorFlow cuts at two deviations, torch at the values a and b.",
        symptom="with std = 0.02 the tails are cut",
        pattern="scale",
        source=public("timm issue #1286", "https://github.com/huggingface/pytorch-image-models/issues/1286"),
        killed_by="initialiser",
        edits=[
            Edit(
                "nnlab.nn.init:trunc_normal_",
                "low, high = max(a, mean - 9 * std), min(b, mean + 9 * std)",
                "low, high = mean + max(a, -9) * std, mean + min(b, 9) * std",
            )
        ],
    ),
    Fault(
        id="trunc-normal-clamps",
        title="trunc_normal_ clamps instead of drawing again",
        why="Everything beyond a bound lands on it.",
        symptom="spikes at both ends of the histogram",
        pattern="range",
        source=public("pytorch issue #155588", "https://github.com/pytorch/pytorch/issues/155588"),
        killed_by="initialiser",
        edits=[
            Edit(
                "nnlab.nn.init:trunc_normal_",
                "missing = np.ones(tensor.shape, bool)",
                """
                    tensor[...] = np.clip(rng.normal(mean, std, tensor.shape), a, b)
                    missing = np.zeros(tensor.shape, bool)
                """,
            )
        ],
    ),
    Fault(
        id="trunc-normal-not-truncated",
        title="trunc_normal_ does not truncate",
        why="The bounds are checked and then forgotten.",
        symptom="outliers at initialisation",
        pattern="dropped-statement",
        source=public("BrainPy PR #575", "https://github.com/brainpy/BrainPy/pull/575"),
        killed_by="initialiser",
        edits=[
            Edit(
                "nnlab.nn.init:trunc_normal_",
                "low, high = max(a, mean - 9 * std), min(b, mean + 9 * std)",
                "low, high = mean - 9 * std, mean + 9 * std",
            )
        ],
    ),
    Fault(
        id="orthogonal-biased-signs",
        title="orthogonal_ leaves the signs as QR gave them",
        why="LAPACK's convention prefers some matrices; Q is orthogonal but not uniform.",
        symptom="nothing, unless signs matter",
        pattern="dropped-statement",
        source=review("R's diagonal positive (Mezzadri, 2007)"),
        killed_by="initialiser",
        edits=[Edit("nnlab.nn.init:orthogonal_", "q = q @ np.diag(np.sign(np.diag(r)))", "pass")],
    ),
    Fault(
        id="orthogonal-gain-left-out",
        title="orthogonal_ ignores its gain",
        why="Rows have length 1 whatever gain is.",
        symptom="signals shrink in deep relu networks",
        pattern="dropped-statement",
        source=review("gain · Q"),
        killed_by="initialiser",
        edits=[
            Edit(
                "nnlab.nn.init:orthogonal_", "gain * (q if rows >= columns else q.T)", "(q if rows >= columns else q.T)"
            )
        ],
    ),
    Fault(
        id="orthogonal-wide-not-transposed",
        title="orthogonal_ reshapes a wide matrix instead of turning it",
        why="Q is tall; its entries are poured row by row into the wide one.",
        symptom="wide layers are not orthogonal",
        pattern="transposed",
        source=review("rows orthonormal if they are fewer"),
        killed_by="initialiser",
        edits=[Edit("nnlab.nn.init:orthogonal_", "(q if rows >= columns else q.T)", "q")],
    ),
    Fault(
        id="sparse-share-rounded-down",
        title="sparse_ rounds its number of zeros down",
        why="torch rounds up.",
        symptom="one connection too many per unit",
        pattern="off-by-one",
        source=review("⌈sparsity · rows⌉"),
        killed_by="initialiser",
        edits=[Edit("nnlab.nn.init:sparse_", "ceil(sparsity * rows)", "int(sparsity * rows)")],
    ),
    Fault(
        id="sparse-same-rows-in-every-column",
        title="sparse_ zeroes the same rows in every column",
        why="The mask is shuffled once, not for each column.",
        symptom="some outputs get no input at all",
        pattern="wrong-axis",
        source=review("each column by itself"),
        killed_by="initialiser",
        edits=[Edit("nnlab.nn.init:sparse_", "rng.permuted(is_zero, axis=0)", "rng.permutation(is_zero)")],
    ),
    Fault(
        id="dirac-first-group-only",
        title="dirac_ reads the channels of all groups in the first",
        why="The offset of a group is left out: later groups stay zero.",
        symptom="grouped identities pass one group",
        pattern="wrong-address",
        source=review("of each group"),
        killed_by="initialiser",
        edits=[
            Edit(
                "nnlab.nn.init:dirac_",
                "tensor[(first + channel, channel, *centre)] = 1",
                "tensor[(channel, channel, *centre)] = 1",
            )
        ],
    ),
    Fault(
        id="dirac-centre-of-even-kernels",
        title="dirac_ takes the centre one too early",
        why="(size - 1) // 2 and size // 2 differ for even kernels; torch takes the latter.",
        symptom="the identity shifts by one",
        pattern="off-by-one",
        source=review("centre = size // 2"),
        killed_by="initialiser",
        edits=[Edit("nnlab.nn.init:dirac_", "size // 2 for size", "(size - 1) // 2 for size")],
    ),
    Fault(
        id="eye-turned-over",
        title="eye_ fills along the other diagonal",
        why="np.eye turned round is the reversal, not the identity.",
        symptom="inputs come out in reverse",
        pattern="wrong-axis",
        source=review("W x = x"),
        killed_by="initialiser",
        edits=[Edit("nnlab.nn.init:eye_", "[...] = np.eye(*tensor.shape)", "[...] = np.fliplr(np.eye(*tensor.shape))")],
    ),
    Fault(
        id="eye-fills-a-copy",
        title="eye_ fills a copy",
        why="Multiplying makes a new array, which is filled and returned; the parameter stays as it was.",
        symptom="the layer keeps its old weights",
        pattern="aliasing",
        source=review("filled in place"),
        killed_by="initialiser",
        edits=[
            Edit(
                "nnlab.nn.init:eye_",
                '_writable("eye_", tensor, 2)[...] = np.eye(*tensor.shape)',
                """
                    tensor = 0 * _writable("eye_", tensor, 2)
                    tensor += np.eye(*tensor.shape)
                """,
            )
        ],
    ),
    Fault(
        id="uniform-bounds-swapped-for-width",
        title="uniform_ takes b for its width",
        why="a + b · u reaches from a to a + b.",
        symptom="an asymmetric interval is shifted",
        pattern="wrong-formula",
        source=review("U(a, b)"),
        killed_by="initialiser",
        edits=[Edit("nnlab.nn.init:uniform_", "rng.uniform(a, b, tensor.shape)", "a + b * rng.random(tensor.shape)")],
    ),
    Fault(
        id="normal-variance-for-deviation",
        title="normal_ takes std for the variance",
        why="The root of std scales the draws.",
        symptom="std = 0.01 gives 0.1",
        pattern="wrong-operand",
        source=review("N(mean, std²)"),
        killed_by="initialiser",
        edits=[
            Edit(
                "nnlab.nn.init:normal_",
                "rng.normal(mean, std, tensor.shape)",
                "rng.normal(mean, sqrt(std), tensor.shape)",
            )
        ],
    ),
    Fault(
        id="normal-drawn-from-a-new-generator",
        title="normal_ seeds a generator of its own",
        why="The caller's generator is not advanced: two layers of one shape begin alike.",
        symptom="units of equal layers stay equal",
        pattern="seed",
        source=pattern_of("xformers issue #173", "https://github.com/facebookresearch/xformers/issues/173"),
        killed_by="initialiser",
        edits=[
            Edit(
                "nnlab.nn.init:normal_",
                "rng.normal(mean, std, tensor.shape)",
                "np.random.default_rng(tensor.size).normal(mean, std, tensor.shape)",
            )
        ],
    ),
    Fault(
        id="fan-in-uniform-of-the-variance",
        title="Default weights are bounded by 1 / fan_in",
        why="The root is left out; layers start √fan_in too small.",
        symptom="training of wide layers starts slowly",
        pattern="wrong-formula",
        source=review("U(-1/√fan_in, 1/√fan_in)"),
        killed_by="initialiser",
        edits=[Edit("nnlab.nn.init:fan_in_uniform", "1 / sqrt(fan_in)", "1 / fan_in")],
    ),
    Fault(
        id="constants-added",
        title="constant_ adds to what is there",
        why="+= on a fresh array of zeros looks right.",
        symptom="re-initialising a bias does nothing good",
        pattern="assigned-not-accumulated",
        source=review("fill with val"),
        killed_by="initialiser",
        edits=[
            Edit(
                "nnlab.nn.init:constant_",
                '_writable("constant_", tensor)[...] = val',
                '_writable("constant_", tensor)[...] += val',
            )
        ],
    ),
    Fault(
        id="zeros-multiplied",
        title="zeros_ leaves a tensor that holds NaN as it is",
        why="Multiplying by 0 clears everything but NaN and infinity.",
        symptom="NaN survives a reset",
        pattern="domain",
        source=review("fill with 0"),
        killed_by="initialiser",
        edits=[
            Edit(
                "nnlab.nn.init:zeros_", '_writable("zeros_", tensor)[...] = 0', '_writable("zeros_", tensor)[...] *= 0'
            )
        ],
    ),
    Fault(
        id="ones-scaled-by-fan",
        title="ones_ fills with one over the number of rows",
        why="A mean was wanted at the place it was copied from.",
        symptom="LayerNorm starts too small",
        pattern="wrong-formula",
        source=review("fill with 1"),
        killed_by="initialiser",
        edits=[
            Edit(
                "nnlab.nn.init:ones_",
                '_writable("ones_", tensor)[...] = 1',
                '_writable("ones_", tensor)[...] = 1.0 / len(tensor)',
            )
        ],
    ),
]
