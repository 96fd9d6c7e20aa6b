"""Networks: dense layers, mixtures of experts, and differentials carried forward through them."""
