"""What layers refuse where no rule for all of them says so; `refusal` asks it.

Adding a layer needs no line here: a shape that is not stated must be answered, or refused in the right words.
"""

from collections.abc import Iterator, Mapping, Sequence

#: The parts of an argument that is a tuple, as the documentation names them.
PARTS: Mapping[str, Sequence[str]] = {"hx": ("h_0", "c_0"), "dhc_n": ("dh_n", "dc_n")}

#: What an argument may be, or what is refused in the name of another argument, though it is refused elsewhere.
MAY: Mapping[str, Sequence[str]] = {
    "CTCLoss.targets": ["None"],  # its lengths do not fit
    "CosineEmbeddingLoss.target": ["float64"],  # labels 1 and -1 may be numbers of any type
    "CrossEntropyLoss.target": ["integers"],  # then it holds classes, and has another shape
    "Embedding.input": ["too high"],  # a case draws from fewer rows than there are
    "GRUCell.dh": ["None"],
    "HingeEmbeddingLoss.target": ["float64"],
    "LSTMCell.dh": ["None"],
    "MarginRankingLoss.target": ["float64", "integers", "float32"],
    "RNNCell.dh": ["None"],
    "SoftMarginLoss.target": ["float64"],
}

#: Of layers that are made of others: the arguments that they refuse themselves, in whatever way they are bad. All else
#: one of their parts may refuse.
_THEMSELVES = """
    AdditiveAttention query key value mask dy; AffineCoupling dy dlog_det; CapsuleLayer x dy; GATConv edge_index dy;
    GCNConv edge_index dy; GEGLU dy; Highway dy; HyperLinear x z dy; KANLayer x dy; Maxout dy;
    MixtureDensity dlog_pi dmu dlog_sigma; MixtureOfExperts x dy dloss;
    MultiheadAttention query key value key_padding_mask attn_mask dweights;
    NTMHead h memory weights dread dwritten dw; NeuralODE dy; ScaledDotProductAttention query key value attn_mask dy;
    SelfAttention dy; SinusoidalPositionalEncoding x; SqueezeExcite x dy; SwiGLU dy
"""

#: Changes of a shape (one dimension more or fewer, the first or last one larger), and the arguments that no case of the
#: layer may take so changed.
_REFUSED: Mapping[str, str] = {
    # All sizes are those of another argument, or of the layer.
    "more first last fewer": """
        AdditiveAttention key mask query; BCELoss input target; BCEWithLogitsLoss input target; Bilinear
        input1 input2; CapsuleMarginLoss target; CosineEmbeddingLoss input1 input2 target; DiceLoss input
        target; EmbeddingBag per_sample_weights; FocalLoss input target; GRU hx lengths; GRUCell hx;
        GaussianNLLLoss input target var; HingeEmbeddingLoss input target; HuberLoss input target; HyperLinear
        x z; InfoNCELoss key query; KLDivLoss input target; L1Loss input target; LSTM c_0 h_0 lengths;
        LSTMCell c_0 h_0; LinearAttention key key_padding_mask query; MSELoss input target; MarginRankingLoss
        input1 input2 target; MixtureDensityLoss log_pi log_sigma mu target; MultiLabelMarginLoss input;
        MultiheadAttention attn_mask key key_padding_mask value; NTMHead h memory weights; PoissonNLLLoss
        input target; RNN hx lengths; RNNCell hx; Reparameterize log_var mu; ScaledDotProductAttention key
        query; SlidingWindowAttention key key_padding_mask query; SmoothL1Loss input target; SoftMarginLoss
        input target; TransformerDecoder memory_key_padding_mask memory_mask tgt_key_padding_mask tgt_mask;
        TransformerDecoderLayer memory_key_padding_mask memory_mask tgt_key_padding_mask tgt_mask;
        TransformerEncoder mask src_key_padding_mask; TransformerEncoderLayer src_mask; TripletMarginLoss
        anchor negative positive; VectorQuantizer held_q held_z z
    """,
    # Any leading dimensions, and then as many features as the layer has.
    "last": """
        AffineCoupling x; FeedForward x; Fold x; GATConv x; GCNConv x; GEGLU x; Highway x; KANLayer x;
        LayerNorm x; LearnedPositionalEmbedding x; Linear x; LoRALinear x; Maxout x; MixtureDensity x;
        MixtureOfExperts x; RBF x; RMSNorm x; RotaryEmbedding x; SinusoidalPositionalEncoding x; SwiGLU x
    """,
    # As many dimensions as the layer is built for.
    "more fewer": """
        BatchNorm1d x; BatchNorm2d x; CTCLoss log_probs; CausalConv1d x; Conv1d x; Conv2d x; Conv3d x;
        ConvTranspose1d x; ConvTranspose2d x; CrossEntropyLoss input; DepthwiseSeparableConv2d x; Dropout2d x;
        EmbeddingBag input offsets; GroupNorm x; InstanceNorm2d x; MultiMarginLoss input; NLLLoss input;
        Permute x; SqueezeExcite x
    """,
    # As many dimensions as the layer is built for, the last of the layer's size.
    "more last fewer": """
        CapsuleLayer x; DiagonalSSM x; GroupedQueryAttention x; Hopfield state stored; LlamaDecoderLayer x;
        MultiheadAttention query; SelfAttention x; TransformerDecoder memory tgt; TransformerDecoderLayer
        memory tgt; TransformerEncoder x; TransformerEncoderLayer x
    """,
    # Rows that belong to those of another argument, of any width; or pairs of nodes.
    "more first fewer": """
        AdditiveAttention value; CapsuleMarginLoss input; GATConv edge_index; GCNConv edge_index;
        LinearAttention value; ScaledDotProductAttention value; SlidingWindowAttention value
    """,
    # Features of the layer's size, with a batch or without one.
    "more last": """
        GRU x; GRUCell x; LSTM x; LSTMCell x; RNN x; RNNCell x
    """,
    # At most as many dimensions as the scores.
    "more": """
        CrossEntropyLoss target; MultiMarginLoss target; NLLLoss target
    """,
    # One length for each sample.
    "first last fewer": """
        CTCLoss input_lengths target_lengths
    """,
    # What broadcasts to the scores.
    "first last": """
        GroupedQueryAttention attn_mask; ScaledDotProductAttention attn_mask
    """,
    # A row for each sample, or all of them in one.
    "first fewer": """
        CTCLoss targets
    """,
    # The shape of the scores.
    "more first last": """
        MultiLabelMarginLoss target
    """,
}


def _arguments(layers: str) -> Iterator[str]:
    for layer, *names in map(str.split, layers.split(";")):
        yield from (f"{layer}.{name}" for name in names)


#: Arguments, as Layer.name, that no part of the layer may refuse in its place.
THEMSELVES = frozenset(_arguments(_THEMSELVES))

#: For each argument the changes of its shape that must be refused.
SHAPES: Mapping[str, Sequence[str]] = {
    argument: changes.split() for changes, layers in _REFUSED.items() for argument in _arguments(layers)
}
