//! A part's XML as a stream of events, whatever prefixes its names have.

use std::borrow::Cow;
use std::io::{BufRead, ErrorKind};

use quick_xml::encoding::DecodingReader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::{Error, Reader, XmlVersion, events};

use super::super::read_error::{Excess, ReadError};

const BROKEN: ReadError = ReadError::Damaged("its XML is broken");

pub(super) struct Xml<R> {
    reader: Reader<DecodingReader<R>>,
    buffer: Vec<u8>,
    /// The bound on unpacked bytes, to name it.
    most: usize,
}

pub(super) enum Event<'a> {
    /// An element begins; an empty one ends with the next event.
    Start(Tag<'a>),
    End(EndTag<'a>),
    /// Text, or a piece of it: a reference in it makes several pieces.
    Text(Cow<'a, str>),
    /// A comment, a declaration and the like.
    Other,
}

pub(super) struct Tag<'a>(events::BytesStart<'a>);

pub(super) struct EndTag<'a>(events::BytesEnd<'a>);

impl<R: BufRead> Xml<R> {
    pub(super) fn new(part: R, most: usize) -> Self {
        let mut reader = Reader::from_reader(DecodingReader::new(part));
        reader.config_mut().expand_empty_elements = true;
        Self { reader, buffer: Vec::new(), most }
    }

    pub(super) fn next(&mut self) -> Result<Option<Event<'_>>, ReadError> {
        self.buffer.clear();
        let event = self.reader.read_event_into(&mut self.buffer).map_err(|error| match error {
            Error::Io(error) if error.kind() == ErrorKind::FileTooLarge => {
                ReadError::TooLarge(Excess::Unpacked(self.most))
            }
            Error::Io(_) => ReadError::Damaged("its ZIP archive is broken"),
            _ => BROKEN,
        })?;
        Ok(Some(match event {
            events::Event::Start(tag) | events::Event::Empty(tag) => Event::Start(Tag(tag)),
            events::Event::End(tag) => Event::End(EndTag(tag)),
            events::Event::Text(text) => Event::Text(with_plain_line_ends(text.into_inner())),
            events::Event::CData(text) => Event::Text(with_plain_line_ends(text.into_inner())),
            events::Event::GeneralRef(name) => Event::Text(referenced(&name)?),
            events::Event::Eof => return Ok(None),
            _ => Event::Other,
        }))
    }
}

impl Tag<'_> {
    /// Without its prefix.
    pub(super) fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }

    /// An attribute by its name without prefix; of several the first.
    pub(super) fn attribute(&self, name: &str) -> Result<Option<Cow<'_, str>>, ReadError> {
        // Looking for attributes that are given twice takes time that is not linear in their number.
        for attribute in self.0.attributes().with_checks(false) {
            let attribute = attribute.map_err(|_| BROKEN)?;
            if attribute.key.local_name().into_inner() == name && !is_namespace(attribute.key.into_inner()) {
                return attribute.normalized_value(XmlVersion::Implicit1_0).map(Some).map_err(|_| BROKEN);
            }
        }
        Ok(None)
    }
}

impl EndTag<'_> {
    /// Without its prefix.
    pub(super) fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }
}

fn is_namespace(key: &str) -> bool {
    key.starts_with("xmlns")
}

/// Line ends as XML means them: `\n`, however they are written.
fn with_plain_line_ends(text: Cow<'_, str>) -> Cow<'_, str> {
    match text.contains('\r') {
        true => Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")),
        false => text,
    }
}

/// What `&name;` stands for. A document type that defines names of its own is not read, so nothing grows.
fn referenced(name: &events::BytesRef<'_>) -> Result<Cow<'static, str>, ReadError> {
    match name.resolve_char_ref().map_err(|_| BROKEN)? {
        Some(character) => Ok(character.to_string().into()),
        None => resolve_xml_entity(name).map(Cow::Borrowed).ok_or(BROKEN),
    }
}
