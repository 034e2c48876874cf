//! Whether a statement is in the middle of a body, where semicolons part the statements of the body.
//!
//! A server that gets several statements in one message finds the end of each by its grammar. What follows is as much of
//! that grammar as tells a block's words from the same words elsewhere: `IF` opens a block only where a statement may begin
//! (MySQL's manual, "Compound Statement Syntax"; MariaDB's documentation, "Programmatic & Compound Statements", "Oracle
//! mode").

use super::lexer::Kind;

/// What is open, and is closed by an `END`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    Begin,
    If,
    Case,
    /// The expression.
    CaseExpression,
    Loop,
    /// Up to `DO` a condition stands in it.
    While,
    Repeat,
    For,
    Package,
}

/// How far a statement has come towards its body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Head {
    /// Nothing was read.
    #[default]
    First,
    /// A word that may be a label.
    Label,
    Create,
    Alter,
    /// `BEGIN`, which begins a transaction unless `NOT ATOMIC` follows.
    Begin,
    BeginNot,
    /// A procedure or function, up to the end of its parameters.
    Parameters,
    /// A trigger, up to `FOR EACH ROW`.
    Row,
    /// An event, up to `DO`.
    Do,
    /// The body comes next.
    Body,
    /// Variables are declared before `BEGIN` (Oracle mode).
    Declarations,
    /// A body that is one statement, or anything else that the next semicolon ends.
    Plain,
}

/// The routine of a package that is being read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Routine {
    #[default]
    None,
    Header,
    Declarations,
}

/// Words by which a statement begins that has no block of its own. Where a body is awaited they say that it is such a one.
const VERBS: &[&str] = &[
    "ALTER",
    "ANALYZE",
    "BINLOG",
    "CACHE",
    "CALL",
    "CHANGE",
    "CHECK",
    "CHECKSUM",
    "CLOSE",
    "COMMIT",
    "CREATE",
    "DEALLOCATE",
    "DELETE",
    "DESC",
    "DESCRIBE",
    "DO",
    "DROP",
    "EXECUTE",
    "EXPLAIN",
    "FETCH",
    "FLUSH",
    "GET",
    "GRANT",
    "HANDLER",
    "HELP",
    "INSERT",
    "INSTALL",
    "ITERATE",
    "KILL",
    "LEAVE",
    "LOAD",
    "LOCK",
    "OPEN",
    "OPTIMIZE",
    "PREPARE",
    "PURGE",
    "RELEASE",
    "RENAME",
    "REPAIR",
    "REPLACE",
    "RESET",
    "RESIGNAL",
    "REVOKE",
    "ROLLBACK",
    "SAVEPOINT",
    "SELECT",
    "SET",
    "SHOW",
    "SHUTDOWN",
    "SIGNAL",
    "SONAME",
    "START",
    "STOP",
    "TABLE",
    "TRUNCATE",
    "UNINSTALL",
    "UNLOCK",
    "UPDATE",
    "USE",
    "VALUES",
    "WITH",
    "XA",
];

/// What of a statement's body is open.
#[derive(Debug)]
pub(super) struct Compound {
    mariadb: bool,
    head: Head,
    open: Vec<Open>,
    parentheses: usize,
    /// Whether a statement of a body may begin here.
    at_start: bool,
    /// Whether the token before is a word at such a place, which a colon makes a label.
    may_be_label: bool,
    /// Whether a handler is declared, whose statement follows its conditions.
    handler: bool,
    routine: Routine,
    /// Whether the function says what it returns, so that `RETURN` is a statement.
    returns: bool,
    /// The word before, upper case; empty behind anything else.
    previous: String,
    /// Whether the token before makes the next word a name.
    joint: bool,
}

impl Compound {
    /// Nothing was read.
    pub(super) fn new(mariadb: bool) -> Self {
        Self {
            mariadb,
            head: Head::First,
            open: Vec::new(),
            parentheses: 0,
            at_start: false,
            may_be_label: false,
            handler: false,
            routine: Routine::None,
            returns: false,
            previous: String::new(),
            joint: false,
        }
    }

    /// Whether a semicolon here is part of the statement.
    pub(super) fn is_open(&self) -> bool {
        !self.open.is_empty() || self.head == Head::Declarations
    }

    /// Takes in the next token.
    pub(super) fn push(&mut self, kind: Kind, text: &str) {
        let joint = std::mem::take(&mut self.joint);
        let label = std::mem::take(&mut self.may_be_label);
        let mut previous = String::new();
        match kind {
            Kind::Enter | Kind::Leave => {
                (self.joint, self.may_be_label) = (joint, label);
                return;
            }
            Kind::Word => {
                previous = text.to_ascii_uppercase();
                if !joint && self.parentheses == 0 {
                    self.word(&previous);
                }
            }
            Kind::Open => {
                self.parentheses += 1;
                self.at_start = false;
            }
            Kind::Close => {
                self.parentheses = self.parentheses.saturating_sub(1);
                if self.parentheses == 0 && self.head == Head::Parameters {
                    self.head = Head::Body;
                }
            }
            Kind::Delimiter | Kind::Semicolon => self.semicolon(),
            Kind::Colon if label && self.head == Head::Label => self.head = Head::First,
            Kind::Colon => self.at_start = label,
            Kind::Joint => self.joint = true,
            Kind::Backslash | Kind::Unterminated(_) | Kind::Other => self.other(text),
        }
        self.previous = previous;
    }

    fn other(&mut self, text: &str) {
        self.at_start = false;
        match self.head {
            Head::First | Head::Label | Head::Begin | Head::BeginNot => self.head = Head::Plain,
            // `DEFINER = name` names somebody.
            Head::Create | Head::Alter if text == "=" => self.joint = true,
            _ => {}
        }
    }

    fn semicolon(&mut self) {
        self.at_start = true;
        self.handler = false;
        self.parentheses = 0;
        if self.routine == Routine::Header {
            self.routine = Routine::None;
        }
    }

    fn word(&mut self, word: &str) {
        if !self.open.is_empty() {
            return self.word_of_body(word);
        }
        let after = |expected: &str| self.previous == expected;
        match (self.head, word) {
            (Head::First, "CREATE") => self.head = Head::Create,
            (Head::First, "ALTER") => self.head = Head::Alter,
            (Head::First, "BEGIN") if self.mariadb => self.head = Head::Begin,
            (Head::First, "DECLARE") if self.mariadb => self.head = Head::Declarations,
            (Head::First, _) => {
                if !(self.mariadb && word != "BEGIN" && self.opens_block(word)) {
                    self.head = Head::Label;
                    self.may_be_label = true;
                }
            }
            (Head::Begin, "NOT") => self.head = Head::BeginNot,
            (Head::BeginNot, "ATOMIC") => self.begin(Open::Begin),
            (Head::Label | Head::Begin | Head::BeginNot, _) => self.head = Head::Plain,
            (Head::Create, "OR" | "REPLACE" | "DEFINER" | "AGGREGATE") => {}
            (Head::Create, "PROCEDURE" | "FUNCTION") => self.head = Head::Parameters,
            (Head::Create, "TRIGGER") => self.head = Head::Row,
            (Head::Create | Head::Alter, "EVENT") => self.head = Head::Do,
            (Head::Create, "PACKAGE") if self.mariadb => self.open.push(Open::Package),
            (Head::Alter, "DEFINER") => {}
            (Head::Create | Head::Alter, _) => self.head = Head::Plain,
            (Head::Row, "ROW") if after("EACH") => self.head = Head::Body,
            (Head::Do, "DO") => self.head = Head::Body,
            (Head::Parameters | Head::Body, "RETURNS") => {
                self.returns = true;
                self.head = Head::Body;
            }
            (Head::Parameters | Head::Body, "AS" | "IS") => {
                self.head = if self.mariadb { Head::Declarations } else { Head::Plain };
            }
            (Head::Declarations, "BEGIN") => self.begin(Open::Begin),
            (Head::Body, "RETURN") if self.returns => self.head = Head::Plain,
            (Head::Body, "SET") if after("CHARACTER") || after("CHAR") => {}
            (Head::Body, _) if VERBS.contains(&word) => self.head = Head::Plain,
            (Head::Body, _) => {
                self.opens_block(word);
            }
            (Head::Parameters | Head::Row | Head::Do | Head::Declarations | Head::Plain, _) => {}
        }
    }

    /// Opens a block if this word does so where a statement begins.
    fn opens_block(&mut self, word: &str) -> bool {
        let open = match word {
            "BEGIN" => Open::Begin,
            "IF" => Open::If,
            "CASE" => Open::Case,
            "LOOP" => Open::Loop,
            "WHILE" => Open::While,
            "REPEAT" => Open::Repeat,
            "FOR" => Open::For,
            _ => return false,
        };
        self.begin(open);
        true
    }

    fn begin(&mut self, open: Open) {
        self.open.push(open);
        self.head = Head::Plain;
        self.handler = false;
        self.at_start = matches!(open, Open::Begin | Open::Loop | Open::Repeat);
    }

    fn word_of_body(&mut self, word: &str) {
        let top = self.open.last().copied();
        let at_start = std::mem::take(&mut self.at_start);
        if top == Some(Open::Package) && self.word_of_package(word) {
            return;
        }
        if at_start {
            match word {
                "END" => self.end(),
                "ELSE" => self.at_start = true,
                // `BEGIN NOT ATOMIC` within a body.
                "NOT" | "ATOMIC" => self.at_start = true,
                _ => self.may_be_label = !self.opens_block(word),
            }
            return;
        }
        let after = |expected: &str| self.previous == expected;
        match word {
            "CASE" if !after("END") => self.open.push(Open::CaseExpression),
            "END" if matches!(top, Some(Open::CaseExpression | Open::Repeat)) => self.end(),
            "THEN" => self.at_start = top != Some(Open::CaseExpression),
            "DO" | "LOOP" if matches!(top, Some(Open::While | Open::For)) && !after("END") => self.at_start = true,
            "HANDLER" if after("CONTINUE") || after("EXIT") || after("UNDO") => self.handler = true,
            "FOR" if after("HANDLER") => {}
            _ if self.handler && VERBS.contains(&word) => self.handler = false,
            _ if self.handler => {
                self.opens_block(word);
            }
            _ => {}
        }
    }

    /// A word directly in a package. Whether nothing more is to be said of it.
    fn word_of_package(&mut self, word: &str) -> bool {
        match (word, self.routine) {
            ("PROCEDURE" | "FUNCTION", Routine::None) => self.routine = Routine::Header,
            ("AS" | "IS", Routine::Header) => self.routine = Routine::Declarations,
            ("AS" | "IS", Routine::None) => self.at_start = true,
            ("BEGIN", Routine::Header | Routine::Declarations) => {
                self.routine = Routine::None;
                self.begin(Open::Begin);
            }
            // What the package does when it is first used.
            ("BEGIN", Routine::None) => self.at_start = true,
            (_, Routine::Header | Routine::Declarations) => {}
            _ => return false,
        }
        true
    }

    fn end(&mut self) {
        self.open.pop();
        self.at_start = false;
    }
}
