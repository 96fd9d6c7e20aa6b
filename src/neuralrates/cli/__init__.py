"""The command line. Nothing heavy is imported before a command runs."""

from neuralrates.cli.app import main as main
