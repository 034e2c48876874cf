//! The command lines by which a project's own tool runs migrations.

use super::Problem;
use super::database::require;
use super::field::{Field, unknown_key};
use crate::history::{Commands, PRESETS, Preset};
use crate::yaml::Node;

const KEYS: [&str; 4] = ["list", "up", "down", "preset"];
const COMMAND: &str = "a command line, such as `npx knex migrate:up ${revision}`";

/// Reads `commands`. A preset fills what is not given.
pub(super) fn commands(field: &Field<'_>, node: &Node, problems: &mut Vec<Problem>) -> Option<Commands> {
    let entries = field.mapping("of command lines, with at least the key `up` or `preset`", problems)?;
    let (mut list, mut up, mut down, mut preset) = (None, None, None, None);
    for entry in entries {
        let field = Field::of(entry);
        let mut command = || field.any_text(COMMAND, problems).map(str::to_owned);
        match entry.key.as_str() {
            "list" => list = command(),
            "up" => up = command(),
            "down" => down = command(),
            "preset" => {
                let words: Vec<(&str, &'static Preset)> = PRESETS.iter().map(|preset| (preset.name, preset)).collect();
                preset = field.one_of(&words, problems);
            }
            _ => problems.push(unknown_key(entry, &KEYS)),
        }
    }
    if node.get("preset").is_none() {
        require(node, "up", &format!("{COMMAND}, or `preset`"), problems);
    }
    let known = |command: fn(&Preset) -> &'static str| preset.map(|preset| command(preset).to_owned());
    let up = up.or_else(|| known(|preset| preset.up))?;
    let down = down.or_else(|| known(|preset| preset.down));
    Some(Commands { list, up, down, preset })
}
