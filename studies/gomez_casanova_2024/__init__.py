"""Deep joint learning of Bermudan swaptions: the experiments of Gomez Casanova et al. (2024), and beyond."""
