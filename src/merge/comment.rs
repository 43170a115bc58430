//! Comments in a merge file: where they begin and end.
//!
//! Owns the taking away of comments, line by line: `;`, `#` and `//` to the end of the line, `/* ... */`
//! over as many lines as it takes, none of them within double quotes (H2.1). `reading` hands over the
//! lines and gets their content.
//! Invariant: a mark begins a comment only at the beginning of a line, after a blank or after the end of
//! a heading. The product's own tokenizer is not published, and real values hold these marks: a server
//! is `IRIS://10.0.0.11`, a list of addresses has `;` between them, a path may end in `/*`. To cut
//! these would be to read nonsense; the comments of real files all stand behind a blank or alone.

/// What stands around content without effect (H2.1).
pub(super) const BLANKS: [char; 2] = [' ', '\t'];

/// Takes comments away from the lines of one file, which it is given in order.
#[derive(Debug, Default)]
pub(super) struct Comments {
    /// The line in which a comment over lines began that has not ended yet.
    open: Option<usize>,
}

impl Comments {
    /// The line in which the comment began that is still open.
    pub(super) fn open(&self) -> Option<usize> {
        self.open
    }

    /// What the line holds besides comments, without blanks around it.
    pub(super) fn content(&mut self, number: usize, line: &str) -> String {
        let mut kept = String::new();
        // A quote that stays open hides nothing beyond its line, for no line continues (H2.1).
        let mut quoted = false;
        let mut before = ' ';
        let mut letters = line.chars().peekable();
        while let Some(letter) = letters.next() {
            if self.open.is_some() {
                if letter == '*' && letters.next_if_eq(&'/').is_some() {
                    self.open = None;
                    // What follows stands at a beginning again.
                    before = ' ';
                }
                continue;
            }
            let after_heading = before == ']' && kept.starts_with('[');
            let may_begin = !quoted && (BLANKS.contains(&before) || after_heading);
            match (letter, letters.peek()) {
                (';' | '#', _) | ('/', Some('/')) if may_begin => break,
                ('/', Some('*')) if may_begin => {
                    letters.next();
                    self.open = Some(number);
                }
                _ => {
                    quoted ^= letter == '"';
                    before = letter;
                    if !kept.is_empty() || !BLANKS.contains(&letter) {
                        kept.push(letter);
                    }
                }
            }
        }
        kept.truncate(kept.trim_end_matches(BLANKS).len());
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::Comments;

    #[test]
    fn a_mark_begins_a_comment_only_where_one_can_stand() {
        for (line, content) in [
            ("  a=1 ; note", "a=1"),
            ("a=1\t# note", "a=1"),
            ("// note", ""),
            ("[A]# note", "[A]"),
            ("a=x;y#z", "a=x;y#z"),
            ("URL=IRIS://10.0.0.11", "URL=IRIS://10.0.0.11"),
            ("a=\"x ; y\" ; z", "a=\"x ; y\""),
            ("/* x */ a=1 /* y */ b", "a=1  b"),
            ("/*/ still */a", "a"),
        ] {
            let mut comments = Comments::default();
            assert_eq!(comments.content(1, line), content, "{line}");
            assert_eq!(comments.open(), None, "{line}");
        }
    }

    #[test]
    fn a_comment_goes_over_lines() {
        let mut comments = Comments::default();
        assert_eq!(comments.content(1, "a /* b"), "a");
        assert_eq!(comments.open(), Some(1));
        assert_eq!(comments.content(2, "\"c\" # d"), "");
        assert_eq!(comments.content(3, "e */# f"), "");
        assert_eq!(comments.open(), None);
    }
}
