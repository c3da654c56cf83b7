//! A number as the 15 decimal digits that Excel keeps of it, so that 1.005 is rounded to 1.01 as it is there.

/// Digits that Excel keeps.
const KEPT: i32 = 15;

/// `0.d₁d₂d₃… × 10^point`; no digits for zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decimal {
    digits: Vec<u8>,
    point: i32,
}

impl Decimal {
    /// Of a number that is finite and not negative.
    pub(super) fn new(number: f64) -> Self {
        let written = format!("{number:.14e}");
        let (mantissa, exponent) = written.split_once('e').unwrap_or((&written, "0"));
        let digits = mantissa.bytes().filter(u8::is_ascii_digit).map(|digit| digit - b'0').collect();
        let point = exponent.parse::<i32>().unwrap_or_default() + 1;
        Self { digits, point }.trimmed()
    }

    /// Multiplied by a power of ten.
    pub(super) fn shifted(mut self, powers: i32) -> Self {
        self.point = self.point.saturating_add(powers);
        self
    }

    /// The exponent that leaves one digit before the point.
    pub(super) fn exponent(&self) -> i32 {
        if self.digits.is_empty() { 0 } else { self.point - 1 }
    }

    /// Rounded, half away from zero: the digits before the point, none for 0, and so many behind it.
    pub(super) fn rounded(&self, places: usize) -> (String, String) {
        let places = i32::try_from(places).unwrap_or(KEPT);
        let kept = self.point.saturating_add(places);
        let mut digits: Vec<u8> = Vec::new();
        let mut point = self.point;
        if let Ok(kept) = usize::try_from(kept) {
            digits.extend(self.digits.iter().take(kept));
            if self.digits.get(kept).is_some_and(|digit| *digit >= 5) {
                // One up in the last place.
                digits.resize(kept, 0);
                let nines = digits.iter().rev().take_while(|digit| **digit == 9).count();
                digits.truncate(digits.len() - nines);
                match digits.last_mut() {
                    Some(last) => *last += 1,
                    None => {
                        digits.push(1);
                        point += 1;
                    }
                }
            }
        }
        let digit = |place: i32| {
            let at = usize::try_from(place).ok();
            char::from(b'0' + at.and_then(|at| digits.get(at)).copied().unwrap_or_default())
        };
        let is_zero = digits.iter().all(|digit| *digit == 0);
        let whole = if is_zero { String::new() } else { (0..point).map(digit).collect() };
        let part = (point..point.saturating_add(places)).map(digit).collect();
        (whole, part)
    }

    fn trimmed(mut self) -> Self {
        while self.digits.last() == Some(&0) {
            self.digits.pop();
        }
        self
    }
}
