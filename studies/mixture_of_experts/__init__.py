"""One network for many instruments and market regimes: an article's claims made measurements."""
