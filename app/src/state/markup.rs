//! What people type to give their words a form: links, @mentions, `code`, **bold**, *italic*, quotes,
//! lists and blocks of code. The text becomes a tree of known parts, so that whatever it holds stays text.
//!
//! What is no form stays as it was typed, to the letter: a star between two numbers is a star. A text is
//! read once from its beginning to its end, and no part lies deeper than four in another. Bytes are looked
//! at and not characters, because every sign is ASCII and every visitor downloads this.

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node<'a> {
    Text(&'a str),
    Element(Kind, Vec<Node<'a>>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Bold,
    Code,
    CodeBlock,
    Italic,
    Item,
    /// An address, which is shown as it was typed.
    Link,
    List,
    /// `@` and a name, be it somebody's or not.
    Mention,
    Quote,
}

/// Schemes of addresses that a browser may follow from here.
const SCHEMES: [&[u8]; 3] = [b"https://", b"http://", b"mailto:"];
/// The line before and behind a block of code.
const FENCE: &[u8] = b"```";

/// The parts of a text. One that has no form is one part, with the same words.
pub fn parse(text: &str) -> Vec<Node<'_>> {
    let mut nodes = Vec::new();
    let (mut at, mut plain) = (0, 0);
    while at < text.len() {
        match block(text, at) {
            Some((node, end)) => {
                // The line before ends where the block begins.
                inline(&text[plain..at.saturating_sub(1).max(plain)], 0, &mut nodes);
                nodes.push(node);
                at = end;
                plain = end;
            }
            None => at = line_end(text, at) + 1,
        }
    }
    inline(text.get(plain..).unwrap_or_default(), 0, &mut nodes);
    nodes
}

/// The words alone, without the signs that give them a form.
pub fn words(text: &str) -> String {
    let mut words = String::new();
    say(&parse(text), &mut words);
    words
}

fn say(nodes: &[Node<'_>], words: &mut String) {
    for node in nodes {
        match node {
            Node::Text(text) => words.push_str(text),
            Node::Element(kind, inside) => {
                // What stood on a line of its own.
                let is_apart = matches!(kind, Kind::CodeBlock | Kind::Item | Kind::Quote);
                if is_apart && words.ends_with(|last: char| !last.is_whitespace()) {
                    words.push(' ');
                }
                say(inside, words);
                if is_apart {
                    words.push(' ');
                }
            }
        }
    }
}

/// Where the line ends that begins here: at its end, or that of the text.
fn line_end(text: &str, mut at: usize) -> usize {
    while byte(text, at).is_some_and(|byte| byte != b'\n') {
        at += 1;
    }
    at.min(text.len())
}

fn byte(text: &str, at: usize) -> Option<u8> {
    text.as_bytes().get(at).copied()
}

fn starts(text: &str, at: usize, with: &[u8]) -> bool {
    let there = text.as_bytes().get(at..at + with.len());
    there.is_some_and(|there| there.eq_ignore_ascii_case(with))
}

fn is_space(byte: u8) -> bool {
    byte <= b' '
}

/// The block that begins with this line, and where the next line begins.
fn block(text: &str, at: usize) -> Option<(Node<'_>, usize)> {
    match byte(text, at)? {
        b'`' => code_block(text, at),
        b'>' => quote(text, at),
        _ => list(text, at),
    }
}

fn code_block(text: &str, at: usize) -> Option<(Node<'_>, usize)> {
    let first_end = line_end(text, at);
    if !starts(text, at, FENCE) || text[at..first_end].bytes().any(is_space) {
        return None;
    }
    // What language it is, if somebody has said so, is the first line of the block.
    let is_named = first_end > at + FENCE.len();
    let begin = if is_named {
        at + FENCE.len()
    } else {
        first_end + 1
    };
    let mut line = first_end + 1;
    while !starts(text, line, FENCE) {
        if line >= text.len() {
            return None;
        }
        line = line_end(text, line) + 1;
    }
    let end = line_end(text, line);
    if end > line + FENCE.len() {
        return None;
    }
    let code = &text[begin..(line - 1).max(begin)];
    Some((
        Node::Element(Kind::CodeBlock, vec![Node::Text(code)]),
        end + 1,
    ))
}

/// A space has to follow, or a face like >:( would lose its brow.
fn quote(text: &str, mut at: usize) -> Option<(Node<'_>, usize)> {
    let mut nodes = Vec::new();
    while starts(text, at, b"> ") {
        if !nodes.is_empty() {
            nodes.push(Node::Text("\n"));
        }
        let end = line_end(text, at);
        inline(&text[at + 2..end], 0, &mut nodes);
        at = end + 1;
    }
    (!nodes.is_empty()).then_some((Node::Element(Kind::Quote, nodes), at))
}

/// Items with dashes. Numbers are as good a form as a list of them would be, and stay as they are.
fn list(text: &str, mut at: usize) -> Option<(Node<'_>, usize)> {
    let mut items = Vec::new();
    while starts(text, at, b"- ") || starts(text, at, b"* ") {
        let end = line_end(text, at);
        let mut nodes = Vec::new();
        inline(&text[at + 2..end], 0, &mut nodes);
        items.push(Node::Element(Kind::Item, nodes));
        at = end + 1;
    }
    // One dash is a dash.
    (items.len() > 1).then_some((Node::Element(Kind::List, items), at))
}

/// The parts of a line or several, without those `inside` of which they are.
fn inline<'a>(text: &'a str, inside: u8, nodes: &mut Vec<Node<'a>>) {
    let (mut at, mut plain) = (0, 0);
    // Marks that nothing closes in this line: nobody looks for their ends a second time.
    let mut open = 0;
    while let Some(sign) = byte(text, at) {
        if sign == b'\n' {
            open = 0;
        }
        let begins_word = at == 0 || !text.as_bytes()[at - 1].is_ascii_alphanumeric();
        if begins_word && let Some((node, end)) = part(text, at, inside, &mut open) {
            push_text(&text[plain..at], nodes);
            nodes.push(node);
            at = end;
            plain = end;
            continue;
        }
        at += 1;
        // A run of the same sign is looked at once.
        while matches!(sign, b'*' | b'`') && byte(text, at) == Some(sign) {
            at += 1;
        }
    }
    push_text(&text[plain..], nodes);
}

fn push_text<'a>(text: &'a str, nodes: &mut Vec<Node<'a>>) {
    if !text.is_empty() {
        nodes.push(Node::Text(text));
    }
}

/// The part that begins here, if one does, and where it ends.
fn part<'a>(text: &'a str, at: usize, inside: u8, open: &mut u8) -> Option<(Node<'a>, usize)> {
    let sign = byte(text, at)?;
    let is_twice = byte(text, at + 1) == Some(sign);
    let (kind, flag, width) = match sign {
        b'`' => (Kind::Code, 1, 1),
        b'*' if is_twice => (Kind::Bold, 2, 2),
        b'*' => (Kind::Italic, 4, 1),
        b'h' | b'H' | b'm' | b'M' => {
            let end = address(text, at)?;
            let node = Node::Element(Kind::Link, vec![Node::Text(&text[at..end])]);
            return Some((node, end));
        }
        b'@' => {
            let end = name_end(text, at + 1);
            let node = Node::Element(Kind::Mention, vec![Node::Text(&text[at..end])]);
            return (end > at + 1).then_some((node, end));
        }
        _ => return None,
    };
    let begin = at + width;
    let first = byte(text, begin)?;
    if (inside | *open) & flag != 0 || is_space(first) || first == sign {
        return None;
    }
    let Some(end) = closing(text, begin, sign, width) else {
        *open |= flag;
        return None;
    };
    let mut nodes = Vec::new();
    if kind == Kind::Code {
        nodes.push(Node::Text(&text[begin..end]));
    } else {
        inline(&text[begin..end], inside | flag, &mut nodes);
    }
    Some((Node::Element(kind, nodes), end + width))
}

/// Where a username ends that begins here. What ends a sentence is not part of it.
fn name_end(text: &str, begin: usize) -> usize {
    let mut end = begin;
    while byte(text, end)
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
    {
        end += 1;
    }
    while end > begin && text.as_bytes()[end - 1] == b'.' {
        end -= 1;
    }
    end
}

/// Where the mark stands that closes what begins here: at the end of a word, in the same line, and not as a
/// part of another mark.
fn closing(text: &str, begin: usize, sign: u8, width: usize) -> Option<usize> {
    let (mut at, mut before) = (begin + 1, byte(text, begin)?);
    while let Some(here) = byte(text, at)
        && here != b'\n'
    {
        let is_mark = here == sign && (width == 1 || byte(text, at + 1) == Some(sign));
        let after = byte(text, at + width).unwrap_or(b' ');
        let ends_word = !is_space(before) && !after.is_ascii_alphanumeric();
        if is_mark && ends_word && before != sign && after != sign {
            return Some(at);
        }
        before = here;
        at += 1;
    }
    None
}

/// Where the address ends that begins here. What ends a sentence is not part of it, nor is a bracket that
/// was not opened in it.
fn address(text: &str, at: usize) -> Option<usize> {
    let scheme = SCHEMES
        .into_iter()
        .find(|scheme| starts(text, at, scheme))?;
    let bytes = text.as_bytes();
    let (mut end, mut depth) = (at, 0_i32);
    while let Some(byte) = bytes.get(end).copied() {
        // Typographic quotes, spaces and dashes end it, and so do characters that would turn the direction
        // of what follows: U+2000 to U+207F.
        let is_typographic = byte == 0xe2 && matches!(bytes.get(end + 1), Some(0x80 | 0x81));
        if is_space(byte) || is_typographic || matches!(byte, b'<' | b'>' | b'"' | b'`' | 0x7f) {
            break;
        }
        depth += i32::from(byte == b'(') - i32::from(byte == b')');
        end += 1;
    }
    loop {
        match bytes[end - 1] {
            b')' if depth < 0 => depth += 1,
            b'.' | b',' | b':' | b';' | b'!' | b'?' | b'\'' | b'*' => {}
            _ => break,
        }
        end -= 1;
    }
    (end > at + scheme.len()).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tree as text: `<` and `>` around what a part holds, behind what it is.
    fn written(nodes: &[Node]) -> String {
        let part = |node: &Node| match node {
            Node::Text(text) => (*text).to_owned(),
            Node::Element(kind, inside) => {
                let name = format!("{kind:?}").to_lowercase();
                format!("{name}<{}>", written(inside))
            }
        };
        nodes.iter().map(part).collect()
    }

    #[test]
    fn the_words_of_a_text_are_what_its_signs_stand_around() {
        for (text, expected) in [
            ("plain, 2 * 3 * 4", "plain, 2 * 3 * 4"),
            ("**bold** and *italic*, `code`", "bold and italic, code"),
            ("> who?\n- one\n- two\nand so on", "who? one two and so on"),
            ("look:\n- one\n- two", "look: one two"),
            ("look:\n> what\nand\n```\ncode\n```", "look: what and code"),
        ] {
            let said = words(text);
            let one_line: Vec<&str> = said.split_whitespace().collect();
            assert_eq!(one_line.join(" "), expected);
        }
    }

    #[test]
    fn a_mention_is_an_at_sign_and_a_name_at_the_beginning_of_a_word() {
        assert_all(&[
            ("@bob", "mention<@bob>"),
            ("hello @bob.", "hello mention<@bob>."),
            ("**@a.b-c_d**!", "bold<mention<@a.b-c_d>>!"),
            ("(@Bob, @carol)", "(mention<@Bob>, mention<@carol>)"),
            ("me@example.org", "me@example.org"),
            ("@ bob, @!", "@ bob, @!"),
            ("`@bob`", "code<@bob>"),
        ]);
    }

    fn assert_all(cases: &[(&str, &str)]) {
        for (text, expected) in cases {
            assert_eq!(written(&parse(text)), *expected, "{text:?}");
        }
    }

    #[test]
    fn words_can_be_bold_italic_and_code() {
        assert_all(&[
            ("a **b c** d", "a bold<b c> d"),
            ("*a* and `b * c`", "italic<a> and code<b * c>"),
            ("**a *b* c**", "bold<a italic<b> c>"),
            ("*a **b** `c`*", "italic<a bold<b> code<c>>"),
            ("(**a**)!", "(bold<a>)!"),
            ("`**a**`", "code<**a**>"),
        ]);
    }

    #[test]
    fn what_is_no_form_stays_as_it_was_typed() {
        for text in [
            "",
            "a",
            "2 * 3 * 4",
            "2*3*4",
            "a * b*",
            "**a",
            "*a",
            "`a",
            "* a*",
            "****",
            "a**b**c",
            "*a\nb*",
            "- one",
            "1. one",
            "2026. a",
            "> ",
            ">:(",
            ">_<",
            "```",
            "```rust",
            "a_b_c",
            "http://",
            "javascript:alert(1)",
            "ahttps://a",
            "data:text/html,a",
            "<b>a</b>",
        ] {
            let same = parse(text).iter().all(|node| matches!(node, Node::Text(_)));
            assert!(same, "{text:?}: {:?}", parse(text));
        }
    }

    #[test]
    fn addresses_are_links_without_the_end_of_the_sentence() {
        assert_all(&[
            ("see https://a.b/c?d=e#f.", "see link<https://a.b/c?d=e#f>."),
            ("(http://a.b/c_(d)).", "(link<http://a.b/c_(d)>)."),
            (
                "HTTPS://A.B, mailto:a@b.c!",
                "link<HTTPS://A.B>, link<mailto:a@b.c>!",
            ),
            ("**https://a.b**", "bold<link<https://a.b>>"),
            ("`https://a.b`", "code<https://a.b>"),
            ("<https://a.b>", "<link<https://a.b>>"),
            ("https://a.b/é\u{202e}c", "link<https://a.b/é>\u{202e}c"),
        ]);
    }

    #[test]
    fn lines_can_be_quotes_lists_and_code() {
        assert_all(&[
            ("a\n> b\n> **c**\nd", "aquote<b\nbold<c>>d"),
            ("- a\n- *b*\nc", "list<item<a>item<italic<b>>>c"),
            ("3. a\n4. *b*", "3. a\n4. italic<b>"),
            (
                "```rust\nlet a = *b;\n\n```\nc",
                "codeblock<rust\nlet a = *b;\n>c",
            ),
            ("```\n```", "codeblock<>"),
            ("a\n\nb", "a\n\nb"),
        ]);
    }

    #[test]
    fn whatever_is_typed_keeps_its_words_in_their_order() {
        fn words(nodes: &[Node]) -> String {
            let words = |node: &Node| match node {
                Node::Text(text) => (*text).to_owned(),
                Node::Element(_, inside) => words(inside),
            };
            nodes.iter().map(words).collect()
        }
        let letters = [
            "a",
            "é",
            "*",
            "`",
            " ",
            "\n",
            "> ",
            ">:(",
            ">_<",
            "- ",
            "1. ",
            "```",
            "https://a",
        ];
        let mut texts = vec![String::new()];
        for _ in 0..5 {
            let longer = |text: &String| letters.map(|letter| format!("{text}{letter}"));
            texts = texts.iter().flat_map(longer).collect();
            for text in &texts {
                let only_words = |text: &str| text.replace(|it: char| "*`> -1.\n".contains(it), "");
                assert_eq!(
                    only_words(&words(&parse(text))),
                    only_words(text),
                    "{text:?}"
                );
            }
        }
    }

    #[test]
    fn a_text_that_is_all_marks_takes_no_longer_than_another() {
        for part in [
            "*a ",
            "**a ",
            "`a ",
            "[",
            ")",
            "(*",
            "> a\n",
            "- a\n",
            "1. a\n",
            "```\n",
            "https://a) ",
            "*a* ",
            "a*b",
            " *a b**c** `d",
        ] {
            let text = part.repeat(1_000_000 / part.len());
            // Squared it would be hours.
            parse(&text);
            parse(&format!("{text} y* z** `"));
        }
        parse(&format!("https://a{}", ")".repeat(1_000_000)));
    }
}
