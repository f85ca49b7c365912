"""Faults of nnlab.nn.optim."""

from faults.sources import pattern_of, post, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="adam-nan-first-step",
        title="Adam starts at t = 0, and only step() advances it",
        why="update() straight after construction divides by 1 - β⁰ = 0 and writes NaN into the parameter; "
        "training through step() never sees it.",
        symptom="NaN in a parameter after the first update(), never in a run through step()",
        pattern="state-not-advanced",
        source=post("bug 5"),
        groups=frozenset({"seven"}),
        killed_by="optimizer",
        edits=[
            Edit(
                target="nnlab.nn.optim:Optimizer.update",
                correct="self.t[parameter] += 1",
                faulty="self.t[parameter] += not isinstance(self, Adam)",
            ),
            Edit(
                target="nnlab.nn.optim:Optimizer.step",
                correct="self.update(parameter)",
                faulty="""
                    self.t[parameter] += isinstance(self, Adam)
                    self.update(parameter)
                """,
            ),
        ],
    ),
    Fault(
        id="optimizer-one-counter-for-all",
        title="All parameters share one step counter",
        why="The counter of the first parameter is used for every other; wrong once they have not moved equally often.",
        symptom="parameters that join later take steps of the wrong size",
        pattern="state-not-advanced",
        source=public("DeepSpeed PR #8471", "https://github.com/deepspeedai/DeepSpeed/pull/8471"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim:Optimizer.update",
                "self.move(parameter, self.t[parameter],",
                "self.move(parameter, max(self.t.values()),",
            )
        ],
    ),
    Fault(
        id="optimizer-state-of-the-first-parameter",
        title="All parameters use the state of the first",
        why="The index into the list of states is never advanced, so that parameters mix their moments.",
        symptom="a second parameter moves by the first one's gradients",
        pattern="wrong-address",
        source=public("pennylane issue #1928", "https://github.com/PennyLaneAI/pennylane/issues/1928"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.optim:Optimizer.update", "self.state[parameter])", "self.state[next(iter(self.t))])")],
    ),
    Fault(
        id="optimizer-counts-in-zero-grad",
        title="The step counter moves with zero_grad instead of with the step",
        why="Counting micro-batches, as gradient accumulation does, ages the bias correction too fast.",
        symptom="with accumulation Adam's corrections vanish early",
        pattern="state-not-advanced",
        source=public("keras issue #19990", "https://github.com/keras-team/keras/issues/19990"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim:Optimizer.update",
                "self.t[parameter] += 1",
                "self.t[parameter] = max(self.t[parameter], 1)",
            ),
            Edit(
                "nnlab.nn.optim:Optimizer.zero_grad",
                "parameter.zero_grad()",
                """
                    parameter.zero_grad()
                    self.t[parameter] += 1
                """,
            ),
        ],
    ),
    Fault(
        id="optimizer-first-group-only",
        title="step moves only the parameters of the first group",
        why="The loop runs over param_groups[0]; with one group nothing is amiss.",
        symptom="the backbone trains and the head does not",
        pattern="wrong-address",
        source=review("one step of every parameter"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim:Optimizer.step",
                "for parameter in self.t:",
                'for parameter in list(self.param_groups[0]["params"]):',
            )
        ],
    ),
    Fault(
        id="optimizer-group-options-lost",
        title="Options of a group yield to the constructor's",
        why="The two dicts are merged in the wrong order, so that defaults win.",
        symptom="layer-wise learning rates have no effect",
        pattern="order-of-operations",
        source=review("a group's options take the place of the defaults"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim:Optimizer.add_param_group",
                "self.defaults | dict(group) | {",
                "dict(group) | self.defaults | {",
            )
        ],
    ),
    Fault(
        id="optimizer-options-frozen-at-start",
        title="Options are read once, when a parameter is added",
        why="Each parameter keeps a copy of its group, so that a schedule changes the group and nothing else.",
        symptom="the learning rate falls in the log but not in effect",
        pattern="aliasing",
        source=review("options may be changed between steps"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim:Optimizer.add_param_group",
                "self.group[parameter] = own",
                "self.group[parameter] = dict(own)",
            )
        ],
    ),
    Fault(
        id="optimizer-state-dict-shares-arrays",
        title="state_dict hands out the arrays themselves",
        why="Whatever an optimizer keeps in place, as NAdam does its product, goes on changing in a checkpoint held "
        "in memory.",
        symptom="a run that is taken up from memory goes on with a wrong momentum",
        pattern="aliasing",
        source=review("copies of all that the next step depends on"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim:Optimizer.state_dict",
                "{name: array.copy() for name, array in self.state[parameter].items()}",
                "{name: array for name, array in self.state[parameter].items()}",
            )
        ],
    ),
    Fault(
        id="optimizer-resume-restarts-counter",
        title="A loaded optimizer starts at t = 0",
        why="Moments come back and the counter does not; bias correction begins anew on old moments.",
        symptom="the loss jumps when training is resumed",
        pattern="state-not-restored",
        source=public("Automodel issue #763", "https://github.com/NVIDIA-NeMo/Automodel/issues/763"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim:Optimizer.load_state_dict",
                'self.t[parameter] = int(saved["t"])',
                "self.t[parameter] = 0",
            )
        ],
    ),
    Fault(
        id="optimizer-resume-loses-moments",
        title="A loaded optimizer starts with empty moments",
        why="Loading sets up the parameters again, which erases the state that was just read.",
        symptom="the first steps after a restart are too large",
        pattern="state-not-restored",
        source=public("OpenNMT-py issue #617", "https://github.com/OpenNMT/OpenNMT-py/issues/617"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim:Optimizer.load_state_dict",
                "self.state[parameter][name] = np.array(saved[name], array.dtype)",
                "self.state[parameter] = self.start(parameter)",
            )
        ],
    ),
    Fault(
        id="optimizer-resume-keeps-own-options",
        title="A loaded optimizer keeps its own learning rate and betas",
        why="Only the arrays are taken from the state; corrections then belong to other betas.",
        symptom="a resumed run goes on at the initial learning rate",
        pattern="order-of-operations",
        source=pattern_of("tt-metal issue #53212", "https://github.com/tenstorrent/tt-metal/issues/53212"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim:Optimizer.load_state_dict",
                'group.update(state["param_groups"][i] | {"params": group["params"]})',
                'group.update(state["param_groups"][i] | group)',
            )
        ],
    ),
    Fault(
        id="optimizer-zero-grad-of-first-group",
        title="zero_grad clears the first group alone",
        why="Gradients of all other groups add up over the whole run.",
        symptom="the head diverges while the backbone trains",
        pattern="dropped-statement",
        source=pattern_of(
            "Taxonomy of Real Faults in DL Systems, arXiv:1910.11015", "https://arxiv.org/abs/1910.11015"
        ),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim:Optimizer.zero_grad",
                "for parameter in self.t:",
                'for parameter in self.param_groups[0]["params"]:',
            )
        ],
    ),
    Fault(
        id="sgd-weight-decay-changes-the-gradient",
        title="SGD adds weight decay into the gradient itself",
        why="grad += wd · θ in place; without zero_grad, and for whatever logs gradients, the decay is counted again.",
        symptom="gradient norms grow with weight decay",
        pattern="mutated-input",
        source=pattern_of("pytorch issue #81417", "https://github.com/pytorch/pytorch/issues/81417"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim:SGD.move",
                'b = g = parameter.grad + group["weight_decay"] * parameter.data',
                """
                    parameter.grad += group["weight_decay"] * parameter.data
                    b = g = parameter.grad.copy()
                """,
            )
        ],
    ),
    Fault(
        id="sgd-dampening-on-the-first-step",
        title="SGD dampens its first gradient",
        why="torch starts with b = g; here b = (1 - dampening) g from the start.",
        symptom="a slower start with dampening",
        pattern="state-not-advanced",
        source=review("b = g at a parameter's first step"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.optim:SGD.move", "if momentum > 0 and t > 1:", "if momentum > 0:")],
    ),
    Fault(
        id="sgd-dampening-like-an-average",
        title="SGD weighs its gradient with 1 - momentum",
        why="A running mean in place of a sum: the learning rate is in effect ten times smaller for momentum 0.9.",
        symptom="learning rates from papers are too small",
        pattern="wrong-formula",
        source=public("mlx PR #87", "https://github.com/ml-explore/mlx/pull/87", "review"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.optim:SGD.move", '(1 - group["dampening"]) * g', "(1 - momentum) * g")],
    ),
    Fault(
        id="sgd-nesterov-looks-back",
        title="Nesterov's momentum has the sign of its correction wrong",
        why="g - momentum · b steps back where it should look ahead.",
        symptom="training does not converge",
        pattern="sign",
        source=public("Paddle PR #12231", "https://github.com/PaddlePaddle/Paddle/pull/12231"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.optim:SGD.move", "g + momentum * b if", "g - momentum * b if")],
    ),
    Fault(
        id="adam-bias-correction-multiplied",
        title="Adam multiplies by its bias correction",
        why="m (1 - β₁ᵗ) makes the first steps smaller, not larger; after some hundred steps both agree.",
        symptom="training starts very slowly",
        pattern="wrong-formula",
        source=public("convnetjs PR #107", "https://github.com/karpathy/convnetjs/pull/107"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.optim:Adam.move", "m_hat = m / (1 - beta1**t)", "m_hat = m * (1 - beta1**t)")],
    ),
    Fault(
        id="adam-bias-correction-without-power",
        title="Adam corrects by 1 - β at every step",
        why="The correction does not fade: m is divided by 0.1 for ever.",
        symptom="steps are many times too long",
        pattern="dropped-statement",
        source=public("ML-From-Scratch issue #35", "https://github.com/eriklindernoren/ML-From-Scratch/issues/35"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.optim:Adam.move", "m_hat = m / (1 - beta1**t)", "m_hat = m / (1 - beta1)")],
    ),
    Fault(
        id="adam-without-bias-correction",
        title="Adam does not correct its moments",
        why="The first step is (1 - β₁) / √(1 - β₂) = 3.2 times the learning rate.",
        symptom="needs a warm-up that the paper does without",
        pattern="dropped-statement",
        source=public("bert issue #153", "https://github.com/google-research/bert/issues/153"),
        killed_by="optimizer",
        edits=[
            Edit("nnlab.nn.optim:Adam.move", "m_hat = m / (1 - beta1**t)", "m_hat = m"),
            Edit("nnlab.nn.optim:Adam.move", "v_hat = v / (1 - beta2**t)", "v_hat = v"),
        ],
    ),
    Fault(
        id="adam-root-of-the-correction",
        title="Adam takes a root too many",
        why="√(1 - β₁ᵗ) corrects the first moment as if it were the second.",
        symptom="the first steps are too short",
        pattern="wrong-formula",
        source=public("Flux.jl PR #119", "https://github.com/FluxML/Flux.jl/pull/119"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.optim:Adam.move", "m_hat = m / (1 - beta1**t)", "m_hat = m / np.sqrt(1 - beta1**t)")],
    ),
    Fault(
        id="adam-decoupled-decay-without-lr",
        title="Decoupled weight decay is not multiplied by the learning rate",
        why="θ loses weight_decay of itself at each step: a thousand times too much at lr = 1e-3.",
        symptom="weights vanish",
        pattern="scale",
        source=public("flashlight issue #143", "https://github.com/flashlight/flashlight/issues/143"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.optim:decayed", '1 - group["lr"] * group["weight_decay"]', '1 - group["weight_decay"]')],
    ),
    Fault(
        id="adamw-decays-after-the-update",
        title="AdamW decays the weights that it has just updated",
        why="The decay takes part of the step back: θ_t in place of θ_{t-1}. The difference is of second order in "
        "the rate.",
        symptom="small differences to the paper, with large rates only",
        pattern="order-of-operations",
        source=public("transformers issue #14539", "https://github.com/huggingface/transformers/issues/14539"),
        killed_by="optimizer",
        edits=[
            Edit("nnlab.nn.optim:decayed", 'parameter.data *= 1 - group["lr"] * group["weight_decay"]', "pass"),
            Edit(
                "nnlab.nn.optim:Adam.move",
                'parameter.data -= group["lr"] * m_hat / (np.sqrt(v_hat) + group["eps"])',
                """
                    parameter.data -= group["lr"] * (m_hat / (np.sqrt(v_hat) + group["eps"]))
                    if group["decoupled_weight_decay"]:
                        parameter.data *= 1 - group["lr"] * group["weight_decay"]
                """,
            ),
        ],
    ),
    Fault(
        id="adamw-couples-its-decay",
        title="AdamW adds its decay to the gradient",
        why="Then it is Adam with L2: the decay is divided by √v and hardly reaches weights with large gradients.",
        symptom="AdamW and Adam give the same curves",
        pattern="wrong-formula",
        source=review("decoupled decay, algorithm 2"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.optim:AdamW.__init__", "decoupled_weight_decay=True", "decoupled_weight_decay=False")],
    ),
    Fault(
        id="adam-weight-decay-ignored",
        title="Adam ignores weight_decay unless it is decoupled",
        why="The gradient is returned as it is.",
        symptom="weights grow whatever the decay",
        pattern="dropped-statement",
        source=public("Paddle issue #5836", "https://github.com/PaddlePaddle/Paddle/issues/5836"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim:decayed",
                'parameter.grad + group["weight_decay"] * parameter.data',
                "parameter.grad.copy()",
            )
        ],
    ),
    Fault(
        id="adam-eps-twice",
        title="Adam adds eps inside and outside the root",
        why="One guard was added without taking the other away.",
        symptom="small differences where gradients are small",
        pattern="epsilon",
        source=public("pytorch_optimizer issue #397", "https://github.com/kozistr/pytorch_optimizer/issues/397"),
        killed_by="optimizer",
        edits=[Edit("nnlab.nn.optim:Adam.move", "np.sqrt(v_hat)", 'np.sqrt(v_hat + group["eps"])')],
    ),
    Fault(
        id="amsgrad-maximum-of-corrected-moments",
        title="AMSGrad takes the maximum after the bias correction",
        why="torch divides the largest v by today's correction; here early, strongly corrected values stay for ever.",
        symptom="slightly worse results than with torch",
        pattern="order-of-operations",
        source=public("optax issue #1389", "https://github.com/google-deepmind/optax/issues/1389"),
        killed_by="optimizer",
        edits=[
            Edit(
                "nnlab.nn.optim:Adam.move",
                'v = state["v_max"] = np.maximum(state["v_max"], v)',
                'state["v_max"] = np.maximum(state["v_max"], v / (1 - beta2**t))',
            ),
            Edit(
                "nnlab.nn.optim:Adam.move",
                "v_hat = v / (1 - beta2**t)",
                'v_hat = state["v_max"] if group["amsgrad"] else v / (1 - beta2**t)',
            ),
        ],
    ),
]
