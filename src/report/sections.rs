//! A page of sections that has to stay below a size: what does not fit is cut by whole rows, and the page says how many.

/// A title with a table or a list.
pub(super) struct Section {
    /// The title and what introduces the rows, closed by a line end.
    pub(super) head: String,
    /// The rows, each closed by a line end.
    pub(super) rows: Vec<String>,
    /// What a row is: `finding`.
    pub(super) noun: &'static str,
}

/// Sections of a page at most; those behind are counted.
const MOST: usize = 400;
/// Bytes for the line that says what is left out.
const LINE: usize = 200;

/// The sections in their order, at most `limit` bytes of them. Where not all fit, every section gets the same share, and
/// what the small ones leave of theirs goes to the others.
pub(super) fn fitted(sections: &[Section], limit: usize) -> String {
    let (kept, left_out) = sections.split_at(sections.len().min(MOST));
    let share = share(kept, limit.saturating_sub(LINE));
    let mut text: String = kept.iter().map(|section| cut(section, share)).collect();
    if !left_out.is_empty() {
        text.push_str(&format!("\n{} more sections are left out: the page would be too long.\n", left_out.len()));
    }
    text
}

fn size(section: &Section) -> usize {
    section.head.len() + section.rows.iter().map(String::len).sum::<usize>() + 1
}

/// The most bytes that a section may have, so that all of them together have at most `limit`.
fn share(sections: &[Section], limit: usize) -> usize {
    let mut sizes: Vec<usize> = sections.iter().map(size).collect();
    sizes.sort_unstable();
    let mut left = limit;
    let mut share = usize::MAX;
    for (at, size) in sizes.iter().enumerate() {
        let fair = left / (sizes.len() - at);
        if *size > fair {
            share = fair;
            break;
        }
        left -= size;
    }
    share
}

fn cut(section: &Section, share: usize) -> String {
    if size(section) <= share {
        return format!("\n{}{}", section.head, section.rows.concat());
    }
    let mut left = share.saturating_sub(section.head.len() + LINE + 1);
    let fits = |row: &&String| {
        let fits = row.len() <= left;
        left = left.saturating_sub(row.len());
        fits
    };
    let rows: Vec<&str> = section.rows.iter().take_while(fits).map(String::as_str).collect();
    let more = section.rows.len() - rows.len();
    let s = if more == 1 { "" } else { "s" };
    let line = format!("\n{more} more {}{s} not shown: the page would be too long.\n", section.noun);
    format!("\n{}{}{line}", section.head, rows.concat())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn section(name: &str, rows: usize, width: usize) -> Section {
        let row = |n: usize| format!("{name}{n:0>width$}\n");
        Section { head: format!("## {name}\n\n"), rows: (0..rows).map(row).collect(), noun: "row" }
    }

    #[test]
    fn what_fits_is_left_alone() {
        let text = fitted(&[section("a", 2, 3), section("b", 1, 3)], 10_000);
        assert_eq!(text, "\n## a\n\na000\na001\n\n## b\n\nb000\n");
    }

    #[test]
    fn the_long_are_cut_and_the_short_stay() {
        let text = fitted(&[section("a", 2, 3), section("b", 1000, 20), section("c", 3, 3)], 2000);
        assert!(text.len() <= 2000 && text.len() > 1500, "{}", text.len());
        assert!(text.starts_with("\n## a\n\na000\na001\n\n## b\n\nb00000000000000000000\n"));
        let shown = text.lines().filter(|line| line.starts_with('b')).count();
        assert!(text.contains(&format!("\n\n{} more rows not shown: the page would be too long.\n", 1000 - shown)));
        assert!(text.ends_with("\n## c\n\nc000\nc001\nc002\n"));
    }

    #[test]
    fn sections_past_counting_are_counted() {
        let many: Vec<Section> = (0..1000).map(|_| section("a", 9, 99)).collect();
        let text = fitted(&many, 400_000);
        assert!(text.len() <= 400_000);
        assert!(text.ends_with("\n600 more sections are left out: the page would be too long.\n"));
    }

    proptest! {
        #[test]
        fn no_page_is_too_long(
            sizes in proptest::collection::vec((0..60_usize, 1..80_usize), 0..30), limit in 9_000..20_000_usize,
        ) {
            let sections: Vec<Section> = sizes.iter().map(|(rows, width)| section("é", *rows, *width)).collect();
            let text = fitted(&sections, limit);
            prop_assert!(text.len() <= limit, "{}", text.len());
            let known: Vec<&String> = sections.iter().flat_map(|section| &section.rows).collect();
            let mut rows = text.split_inclusive('\n').filter(|row| row.starts_with('é'));
            prop_assert!(rows.all(|row| known.iter().any(|known| *known == row)));
        }
    }
}
