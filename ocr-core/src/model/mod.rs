//! What the platform knows: tasks, files, results and recognised text.

mod text;

pub use text::{
    Block, BlockKind, DOCUMENT_TEXT_VERSION, DocumentText, EngineInfo, Line, PageSource, PageText, Point,
    Polygon, Word,
};
