"""The pull towards the source's weights: L2-SP.

Li, Grandvalet and Davoine 2018, "Explicit inductive bias for transfer learning with convolutional networks" (ICML), eq. 2:
α/2 · ‖w - w⁰‖² is added to the loss, where w⁰ are the source's weights. Here its gradient, α · (w - w⁰), is added to that of
the loss, which is the same, and the loss that is shown stays that of the cases. What is new when the training begins is not
pulled; weight decay pulls all weights towards 0, as ever.
"""

from __future__ import annotations

from torch import Tensor, nn

from TransferSegLib.networks.low_rank import NAME, LowRank
from TransferSegLib.transfer.plan import TransferPlan


class SourcePenalty:
    """Pulls the carried weights of a plan towards what they are when this is made, before the first step."""

    def __init__(self, plan: TransferPlan, strength: float) -> None:
        """Remember the weights.

        Args:
            plan: The plan, its network as the training begins with it, on its device.
            strength: The factor α.
        """
        self.strength = strength
        # The parameter, what it was, and which of its values are the source's (1) or new (0); None where all are.
        self._carried: list[tuple[nn.Parameter, Tensor, Tensor | None]] = []
        self._adapters: list[LowRank] = []
        if plan.mapping is None or not strength:
            return
        carried = {entry.name for entry in plan.mapping.entries if entry.status in ("loaded", "adapted")}
        for name, parameter in plan.network.named_parameters():
            if name in carried and name.rpartition(".")[0] in plan.trainable:
                fresh = plan.mapping.fresh.get(name)
                kept = None if fresh is None else (~fresh).to(parameter.device, parameter.dtype)
                self._carried.append((parameter, parameter.detach().clone(), kept))
        for name, module in plan.network.named_modules():
            # What an adapter adds to a weight is the whole of its way from the source.
            if isinstance(module, LowRank) and f"{name.removesuffix(NAME)}weight" in carried:
                self._adapters.append(module)

    def add_gradient(self) -> None:
        """Add the gradient of the penalty to the gradients that there are."""
        for parameter, start, kept in self._carried:
            if parameter.grad is not None:
                away = parameter.detach() - start
                parameter.grad.add_(away if kept is None else away * kept, alpha=self.strength)
        for adapter in self._adapters:
            up, down = adapter.up.detach(), adapter.down.detach()
            added = up @ down
            if adapter.up.grad is not None and adapter.down.grad is not None:
                adapter.up.grad.add_(added @ down.T, alpha=self.strength)
                adapter.down.grad.add_(up.T @ added, alpha=self.strength)
