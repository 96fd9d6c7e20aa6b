"""The command line. Nothing heavy is imported before a command runs."""

from neuralrates.cli.entry import main as main
