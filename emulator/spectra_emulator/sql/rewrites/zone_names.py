"""Time zone abbreviations, each with its fixed offset.

Source: "Time zone abbreviations"; the offsets are those of PostgreSQL's default set. Those whose offset its versions
disagree about are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_MINUTES_IN_HOUR = 60
_HOURS: Mapping[float, str] = {
    -11: "NUT",
    -10: "HST TAHT",
    -9.5: "MART",
    -9: "AKST GAMT",
    -8: "AKDT PST",
    -7: "MST PDT",
    -6: "CST GALT MDT",
    -5: "ACT CDT COT EST PET",
    -4: "AMT AST BOT CLT EDT GYT PYT",
    -3.5: "NST",
    -3: "ADT ART BRA BRT CLST FKST GFT PMST PYST UYT WGT",
    -2.5: "NDT",
    -2: "ARST BRST FNT PMDT UYST WGST",
    -1: "AZOT EGT FNST",
    0: "AZOST EGST GMT UCT UT UTC WET Z ZULU",
    1: "BST CET MET MEZ WAT WETDST",
    2: "CEST CETDST EET IST MEST METDST",
    3: "EAT EEST EETDST FET IDT MSK",
    3.5: "IRT",
    4: "AZT MSD MUT RET SCT",
    4.5: "AFT",
    5: "AZST MAWT MUST MVT PKT TFT TJT TMT UZT",
    5.5: "LKT",
    5.75: "NPT",
    6: "ALMT BDT BTT IOT KGT PKST UZST",
    6.5: "MMT",
    7: "ALMST CXT DAVT ICT",
    8: "AWST BNT BORT CCT HKT MYT PHT SGT ULAT WADT",
    9: "AWSST JAYT JST KST PWT ULAST WDT",
    9.5: "ACST CAST",
    10: "AEST CHUT DDUT KDT LIGT MPT PGT TRUT YAPT",
    10.5: "ACSST CADT SADT",
    11: "AESST KOST PONT VUT",
    12: "FJT GILT MHT NZST NZT TVT WAKT WFT",
    12.75: "CHAST",
    13: "NZDT PHOT TKT TOT",
    13.75: "CHADT",
    14: "LINT",
}

ABBREVIATIONS: Mapping[str, int] = MappingProxyType(
    {name: round(hours * _MINUTES_IN_HOUR) for hours, names in _HOURS.items() for name in names.split()}
)
"""Minutes east of UTC by upper-case abbreviation."""
