//! What consumers of JUnit read and the JUnit writer cannot carry, added to its text in one pass: the name and the sums
//! of the root, the properties and the skipped count of a suite, the line of a case. The pass also indents.

use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use quick_xml::{Reader, Writer};

/// Additions to the whole file.
pub(super) struct FileExtra {
    /// Attributes of the root.
    pub(super) attributes: Vec<(&'static str, String)>,
    /// The suites, in the order of the file.
    pub(super) suites: Vec<SuiteExtra>,
}

/// Additions to one suite.
pub(super) struct SuiteExtra {
    /// How many of its cases were skipped.
    pub(super) skipped: usize,
    /// Its properties.
    pub(super) properties: Vec<(&'static str, String)>,
    /// The lines of its cases, in the order of the file.
    pub(super) lines: Vec<Option<usize>>,
}

/// `xml` as the JUnit writer wrote it, with the additions.
///
/// # Errors
/// When `xml` is not well-formed, which the sanitiser rules out.
pub(super) fn add(xml: &str, extra: FileExtra) -> Result<String, quick_xml::Error> {
    let mut reader = Reader::from_str(xml);
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    let mut suites = extra.suites.into_iter();
    let mut lines = Vec::new().into_iter();
    loop {
        match reader.read_event()? {
            Event::Eof => break,
            Event::Start(mut tag) => match tag.name().as_ref() {
                "testsuites" => {
                    push(&mut tag, &extra.attributes);
                    writer.write_event(Event::Start(tag))?;
                }
                "testsuite" => {
                    let suite = suites.next();
                    lines = suite.as_ref().map(|suite| suite.lines.clone()).unwrap_or_default().into_iter();
                    if let Some(suite) = suite {
                        tag.push_attribute(("skipped", suite.skipped.to_string().as_str()));
                        writer.write_event(Event::Start(tag))?;
                        properties(&mut writer, &suite.properties)?;
                    }
                }
                "testcase" => {
                    line(&mut tag, lines.next());
                    writer.write_event(Event::Start(tag))?;
                }
                _ => writer.write_event(Event::Start(tag))?,
            },
            Event::Empty(mut tag) => {
                match tag.name().as_ref() {
                    "testsuites" => push(&mut tag, &extra.attributes),
                    "testcase" => line(&mut tag, lines.next()),
                    _ => {}
                }
                writer.write_event(Event::Empty(tag))?;
            }
            other => writer.write_event(other)?,
        }
    }
    writer.write_event(Event::Text(BytesText::new("\n")))?;
    Ok(String::from_utf8_lossy(&writer.into_inner()).into_owned())
}

fn push(tag: &mut BytesStart<'_>, attributes: &[(&'static str, String)]) {
    for (name, value) in attributes {
        tag.push_attribute((*name, value.as_str()));
    }
}

fn line(tag: &mut BytesStart<'_>, line: Option<Option<usize>>) {
    if let Some(line) = line.flatten() {
        tag.push_attribute(("line", line.to_string().as_str()));
    }
}

fn properties(writer: &mut Writer<Vec<u8>>, properties: &[(&'static str, String)]) -> std::io::Result<()> {
    if properties.is_empty() {
        return Ok(());
    }
    writer.write_event(Event::Start(BytesStart::new("properties")))?;
    for (name, value) in properties {
        let mut tag = BytesStart::new("property");
        tag.push_attribute(("name", *name));
        tag.push_attribute(("value", value.as_str()));
        writer.write_event(Event::Empty(tag))?;
    }
    writer.write_event(Event::End(BytesEnd::new("properties")))
}
