//! What a `pom.xml` declares: <https://maven.apache.org/pom.html>.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;

/// A `pom.xml`.
pub(super) struct Pom {
    root: Element,
}

#[derive(Default)]
struct Element {
    name: String,
    text: String,
    children: Vec<Element>,
}

impl Pom {
    /// The file, where it is XML.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut reader = Reader::from_str(text);
        let mut open = vec![Element::default()];
        loop {
            match reader.read_event().ok()? {
                Event::Start(start) => open.push(Element::named(start.local_name().as_ref())),
                Event::Empty(empty) => open.last_mut()?.children.push(Element::named(empty.local_name().as_ref())),
                Event::End(_) => {
                    let closed = open.pop()?;
                    open.last_mut()?.children.push(closed);
                }
                Event::Text(text) => open.last_mut()?.text.push_str(&text),
                Event::CData(text) => open.last_mut()?.text.push_str(&text),
                Event::GeneralRef(name) => {
                    open.last_mut()?.text.push_str(resolve_predefined_entity(&name).unwrap_or_default());
                }
                Event::Eof => break,
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
        let root =
            open.pop().filter(|_| open.is_empty())?.children.into_iter().find(|child| child.name == "project")?;
        Some(Self { root })
    }

    /// The value of a property.
    pub(super) fn property(&self, name: &str) -> Option<String> {
        self.root.child("properties")?.child(name).map(|found| self.replaced(&found.text))
    }

    /// The values of a setting of a plugin, wherever that is configured.
    pub(super) fn plugin_settings(&self, plugin: &str, setting: &str) -> Vec<String> {
        let mut plugins = Vec::new();
        self.root.all("plugin", &mut plugins);
        plugins.retain(|found| found.child("artifactId").is_some_and(|id| id.text.trim() == plugin));
        let mut configurations = Vec::new();
        for found in plugins {
            found.all("configuration", &mut configurations);
        }
        let values = configurations.into_iter().filter_map(|configuration| configuration.child(setting));
        values.map(|value| self.replaced(&value.text)).collect()
    }

    /// What it depends on but for its tests, as `group:artifact`; what it only manages the version of does not count.
    pub(super) fn dependencies(&self) -> Vec<String> {
        let mut found = Vec::new();
        self.root.all("dependency", &mut found);
        let text = |of: &Element, name: &str| of.child(name).map(|child| child.text.trim().to_owned());
        found.retain(|dependency| text(dependency, "scope").as_deref() != Some("test"));
        let name = |of: &Element| Some(format!("{}:{}", text(of, "groupId")?, text(of, "artifactId")?));
        found.into_iter().filter_map(name).collect()
    }

    /// A value, where it is a property by the value of that.
    fn replaced(&self, value: &str) -> String {
        let value = value.trim();
        let name = value.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
        let property = name.and_then(|name| self.root.child("properties")?.child(name));
        property.map_or(value, |property| property.text.trim()).to_owned()
    }
}

impl Element {
    fn named(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// All elements of a name within, but for those that only manage versions.
    fn all<'e>(&'e self, name: &str, found: &mut Vec<&'e Self>) {
        for child in self.children.iter().filter(|child| child.name != "dependencyManagement") {
            if child.name == name {
                found.push(child);
            }
            child.all(name, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_count_where_the_program_has_them() {
        let dependency = |name: &str, more: &str| {
            format!("<dependency><groupId>g</groupId><artifactId>{name}</artifactId>{more}</dependency>")
        };
        let text = format!(
            "<project xmlns=\"http://maven.apache.org/POM/4.0.0\"><dependencyManagement><dependencies>{}</dependencies>\
             </dependencyManagement><dependencies>{}{}<!-- {} --></dependencies><build><plugins><plugin><dependencies>{}\
             </dependencies></plugin></plugins></build></project>",
            dependency("managed", ""),
            dependency("own", "<optional/>"),
            dependency("tests", "<scope>test</scope>"),
            dependency("comment", ""),
            dependency("plugins", ""),
        );
        assert_eq!(Pom::read(&text).unwrap().dependencies(), ["g:own", "g:plugins"]);
        assert!(Pom::read("<project><a></project>").is_none());
        assert!(Pom::read("<project>").is_none());
        assert!(Pom::read("<a/>").is_none());
    }
}
