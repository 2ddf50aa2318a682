//! Tree edit distance based similarity of tables: TEDS of X. Zhong, E. ShafieiBavani and A. Jimeno Yepes, *Image-based
//! table recognition: data, model, and evaluation*, 2020, with which `PubTabNet` is scored.
//!
//! A table is a tree: its rows under the root, and their cells under those. The distance is how many nodes must be
//! inserted, deleted or changed to make one tree of the other, where to change a cell costs 1 if its spans differ, and
//! the normalised edit distance of the texts otherwise. The similarity is `1 - distance / nodes of the larger tree`.
//! The distance of trees is that of K. Zhang and D. Shasha, 1989.

use ocr_benches::edit_distance::edit_distance;

use crate::grid::GridCell;

/// A node, in the order in which children come before their parents.
#[derive(Debug)]
enum Node<'a> {
    Cell(&'a GridCell),
    Row,
    Table,
}

#[derive(Debug)]
struct Tree<'a> {
    nodes: Vec<Node<'a>>,
    /// For each node the first leaf below it, or itself.
    first: Vec<usize>,
}

impl<'a> Tree<'a> {
    /// The tree of cells in order of their rows.
    fn of(cells: &'a [GridCell]) -> Self {
        let mut tree = Self {
            nodes: Vec::new(),
            first: Vec::new(),
        };
        for row in cells.chunk_by(|a, b| a.row == b.row) {
            let first = tree.nodes.len();
            for cell in row {
                tree.first.push(tree.nodes.len());
                tree.nodes.push(Node::Cell(cell));
            }
            tree.first.push(first);
            tree.nodes.push(Node::Row);
        }
        tree.first.push(0);
        tree.nodes.push(Node::Table);
        tree
    }

    /// The last node of each that begin at one leaf.
    fn key_roots(&self) -> Vec<usize> {
        let is_last = |&node: &usize| !self.first[node + 1..].contains(&self.first[node]);
        (0..self.nodes.len()).filter(is_last).collect()
    }
}

/// How alike two tables are, 0 to 1.
pub(crate) fn similarity(a: &[GridCell], b: &[GridCell]) -> f64 {
    let (a, b) = (Tree::of(a), Tree::of(b));
    let larger = a.nodes.len().max(b.nodes.len()) as f64;
    (1.0 - distance(&a, &b) / larger).max(0.0)
}

fn distance(a: &Tree<'_>, b: &Tree<'_>) -> f64 {
    let mut trees = vec![vec![0.0_f64; b.nodes.len()]; a.nodes.len()];
    let b_roots = b.key_roots();
    for root_a in a.key_roots() {
        for &root_b in &b_roots {
            forests(a, b, root_a, root_b, &mut trees);
        }
    }
    trees[a.nodes.len() - 1][b.nodes.len() - 1]
}

/// Fills in the distances of all trees that begin where those of these roots do.
fn forests(a: &Tree<'_>, b: &Tree<'_>, root_a: usize, root_b: usize, trees: &mut [Vec<f64>]) {
    let (from_a, from_b) = (a.first[root_a], b.first[root_b]);
    let (count_a, count_b) = (root_a - from_a + 1, root_b - from_b + 1);
    let mut costs = vec![vec![0.0_f64; count_b + 1]; count_a + 1];
    for (index, row) in costs.iter_mut().enumerate() {
        row[0] = index as f64;
    }
    for (index, cost) in costs[0].iter_mut().enumerate() {
        *cost = index as f64;
    }
    for i in 1..=count_a {
        for j in 1..=count_b {
            let (node_a, node_b) = (from_a + i - 1, from_b + j - 1);
            let (first_a, first_b) = (a.first[node_a], b.first[node_b]);
            let either = (costs[i - 1][j] + 1.0).min(costs[i][j - 1] + 1.0);
            if first_a == from_a && first_b == from_b {
                let both = costs[i - 1][j - 1] + change(&a.nodes[node_a], &b.nodes[node_b]);
                costs[i][j] = either.min(both);
                trees[node_a][node_b] = costs[i][j];
            } else {
                let before = costs[first_a - from_a][first_b - from_b];
                costs[i][j] = either.min(before + trees[node_a][node_b]);
            }
        }
    }
}

/// What it costs to change one node into another, 0 to 1.
fn change(a: &Node<'_>, b: &Node<'_>) -> f64 {
    match (a, b) {
        (Node::Cell(a), Node::Cell(b)) => {
            let spans = |cell: &GridCell| (cell.row_span, cell.column_span);
            if spans(a) == spans(b) {
                text_distance(&a.text, &b.text)
            } else {
                1.0
            }
        }
        (Node::Row, Node::Row) | (Node::Table, Node::Table) => 0.0,
        _ => 1.0,
    }
}

/// Edit distance as a share of the longer text.
fn text_distance(a: &str, b: &str) -> f64 {
    match a.chars().count().max(b.chars().count()) {
        0 => 0.0,
        longer => edit_distance(a, b) as f64 / longer as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn one_table_is_as_itself_and_nothing_is_as_far_as_it_has_nodes() {
        let table = [
            GridCell::single(1, 1, "a"),
            GridCell::single(1, 2, "b"),
            GridCell::single(2, 1, "c"),
        ];
        assert!(near(similarity(&table, &table), 1.0));
        // Of six nodes one, the table, is there.
        assert!(near(similarity(&table, &[]), 1.0 / 6.0));
    }

    #[test]
    fn a_missing_cell_and_a_changed_text_cost_what_they_are() {
        let table = [
            GridCell::single(1, 1, "abcd"),
            GridCell::single(1, 2, "b"),
            GridCell::single(2, 1, "c"),
        ];
        assert!(near(similarity(&table, &table[..2]), 1.0 - 2.0 / 6.0));
        let changed = [
            GridCell::single(1, 1, "abxd"),
            GridCell::single(1, 2, "b"),
            GridCell::single(2, 1, "c"),
        ];
        assert!(near(similarity(&table, &changed), 1.0 - 0.25 / 6.0));
        let mut merged = table.clone();
        merged[0].column_span = 2;
        assert!(near(similarity(&table, &merged), 1.0 - 1.0 / 6.0));
    }
}
