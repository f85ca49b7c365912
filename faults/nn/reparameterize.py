"""Faults of nnlab.nn.reparameterize."""

from faults.sources import public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="reparameterize-variance-for-deviation",
        title="Reparameterize scales its noise by the variance instead of the deviation",
        why="exp(log_var) lacks the half; forward and backward agree.",
        symptom="samples too wide where the variance is above 1, too narrow below; it trains",
        pattern="scale",
        source=public("BVAE-tf issue #7", "https://github.com/alecGraves/BVAE-tf/issues/7"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.reparameterize:Reparameterize.forward",
                correct="noise = np.exp(log_var / 2) *",
                faulty="noise = np.exp(log_var) *",
            ),
            Edit(
                target="nnlab.nn.reparameterize:Reparameterize.backward",
                correct="dz.copy(), dz * noise / 2",
                faulty="dz.copy(), dz * noise",
            ),
        ],
    ),
    Fault(
        id="reparameterize-kl-sign",
        title="Reparameterize's divergence adds log_var instead of subtracting it",
        why="The term that keeps the variance from 0 pulls it there.",
        symptom="the latent variables collapse",
        pattern="sign",
        source=public("model-zoo PR #147", "https://github.com/FluxML/model-zoo/pull/147"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.reparameterize:Reparameterize.forward",
                correct="np.expm1(log_var) - log_var",
                faulty="np.expm1(log_var) + log_var",
            )
        ],
    ),
    Fault(
        id="reparameterize-kl-cancels",
        title="Reparameterize computes exp(log_var) - 1 by subtraction",
        why="Near 0 nearly all digits cancel.",
        symptom="a divergence below 0 close to the prior",
        pattern="precision",
        source=review("expm1 keeps the digits"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.reparameterize:Reparameterize.forward",
                correct="np.expm1(log_var) - log_var",
                faulty="(np.exp(log_var) - 1) - log_var",
            )
        ],
    ),
    Fault(
        id="reparameterize-samples-in-eval",
        title="Reparameterize samples in evaluation",
        why="The mode is not asked for.",
        symptom="reconstructions differ from call to call",
        pattern="train-eval-confusion",
        source=review("z = mu in evaluation"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.reparameterize:Reparameterize.forward",
                correct="if self.training:",
                faulty="if self.rng is not None:",
            )
        ],
    ),
    Fault(
        id="reparameterize-rows-share-noise",
        title="Reparameterize draws one noise vector for all rows",
        why="The shape of the draw lacks the batch, and broadcasting fills it in.",
        symptom="the latent variables of a batch are correlated; the loss is noisier",
        pattern="seed",
        source=review("eps is independent for every entry"),
        killed_by="reference",
        edits=[
            Edit(
                target="nnlab.nn.reparameterize:Reparameterize.forward",
                correct="self.rng.standard_normal(mu.shape)",
                faulty="self.rng.standard_normal(mu.shape[-1:])",
            )
        ],
    ),
]
