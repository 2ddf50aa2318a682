//! Tagged PDF (ISO 32000-1, 14.7 and 14.8): what the invisible text is, in the order in which it is read.

mod elements;
mod headings;

use lopdf::{Dictionary, Document, Object, ObjectId, dictionary, text_string};
use ocr_core::model::{DocumentText, PageText, Word};

use super::layer::{Setter, text_object};
use crate::{direction::is_right_to_left, language};
use elements::{Element, Node, nodes};
use headings::Headings;

/// The structure of a file while its pages are written.
#[derive(Debug)]
pub(super) struct Structure {
    root: ObjectId,
    /// The element that all others are in.
    document: ObjectId,
    kids: Vec<Object>,
    /// For each page that has marked content, by number: the elements that its parts belong to.
    parents: Vec<Vec<ObjectId>>,
    headings: Headings,
    language: Option<String>,
}

/// The text of a page.
#[derive(Debug)]
pub(super) struct MarkedPage {
    /// Its content stream; empty when there is none.
    pub(super) content: String,
    /// Its number among the pages with structure, where the file gets one.
    pub(super) key: Option<i64>,
}

impl MarkedPage {
    /// The text of `read`, which stands on the page with the number `page` in `file`, marked where the file gets a
    /// structure.
    pub(super) fn new(
        structure: Option<&mut Structure>,
        file: &mut Document,
        page: ObjectId,
        read: &PageText,
        setter: &Setter<'_>,
        font: &str,
    ) -> Self {
        match structure {
            Some(structure) => structure.add_page(file, page, read, setter, font),
            None => Self {
                content: text_object(&setter.words(read.words()), font),
                key: None,
            },
        }
    }
}

/// Says in a page which number it has among those with structure.
pub(super) fn number(page: &mut Dictionary, key: Option<i64>) {
    if let Some(key) = key {
        page.set("StructParents", key);
        page.set("Tabs", "S");
    }
}

/// A page while it is written.
struct Marked<'a> {
    page: ObjectId,
    setter: &'a Setter<'a>,
    content: String,
    parents: Vec<ObjectId>,
    /// The language of the page, where it is not that of the document.
    language: Option<&'a str>,
}

impl Structure {
    /// Begins the structure of `document` in `file`.
    pub(super) fn new(file: &mut Document, document: &DocumentText) -> Self {
        Self {
            root: file.new_object_id(),
            document: file.new_object_id(),
            kids: Vec::new(),
            parents: Vec::new(),
            headings: Headings::of(document),
            language: language::of_document(document).map(str::to_owned),
        }
    }

    /// Adds the text of `read`, which stands on the page with the number `page` in `file`.
    fn add_page(
        &mut self,
        file: &mut Document,
        page: ObjectId,
        read: &PageText,
        setter: &Setter<'_>,
        font: &str,
    ) -> MarkedPage {
        let main = self.language.as_deref();
        let mut marked = Marked {
            page,
            setter,
            content: String::new(),
            parents: Vec::new(),
            language: language::of_page(read).filter(|tag| Some(*tag) != main),
        };
        for node in nodes(read, &mut self.headings) {
            let kid = marked.write(file, node, self.document, "Document");
            self.kids.extend(kid);
        }
        let key = self.parents.len() as i64;
        self.parents.push(marked.parents);
        MarkedPage {
            content: text_object(&marked.content, font),
            key: Some(key),
        }
    }

    /// Writes what all pages have in common into `file`, and says so in its catalog. `is_whole` where every page of the
    /// file has its structure here.
    pub(super) fn finish(self, file: &mut Document, catalog: ObjectId, is_whole: bool) {
        let mut numbers = Vec::new();
        for (key, parents) in self.parents.into_iter().enumerate() {
            let parents: Vec<Object> = parents.into_iter().map(Object::Reference).collect();
            numbers.extend([Object::Integer(key as i64), file.add_object(parents).into()]);
        }
        let next = numbers.len() as i64 / 2;
        let tree = file.add_object(dictionary! { "Nums" => numbers });
        file.set_object(
            self.document,
            dictionary! { "Type" => "StructElem", "S" => "Document", "P" => self.root, "K" => self.kids },
        );
        file.set_object(
            self.root,
            dictionary! {
                "Type" => "StructTreeRoot",
                "K" => vec![self.document.into()],
                "ParentTree" => tree,
                "ParentTreeNextKey" => next,
            },
        );
        let Ok(catalog) = file.get_dictionary_mut(catalog) else {
            return;
        };
        let mut mark = dictionary! { "Marked" => true };
        if !is_whole {
            mark.set("Suspects", true);
        }
        catalog.set("MarkInfo", mark);
        catalog.set("StructTreeRoot", self.root);
        if let Some(language) = self.language.filter(|_| !catalog.has(b"Lang")) {
            catalog.set("Lang", text_string(&language));
        }
    }
}

impl Marked<'_> {
    /// Writes a part of the page and all that is in it. What it is to its parent; `None` where nothing is left of it.
    fn write(&mut self, file: &mut Document, node: Node<'_>, parent: ObjectId, role: &str) -> Option<Object> {
        match node {
            Node::Artifact(words) => {
                let content = self.setter.words(words);
                if !content.is_empty() {
                    let begin = "/Artifact <</Type /Pagination>> BDC\n";
                    self.content.extend([begin, content.as_str(), "EMC\n"]);
                }
                None
            }
            Node::Words(words) => {
                let content = self.setter.words(words);
                if content.is_empty() {
                    return None;
                }
                let number = self.parents.len();
                self.parents.push(parent);
                let begin = format!("/{role} <</MCID {number}>> BDC\n");
                self.content.extend([begin.as_str(), content.as_str(), "EMC\n"]);
                Some(Object::Integer(number as i64))
            }
            Node::Element(element) => self.element(file, element, parent),
        }
    }

    fn element(&mut self, file: &mut Document, element: Element<'_>, parent: ObjectId) -> Option<Object> {
        let id = file.new_object_id();
        let mut dictionary = dictionary! {
            "Type" => "StructElem",
            "S" => element.role,
            "P" => parent,
            "Pg" => self.page,
        };
        if let Some(text) = leftward_text(&element) {
            dictionary.set("ActualText", text_string(&text));
        }
        let may_be_empty = element.may_be_empty();
        let kids: Vec<Object> = element
            .kids
            .into_iter()
            .filter_map(|kid| self.write(file, kid, id, element.role))
            .collect();
        if kids.is_empty() && !may_be_empty {
            return None;
        }
        dictionary.set("K", kids);
        if let Some(attributes) = element.attributes {
            dictionary.set("A", attributes);
        }
        if let Some(alternative) = element.alternative {
            dictionary.set("Alt", text_string(&alternative));
        }
        if let Some(language) = self.language {
            dictionary.set("Lang", text_string(language));
        }
        file.set_object(id, dictionary);
        Some(id.into())
    }
}

/// The text of an element that runs from right to left: its words are set as they are seen.
fn leftward_text(element: &Element<'_>) -> Option<String> {
    let words = element.kids.iter().map(|kid| match kid {
        Node::Words(words) => Some(words),
        _ => None,
    });
    let words: Vec<&Vec<&Word>> = words.collect::<Option<_>>()?;
    let texts: Vec<&str> = words
        .into_iter()
        .flatten()
        .map(|word| word.text.as_str())
        .collect();
    let text = texts.join(" ");
    is_right_to_left(&text).then_some(text)
}
