"""Letters that Unicode does not decompose to ASCII, and how they are written in a file name.

Latin letters as their own countries' passports write them, Greek after ISO 843, Cyrillic after the
table of ICAO Doc 9303, part 3, section 6 B. Lower case only; capitals follow.
"""

from __future__ import annotations

_LATIN = {
    "ß": "ss", "ẞ": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th",
    "ħ": "h", "ı": "i", "ĸ": "k", "ŋ": "n", "ŧ": "t", "ŀ": "l", "ŉ": "n", "ſ": "s", "ƀ": "b",
    "ɓ": "b", "ƈ": "c", "ɖ": "d", "ɗ": "d", "ə": "e", "ǝ": "e", "ɛ": "e", "ƒ": "f", "ɠ": "g",
    "ɣ": "g", "ɨ": "i", "ɩ": "i", "ƙ": "k", "ɔ": "o", "ɵ": "o", "ƥ": "p", "ʀ": "r", "ʃ": "sh",
    "ƭ": "t", "ʈ": "t", "ʊ": "u", "ʋ": "v", "ƴ": "y", "ƶ": "z", "ʒ": "z", "ʔ": "", "ʼ": "", "ʹ": "",
    "ʻ": "",
}  # fmt: skip

_GREEK = {
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i",
    "κ": "k", "λ": "l", "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s",
    "ς": "s", "τ": "t", "υ": "y", "φ": "f", "χ": "ch", "ψ": "ps", "ω": "o",
}  # fmt: skip

_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z",
    "и": "i", "й": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r",
    "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh",
    "щ": "shch", "ъ": "ie", "ы": "y", "ь": "", "э": "e", "ю": "iu", "я": "ia", "ѣ": "ie",
    "і": "i", "ї": "i", "є": "ie", "ґ": "g", "ў": "u", "ђ": "d", "ј": "j", "љ": "lj", "њ": "nj",
    "ћ": "c", "џ": "dz", "ѓ": "g", "ќ": "k", "ѕ": "dz", "ѫ": "u", "ѵ": "y", "ғ": "g", "қ": "k",
    "ң": "n", "ө": "o", "ұ": "u", "ү": "u", "һ": "h", "ә": "a", "җ": "j",
}  # fmt: skip

#: Lower-case letter → ASCII.
LETTERS: dict[str, str] = {**_LATIN, **_GREEK, **_CYRILLIC}
