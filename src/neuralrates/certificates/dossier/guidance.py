"""Guidance on model risk that is in force, and which sections of a dossier speak to which part of it.

Parts are named as the issuers' own pages name them; where a text was not at hand in full, no section or paragraph is cited. A
dossier is evidence for those who answer for a model. It is no validation: independence, tiering and approval are a firm's own.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Guidance:
    """A text, and the parts of it that a dossier can help with.

    Args:
        name: as it is cited
        issuer: who issued it, and when
        scope: to whom and to what it applies, as far as that matters here
        basis: what these lines were written from
        parts: name of the part, and ids of the sections of the dossier that speak to it
    """

    name: str
    issuer: str
    scope: str
    basis: str
    parts: tuple[tuple[str, tuple[str, ...]], ...]


GUIDANCE = (
    Guidance(
        name="SR 26-2, Revised Guidance on Model Risk Management",
        issuer="Board of Governors of the Federal Reserve System, with OCC (Bulletin 2026-13) and FDIC, 17 April 2026; "
        "supersedes SR 11-7 and SR 21-8",
        scope="Expected to be most relevant to banking organizations with over $30 billion in total assets; "
        "risk-based, tailored to the size and complexity of the organization and its use of models",
        basis="The letter SR 26-2 and OCC Bulletin 2026-13, whose summary names the parts below",
        parts=(
            ("Overview of model risk and model risk management", ("purpose", "limits")),
            (
                "Model development and model use",
                ("purpose", "theory", "lineage", "development", "limits"),
            ),
            (
                "Model validation and monitoring",
                (
                    "challengers",
                    "accuracy",
                    "worst",
                    "greeks",
                    "bounds",
                    "explainability",
                    "monitoring",
                ),
            ),
            ("Governance and controls", ("limits", "monitoring", "replication")),
            (
                "Vendor and other third-party products (this package is one for whoever uses it)",
                ("lineage", "development", "replication"),
            ),
        ),
    ),
    Guidance(
        name="SS1/23, Model risk management principles for banks",
        issuer="Prudential Regulation Authority, 17 May 2023, in force since 17 May 2024",
        scope="UK-incorporated banks, building societies and PRA-designated investment firms with internal model approval "
        "for regulatory capital",
        basis="The Bank of England's page of SS1/23, which names the five principles",
        parts=(
            (
                "Principle 1 – Model identification and model risk classification",
                ("purpose", "replication"),
            ),
            ("Principle 2 – Governance", ("limits",)),
            (
                "Principle 3 – Model development, implementation and use",
                ("purpose", "theory", "lineage", "development", "explainability", "replication"),
            ),
            (
                "Principle 4 – Independent model validation",
                ("challengers", "accuracy", "worst", "greeks", "bounds", "monitoring"),
            ),
            ("Principle 5 – Model risk mitigants", ("limits", "monitoring")),
        ),
    ),
    Guidance(
        name="ECB guide to internal models, section on machine learning",
        issuer="European Central Bank, revised version of 28 July 2025",
        scope="Internal models for own funds requirements; the section on machine learning holds across risk types. A pricing "
        "surrogate comes under it where such a model uses it",
        basis="Published summaries of the revised guide (Grant Thornton, Finalyse and KPMG, 2025), naming the themes below; "
        "no paragraph is cited",
        parts=(
            ("Robust and replicable methodology", ("development", "replication")),
            ("Complexity justified by performance", ("challengers", "accuracy")),
            ("Explainability", ("theory", "explainability")),
            ("Documentation of scope and limitations", ("purpose", "lineage", "limits")),
            ("Human oversight, outputs and overrides", ("limits", "monitoring")),
        ),
    ),
)
