//! What the project's own tool is asked to do, where migrations are code.

/// Which way a migration goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Forward: upgrade.
    Up,
    /// Backward: downgrade.
    Down,
}

impl Direction {
    /// The word that the tools' side is told.
    pub fn word(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// A tool of a project that runs its migrations itself, since they are code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToolKind {
    /// Alembic, by its own configuration.
    Alembic,
    /// Alembic within a Flask application.
    FlaskMigrate,
    /// Django's `migrate`.
    Django,
    /// Command lines of the configuration.
    Command,
}

impl ToolKind {
    /// The word that the tools' side is told, which is that of the format.
    pub fn word(self) -> &'static str {
        match self {
            Self::Alembic => "alembic",
            Self::FlaskMigrate => "flask-migrate",
            Self::Django => "django",
            Self::Command => "command",
        }
    }
}

/// What the project's own tool is told to do where a script is not SQL that Rollproof runs itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The revision, as the tool names it.
    pub revision: String,
    /// Which way.
    pub direction: Direction,
}
