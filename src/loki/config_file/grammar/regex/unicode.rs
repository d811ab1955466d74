//! Unicode classes by name.

use super::{Flavour, error};

/// Go's package unicode, Categories.
const CATEGORIES: &str = "Any C Cc Cf Cn Co Cs L LC Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk \
                          Sm So Z Zl Zp Zs";

/// Go's package unicode, Scripts, of Unicode 15.
const SCRIPTS: &str = "Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak Bengali \
                       Bhaiksuki Bopomofo Brahmi Braille Buginese Buhid Canadian_Aboriginal Carian Caucasian_Albanian \
                       Chakma Cham Cherokee Chorasmian Common Coptic Cuneiform Cypriot Cypro_Minoan Cyrillic Deseret \
                       Devanagari Dives_Akuru Dogra Duployan Egyptian_Hieroglyphs Elbasan Elymaic Ethiopic Georgian \
                       Glagolitic Gothic Grantha Greek Gujarati Gunjala_Gondi Gurmukhi Han Hangul Hanifi_Rohingya Hanunoo \
                       Hatran Hebrew Hiragana Imperial_Aramaic Inherited Inscriptional_Pahlavi Inscriptional_Parthian \
                       Javanese Kaithi Kannada Katakana Kawi Kayah_Li Kharoshthi Khitan_Small_Script Khmer Khojki \
                       Khudawadi Lao Latin Lepcha Limbu Linear_A Linear_B Lisu Lycian Lydian Mahajani Makasar Malayalam \
                       Mandaic Manichaean Marchen Masaram_Gondi Medefaidrin Meetei_Mayek Mende_Kikakui Meroitic_Cursive \
                       Meroitic_Hieroglyphs Miao Modi Mongolian Mro Multani Myanmar Nabataean Nag_Mundari Nandinagari \
                       New_Tai_Lue Newa Nko Nushu Nyiakeng_Puachue_Hmong Ogham Ol_Chiki Old_Hungarian Old_Italic \
                       Old_North_Arabian Old_Permic Old_Persian Old_Sogdian Old_South_Arabian Old_Turkic Old_Uyghur Oriya \
                       Osage Osmanya Pahawh_Hmong Palmyrene Pau_Cin_Hau Phags_Pa Phoenician Psalter_Pahlavi Rejang Runic \
                       Samaritan Saurashtra Sharada Shavian Siddham SignWriting Sinhala Sogdian Sora_Sompeng Soyombo \
                       Sundanese Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le Tai_Tham Tai_Viet Takri Tamil Tangsa Tangut \
                       Telugu Thaana Thai Tibetan Tifinagh Tirhuta Toto Ugaritic Vai Vithkuqi Wancho Warang_Citi Yezidi Yi \
                       Zanabazar_Square";

/// Go's package unicode, CategoryAliases, by their canonical names.
const ALIASES: [&str; 42] = [
    "Casedletter",
    "Closepunctuation",
    "Combiningmark",
    "Connectorpunctuation",
    "Control",
    "Currencysymbol",
    "Dashpunctuation",
    "Decimalnumber",
    "Enclosingmark",
    "Finalpunctuation",
    "Format",
    "Initialpunctuation",
    "Letter",
    "Letternumber",
    "Lineseparator",
    "Lowercaseletter",
    "Mark",
    "Mathsymbol",
    "Modifierletter",
    "Modifiersymbol",
    "Nonspacingmark",
    "Number",
    "Openpunctuation",
    "Other",
    "Otherletter",
    "Othernumber",
    "Otherpunctuation",
    "Othersymbol",
    "Paragraphseparator",
    "Privateuse",
    "Punctuation",
    "Separator",
    "Spaceseparator",
    "Spacingmark",
    "Surrogate",
    "Symbol",
    "Titlecaseletter",
    "Unassigned",
    "Uppercaseletter",
    "Cntrl",
    "Digit",
    "Punct",
];

/// parse.go, parseUnicodeClass: what follows the `\pL` or `\p{Greek}` that begins the text.
pub(super) fn class(text: &str, flavour: Flavour) -> Result<&str, String> {
    let mut chars = text[2..].chars();
    let Some(char) = chars.next() else {
        // An empty name.
        return Err(error("invalid character class range", text));
    };
    let (sequence, name, rest) = if char == '{' {
        let Some(end) = text.find('}') else { return Err(error("invalid character class range", text)) };
        (&text[..=end], &text[3..end], &text[end + 1..])
    } else {
        let sequence = &text[..text.len() - chars.as_str().len()];
        (sequence, &sequence[2..], chars.as_str())
    };
    let name = name.strip_prefix('^').unwrap_or(name);
    let known = if flavour.loose_names { is_loose_name(name) } else { is_name(name) };
    if known { Ok(rest) } else { Err(error("invalid character class range", sequence)) }
}

fn is_name(name: &str) -> bool {
    [CATEGORIES, SCRIPTS].iter().any(|names| names.split(' ').any(|known| known == name))
}

/// parse.go, unicodeTable since Go 1.25. It looks scripts up by their canonical names, too, so that those of two words
/// are found no more.
fn is_loose_name(name: &str) -> bool {
    let name = canonical(name);
    matches!(name.as_str(), "Assigned" | "Ascii" | "Lc") || is_name(&name) || ALIASES.contains(&name.as_str())
}

/// parse.go, canonicalName.
fn canonical(name: &str) -> String {
    let letters = name.chars().filter(|char| !matches!(char, '_' | '-' | ' '));
    let cased = |(index, char): (usize, char)| match index {
        0 => char.to_ascii_uppercase(),
        _ => char.to_ascii_lowercase(),
    };
    letters.enumerate().map(cased).collect()
}
