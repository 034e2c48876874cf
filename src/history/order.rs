//! An order in which migrations can run whose files name others that go before them.

/// The indices, each behind those in `before` of it: one line to its end, then the next, in the order in which the
/// lines are given. In a circle somebody has to be first.
pub(super) fn order(before: &[Vec<usize>], starts: &[usize]) -> Vec<usize> {
    let mut order = Vec::with_capacity(before.len());
    let mut seen = vec![false; before.len()];
    for start in starts.iter().copied().chain(0..before.len()) {
        // Each with how many of those before it were looked at.
        let mut way: Vec<(usize, usize)> = Vec::new();
        if !std::mem::replace(&mut seen[start], true) {
            way.push((start, 0));
        }
        while let Some((index, looked_at)) = way.last_mut() {
            match before[*index].get(*looked_at).copied() {
                Some(next) => {
                    *looked_at += 1;
                    if !std::mem::replace(&mut seen[next], true) {
                        way.push((next, 0));
                    }
                }
                None => {
                    order.push(*index);
                    way.pop();
                }
            }
        }
    }
    order
}

/// The values in this order.
pub(super) fn arranged<T>(values: Vec<T>, order: &[usize]) -> Vec<T> {
    let mut values: Vec<Option<T>> = values.into_iter().map(Some).collect();
    order.iter().filter_map(|index| values.get_mut(*index)?.take()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_come_first_and_lines_stay_together() {
        // 3 <- 1 <- 0, 3 <- 2 <- 4, 0 and 4 are merged by 5.
        let before = [vec![1], vec![3], vec![3], vec![], vec![2], vec![0, 4]];
        let order = order(&before, &[5]);
        assert_eq!(order, [3, 1, 0, 2, 4, 5]);
        assert_eq!(arranged(vec!["a", "b", "c", "d", "e", "f"], &order).concat(), "dbacef");
    }

    #[test]
    fn a_circle_and_a_long_line_end() {
        assert_eq!(order(&[vec![1], vec![0]], &[]), [1, 0]);
        let line: Vec<Vec<usize>> = (0..100_000).map(|at: usize| at.checked_sub(1).into_iter().collect()).collect();
        assert_eq!(order(&line, &[99_999]).last(), Some(&99_999));
    }
}
