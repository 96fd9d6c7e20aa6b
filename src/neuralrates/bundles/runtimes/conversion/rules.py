"""All rules: each module adds its own when it is imported."""

from neuralrates.bundles.runtimes.conversion import bending_rules as bending_rules
from neuralrates.bundles.runtimes.conversion import branch_rules as branch_rules
from neuralrates.bundles.runtimes.conversion import index_rules as index_rules
from neuralrates.bundles.runtimes.conversion import known_rules as known_rules
from neuralrates.bundles.runtimes.conversion import linear_rules as linear_rules
from neuralrates.bundles.runtimes.conversion import network_rules as network_rules
from neuralrates.bundles.runtimes.conversion import product_rules as product_rules
from neuralrates.bundles.runtimes.conversion.writer import RULES as RULES
