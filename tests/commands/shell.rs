//! One line of a shell.
//!
//! Splits it into words as a shell does and holds it to what may stand there: this program with a
//! command line that it takes, or one of a few commands of others, without anything that would run
//! something else.

/// The commands of others, with the arguments that they take.
const OTHERS: &[&[&str]] = &[&["date", "-u"], &["iris", "list"], &["iris", "qlist", "*"]];

/// Whether the line is one to type.
pub fn check(text: &str) -> Result<(), String> {
    let words = words(text)?;
    if words.first().is_some_and(|word| word == "hsmirror") {
        return arguments(&words);
    }
    let is = |known: &&&[&str]| {
        known.len() == words.len()
            && known.iter().zip(&words).all(|(known, word)| known == word || *known == "*")
    };
    match OTHERS.iter().find(is) {
        Some(_) => Ok(()),
        None => Err(format!("{words:?} is neither this program nor a known command")),
    }
}

/// Whether the program takes that command line.
fn arguments(words: &[String]) -> Result<(), String> {
    use clap::error::ErrorKind::{DisplayHelp, DisplayVersion};
    match hsmirror::cli::command().try_get_matches_from(words) {
        Ok(_) => Ok(()),
        Err(error) if matches!(error.kind(), DisplayHelp | DisplayVersion) => Ok(()),
        Err(error) => Err(error.to_string().lines().next().unwrap_or_default().to_owned()),
    }
}

/// Whether a sentence that names a command of the program, and perhaps flags of it, names what there is.
pub fn mention(text: &str) -> Result<(), String> {
    let words = words(text)?;
    let of_program = hsmirror::cli::command();
    let name = words.get(1).map(String::as_str).unwrap_or_default();
    let command = of_program.find_subcommand(name).ok_or_else(|| format!("no command {name}"))?;
    let is_flag = |word: &str| {
        let name = word.strip_prefix("--");
        name.is_some_and(|name| command.get_arguments().any(|arg| arg.get_long() == Some(name)))
    };
    match words.iter().skip(2).find(|word| !is_flag(word)) {
        None => Ok(()),
        Some(word) => Err(format!("{word} is no flag of {name}")),
    }
}

/// The words of a line: quotation marks and backslashes take their meaning from what they protect.
fn words(text: &str) -> Result<Vec<String>, String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        let current = |word: &mut Option<String>, letter| {
            word.get_or_insert_default().push(letter);
        };
        match (quote, letter) {
            (Some(open), _) if open == letter => quote = None,
            (Some('"'), '$' | '`')
            | (None, '$' | '`' | ';' | '|' | '&' | '<' | '>' | '(' | ')') => {
                return Err(format!("`{letter}` would make the shell do something else"));
            }
            (None, '*' | '?' | '[' | '#' | '~') if word.is_none() => {
                return Err(format!("`{letter}` means something to a shell"));
            }
            (Some('"') | None, '\\') => {
                let next = letters.next().ok_or("the line goes on")?;
                current(&mut word, next);
            }
            (None, '"' | '\'') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, _) if letter.is_control() => return Err("it is no single line".to_owned()),
            (None, ' ') => words.extend(word.take()),
            _ => current(&mut word, letter),
        }
    }
    words.extend(word);
    match quote {
        None => Ok(words),
        Some(_) => Err("a quotation mark is not closed".to_owned()),
    }
}
