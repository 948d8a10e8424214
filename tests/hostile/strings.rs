//! Texts that do something where they are not expected.

/// Every text field of a run but its id and its statuses.
pub(crate) const TEXTS: [&str; 13] = [
    "system",
    "account",
    "source",
    "source_type",
    "collection",
    "scan",
    "run_type",
    "trigger",
    "category",
    "file_reader",
    "error_code",
    "error_message",
    "error_phase",
];

/// One text for each way to do harm that we know of. All differ, and none is blank.
#[rustfmt::skip]
pub(crate) const HOSTILE: &[&str] = &[
    // Elements, and ways out of those that hold text only.
    "<script>alert(1)</script>",
    "</script><script>alert(2)</script>",
    "</style><style>*{display:none}</style>",
    "</svg><svg onload=alert(3)>",
    "</title></head><body onload=alert(4)>",
    "</table></div></section><h1>gone</h1>",
    "</td></tr><tr><td>one more row",
    "</details><details open><summary>x",
    "</bdi></small></th><th scope=col>",
    "<img src=x onerror=alert(5)>",
    "<iframe srcdoc='&lt;p&gt;'></iframe>",
    "<meta http-equiv=refresh content='0;url=https://x.example'>",
    "<base href='https://x.example/'>",
    "<link rel=stylesheet href=//x.example/a.css>",
    "<form action=https://x.example><input name=a autofocus onfocus=alert(6)>",
    "<!-- never closed",
    "--><b>bold</b>",
    "<![CDATA[<x>]]>",
    "<?php echo 1 ?><!DOCTYPE html>",
    "<textarea><plaintext><noscript><template>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;x&gt;'>",
    "&lt;b&gt; &amp;lt; &#60;i&#62; &copy &notit; &#x110000;",
    "<a\u{c}href=x\u{b}y>\u{1}<\0script>",
    // Attributes.
    "\" onmouseover=\"alert(7)",
    "' onfocus='alert(8)' autofocus='",
    "x\" style=\"position:fixed;inset:0",
    "` onclick=alert(9) `",
    "a=b id=main class=bad title=\"\"",
    // Addresses.
    "javascript:alert(10)",
    "JaVaScRiPt\u{9}:alert(11)",
    "data:text/html;base64,PHNjcmlwdD4=",
    "vbscript:msgbox(12)",
    "https://x.example/?a=1&b=<2>#top",
    "//x.example/a.png",
    "www.x.example/path mailto:a@x.example",
    // Styles and drawings.
    "url(https://x.example/a.png)",
    "expression(alert(13));behavior:url(#x)",
    "}body{background:red}/*",
    "M0 0L9 9\" fill=\"url(#a)",
    "<set attributeName=href to=javascript:alert(14)>",
    "<use href=data:image/svg+xml,x />",
    // Templates and placeholders.
    "{{7*7}} {% include 'x' %} {# gone #}",
    "${7*7} #{7*7} <%= 7*7 %> [[7]]",
    "%s%n%x %d {0} {} \\u0041",
    "$HOME `id` $(id) ; id | id && id > /tmp/x",
    "%PATH% !x! ^& cmd",
    "'; DROP TABLE runs; --",
    "\" OR \"\"=\"",
    // Markdown.
    "| a | b |\n| --- | --- |\n| c | d |",
    "``` code ```` ~~~",
    "[text](https://x.example) ![picture](https://x.example/p.png)",
    "[a]: https://x.example \"title\"",
    "<https://x.example> https://x.example.",
    "@everyone @org/team please look at #123 and GH-7, org/repo#9 !45",
    "# heading\n\n- [ ] task\n1. one\n> quoted\n\n---",
    "**bold** __bold__ *it* _it_ ~~gone~~ ==mark== $x$ :smile:",
    "<details>\n<summary>mine</summary>\n\nhidden",
    "\\| \\` \\\\ \\<b>",
    // Terminals.
    "\u{1b}[2J\u{1b}[31mred\u{1b}[0m",
    "\u{1b}]8;;https://x.example\u{1b}\\link\u{1b}]8;;\u{1b}\\",
    "\u{1b}]0;title\u{7}\u{1b}P1$r\u{9c}",
    "\u{9b}31m one byte \u{90}x\u{9c}\u{85}next",
    "over\rwritten\u{8}\u{8}\u{7f}",
    "nul\0 bell\u{7} tab\tfeed\u{c}",
    // Characters that turn or hide.
    "runs\u{202e}gpj.exe",
    "\u{2066}a\u{2069} \u{202d}b\u{202c} \u{200f}c\u{61c}",
    "zero\u{200b}width\u{2060}join\u{feff}er\u{ad}soft",
    "line\u{2028}sep\u{2029}para",
    "tag\u{e0041}\u{e007f} note\u{fff9}a\u{fffa}b\u{fffb}",
    "\u{fdd0} \u{ffff} \u{1fffe} private \u{e000}",
    // Spreadsheets.
    "=1+1",
    "=cmd|'/c calc'!A0",
    "+41 79 000 00 00",
    "-2+3",
    "@SUM(A1:A9)",
    "\u{ff1d}1+1 full width",
    "\u{ff20}SUM(A1)",
    "a;=1+1;b",
    " \u{a0}=HYPERLINK(\"https://x.example\";\"x\")",
    "one\n=two\n+three",
    // Names of files.
    "../../../../etc/passwd",
    "..\\..\\windows\\system32",
    "CON",
    "nul.csv.",
    "~/.ssh/id",
    "*?[a-z]{x,y}",
    "--output=x.html",
    // Scripts and pictures.
    "مرحبا abc ١٢٣",
    "שלום (abc) 123",
    "e\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307} Z\u{33f}\u{489}",
    "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇨🇭",
    "ﷺ ꧁ 𝕳𝖊𝖑𝖑𝖔 ｆｕｌｌ Ⅷ ǅ ẞ ı İ",
    "می\u{200c}خواهم क\u{200d}ष",
    "日本語の名前｜、。〈〉",
    // Words that stand for values.
    "null", "undefined", "NaN", "-Infinity", "true", "1e309", "0x10", "١",
    "(not named)", "others", "–",
    // Length.
    "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn",
    "日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本",
    "a b a b a b a b a b a b a b a b a b a b a b a b a b a b a b a b a b a b a b a b a b a b a b a b a b a b a b a b a b a b a b a b a b a b",
];

#[test]
fn there_are_enough_and_they_differ() {
    let mut known = std::collections::BTreeSet::new();
    for text in HOSTILE {
        assert!(
            !text.trim().is_empty() && known.insert(text.trim()),
            "{text:?}"
        );
        // Messages are cut behind 500 characters, which would be another page.
        assert!(text.chars().count() <= 400, "{text:?}");
    }
    assert!(HOSTILE.len() >= 100, "{}", HOSTILE.len());
    assert!(HOSTILE.iter().any(|text| text.len() >= 300));
    // Every kind of character that acts is among them.
    for c in [
        '\0', '\u{7}', '\u{1b}', '\u{7f}', '\u{85}', '\u{9b}', '\u{ad}', '\u{202e}', '\u{2028}',
        '\u{feff}',
    ] {
        assert!(
            HOSTILE.iter().any(|text| text.contains(c)),
            "U+{:04X}",
            u32::from(c)
        );
    }
}
