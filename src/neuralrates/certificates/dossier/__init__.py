"""A surrogate's dossier: what a model-risk reader asks, answered from the certificate and from fresh reference prices."""
