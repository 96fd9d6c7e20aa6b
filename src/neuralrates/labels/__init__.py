"""Floor 7: data with differentials, honest about its noise; made, checked and kept on disk."""

from neuralrates.labels.exact import exact_labels as exact_labels
from neuralrates.labels.labels import Labels as Labels
from neuralrates.labels.panel import Panel as Panel
from neuralrates.labels.sampled import sampled_payoffs as sampled_payoffs
