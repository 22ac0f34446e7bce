"""Countries as files spell them."""

from functools import lru_cache

# What exports say and the Unicode list of country names does not.
_OTHER_NAMES = {
    "brunei darussalam": "BN",
    "czech republic": "CZ",
    "eire": "IE",
    "england": "GB",
    "great britain": "GB",
    "holland": "NL",
    "hong kong": "HK",
    "iran, islamic republic of": "IR",
    "ivory coast": "CI",
    "korea": "KR",
    "korea, republic of": "KR",
    "macao": "MO",
    "macau": "MO",
    "macedonia": "MK",
    "moldova, republic of": "MD",
    "myanmar": "MM",
    "palestine": "PS",
    "republic of ireland": "IE",
    "republic of korea": "KR",
    "rsa": "ZA",
    "russian federation": "RU",
    "swaziland": "SZ",
    "syrian arab republic": "SY",
    "taiwan, province of china": "TW",
    "tanzania, united republic of": "TZ",
    "the netherlands": "NL",
    "turkey": "TR",
    "u.k.": "GB",
    "u.s.": "US",
    "u.s.a.": "US",
    "uae": "AE",
    "uk": "GB",
    "united states of america": "US",
    "usa": "US",
    "viet nam": "VN",
}


def iso_country(text: str) -> tuple[str, str] | None:
    """ISO code and English name of the country that `text` names or codes; None for anything else."""
    codes, names = _iso_countries()
    code = text if text in names else codes.get(text.casefold())
    return (code, names[code]) if code else None


@lru_cache(maxsize=1)
def _iso_countries() -> tuple[dict[str, str], dict[str, str]]:
    """Codes by casefolded English name, and names by code."""
    from babel import Locale

    # Two letters without a digit, less what is no country: European Union, Eurozone, unknown ...
    no_countries = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}
    names = {
        code: str(name)
        for code, name in Locale("en").territories.items()
        if len(code) == 2 and code.isalpha() and code not in no_countries
    }
    return {name.casefold(): code for code, name in names.items()} | _OTHER_NAMES, names
