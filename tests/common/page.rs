//! A page as a browser reads it: the elements that come out, and every mistake that the parser had to mend.

use std::borrow::Cow;
use std::cell::{Ref, RefCell};

use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::tokenizer::TokenizerOpts;
use html5ever::tree_builder::TreeBuilderOpts;
use html5ever::{Attribute, ParseOpts, QualName, parse_document};

/// What a node is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Document,
    Element(QualName, Vec<(String, String)>),
    Text(String),
    Comment,
}

#[derive(Clone, Debug)]
struct Node {
    kind: Kind,
    parent: Option<usize>,
    children: Vec<usize>,
}

/// A page that was read. Nodes are known by number; 0 is the document.
#[derive(Debug)]
pub(crate) struct Page {
    nodes: Vec<Node>,
    /// What the parser complained of.
    pub(crate) errors: Vec<String>,
    /// The page is not in the mode of the standard.
    pub(crate) is_quirky: bool,
}

/// Reads a page with every check that the standard describes.
pub(crate) fn read(html: &str) -> Page {
    let options = ParseOpts {
        tokenizer: TokenizerOpts {
            exact_errors: true,
            ..TokenizerOpts::default()
        },
        tree_builder: TreeBuilderOpts {
            exact_errors: true,
            ..TreeBuilderOpts::default()
        },
    };
    parse_document(Sink::new(), options).one(StrTendril::from(html))
}

impl Page {
    /// The elements under a node, in the order of the text, the node itself left out.
    pub(crate) fn under(&self, node: usize) -> Vec<usize> {
        let mut found = Vec::new();
        let mut open: Vec<usize> = self.nodes[node].children.iter().rev().copied().collect();
        while let Some(next) = open.pop() {
            if matches!(self.nodes[next].kind, Kind::Element(..)) {
                found.push(next);
            }
            open.extend(self.nodes[next].children.iter().rev());
        }
        found
    }

    /// The elements of this name under a node.
    pub(crate) fn named(&self, node: usize, name: &str) -> Vec<usize> {
        let mut found = self.under(node);
        found.retain(|&at| self.name(at) == name);
        found
    }

    /// The elements of this name that are children of a node.
    pub(crate) fn children(&self, node: usize, name: &str) -> Vec<usize> {
        let children = self.nodes[node].children.iter().copied();
        children.filter(|&at| self.name(at) == name).collect()
    }

    /// What a node stands in, from the inside out.
    pub(crate) fn ancestors(&self, node: usize) -> Vec<usize> {
        let parent = |at: &usize| self.nodes[*at].parent;
        std::iter::successors(parent(&node), parent).collect()
    }

    /// The name of an element; nothing for what is none.
    pub(crate) fn name(&self, node: usize) -> &str {
        match &self.nodes[node].kind {
            Kind::Element(name, _) => &name.local,
            _ => "",
        }
    }

    /// The attributes of an element.
    pub(crate) fn attributes(&self, node: usize) -> &[(String, String)] {
        match &self.nodes[node].kind {
            Kind::Element(_, attributes) => attributes,
            _ => &[],
        }
    }

    /// The value of an attribute; nothing where it is absent.
    pub(crate) fn attribute(&self, node: usize, name: &str) -> &str {
        let found = self.attributes(node).iter().find(|(own, _)| own == name);
        found.map_or("", |(_, value)| value)
    }

    /// Whether the element has this class.
    pub(crate) fn has_class(&self, node: usize, class: &str) -> bool {
        self.attribute(node, "class")
            .split(' ')
            .any(|own| own == class)
    }

    /// The text of a node and all in it, but for elements of these names.
    pub(crate) fn text(&self, node: usize, without: &[&str]) -> String {
        let mut text = String::new();
        let mut open = vec![node];
        while let Some(next) = open.pop() {
            match &self.nodes[next].kind {
                Kind::Text(own) => text.push_str(own),
                Kind::Element(..) if next != node && without.contains(&self.name(next)) => {}
                _ => open.extend(self.nodes[next].children.iter().rev()),
            }
        }
        text.trim().to_owned()
    }

    /// The elements in the order of the text, each as its depth and name: what a page is built of.
    pub(crate) fn shape(&self) -> Vec<(usize, String)> {
        let depth =
            |node: usize| std::iter::successors(Some(node), |&at| self.nodes[at].parent).count();
        let all = self.under(0).into_iter();
        all.map(|at| (depth(at), self.name(at).to_owned()))
            .collect()
    }

    pub(crate) fn comments(&self) -> usize {
        let all = self.nodes.iter();
        all.filter(|node| node.kind == Kind::Comment).count()
    }
}

/// What the parser builds.
struct Sink(RefCell<Page>);

impl Sink {
    fn new() -> Self {
        Sink(RefCell::new(Page {
            nodes: vec![Node {
                kind: Kind::Document,
                parent: None,
                children: Vec::new(),
            }],
            errors: Vec::new(),
            is_quirky: false,
        }))
    }

    fn add(&self, kind: Kind) -> usize {
        let nodes = &mut self.0.borrow_mut().nodes;
        nodes.push(Node {
            kind,
            parent: None,
            children: Vec::new(),
        });
        nodes.len() - 1
    }

    /// Puts a node, or text, among the children of another; text joins text before it.
    fn put(&self, parent: usize, place: usize, child: NodeOrText<usize>) {
        let node = match child {
            NodeOrText::AppendNode(node) => node,
            NodeOrText::AppendText(text) => {
                let nodes = &mut self.0.borrow_mut().nodes;
                let before = place.checked_sub(1).map(|at| nodes[parent].children[at]);
                if let Some(before) = before
                    && let Kind::Text(own) = &mut nodes[before].kind
                {
                    own.push_str(&text);
                    return;
                }
                nodes.push(Node {
                    kind: Kind::Text(text.to_string()),
                    parent: None,
                    children: Vec::new(),
                });
                nodes.len() - 1
            }
        };
        let nodes = &mut self.0.borrow_mut().nodes;
        nodes[node].parent = Some(parent);
        nodes[parent].children.insert(place, node);
    }
}

/// Attributes as pairs of texts.
fn pairs(attributes: Vec<Attribute>) -> Vec<(String, String)> {
    let pairs = attributes.into_iter();
    pairs
        .map(|one| (one.name.local.to_string(), one.value.to_string()))
        .collect()
}

impl TreeSink for Sink {
    type Handle = usize;
    type Output = Page;
    type ElemName<'a> = Ref<'a, QualName>;

    fn finish(self) -> Page {
        self.0.into_inner()
    }

    fn parse_error(&self, message: Cow<'static, str>) {
        self.0.borrow_mut().errors.push(message.into_owned());
    }

    fn get_document(&self) -> usize {
        0
    }

    fn elem_name<'a>(&'a self, target: &'a usize) -> Ref<'a, QualName> {
        Ref::map(self.0.borrow(), |page| match &page.nodes[*target].kind {
            Kind::Element(name, _) => name,
            other => panic!("{other:?} has no name"),
        })
    }

    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, _: ElementFlags) -> usize {
        self.add(Kind::Element(name, pairs(attrs)))
    }

    fn create_comment(&self, _: StrTendril) -> usize {
        self.add(Kind::Comment)
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> usize {
        self.add(Kind::Comment)
    }

    fn append(&self, parent: &usize, child: NodeOrText<usize>) {
        let end = self.0.borrow().nodes[*parent].children.len();
        self.put(*parent, end, child);
    }

    fn append_based_on_parent_node(
        &self,
        element: &usize,
        previous: &usize,
        child: NodeOrText<usize>,
    ) {
        let has_parent = self.0.borrow().nodes[*element].parent.is_some();
        if has_parent {
            self.append_before_sibling(element, child);
        } else {
            self.append(previous, child);
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &usize) -> usize {
        *target
    }

    fn same_node(&self, x: &usize, y: &usize) -> bool {
        x == y
    }

    fn set_quirks_mode(&self, mode: QuirksMode) {
        self.0.borrow_mut().is_quirky = mode != QuirksMode::NoQuirks;
    }

    fn append_before_sibling(&self, sibling: &usize, child: NodeOrText<usize>) {
        if let NodeOrText::AppendNode(node) = &child {
            self.remove_from_parent(node);
        }
        let (parent, place) = {
            let nodes = &self.0.borrow().nodes;
            let parent = nodes[*sibling].parent.expect("a sibling has a parent");
            let children = &nodes[parent].children;
            (parent, children.iter().position(|at| at == sibling))
        };
        self.put(parent, place.expect("it is a child"), child);
    }

    fn add_attrs_if_missing(&self, target: &usize, attrs: Vec<Attribute>) {
        let nodes = &mut self.0.borrow_mut().nodes;
        if let Kind::Element(_, own) = &mut nodes[*target].kind {
            for (name, value) in pairs(attrs) {
                if own.iter().all(|(known, _)| *known != name) {
                    own.push((name, value));
                }
            }
        }
    }

    fn remove_from_parent(&self, target: &usize) {
        let nodes = &mut self.0.borrow_mut().nodes;
        if let Some(parent) = nodes[*target].parent.take() {
            nodes[parent].children.retain(|at| at != target);
        }
    }

    fn reparent_children(&self, node: &usize, new_parent: &usize) {
        let nodes = &mut self.0.borrow_mut().nodes;
        let children = std::mem::take(&mut nodes[*node].children);
        for &child in &children {
            nodes[child].parent = Some(*new_parent);
        }
        nodes[*new_parent].children.extend(children);
    }
}
